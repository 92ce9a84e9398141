// Trap dispatch of the kernel (privileged specification 1.12, section 4.1.8: scause; 3.1.15: mcause).
#include "kernel/traps.h"

#include <asm/csr.h>
#include <linux/kernel.h>
#include <linux/preempt.h>

#include "kernel/interrupt.h"
#include "kernel/platform.h"
#include "kernel/task.h"

namespace memio {
namespace {

constexpr unsigned long kInterruptFlag = 1UL << (__riscv_xlen - 1);

const char* const kCauseNames[] = {
    "instruction address misaligned",
    "instruction access fault",
    "illegal instruction",
    "breakpoint",
    "load address misaligned",
    "load access fault",
    "store address misaligned",
    "store access fault",
    "call from user mode",
    "call from supervisor mode",
    "reserved cause 10",
    "call from machine mode",
    "instruction page fault",
    "load page fault",
    "reserved cause 14",
    "store page fault",
};

void interrupt(const pt_regs& regs) {
  switch (regs.cause & ~kInterruptFlag) {
    case IRQ_TIMER:
      return timer_interrupt();
    case IRQ_EXTERNAL:
      return plic_interrupt();
    default:
      die("unexpected interrupt", &regs);
  }
}

}  // namespace

const char* trap_cause_name(unsigned long cause) {
  return cause < ARRAY_SIZE(kCauseNames) ? kCauseNames[cause] : "unknown cause";
}

extern "C" void trap_dispatch(pt_regs* regs) {
  if ((regs->cause & kInterruptFlag) != 0) {
    irq_enter();
    interrupt(*regs);
    irq_exit();
    return preempt_from_interrupt();
  }
  // What follows belongs to the interrupted code, and may sleep where that may.
  if ((regs->status & STATUS_PIE) != 0) local_irq_enable();
  if (!serve_exception(regs)) die(trap_cause_name(regs->cause), regs);
}

}  // namespace memio
