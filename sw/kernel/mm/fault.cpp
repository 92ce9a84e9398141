// Page faults: demand paging for user addresses, late synchronisation for kernel ones.
#include "kernel/fault.h"

#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/vma.h>

#include "kernel/memory.h"
#include "kernel/task.h"

namespace memio {
namespace {

// The hardware has no page that can be written but not read.
unsigned long rights_for(AccessKind kind) {
  switch (kind) {
    case AccessKind::kFetch:
      return VM_EXEC;
    case AccessKind::kLoad:
      return VM_READ | VM_WRITE;
    default:
      return VM_WRITE;
  }
}

bool serve(mm_struct* mm, unsigned long va, AccessKind kind) {
  vm_area_struct* area = find_vma_intersection(mm, va, va + 1);
  if (area == nullptr || (area->vm_flags & rights_for(kind)) == 0) return false;
  if (handle_mm_fault(mm, area, va, kind == AccessKind::kStore) == VM_FAULT_OOM) {
    printk("%s[%d]: out of memory at 0x%lx\n", get_current()->comm, get_current()->pid, va);
    return false;
  }
  mm->faults++;
  return true;
}

}  // namespace

bool handle_page_fault(unsigned long va, AccessKind kind) {
  if (va >= TASK_SIZE) {
    if (!sync_kernel_mapping(active_root(), va)) return false;
    // The entry spans many pages, and a hart may have cached for any of them that it was invalid.
    flush_tlb_all();
    return true;
  }
  mm_struct* mm = get_current()->mm;
  // Pages are not waited for by code that must not sleep: its copy from user memory fails instead.
  if (mm == nullptr || in_atomic()) return false;
  down_read(&mm->mmap_sem);
  const bool served = serve(mm, va, kind);
  up_read(&mm->mmap_sem);
  return served;
}

}  // namespace memio
