// Trap dispatch of the kernel (privileged specification 1.12, section 4.1.8: scause).
#include <asm/page.h>
#include <asm/ptrace.h>
#include <linux/kernel.h>

#include "kernel/fault.h"
#include "kernel/interrupt.h"
#include "kernel/platform.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "memio/asm.h"

extern "C" char copy_user_bytes[];
extern "C" char copy_user_fault[];

namespace memio {
namespace {

constexpr unsigned long kInterruptFlag = 1UL << (__riscv_xlen - 1);
constexpr unsigned long kTimer = 5;
constexpr unsigned long kExternal = 9;

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

bool from_user(const pt_regs& regs) { return (regs.status & SSTATUS_SPP) == 0; }

void interrupt(const pt_regs& regs) {
  switch (regs.cause & ~kInterruptFlag) {
    case kTimer:
      return timer_interrupt();
    case kExternal:
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
  const Task* task = current_task();
  printk("%s[%d]: %s at 0x%lx, address 0x%lx; killed\n", task->name, task->pid, cause_name(regs.cause),
         regs.epc, regs.tval);
  show_regs(&regs);
  task_exit(kKilledStatus);
}

}  // namespace

extern "C" void trap_dispatch(pt_regs* regs) {
  if ((regs->cause & kInterruptFlag) != 0) return interrupt(*regs);
  if (regs->cause == kEcallFromUser) {
    regs->epc += 4;
    enable_interrupts();
    return system_call(regs);
  }
  if (page_fault(*regs)) return;
  if (from_user(*regs)) kill_user(*regs);
  if (fix_user_copy(regs)) return;
  if (regs->tval < PAGE_SIZE && (regs->cause == kLoadPageFault || regs->cause == kStorePageFault)) {
    die("null pointer dereference", regs);
  }
  die(cause_name(regs->cause), regs);
}

}  // namespace memio
