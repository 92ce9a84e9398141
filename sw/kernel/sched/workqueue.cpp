// Work queues: a list of work and the thread that runs it.
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kernel/task.h"

struct workqueue_struct {
  list_head works;
  wait_queue_head_t more;      // the thread waits here
  wait_queue_head_t finished;  // woken after each run
  work_struct* running;
  task_struct* thread;
};

namespace memio {
namespace {

workqueue_struct* events;

// Work that tells that everything before it has run.
struct Barrier {
  work_struct work;
  completion reached;
};

work_struct* take_first(workqueue_struct* queue) {
  const unsigned long flags = arch_local_irq_save();
  work_struct* work = nullptr;
  if (!list_empty(&queue->works)) {
    work = list_first_entry(&queue->works, work_struct, entry);
    list_del(&work->entry);
    work->pending = 0;
    queue->running = work;
  }
  arch_local_irq_restore(flags);
  return work;
}

bool take_out(work_struct* work) {
  const unsigned long flags = arch_local_irq_save();
  const bool was_pending = work->pending != 0;
  if (was_pending) list_del(&work->entry);
  work->pending = 0;
  arch_local_irq_restore(flags);
  return was_pending;
}

int run_queue(void* data) {
  workqueue_struct* queue = static_cast<workqueue_struct*>(data);
  for (;;) {
    wait_event_interruptible(queue->more, !list_empty(&queue->works) || kthread_should_stop());
    work_struct* work = take_first(queue);
    if (work == nullptr) return 0;
    const unsigned long function = reinterpret_cast<unsigned long>(work->func);
    work->func(work);
    queue->running = nullptr;
    wake_up(&queue->finished);
    if (preempt_count() == 0) continue;
    char name[64];
    report_bug("work function %s left preempt count 0x%x", symbol_text(function, name, sizeof name),
               preempt_count());
    get_current()->preempt_count = 0;
  }
}

void queue_when_due(unsigned long data) {
  delayed_work* delayed = reinterpret_cast<delayed_work*>(data);
  queue_work(delayed->work.queue, &delayed->work);
}

void reach(work_struct* work) { complete(&container_of(work, Barrier, work)->reached); }

// Waits for a run of `work` that has begun; one that cancels itself does not wait.
void wait_for_run(work_struct* work) {
  workqueue_struct* queue = work->queue;
  if (queue == nullptr || queue->thread == get_current()) return;
  wait_event(queue->finished, queue->running != work);
}

}  // namespace

void workqueue_init() {
  events = create_workqueue("events");
  if (events == nullptr) panic("no memory for the work queue");
}

extern "C" workqueue_struct* create_workqueue(const char* name) {
  workqueue_struct* queue = static_cast<workqueue_struct*>(kzalloc(sizeof(workqueue_struct), GFP_KERNEL));
  if (queue == nullptr) return nullptr;
  INIT_LIST_HEAD(&queue->works);
  queue->thread = kthread_run(run_queue, queue, "%s", name);
  if (!IS_ERR(queue->thread)) return queue;
  kfree(queue);
  return nullptr;
}

extern "C" void destroy_workqueue(workqueue_struct* queue) {
  flush_workqueue(queue);
  kthread_stop(queue->thread);
  kfree(queue);
}

extern "C" int queue_work(workqueue_struct* queue, work_struct* work) {
  const unsigned long flags = arch_local_irq_save();
  const bool was_pending = work->pending != 0;
  if (!was_pending) {
    work->pending = 1;
    work->queue = queue;
    list_add_tail(&work->entry, &queue->works);
  }
  arch_local_irq_restore(flags);
  if (!was_pending) wake_up(&queue->more);
  return !was_pending;
}

extern "C" int queue_delayed_work(workqueue_struct* queue, delayed_work* delayed, unsigned long delay) {
  if (delay == 0) return queue_work(queue, &delayed->work);
  const unsigned long flags = arch_local_irq_save();
  const bool was_pending = timer_pending(&delayed->timer) || delayed->work.pending != 0;
  if (!was_pending) {
    delayed->work.queue = queue;
    setup_timer(&delayed->timer, queue_when_due, reinterpret_cast<unsigned long>(delayed));
    mod_timer(&delayed->timer, jiffies + delay);
  }
  arch_local_irq_restore(flags);
  return !was_pending;
}

extern "C" int schedule_work(work_struct* work) { return queue_work(events, work); }

extern "C" int schedule_delayed_work(delayed_work* delayed, unsigned long delay) {
  return queue_delayed_work(events, delayed, delay);
}

extern "C" void flush_workqueue(workqueue_struct* queue) {
  might_sleep();
  if (queue->thread == get_current()) return report_bug("flush_workqueue by work of that queue");
  Barrier barrier;
  INIT_WORK(&barrier.work, reach);
  init_completion(&barrier.reached);
  queue_work(queue, &barrier.work);
  wait_for_completion(&barrier.reached);
}

extern "C" void flush_scheduled_work() { flush_workqueue(events); }

extern "C" int cancel_delayed_work(delayed_work* delayed) {
  return del_timer(&delayed->timer) != 0 || take_out(&delayed->work);
}

extern "C" int cancel_work_sync(work_struct* work) {
  might_sleep();
  const bool was_pending = take_out(work);
  wait_for_run(work);
  return was_pending;
}

extern "C" int cancel_delayed_work_sync(delayed_work* delayed) {
  might_sleep();
  const bool was_pending = cancel_delayed_work(delayed);
  wait_for_run(&delayed->work);
  return was_pending;
}

}  // namespace memio
