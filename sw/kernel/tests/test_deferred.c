// What runs later: timers, tasklets, work queues.
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

#include "ktest.h"

struct seen {
  unsigned runs;
  unsigned long at;  // jiffies of the last run
  bool in_interrupt;
  bool in_irq;
  bool irqs_off;
  int order;
};

static int next_order;

static void look(unsigned long data) {
  struct seen* seen = (struct seen*)data;
  seen->runs++;
  seen->at = jiffies;
  seen->in_interrupt = in_interrupt();
  seen->in_irq = in_irq();
  seen->irqs_off = irqs_disabled();
  seen->order = next_order++;
}

KTEST(timer_runs_at_its_tick) {
  struct seen seen = {0};
  struct timer_list timer;
  setup_timer(&timer, look, (unsigned long)&seen);
  EXPECT(!timer_pending(&timer));
  timer.expires = jiffies + 3;
  add_timer(&timer);
  EXPECT(timer_pending(&timer));
  msleep(100);
  EXPECT(!timer_pending(&timer));
  EXPECT_EQ(1, seen.runs);
  EXPECT_EQ(timer.expires, seen.at);
  EXPECT(seen.in_interrupt);
  EXPECT(!seen.in_irq);
  EXPECT(!seen.irqs_off);
}

KTEST(timer_is_moved_and_stopped) {
  struct seen seen = {0};
  struct timer_list timer;
  setup_timer(&timer, look, (unsigned long)&seen);
  const unsigned long start = jiffies;
  EXPECT_EQ(0, mod_timer(&timer, start + 2));
  EXPECT_EQ(1, mod_timer(&timer, start + 6));
  add_timer(&timer);
  EXPECT_BUGS(1);
  msleep(30);
  EXPECT_EQ(0, seen.runs);
  msleep(50);
  EXPECT_EQ(1, seen.runs);
  EXPECT_EQ(start + 6, seen.at);
  EXPECT_EQ(0, del_timer(&timer));
  mod_timer(&timer, jiffies + 2);
  EXPECT_EQ(1, del_timer_sync(&timer));
  msleep(40);
  EXPECT_EQ(1, seen.runs);
}

KTEST(timers_run_by_expiry_then_by_age) {
  struct seen seen[4] = {{0}};
  struct timer_list timers[4];
  static const unsigned long kAfter[4] = {4, 2, 4, 3};
  static const int kOrder[4] = {2, 0, 3, 1};
  const unsigned long start = jiffies;
  next_order = 0;
  for (int i = 0; i < 4; i++) {
    setup_timer(&timers[i], look, (unsigned long)&seen[i]);
    mod_timer(&timers[i], start + kAfter[i]);
  }
  msleep(60);
  for (int i = 0; i < 4; i++) EXPECT_EQ(kOrder[i], seen[i].order);
}

static void sleep_wrongly(unsigned long data) {
  might_sleep();
  *(int*)data = 1;
}

KTEST(timer_must_not_sleep) {
  int ran = 0;
  struct timer_list timer;
  setup_timer(&timer, sleep_wrongly, (unsigned long)&ran);
  mod_timer(&timer, jiffies + 1);
  msleep(30);
  EXPECT_EQ(1, ran);
  EXPECT_BUGS(1);
}

KTEST(tasklet_runs_once_for_each_schedule) {
  struct seen seen = {0};
  struct tasklet_struct tasklet;
  tasklet_init(&tasklet, look, (unsigned long)&seen);
  tasklet_schedule(&tasklet);
  EXPECT_EQ(1, seen.runs);
  EXPECT(seen.in_interrupt);
  EXPECT(!seen.in_irq);
  EXPECT(!seen.irqs_off);
  local_bh_disable();
  tasklet_schedule(&tasklet);
  tasklet_schedule(&tasklet);
  EXPECT_EQ(1, seen.runs);
  local_bh_enable();
  EXPECT_EQ(2, seen.runs);
  tasklet_disable(&tasklet);
  tasklet_schedule(&tasklet);
  msleep(20);
  EXPECT_EQ(2, seen.runs);
  tasklet_enable(&tasklet);
  msleep(20);
  EXPECT_EQ(3, seen.runs);
  tasklet_kill(&tasklet);
  tasklet_enable(&tasklet);
  EXPECT_BUGS(1);
}

static struct tasklet_struct endless;
static unsigned endless_runs;

static void again(unsigned long data) {
  (void)data;
  endless_runs++;
  tasklet_schedule(&endless);
}

KTEST(tasklet_that_schedules_itself_does_not_hang) {
  endless_runs = 0;
  tasklet_init(&endless, again, 0);
  tasklet_schedule(&endless);
  EXPECT_EQ(10, endless_runs);
  tasklet_disable(&endless);
  tasklet_kill(&endless);
  const unsigned runs = endless_runs;
  msleep(20);
  EXPECT_EQ(runs, endless_runs);
}

struct job {
  struct work_struct work;
  int number;
};

static int work_order[8];
static int works_run;
static bool worked_in_interrupt;
static struct task_struct* worker;

static void do_job(struct work_struct* work) {
  msleep(10);
  worked_in_interrupt = in_interrupt();
  worker = current;
  work_order[works_run++] = container_of(work, struct job, work)->number;
}

KTEST(work_runs_in_order_and_flush_waits) {
  struct job jobs[4];
  struct workqueue_struct* queue = create_workqueue("ktest-work");
  EXPECT(queue != NULL);
  works_run = 0;
  for (int i = 0; i < 4; i++) {
    INIT_WORK(&jobs[i].work, do_job);
    jobs[i].number = i;
    EXPECT_EQ(1, queue_work(queue, &jobs[i].work));
    EXPECT_EQ(0, queue_work(queue, &jobs[i].work));
  }
  EXPECT_EQ(0, works_run);
  flush_workqueue(queue);
  EXPECT_EQ(4, works_run);
  for (int i = 0; i < 4; i++) EXPECT_EQ(i, work_order[i]);
  EXPECT(!worked_in_interrupt);
  EXPECT(worker != current);
  EXPECT_EQ(1, queue_work(queue, &jobs[0].work));
  destroy_workqueue(queue);
  EXPECT_EQ(5, works_run);
}

struct timed_job {
  struct delayed_work delayed;
  unsigned long at;
  unsigned runs;
};

static void note_time(struct work_struct* work) {
  struct timed_job* job = container_of(work, struct timed_job, delayed.work);
  job->at = jiffies;
  job->runs++;
}

KTEST(delayed_work_runs_at_its_tick) {
  struct timed_job job = {.runs = 0};
  INIT_DELAYED_WORK(&job.delayed, note_time);
  const unsigned long start = jiffies;
  EXPECT_EQ(1, schedule_delayed_work(&job.delayed, 5));
  EXPECT_EQ(0, schedule_delayed_work(&job.delayed, 1));
  msleep(80);
  EXPECT_EQ(1, job.runs);
  EXPECT_EQ(start + 5, job.at);
  EXPECT_EQ(0, cancel_delayed_work(&job.delayed));
  EXPECT_EQ(1, schedule_delayed_work(&job.delayed, 2));
  EXPECT_EQ(1, cancel_delayed_work_sync(&job.delayed));
  msleep(50);
  EXPECT_EQ(1, job.runs);
  EXPECT_EQ(1, schedule_delayed_work(&job.delayed, 0));
  flush_scheduled_work();
  EXPECT_EQ(2, job.runs);
}

KTEST(cancel_work_sync_waits_for_the_run) {
  struct job first;
  struct job second;
  works_run = 0;
  INIT_WORK(&first.work, do_job);
  INIT_WORK(&second.work, do_job);
  first.number = 0;
  second.number = 1;
  schedule_work(&first.work);
  schedule_work(&second.work);
  msleep(0);  // the first has begun
  EXPECT_EQ(0, works_run);
  EXPECT_EQ(1, cancel_work_sync(&second.work));
  EXPECT_EQ(0, cancel_work_sync(&first.work));
  EXPECT_EQ(1, works_run);
}

static void sleep_with_lock(struct work_struct* work) {
  (void)work;
  preempt_disable();
}

KTEST(work_that_leaves_preemption_off_is_reported) {
  struct work_struct work;
  INIT_WORK(&work, sleep_with_lock);
  schedule_work(&work);
  flush_scheduled_work();
  EXPECT_BUGS(1);
}
