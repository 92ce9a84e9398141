// Tasks: the boot task and the user program. The first gives way to the second for good.
#pragma once

#include <asm/ptrace.h>

namespace memio {

class AddressSpace;

struct Task {
  // The first two are used by entry.S at fixed offsets.
  unsigned long kernel_sp = 0;  // where a trap from user mode starts its frame
  unsigned long saved_sp = 0;   // scratch of the trap entry
  int pid = 0;
  const char* name = nullptr;
  AddressSpace* space = nullptr;  // null: a kernel task
  unsigned long stack = 0;        // lowest address of the kernel stack
  unsigned long stack_size = 0;
};

constexpr unsigned kKernelStackOrder = 2;

// sched/task.cpp
// The running task.
inline Task* current_task() {
  Task* task;
  __asm__("mv %0, tp" : "=r"(task));
  return task;
}
void task_init();
// Makes the task of the user program in `space` and enters it at `entry` with stack pointer `sp`.
[[noreturn]] void task_run_user(const char* name, AddressSpace* space, unsigned long entry, unsigned long sp);
// Ends the current task, which ends the run: the status becomes the run's.
[[noreturn]] void task_exit(int status);

}  // namespace memio
