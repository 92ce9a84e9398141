// The tasks there are: boot and the user program. No switching between several.
#include "kernel/task.h"

#include <linux/gfp.h>
#include <linux/kernel.h>

#include "kernel/address_space.h"
#include "kernel/platform.h"
#include "memio/asm.h"
#include "string.h"

extern "C" {
extern char boot_stack[];
// head.S loads tp with its address.
memio::Task boot_task;
void enter_task(memio::Task* task, pt_regs* regs) __attribute__((noreturn));
}

namespace memio {
namespace {

constexpr unsigned long kBootStackSize = 16384;
Task user_task;

}  // namespace

void task_init() {
  boot_task.name = "boot";
  boot_task.stack = reinterpret_cast<unsigned long>(boot_stack);
  boot_task.stack_size = kBootStackSize;
}

void task_run_user(const char* name, AddressSpace* space, unsigned long entry, unsigned long sp) {
  Task& task = user_task;
  task.pid = 1;
  task.name = name;
  task.space = space;
  task.stack = __get_free_pages(GFP_KERNEL, kKernelStackOrder);
  if (task.stack == 0) panic("no memory for a kernel stack");
  task.stack_size = 4096ul << kKernelStackOrder;

  pt_regs* regs = reinterpret_cast<pt_regs*>(task.stack + task.stack_size) - 1;
  memset(regs, 0, sizeof *regs);
  regs->epc = entry;
  regs->status = SSTATUS_SPIE;  // user mode, interrupts on
  regs->x[REG_SP] = sp;
  space->activate();
  enter_task(&task, regs);
}

void task_exit(int status) {
  const Task* task = current_task();
  printk("%s[%d]: exit status %d, %lu pages on demand, %lu ticks\n", task->name, task->pid, status,
         task->space->faults_served(), tick_count());
  power_off(status);
}

}  // namespace memio
