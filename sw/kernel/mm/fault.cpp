// Page faults: demand paging for user addresses, late synchronisation for kernel ones.
#include "kernel/fault.h"

#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/preempt.h>

#include "kernel/address_space.h"
#include "kernel/memory.h"
#include "kernel/task.h"
#include "kernel/uaccess.h"

extern "C" unsigned long copy_user_bytes(void* to, const void* from, unsigned long count);

namespace memio {

bool handle_page_fault(unsigned long va, AccessKind kind) {
  if (va >= TASK_SIZE) {
    if (!sync_kernel_mapping(active_root(), va)) return false;
    flush_tlb_page(va);
    return true;
  }
  AddressSpace* space = space_of(get_current());
  // Pages are not waited for by code that must not sleep: its copy from user memory fails instead.
  if (space == nullptr || in_atomic()) return false;
  return space->handle_fault(va, kind);
}

extern "C" unsigned long copy_from_user(void* to, const void __user* from, unsigned long n) {
  might_sleep();
  const unsigned long start = reinterpret_cast<unsigned long>(from);
  if (start >= TASK_SIZE || n > TASK_SIZE - start) return n;
  return copy_user_bytes(to, from, n);
}

extern "C" unsigned long copy_to_user(void __user* to, const void* from, unsigned long n) {
  might_sleep();
  const unsigned long start = reinterpret_cast<unsigned long>(to);
  if (start >= TASK_SIZE || n > TASK_SIZE - start) return n;
  return copy_user_bytes(to, from, n);
}

}  // namespace memio
