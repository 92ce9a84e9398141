// The exceptions that user programs and address translation bring: calls, page faults, programs that are
// killed.
#include <asm/csr.h>
#include <asm/page.h>
#include <linux/kernel.h>

#include "kernel/fault.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "kernel/traps.h"
#include "kernel/vmalloc_space.h"

extern "C" char copy_user_bytes[];
extern "C" char copy_user_fault[];

namespace memio {
namespace {

constexpr unsigned long kEcallFromUser = 8;
constexpr unsigned long kFetchPageFault = 12;
constexpr unsigned long kLoadPageFault = 13;
constexpr unsigned long kStorePageFault = 15;

// Exit status of a program killed by a fault: as a shell reports signal 11.
constexpr int kKilledStatus = 11;

bool from_user(const pt_regs& regs) { return (regs.status & STATUS_PP) == 0; }

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
  printk("%s[%d]: %s at 0x%lx, address 0x%lx; killed\n", task->comm, task->pid, trap_cause_name(regs.cause),
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
  if (!vmalloc_describe(regs.tval, area, sizeof area)) die(trap_cause_name(regs.cause), &regs);
  scnprintf(message, sizeof message, "%s (%s)", trap_cause_name(regs.cause), area);
  die(message, &regs);
}

}  // namespace

bool serve_exception(pt_regs* regs) {
  if (regs->cause == kEcallFromUser) {
    regs->epc += 4;
    system_call(regs);
    return true;
  }
  if (page_fault(*regs)) return true;
  if (from_user(*regs)) {
    if (float_first_use(regs)) return true;
    kill_user(*regs);
  }
  if (fix_user_copy(regs)) return true;
  if (is_page_fault(*regs)) die_of_page_fault(*regs);
  return false;
}

}  // namespace memio
