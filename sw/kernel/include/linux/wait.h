// Wait queues: tasks that sleep until a condition another one makes true. Bodies: sched/wait.cpp.
#pragma once

#include <linux/spinlock.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wait_queue_head {
  spinlock_t lock;
  struct list_head task_list;
} wait_queue_head_t;

typedef struct wait_queue_entry {
  struct task_struct* task;
  struct list_head task_list;
} wait_queue_entry_t;

#define DECLARE_WAIT_QUEUE_HEAD(name) \
  wait_queue_head_t name = {SPIN_LOCK_UNLOCKED, LIST_HEAD_INIT((name).task_list)}
void init_waitqueue_head(wait_queue_head_t* queue);

// Joins the queue and sets the task's state; the caller then tests its condition and calls schedule().
void prepare_to_wait(wait_queue_head_t* queue, wait_queue_entry_t* entry, int state);
void finish_wait(wait_queue_head_t* queue, wait_queue_entry_t* entry);
// Makes every task in the queue runnable. May be called from interrupts.
void wake_up(wait_queue_head_t* queue);
#define wake_up_all(queue) wake_up(queue)
#define wake_up_interruptible(queue) wake_up(queue)

// Sleeps until `condition` holds, or for `ticks` at most; the value is 0 when that time ran out.
#define wait_event_timeout(queue, condition, ticks)                  \
  ({                                                                 \
    long wait_left_ = (ticks);                                       \
    wait_queue_entry_t wait_entry_;                                  \
    might_sleep();                                                   \
    for (;;) {                                                       \
      prepare_to_wait(&(queue), &wait_entry_, TASK_UNINTERRUPTIBLE); \
      if (condition) {                                               \
        if (wait_left_ == 0) wait_left_ = 1;                         \
        break;                                                       \
      }                                                              \
      if (wait_left_ == 0) break;                                    \
      wait_left_ = schedule_timeout(wait_left_);                     \
    }                                                                \
    finish_wait(&(queue), &wait_entry_);                             \
    wait_left_;                                                      \
  })
#define wait_event(queue, condition) ((void)wait_event_timeout(queue, condition, MAX_SCHEDULE_TIMEOUT))
#define wait_event_interruptible(queue, condition) (wait_event(queue, condition), 0)

#ifdef __cplusplus
}
#endif
