// What interrupts leave for the time right after them: timers, then tasklets, with interrupts on. They run
// when the outermost interrupt returns, or when local_bh_enable() allows them again.
#include <linux/interrupt.h>
#include <linux/sched.h>

#include "kernel/task.h"

namespace memio {
namespace {

// A tasklet that schedules itself again must not keep the interrupted task for ever.
constexpr unsigned kMaxRounds = 10;

tasklet_struct* first_tasklet;
tasklet_struct* last_tasklet;
bool timers_raised;

bool pending() { return timers_raised || first_tasklet != nullptr; }

void append(tasklet_struct* tasklet) {
  tasklet->next = nullptr;
  if (first_tasklet == nullptr) {
    first_tasklet = tasklet;
  } else {
    last_tasklet->next = tasklet;
  }
  last_tasklet = tasklet;
}

// Runs those that were there at the beginning; disabled ones go to the end. With interrupts off.
void run_tasklets() {
  tasklet_struct* tasklet = first_tasklet;
  first_tasklet = last_tasklet = nullptr;
  tasklet_struct* disabled = nullptr;
  while (tasklet != nullptr) {
    tasklet_struct* const next = tasklet->next;
    if (tasklet->count != 0) {
      tasklet->next = disabled;
      disabled = tasklet;
    } else {
      tasklet->scheduled = 0;
      tasklet->running = 1;
      local_irq_enable();
      tasklet->func(tasklet->data);
      local_irq_disable();
      tasklet->running = 0;
    }
    tasklet = next;
  }
  while (disabled != nullptr) {
    tasklet_struct* const next = disabled->next;
    append(disabled);
    disabled = next;
  }
}

// With interrupts off.
void run_pending() {
  preempt_count_add(SOFTIRQ_OFFSET);
  for (unsigned round = 0; round < kMaxRounds && pending(); round++) {
    if (timers_raised) {
      timers_raised = false;
      local_irq_enable();
      run_timers();
      local_irq_disable();
    }
    run_tasklets();
  }
  preempt_count_sub(SOFTIRQ_OFFSET);
}

}  // namespace

void irq_enter() { preempt_count_add(HARDIRQ_OFFSET); }

void irq_exit() {
  preempt_count_sub(HARDIRQ_OFFSET);
  if (pending() && !in_interrupt()) run_pending();
}

void raise_timers() { timers_raised = true; }

extern "C" void local_bh_enable() {
  preempt_count_sub(SOFTIRQ_OFFSET);
  const unsigned long flags = arch_local_irq_save();
  if (pending() && !in_interrupt() && sched_running()) run_pending();
  arch_local_irq_restore(flags);
  preempt_check_resched();
}

extern "C" void tasklet_init(tasklet_struct* tasklet, void (*func)(unsigned long data), unsigned long data) {
  *tasklet = {};
  tasklet->func = func;
  tasklet->data = data;
}

extern "C" void tasklet_schedule(tasklet_struct* tasklet) {
  const unsigned long flags = arch_local_irq_save();
  if (tasklet->scheduled == 0) {
    tasklet->scheduled = 1;
    append(tasklet);
  }
  arch_local_irq_restore(flags);
  // Outside interrupts nothing else would run it before the next tick.
  if (!in_interrupt() && !irqs_disabled()) {
    local_bh_disable();
    local_bh_enable();
  }
}

extern "C" void tasklet_disable(tasklet_struct* tasklet) { tasklet->count++; }

extern "C" void tasklet_enable(tasklet_struct* tasklet) {
  if (tasklet->count == 0) return report_bug("tasklet_enable of a tasklet that is not disabled");
  tasklet->count--;
}

extern "C" void tasklet_kill(tasklet_struct* tasklet) {
  might_sleep();
  while (tasklet->scheduled != 0 && tasklet->count == 0) yield();
  if (tasklet->scheduled == 0) return;
  const unsigned long flags = arch_local_irq_save();
  tasklet_struct* rest = first_tasklet;
  first_tasklet = last_tasklet = nullptr;
  while (rest != nullptr) {
    tasklet_struct* const next = rest->next;
    if (rest != tasklet) append(rest);
    rest = next;
  }
  tasklet->scheduled = 0;
  arch_local_irq_restore(flags);
}

}  // namespace memio
