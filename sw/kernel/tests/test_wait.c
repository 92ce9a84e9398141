// Sleeping and waking: wait queues, completions, mutexes, semaphores, sleeps of a given time.
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>

#include "ktest.h"
#include "string.h"

// The point just after a tick, so that spans counted in ticks are exact.
static unsigned long next_tick(void) {
  const unsigned long now = jiffies;
  while (jiffies == now) {
  }
  return jiffies;
}

KTEST(sleep_lasts_whole_ticks) {
  unsigned long start = next_tick();
  msleep(30);
  EXPECT_EQ(4, jiffies - start);
  start = next_tick();
  msleep(31);
  EXPECT_EQ(5, jiffies - start);
  start = next_tick();
  EXPECT_EQ(0, schedule_timeout_uninterruptible(7));
  EXPECT_EQ(7, jiffies - start);
  EXPECT_EQ(1, msecs_to_jiffies(1));
  EXPECT_EQ(100, msecs_to_jiffies(1000));
  EXPECT_EQ(429496730, msecs_to_jiffies(0xffffffff));
}

KTEST(jiffies_compare_across_the_wrap) {
  const unsigned long late = ~0ul - 2;
  EXPECT(time_after(late + 5, late));
  EXPECT(!time_after(late, late + 5));
  EXPECT(!time_after(late, late));
  EXPECT(time_after_eq(late, late));
  EXPECT(time_before(late, late + 5));
  EXPECT(time_before_eq(late, late + 5));
}

static DECLARE_WAIT_QUEUE_HEAD(queue);
static volatile int condition;

static int set_condition(void* data) {
  msleep((unsigned)(unsigned long)data);
  condition = 1;
  wake_up(&queue);
  return 0;
}

KTEST(wait_event_times_out_at_the_tick) {
  condition = 0;
  unsigned long start = next_tick();
  EXPECT_EQ(0, wait_event_timeout(queue, condition, 5));
  EXPECT_EQ(5, jiffies - start);
  EXPECT(!waitqueue_active(&queue));
  // The thread sleeps two ticks of the ten.
  start = next_tick();
  kthread_run(set_condition, (void*)10, "setter");
  EXPECT_EQ(8, wait_event_timeout(queue, condition, 10));
  EXPECT_EQ(2, jiffies - start);
  // True already: no time passes, and what is left is never 0.
  EXPECT_EQ(3, wait_event_timeout(queue, condition, 3));
  EXPECT_EQ(1, wait_event_timeout(queue, condition, 0));
  EXPECT_EQ(0, wait_event_interruptible(queue, condition));
}

static int wait_for_it(void* data) {
  wait_event(queue, condition);
  (*(int*)data)++;
  return 0;
}

KTEST(wake_up_wakes_all) {
  int woken = 0;
  condition = 0;
  for (int i = 0; i < 3; i++) kthread_run(wait_for_it, &woken, "waiter/%d", i);
  msleep(10);
  EXPECT(waitqueue_active(&queue));
  wake_up(&queue);  // the condition does not hold yet
  msleep(10);
  EXPECT_EQ(0, woken);
  condition = 1;
  wake_up_all(&queue);
  msleep(10);
  EXPECT_EQ(3, woken);
}

static int complete_later(void* data) {
  msleep(20);
  complete(data);
  return 0;
}

KTEST(completion_counts) {
  DECLARE_COMPLETION_ONSTACK(done);
  EXPECT(!try_wait_for_completion(&done));
  EXPECT_EQ(0, wait_for_completion_timeout(&done, 2));
  kthread_run(complete_later, &done, "completer");
  wait_for_completion(&done);
  EXPECT(!try_wait_for_completion(&done));
  complete(&done);
  complete(&done);
  EXPECT(try_wait_for_completion(&done));
  wait_for_completion(&done);
  EXPECT(!try_wait_for_completion(&done));
  complete_all(&done);
  wait_for_completion(&done);
  EXPECT(try_wait_for_completion(&done));
  INIT_COMPLETION(done);
  EXPECT(!try_wait_for_completion(&done));
}

static DEFINE_MUTEX(lock);
static volatile int inside;
static volatile int collisions;
static volatile int entries;

// Each stays in the mutex over several ticks, so that the others run meanwhile.
static int lock_and_stay(void* data) {
  for (int round = 0; round < 2; round++) {
    mutex_lock(&lock);
    if (inside++ != 0) collisions++;
    const unsigned long end = jiffies + 2;
    while (time_before(jiffies, end)) {
    }
    inside--;
    entries++;
    mutex_unlock(&lock);
  }
  complete(data);
  return 0;
}

KTEST(mutex_excludes_under_preemption) {
  DECLARE_COMPLETION_ONSTACK(done);
  inside = collisions = entries = 0;
  for (int i = 0; i < 3; i++) kthread_run(lock_and_stay, &done, "locker/%d", i);
  for (int i = 0; i < 3; i++) wait_for_completion(&done);
  EXPECT_EQ(0, collisions);
  EXPECT_EQ(6, entries);
  EXPECT(!mutex_is_locked(&lock));
}

struct turn {
  struct completion done;
  int number;
  int* order;
  int* next;
};

static int take_turn(void* data) {
  struct turn* turn = data;
  mutex_lock(&lock);
  turn->order[(*turn->next)++] = turn->number;
  mutex_unlock(&lock);
  complete(&turn->done);
  return 0;
}

KTEST(mutex_is_handed_over_in_order) {
  struct turn turns[4];
  int order[4] = {-1, -1, -1, -1};
  int next = 0;
  mutex_lock(&lock);
  EXPECT_EQ(0, mutex_trylock(&lock));
  for (int i = 0; i < 4; i++) {
    init_completion(&turns[i].done);
    turns[i].number = i;
    turns[i].order = order;
    turns[i].next = &next;
    kthread_run(take_turn, &turns[i], "turn/%d", i);
    msleep(10);
  }
  EXPECT_EQ(0, next);
  mutex_unlock(&lock);
  // It belongs to the first one now, although that has not run yet.
  EXPECT_EQ(0, mutex_trylock(&lock));
  for (int i = 0; i < 4; i++) wait_for_completion(&turns[i].done);
  for (int i = 0; i < 4; i++) EXPECT_EQ(i, order[i]);
}

static int hold(void* data) {
  mutex_lock(&lock);
  complete(data);
  while (!kthread_should_stop()) msleep(10);
  mutex_unlock(&lock);
  return 0;
}

KTEST(wrong_use_of_a_mutex_is_reported) {
  mutex_lock(&lock);
  mutex_lock(&lock);
  EXPECT_BUGS(1);
  mutex_unlock(&lock);
  EXPECT_BUGS(0);
  mutex_unlock(&lock);
  EXPECT_BUGS(1);
  DECLARE_COMPLETION_ONSTACK(held);
  struct task_struct* holder = kthread_run(hold, &held, "holder");
  wait_for_completion(&held);
  mutex_unlock(&lock);
  EXPECT_BUGS(1);
  EXPECT(mutex_is_locked(&lock));
  EXPECT_EQ(0, kthread_stop(holder));
  EXPECT(!mutex_is_locked(&lock));
  local_irq_disable();
  mutex_lock(&lock);
  local_irq_enable();
  EXPECT_BUGS(1);
  mutex_unlock(&lock);
}

KTEST(semaphore_counts) {
  struct semaphore semaphore;
  sema_init(&semaphore, 2);
  down(&semaphore);
  EXPECT_EQ(0, down_trylock(&semaphore));
  EXPECT_EQ(1, down_trylock(&semaphore));
  const unsigned long start = next_tick();
  EXPECT_EQ(-ETIMEDOUT, down_timeout(&semaphore, 3));
  EXPECT_EQ(3, jiffies - start);
  up(&semaphore);
  EXPECT_EQ(0, down_timeout(&semaphore, 3));
  up(&semaphore);
  EXPECT_EQ(0, down_interruptible(&semaphore));
}

static int write_once(void* data) {
  down_write(data);
  condition = 1;
  up_write(data);
  return 0;
}

KTEST(readers_hold_off_a_writer) {
  struct rw_semaphore semaphore;
  init_rwsem(&semaphore);
  condition = 0;
  down_read(&semaphore);
  down_read(&semaphore);
  kthread_run(write_once, &semaphore, "writer");
  msleep(20);
  up_read(&semaphore);
  msleep(20);
  EXPECT_EQ(0, condition);
  up_read(&semaphore);
  msleep(20);
  EXPECT_EQ(1, condition);
  up_write(&semaphore);
  EXPECT_BUGS(1);
}

// Who sees that it is given may free what it waited for: here it is overwritten.
static struct completion brief_completion;
static struct semaphore brief_semaphore;

static int end_brief_completion(void* unused) {
  (void)unused;
  while (!try_wait_for_completion(&brief_completion)) yield();
  memset(&brief_completion, 0xff, sizeof brief_completion);
  return 0;
}

static int end_brief_semaphore(void* unused) {
  (void)unused;
  while (down_trylock(&brief_semaphore) != 0) yield();
  memset(&brief_semaphore, 0xff, sizeof brief_semaphore);
  return 0;
}

KTEST(giving_touches_nothing_afterwards) {
  init_completion(&brief_completion);
  sema_init(&brief_semaphore, 0);
  kthread_run(end_brief_completion, NULL, "brief");
  kthread_run(end_brief_semaphore, NULL, "brief");
  // The other one is switched to at the first place that allows it.
  get_current()->need_resched = 1;
  complete(&brief_completion);
  get_current()->need_resched = 1;
  up(&brief_semaphore);
  msleep(20);
  EXPECT_EQ(-1, (int)brief_completion.done);
  EXPECT_EQ(-1, (int)brief_semaphore.count);
}

// Even where nothing has to be waited for: next time it may.
KTEST(each_sleeping_function_is_reported_in_atomic_context) {
  static DEFINE_MUTEX(lock);
  struct semaphore counting;
  struct rw_semaphore shared;
  struct completion done;
  sema_init(&counting, 2);
  init_rwsem(&shared);
  init_completion(&done);
  complete_all(&done);
  preempt_disable();
  mutex_lock(&lock);
  mutex_unlock(&lock);
  EXPECT_BUGS(1);
  EXPECT_EQ(0, mutex_lock_interruptible(&lock));
  mutex_unlock(&lock);
  EXPECT_BUGS(1);
  down(&counting);
  EXPECT_BUGS(1);
  EXPECT_EQ(0, down_interruptible(&counting));
  EXPECT_BUGS(1);
  down_read(&shared);
  up_read(&shared);
  EXPECT_BUGS(1);
  down_write(&shared);
  up_write(&shared);
  EXPECT_BUGS(1);
  wait_for_completion(&done);
  EXPECT_BUGS(1);
  preempt_enable();
}
