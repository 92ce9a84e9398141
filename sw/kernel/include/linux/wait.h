// Wait queues: tasks that sleep until a condition another one makes true. Bodies: sched/wait.cpp.
#pragma once

#include <linux/spinlock.h>

#ifdef __cplusplus
extern "C" {
#endif

// All zeroes is an empty queue, so that a static one needs no initialised data.
typedef struct wait_queue_head {
  spinlock_t lock;
  struct list_head task_list;
} wait_queue_head_t;

typedef struct wait_queue_entry {
  struct task_struct* task;
  struct list_head task_list;  // task_list.next is null while the entry is in no queue
} wait_queue_entry_t;
typedef wait_queue_entry_t wait_queue_t;

#define WAIT_QUEUE_HEAD_INITIALIZER \
  {                                 \
    SPIN_LOCK_UNLOCKED, { 0, 0 }    \
  }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = WAIT_QUEUE_HEAD_INITIALIZER
#define DECLARE_WAITQUEUE(name, waiter) wait_queue_t name = {(waiter), {0, 0}}
#define DEFINE_WAIT(name) DECLARE_WAITQUEUE(name, get_current())
void init_waitqueue_head(wait_queue_head_t* queue);
static inline bool waitqueue_active(const wait_queue_head_t* queue) {
  return queue->task_list.next != NULL && !list_empty(&queue->task_list);
}

// Joins the queue and leaves it. The entry's task must be set.
void add_wait_queue(wait_queue_head_t* queue, wait_queue_t* entry);
void remove_wait_queue(wait_queue_head_t* queue, wait_queue_t* entry);

// Joins the queue, if it has not, and sets the task's state; the caller then tests its condition and calls
// schedule(). The entry is DEFINE_WAIT's.
void prepare_to_wait(wait_queue_head_t* queue, wait_queue_entry_t* entry, int state);
void finish_wait(wait_queue_head_t* queue, wait_queue_entry_t* entry);
// Makes every task in the queue runnable, first come first. May be called from interrupts.
void wake_up(wait_queue_head_t* queue);
#define wake_up_all(queue) wake_up(queue)
#define wake_up_interruptible(queue) wake_up(queue)
#define wake_up_interruptible_all(queue) wake_up(queue)

// Sleeps until `condition` holds, or for `ticks` at most; the value is 0 when that time ran out, else the
// ticks that were left, at least 1.
#define wait_event_timeout_(queue, condition, ticks, state) \
  ({                                                        \
    long wait_left_ = (ticks);                              \
    DEFINE_WAIT(wait_entry_);                               \
    might_sleep();                                          \
    for (;;) {                                              \
      prepare_to_wait(&(queue), &wait_entry_, (state));     \
      if (condition) {                                      \
        if (wait_left_ == 0) wait_left_ = 1;                \
        break;                                              \
      }                                                     \
      if (wait_left_ == 0) break;                           \
      wait_left_ = schedule_timeout(wait_left_);            \
    }                                                       \
    finish_wait(&(queue), &wait_entry_);                    \
    wait_left_;                                             \
  })
#define wait_event_timeout(queue, condition, ticks) \
  wait_event_timeout_(queue, condition, ticks, TASK_UNINTERRUPTIBLE)
#define wait_event(queue, condition) ((void)wait_event_timeout(queue, condition, MAX_SCHEDULE_TIMEOUT))
// There are no signals, so the interruptible forms differ only in what `ps` shows.
#define wait_event_interruptible_timeout(queue, condition, ticks) \
  wait_event_timeout_(queue, condition, ticks, TASK_INTERRUPTIBLE)
#define wait_event_interruptible(queue, condition) \
  ((void)wait_event_interruptible_timeout(queue, condition, MAX_SCHEDULE_TIMEOUT), 0)

#ifdef __cplusplus
}
#endif
