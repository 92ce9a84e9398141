// Timers in a list by expiry, run after the tick; and sleeping for a time, which is built on them.
#include <linux/delay.h>
#include <linux/preempt.h>
#include <linux/timer.h>

#include "kernel/task.h"

namespace memio {
namespace {

list_head pending;  // by expiry; all zeroes until the first timer

void insert(timer_list* timer) {
  if (pending.next == nullptr) INIT_LIST_HEAD(&pending);
  list_head* before = &pending;
  // From the end: of two with the same expiry the one that came first runs first.
  while (before->prev != &pending &&
         time_after(list_entry(before->prev, timer_list, entry)->expires, timer->expires)) {
    before = before->prev;
  }
  list_add_tail(&timer->entry, before);
}

bool take_out(timer_list* timer) {
  if (!timer_pending(timer)) return false;
  list_del(&timer->entry);
  timer->entry.next = nullptr;
  return true;
}

timer_list* take_due() {
  const unsigned long flags = arch_local_irq_save();
  timer_list* timer = nullptr;
  if (pending.next != nullptr && !list_empty(&pending)) {
    timer = list_first_entry(&pending, timer_list, entry);
    if (time_after(timer->expires, jiffies)) {
      timer = nullptr;
    } else {
      take_out(timer);
    }
  }
  arch_local_irq_restore(flags);
  return timer;
}

void wake_sleeper(unsigned long task) { wake_up_process(reinterpret_cast<task_struct*>(task)); }

}  // namespace

void run_timers() {
  while (timer_list* timer = take_due()) {
    const u32 count = preempt_count();
    const unsigned long function = reinterpret_cast<unsigned long>(timer->function);
    timer->function(timer->data);
    if (preempt_count() == count) continue;
    char name[64];
    report_bug("timer function %s left preempt count 0x%x instead of 0x%x",
               symbol_text(function, name, sizeof name), preempt_count(), count);
    get_current()->preempt_count = count;
  }
}

extern "C" int mod_timer(timer_list* timer, unsigned long expires) {
  const unsigned long flags = arch_local_irq_save();
  const bool was_pending = take_out(timer);
  timer->expires = expires;
  insert(timer);
  arch_local_irq_restore(flags);
  return was_pending;
}

extern "C" void add_timer(timer_list* timer) {
  if (timer_pending(timer)) return report_bug("add_timer of a timer that is pending");
  mod_timer(timer, timer->expires);
}

extern "C" int del_timer(timer_list* timer) {
  const unsigned long flags = arch_local_irq_save();
  const bool was_pending = take_out(timer);
  arch_local_irq_restore(flags);
  return was_pending;
}

extern "C" int del_timer_sync(timer_list* timer) { return del_timer(timer); }

extern "C" long schedule_timeout(long ticks) {
  if (ticks == MAX_SCHEDULE_TIMEOUT) {
    schedule();
    return ticks;
  }
  if (ticks < 0) {
    report_bug("schedule_timeout of %ld ticks", ticks);
    ticks = 0;
  }
  timer_list timer;
  setup_timer(&timer, wake_sleeper, reinterpret_cast<unsigned long>(get_current()));
  const unsigned long end = jiffies + static_cast<unsigned long>(ticks);
  mod_timer(&timer, end);
  schedule();
  del_timer(&timer);
  const long left = static_cast<long>(end - jiffies);
  return left > 0 ? left : 0;
}

extern "C" long schedule_timeout_interruptible(long ticks) {
  set_current_state(TASK_INTERRUPTIBLE);
  return schedule_timeout(ticks);
}

extern "C" long schedule_timeout_uninterruptible(long ticks) {
  set_current_state(TASK_UNINTERRUPTIBLE);
  return schedule_timeout(ticks);
}

extern "C" void msleep(unsigned milliseconds) {
  might_sleep();
  // One more, because the first tick comes before a whole one has passed.
  long left = static_cast<long>(msecs_to_jiffies(milliseconds)) + 1;
  while (left > 0) left = schedule_timeout_uninterruptible(left);
}

}  // namespace memio
