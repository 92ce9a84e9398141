// What the scheduler gives the rest of the kernel beside linux/sched.h: start, tick, tasks of user programs.
#pragma once

#include <asm/ptrace.h>
#include <linux/sched.h>

namespace memio {

// Numbers of the tasks that are always there; kernel threads follow. kAnyPid asks for the next free one.
constexpr int kAnyPid = -1;
constexpr int kIdlePid = 0;
constexpr int kInitPid = 1;
constexpr int kBootPid = 2;

// sched/task.cpp
// Makes the boot task the current one.
void task_init();
// Makes the slab cache of all other tasks.
void task_cache_init();
// A task that will run function(data) with interrupts on; it is not woken yet. Null when memory is out.
// The stack is 8 KiB on RV32 and 16 KiB on RV64.
task_struct* task_create(int (*function)(void* data), void* data, const char* name, int pid);
// Wakes `task`, which has not run yet, and waits for its end; its exit status.
int task_run_to_end(task_struct* task);
// Whether `task` is on the list of all tasks.
bool task_exists(const task_struct* task);
// Room for the registers of a user program is kept at the top of each stack.
inline pt_regs* user_regs(const task_struct* task) {
  return reinterpret_cast<pt_regs*>(task->stack + task->stack_size) - 1;
}
// Ends the current task with `status`, for whoever waits for it.
[[noreturn]] void task_exit(int status);
// Called after a switch by the task that runs now: drops `previous` if it has ended.
void finish_switch(task_struct* previous);
// Panics, naming the task, if its stack has overflowed.
void check_stack(const task_struct* task);
bool stack_overflowed(const task_struct* task);

// sched/schedule.cpp
// Makes the idle task; kernel option timeslice=N: ticks a task may run while others wait (1..100, else 1).
void sched_init();
// Turns interrupts on: from now on tasks are switched and sleeping is possible.
void sched_start();
bool sched_running();
// Called at each tick, in the timer interrupt.
void sched_tick();
// Called with interrupts off when an interrupt has been served: switches if that is due and allowed.
void preempt_from_interrupt();

// proc/user_task.cpp
// Turns the current kernel thread into a user process: enters `mm` at `entry` with stack pointer `sp`.
[[noreturn]] void task_enter_user(mm_struct* mm, unsigned long entry, unsigned long sp);
// Frees what the user program of the current task had, whose exit status is `status`.
void task_leave_user(int status);

// sched/address_switch.cpp: which page table is active. A kernel thread goes on with that of the task before
// it; page faults in the kernel's half are served in the active one.
void switch_address_space(const task_struct* next);
// Activates the kernel's own page table if `mm` is active, so that it can be freed.
void leave_address_space(const mm_struct* mm);
// The active root table.
unsigned long* active_root();

// arch/riscv/float_state.cpp: floating-point registers of user programs.
// Gives the current program floating point, if `regs` shows that it has just tried to use it for the first
// time; the instruction is then to be executed again.
bool float_first_use(pt_regs* regs);
// Called with interrupts off, before `next` runs in place of `previous`.
void switch_float(task_struct* previous, const task_struct* next);
void drop_float(task_struct* task);

// sched/softirq.cpp
// Around the service of an interrupt; the second runs pending timers and tasklets.
void irq_enter();
void irq_exit();
// Marks timers as due, from the tick.
void raise_timers();

// sched/timer.cpp: runs the timers that are due.
void run_timers();

// sched/workqueue.cpp: makes the queue of schedule_work().
void workqueue_init();

}  // namespace memio
