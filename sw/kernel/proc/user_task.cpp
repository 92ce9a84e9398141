// A task's way into a user program, and its end there.
#include <asm/csr.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/vma.h>

#include "kernel/platform.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "string.h"

extern "C" void enter_user(pt_regs* regs) __attribute__((noreturn));

namespace memio {
namespace {

constexpr unsigned long kUserCounters = 7;  // scounteren: cycle, time, instret

}  // namespace

void task_enter_user(mm_struct* mm, unsigned long entry, unsigned long sp) {
  task_struct* task = get_current();
  CSR_WRITE(scounteren, kUserCounters);
  local_irq_disable();
  task->mm = mm;
  switch_address_space(task);
  pt_regs* regs = user_regs(task);
  memset(regs, 0, sizeof *regs);
  regs->epc = entry;
  regs->status = STATUS_PIE;  // user mode, interrupts on
  regs->x[REG_SP] = sp;
  enter_user(regs);
}

void task_leave_user(int status) {
  task_struct* task = get_current();
  mm_struct* mm = task->mm;
  printk("%s[%d]: exit status %d, %lu pages on demand, %lu ticks\n", task->comm, task->pid, status,
         mm->faults, tick_count());
  close_files(task);
  drop_float(task);
  task->mm = nullptr;
  leave_address_space(mm);
  mmput(mm);
}

}  // namespace memio
