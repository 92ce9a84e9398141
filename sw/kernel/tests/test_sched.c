// Threads: preemption, fairness, stopping; and what is reported when sleeping is not allowed.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mmzone.h>
#include <linux/spinlock.h>

#include "ktest.h"
#include "string.h"

static volatile unsigned long spins[3];

static int spin(void* data) {
  volatile unsigned long* count = data;
  while (!kthread_should_stop()) (*count)++;
  return 7;
}

KTEST(preempt_spinning_thread) {
  spins[0] = 0;
  struct task_struct* thread = kthread_run(spin, (void*)&spins[0], "spinner");
  EXPECT(!IS_ERR(thread));
  EXPECT_EQ(0, spins[0]);
  // Neither gives the hart away; each tick takes it from the one that runs.
  const unsigned long end = jiffies + 4;
  while (time_before(jiffies, end)) {
  }
  EXPECT(spins[0] > 1000);
  EXPECT_EQ(7, kthread_stop(thread));
}

KTEST(round_robin_is_fair) {
  struct task_struct* threads[3];
  unsigned long least = ~0ul;
  unsigned long most = 0;
  for (int i = 0; i < 3; i++) {
    spins[i] = 0;
    threads[i] = kthread_run(spin, (void*)&spins[i], "spinner/%d", i);
  }
  // 15 ticks of which each of the three gets five.
  msleep(150);
  for (int i = 0; i < 3; i++) {
    const unsigned long count = spins[i];
    least = min(least, count);
    most = max(most, count);
    EXPECT(threads[i]->switches >= 5 && threads[i]->switches <= 6);
  }
  for (int i = 0; i < 3; i++) EXPECT_EQ(7, kthread_stop(threads[i]));
  EXPECT(least > 1000);
  // One slice of difference, and the boundaries' rest.
  EXPECT(most - least <= most / 4);
}

static int never(void* data) {
  *(int*)data = 1;
  return 0;
}

KTEST(stop_before_start) {
  int ran = 0;
  struct task_struct* thread = kthread_create(never, &ran, "never");
  EXPECT_EQ(TASK_UNINTERRUPTIBLE, thread->state);
  EXPECT_EQ(-EINTR, kthread_stop(thread));
  EXPECT_EQ(0, ran);
}

KTEST(stop_of_an_ended_thread) {
  int ran = 0;
  struct task_struct* thread = kthread_create(never, &ran, "ends");
  get_task_struct(thread);
  wake_up_process(thread);
  msleep(20);
  EXPECT_EQ(1, ran);
  EXPECT_EQ(TASK_DEAD, thread->state);
  EXPECT_EQ(0, kthread_stop(thread));
  put_task_struct(thread);
  EXPECT_EQ(-EINVAL, kthread_stop(thread));
  EXPECT_BUGS(1);
}

static int sleeper(void* data) {
  while (!kthread_should_stop()) {
    set_current_state(TASK_INTERRUPTIBLE);
    if (!kthread_should_stop()) schedule();
    (*(int*)data)++;
  }
  set_current_state(TASK_RUNNING);
  return 0;
}

KTEST(wake_up_counts_once) {
  int woken = 0;
  struct task_struct* thread = kthread_run(sleeper, &woken, "sleeper");
  yield();
  EXPECT_EQ(TASK_INTERRUPTIBLE, thread->state);
  EXPECT_EQ(0, woken);
  EXPECT(wake_up_process(thread));
  EXPECT(!wake_up_process(thread));
  yield();
  EXPECT_EQ(1, woken);
  EXPECT_EQ(0, kthread_stop(thread));
}

KTEST(all_tasks_are_listed_by_pid) {
  struct task_struct* task;
  int last = -1;
  int seen = 0;
  for_each_task(task) {
    EXPECT(task->pid > last);
    EXPECT_EQ(task->pid == 0, strcmp(task->comm, "idle") == 0);
    last = task->pid;
    seen++;
    if (task == current) EXPECT(strcmp(task->comm, "ktest") == 0 && task_state_letter(task) == 'R');
  }
  EXPECT(seen >= 3);
  msleep(10);
  for_each_task(task) {
    if (task->pid != 0) continue;
    EXPECT_EQ('R', task_state_letter(task));
    EXPECT(task_cycles(task) != 0);
  }
  const u64 before = task_cycles(current);
  mdelay(1);
  EXPECT(task_cycles(current) - before >= 1000);
}

KTEST(spinlock_restores_interrupts) {
  spinlock_t lock = SPIN_LOCK_UNLOCKED;
  unsigned long outer;
  unsigned long inner;
  spinlock_t second = SPIN_LOCK_UNLOCKED;
  EXPECT(!irqs_disabled());
  spin_lock_irqsave(&lock, outer);
  EXPECT(irqs_disabled());
  EXPECT_EQ(1, preempt_count());
  spin_lock_irqsave(&second, inner);
  EXPECT_EQ(2, preempt_count());
  spin_unlock_irqrestore(&second, inner);
  EXPECT(irqs_disabled());
  EXPECT(spin_is_locked(&lock));
  EXPECT(!spin_trylock(&lock));
  spin_unlock_irqrestore(&lock, outer);
  EXPECT(!irqs_disabled());
  EXPECT_EQ(0, preempt_count());
  spin_lock_bh(&lock);
  EXPECT(in_interrupt());
  EXPECT(!in_irq());
  spin_unlock_bh(&lock);
  EXPECT(!in_interrupt());
}

KTEST(no_preemption_with_a_lock_held) {
  spinlock_t lock = SPIN_LOCK_UNLOCKED;
  spins[0] = 0;
  struct task_struct* thread = kthread_run(spin, (void*)&spins[0], "spinner");
  spin_lock(&lock);
  const unsigned long end = jiffies + 3;
  while (time_before(jiffies, end)) {
  }
  EXPECT_EQ(0, spins[0]);
  EXPECT(current->need_resched);
  // Comes true now.
  spin_unlock(&lock);
  EXPECT(spins[0] != 0);
  kthread_stop(thread);
}

KTEST(sleeping_in_atomic_context_is_reported) {
  spinlock_t lock = SPIN_LOCK_UNLOCKED;
  might_sleep();
  EXPECT_BUGS(0);
  spin_lock(&lock);
  might_sleep();
  EXPECT_BUGS(1);
  msleep(10);  // might_sleep() and schedule() report, then it sleeps all the same
  EXPECT_BUGS(2);
  spin_unlock(&lock);
  local_irq_disable();
  might_sleep();
  local_irq_enable();
  EXPECT_BUGS(1);
}

static int end_at_once(void* data) {
  (*(int*)data)++;
  return 0;
}

KTEST(ended_threads_give_their_memory_back) {
  int ran = 0;
  // The first ones fill caches and per-CPU lists.
  for (int i = 0; i < 20; i++) {
    kthread_run(end_at_once, &ran, "short/%d", i);
    msleep(0);
  }
  const unsigned long before = nr_free_pages();
  for (int i = 0; i < 40; i++) {
    kthread_run(end_at_once, &ran, "short/%d", i);
    msleep(0);
  }
  EXPECT_EQ(60, ran);
  EXPECT_EQ(before, nr_free_pages());
}
