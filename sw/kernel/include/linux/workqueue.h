// Work queues: functions run later by a kernel thread, in order and one at a time, so that they may sleep.
// One thread a queue. Bodies: sched/workqueue.cpp.
#pragma once

#include <linux/timer.h>

#ifdef __cplusplus
extern "C" {
#endif

struct workqueue_struct;

struct work_struct {
  struct list_head entry;
  void (*func)(struct work_struct* work);
  struct workqueue_struct* queue;  // the last one it was put on
  u8 pending;                      // waits there
};

struct delayed_work {
  struct work_struct work;
  struct timer_list timer;
};

#define DECLARE_WORK(name, function) struct work_struct name = {{NULL, NULL}, (function), NULL, 0}

static inline void INIT_WORK(struct work_struct* work, void (*func)(struct work_struct* work)) {
  work->func = func;
  work->queue = NULL;
  work->pending = 0;
}
static inline void INIT_DELAYED_WORK(struct delayed_work* delayed, void (*func)(struct work_struct* work)) {
  INIT_WORK(&delayed->work, func);
  init_timer(&delayed->timer);
}

// A queue with a thread of that name; null without memory. May sleep.
struct workqueue_struct* create_workqueue(const char* name);
#define create_singlethread_workqueue(name) create_workqueue(name)
// Waits for what is queued, then ends the thread. May sleep.
void destroy_workqueue(struct workqueue_struct* queue);

// 1, or 0 when the work was waiting already. May be called from interrupts. While it runs, work may be queued
// again; its function may also free it.
int queue_work(struct workqueue_struct* queue, struct work_struct* work);
// The same `delay` ticks from now; waiting includes the delay.
int queue_delayed_work(struct workqueue_struct* queue, struct delayed_work* delayed, unsigned long delay);
// On the kernel's own queue "events".
int schedule_work(struct work_struct* work);
int schedule_delayed_work(struct delayed_work* delayed, unsigned long delay);

// Waits until all work queued before has run; not for delayed work whose time has not come.
void flush_workqueue(struct workqueue_struct* queue);
void flush_scheduled_work(void);
// Takes waiting work out: 1, or 0 when it was not waiting. The _sync forms also wait for a run that has
// begun.
int cancel_delayed_work(struct delayed_work* delayed);
int cancel_work_sync(struct work_struct* work);
int cancel_delayed_work_sync(struct delayed_work* delayed);

#ifdef __cplusplus
}
#endif
