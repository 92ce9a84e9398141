// Mapping and unmapping of user memory: checks and limits over the list of areas (mm/vma.cpp) and the pages
// (mm/memory.cpp).
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>

#include "kernel/user_memory.h"

namespace memio {
namespace {

// Where areas go that ask for no address: above code and heap.
unsigned long unmapped_base() { return (TASK_SIZE / 3) & PAGE_MASK; }

// Lowest address that may be mapped, so that null pointers fault.
constexpr unsigned long kLowestAddress = PAGE_SIZE;

bool in_user_half(unsigned long start, unsigned long length) {
  return start >= kLowestAddress && start < TASK_SIZE && length <= TASK_SIZE - start;
}

unsigned long flags_of(unsigned long prot) {
  return ((prot & PROT_READ) != 0 ? VM_READ : 0) | ((prot & PROT_WRITE) != 0 ? VM_WRITE : 0) |
         ((prot & PROT_EXEC) != 0 ? VM_EXEC : 0);
}

// Pages come on demand, so areas may promise more than is free, but not more than there is.
bool too_much(const mm_struct* mm, unsigned long length) {
  const unsigned long pages = length >> PAGE_SHIFT;
  return pages > max_mapnr || mm->total_vm > max_mapnr - pages;
}

// Enters a free range and populates it if it is to be locked.
bool add_area(mm_struct* mm, unsigned long start, unsigned long length, unsigned long flags, bool populate) {
  flags |= mm->def_flags;
  if (too_much(mm, length) || vma_insert(mm, start, start + length, flags) == nullptr) return false;
  mm->total_vm += length >> PAGE_SHIFT;
  if ((populate || (flags & VM_LOCKED) != 0) && !populate_pages(mm, start, start + length)) {
    do_munmap(mm, start, length);
    return false;
  }
  return true;
}

// Where [wanted, wanted + length), or any range as long, is free; 0: nowhere.
unsigned long find_place(mm_struct* mm, unsigned long wanted, unsigned long length) {
  wanted = PAGE_ALIGN(wanted);
  if (in_user_half(wanted, length) && find_vma_intersection(mm, wanted, wanted + length) == nullptr) {
    return wanted;
  }
  return vma_find_gap(mm, unmapped_base(), length, TASK_SIZE);
}

// Pages of [start, end) that areas cover.
unsigned long covered_pages(mm_struct* mm, unsigned long start, unsigned long end) {
  unsigned long pages = 0;
  for (const vm_area_struct* area = find_vma(mm, start); area != nullptr && area->vm_start < end;
       area = area->vm_next) {
    const unsigned long from = area->vm_start > start ? area->vm_start : start;
    const unsigned long to = area->vm_end < end ? area->vm_end : end;
    pages += (to - from) >> PAGE_SHIFT;
  }
  return pages;
}

}  // namespace

extern "C" unsigned long do_mmap_in(mm_struct* mm, unsigned long addr, unsigned long len, unsigned long prot,
                                    unsigned long flags) {
  const auto failure = [](int error) { return static_cast<unsigned long>(-error); };
  const unsigned long length = PAGE_ALIGN(len);
  if (len == 0 || length == 0 || (flags & MAP_ANONYMOUS) == 0 || (flags & MAP_SHARED) != 0)
    return failure(EINVAL);
  if ((flags & MAP_FIXED) != 0) {
    if ((addr & ~PAGE_MASK) != 0) return failure(EINVAL);
    if (!in_user_half(addr, length)) return failure(ENOMEM);
    const int error = do_munmap(mm, addr, length);
    if (error != 0) return failure(-error);
  } else {
    addr = find_place(mm, addr, length);
    if (addr == 0) return failure(ENOMEM);
  }
  const unsigned long area_flags = flags_of(prot) | ((flags & MAP_LOCKED) != 0 ? VM_LOCKED : 0);
  return add_area(mm, addr, length, area_flags, (flags & MAP_POPULATE) != 0) ? addr : failure(ENOMEM);
}

extern "C" unsigned long do_mmap(file* file, unsigned long addr, unsigned long len, unsigned long prot,
                                 unsigned long flags, unsigned long) {
  if (file != nullptr) return static_cast<unsigned long>(-ENODEV);
  return do_mmap_in(get_current()->mm, addr, len, prot, flags);
}

extern "C" int do_munmap(mm_struct* mm, unsigned long start, unsigned long len) {
  const unsigned long length = PAGE_ALIGN(len);
  if ((start & ~PAGE_MASK) != 0 || length == 0 || start >= TASK_SIZE || length > TASK_SIZE - start)
    return -EINVAL;
  const unsigned long end = start + length;
  if (find_vma_intersection(mm, start, end) == nullptr) return 0;
  if (!vma_split_at(mm, start, end)) return -ENOMEM;
  mm->total_vm -= covered_pages(mm, start, end);
  vma_remove(mm, start, end);
  zap_pages(mm, start, end);
  flush_tlb_kernel_range(start, end);
  return 0;
}

extern "C" int do_mprotect(mm_struct* mm, unsigned long start, unsigned long len, unsigned long prot) {
  const unsigned long length = PAGE_ALIGN(len);
  if ((start & ~PAGE_MASK) != 0) return -EINVAL;
  if (len == 0) return 0;
  if (length == 0 || !in_user_half(start, length)) return -ENOMEM;
  const unsigned long end = start + length;
  if (covered_pages(mm, start, end) != length >> PAGE_SHIFT || !vma_split_at(mm, start, end)) return -ENOMEM;
  vma_change_flags(mm, start, end, VM_READ | VM_WRITE | VM_EXEC, flags_of(prot));
  protect_pages(mm, start, end, flags_of(prot));
  return 0;
}

extern "C" unsigned long do_brk(mm_struct* mm, unsigned long end) {
  const unsigned long old_top = PAGE_ALIGN(mm->brk);
  const unsigned long top = PAGE_ALIGN(end);
  if (end < mm->start_brk || top < end || top > TASK_SIZE) return mm->brk;
  if (top < old_top && do_munmap(mm, top, old_top - top) != 0) return mm->brk;
  // A page stays free behind the heap.
  if (top > old_top && (find_vma_intersection(mm, old_top, top + PAGE_SIZE) != nullptr ||
                        !add_area(mm, old_top, top - old_top, VM_READ | VM_WRITE, false))) {
    return mm->brk;
  }
  mm->brk = end;
  return end;
}

extern "C" int do_mlockall(mm_struct* mm, unsigned long flags) {
  if (flags == 0 || (flags & ~static_cast<unsigned long>(MCL_CURRENT | MCL_FUTURE)) != 0) return -EINVAL;
  mm->def_flags = (flags & MCL_FUTURE) != 0 ? VM_LOCKED : 0;
  if ((flags & MCL_CURRENT) == 0) return 0;
  vma_change_flags(mm, 0, TASK_SIZE, 0, VM_LOCKED);
  return populate_pages(mm, 0, TASK_SIZE) ? 0 : -ENOMEM;
}

}  // namespace memio
