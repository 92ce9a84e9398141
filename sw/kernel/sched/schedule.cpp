// The scheduler: one queue of runnable tasks served round robin, each for its time slice. The running task is
// not in the queue; the idle task runs when the queue is empty.
#include <linux/preempt.h>
#include <linux/sched.h>

#include "kernel/command_line.h"
#include "kernel/platform.h"
#include "kernel/task.h"

extern "C" task_struct* switch_context(task_struct* running, task_struct* next);

namespace memio {
namespace {

constexpr unsigned kMaxTimeSlice = 100;

list_head run_queue;
task_struct* idle_task;
unsigned time_slice;  // ticks
bool running;         // sched_start() has been called

unsigned time_slice_option() {
  char text[8];
  if (!command_line_value("timeslice", text, sizeof text)) return 1;
  unsigned ticks = 0;
  for (const char* digit = text; *digit >= '0' && *digit <= '9' && ticks <= kMaxTimeSlice; digit++) {
    ticks = 10 * ticks + static_cast<unsigned>(*digit - '0');
  }
  if (ticks >= 1 && ticks <= kMaxTimeSlice) return ticks;
  printk("sched: timeslice=%s is not in 1..%u\n", text, kMaxTimeSlice);
  return 1;
}

int idle_loop(void*) {
  for (;;) {
    // With interrupts off, so that none is taken between the test and wfi; wfi wakes up all the same.
    local_irq_disable();
    if (get_current()->need_resched == 0) wait_for_interrupt();
    local_irq_enable();
    cond_resched();
  }
}

task_struct* take_next() {
  if (list_empty(&run_queue)) return idle_task;
  task_struct* next = list_first_entry(&run_queue, task_struct, run_list);
  list_del_init(&next->run_list);
  return next;
}

void account(task_struct* previous, task_struct* next) {
  const u64 now = cycles_now();
  previous->sum_exec_cycles += now - previous->exec_start;
  next->exec_start = now;
  next->switches++;
}

// A task that was preempted stays runnable, whatever it has set its state to.
void switch_tasks(bool preempted) {
  const unsigned long flags = arch_local_irq_save();
  task_struct* const current_task = get_current();
  check_stack(current_task);
  current_task->need_resched = 0;
  if (current_task != idle_task && (preempted || current_task->state == TASK_RUNNING)) {
    list_add_tail(&current_task->run_list, &run_queue);
  }
  task_struct* const next = take_next();
  next->time_slice = time_slice;
  if (next != current_task) {
    account(current_task, next);
    switch_address_space(next);
    switch_float(current_task, next);
    finish_switch(switch_context(current_task, next));
  }
  arch_local_irq_restore(flags);
}

}  // namespace

void sched_init() {
  INIT_LIST_HEAD(&run_queue);
  time_slice = time_slice_option();
  task_cache_init();
  idle_task = task_create(idle_loop, nullptr, "idle", kIdlePid);
  if (idle_task == nullptr) panic("no memory for the idle task");
  // Never in the queue, but always there.
  idle_task->state = TASK_RUNNING;
  workqueue_init();
  get_current()->time_slice = time_slice;
  get_current()->exec_start = cycles_now();
}

void sched_start() {
  running = true;
  local_irq_enable();
}

bool sched_running() { return running; }

void sched_tick() {
  task_struct* task = get_current();
  if (task == idle_task || task->time_slice == 0) return;
  if (--task->time_slice != 0) return;
  if (list_empty(&run_queue)) {
    task->time_slice = time_slice;
  } else {
    task->need_resched = 1;
  }
}

void preempt_from_interrupt() {
  const task_struct* task = get_current();
  if (running && task->need_resched != 0 && task->preempt_count == 0) switch_tasks(true);
}

extern "C" void preempt_schedule() {
  if (!running || in_atomic()) return;
  switch_tasks(true);
}

extern "C" void schedule() {
  if (!running) panic("schedule() before the scheduler runs");
  if (preempt_count() != 0) {
    report_bug("scheduling while atomic: preempt count 0x%x, interrupts %s", preempt_count(),
               irqs_disabled() ? "off" : "on");
  }
  switch_tasks(false);
}

extern "C" void yield() {
  set_current_state(TASK_RUNNING);
  schedule();
}

extern "C" void cond_resched() {
  if (running && get_current()->need_resched != 0 && !in_atomic()) switch_tasks(true);
}

extern "C" void set_current_state(int state) { get_current()->state = static_cast<u8>(state); }

extern "C" bool wake_up_process(task_struct* task) {
  const unsigned long flags = arch_local_irq_save();
  const bool slept = task->state == TASK_INTERRUPTIBLE || task->state == TASK_UNINTERRUPTIBLE;
  if (slept) {
    task->state = TASK_RUNNING;
    // One that has not got to sleep yet, or was preempted before, is not to be queued twice.
    if (task != get_current() && list_empty(&task->run_list)) {
      list_add_tail(&task->run_list, &run_queue);
      if (get_current() == idle_task) idle_task->need_resched = 1;
    }
  }
  arch_local_irq_restore(flags);
  return slept;
}

extern "C" void might_sleep() {
  if (!running || !in_atomic()) return;
  char caller[64];
  report_bug("sleeping function called from invalid context at %s: preempt count 0x%x, interrupts %s",
             symbol_text(_RET_IP_, caller, sizeof caller), preempt_count(), irqs_disabled() ? "off" : "on");
}

extern "C" u64 task_cycles(const task_struct* task) {
  const u64 since = task == get_current() ? cycles_now() - task->exec_start : 0;
  return task->sum_exec_cycles + since;
}

extern "C" char task_state_letter(const task_struct* task) {
  switch (task->state) {
    case TASK_RUNNING:
      return 'R';
    case TASK_INTERRUPTIBLE:
      return 'S';
    case TASK_UNINTERRUPTIBLE:
      return 'D';
    default:
      return 'X';
  }
}

}  // namespace memio
