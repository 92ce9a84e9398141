// Trap dispatch of the kernel (privileged specification 1.12, section 4.1.8: scause).
#include <asm/csr.h>
#include <asm/page.h>
#include <asm/ptrace.h>
#include <linux/kernel.h>
#include <linux/preempt.h>

#include "kernel/fault.h"
#include "kernel/interrupt.h"
#include "kernel/platform.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "kernel/vmalloc_space.h"

extern "C" char copy_user_bytes[];
extern "C" char copy_user_fault[];

namespace memio {
namespace {

constexpr unsigned long kInterruptFlag = 1UL << (__riscv_xlen - 1);
constexpr unsigned long kEcallFromUser = 8;
constexpr unsigned long kFetchPageFault = 12;
constexpr unsigned long kLoadPageFault = 13;
constexpr unsigned long kStorePageFault = 15;

// Exit status of a program killed by a fault: as a shell reports signal 11.
constexpr int kKilledStatus = 11;

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

const char* cause_name(unsigned long cause) {
  return cause < ARRAY_SIZE(kCauseNames) ? kCauseNames[cause] : "unknown cause";
}

bool from_user(const pt_regs& regs) { return (regs.status & STATUS_PP) == 0; }

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

bool page_fault(const pt_regs& regs) {
  switch (regs.cause) {
    case kFetchPageFault:
      return handle_page_fault(regs.tval, AccessKind::kFetch);
    case kLoadPageFault:
      return handle_page_fault(regs.tval, AccessKind::kLoad);
    case kStorePageFault:
      return handle_page_fault(regs.tval, AccessKind::kStore);
    default:
      return false;
  }
}

// A bad user address met while copying makes the copy return early.
bool fix_user_copy(pt_regs* regs) {
  const unsigned long start = reinterpret_cast<unsigned long>(copy_user_bytes);
  const unsigned long fault = reinterpret_cast<unsigned long>(copy_user_fault);
  if (regs->epc < start || regs->epc >= fault) return false;
  regs->epc = fault;
  return true;
}

[[noreturn]] void kill_user(const pt_regs& regs) {
  const task_struct* task = get_current();
  printk("%s[%d]: %s at 0x%lx, address 0x%lx; killed\n", task->comm, task->pid, cause_name(regs.cause),
         regs.epc, regs.tval);
  show_regs(&regs);
  task_exit(kKilledStatus);
}

bool is_page_fault(const pt_regs& regs) {
  return regs.cause == kFetchPageFault || regs.cause == kLoadPageFault || regs.cause == kStorePageFault;
}

// A fault of the kernel in its own half of the address space, which may be explained by the area there.
[[noreturn]] void die_of_page_fault(const pt_regs& regs) {
  if (regs.tval < PAGE_SIZE && regs.cause != kFetchPageFault) die("null pointer dereference", &regs);
  char area[200];
  char message[256];
  if (!vmalloc_describe(regs.tval, area, sizeof area)) die(cause_name(regs.cause), &regs);
  scnprintf(message, sizeof message, "%s (%s)", cause_name(regs.cause), area);
  die(message, &regs);
}

}  // namespace

extern "C" void trap_dispatch(pt_regs* regs) {
  if ((regs->cause & kInterruptFlag) != 0) {
    irq_enter();
    interrupt(*regs);
    irq_exit();
    return preempt_from_interrupt();
  }
  // What follows belongs to the interrupted code, and may sleep where that may.
  if ((regs->status & STATUS_PIE) != 0) local_irq_enable();
  if (regs->cause == kEcallFromUser) {
    regs->epc += 4;
    return system_call(regs);
  }
  if (page_fault(*regs)) return;
  if (from_user(*regs)) kill_user(*regs);
  if (fix_user_copy(regs)) return;
  if (is_page_fault(*regs)) die_of_page_fault(*regs);
  die(cause_name(regs->cause), regs);
}

}  // namespace memio
