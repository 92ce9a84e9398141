// The areas of an address space, a list by address in which no two neighbours that touch have equal flags.
// Searched from its start, with the area found last remembered: programs here have few areas.
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "kernel/user_memory.h"

namespace memio {
namespace {

kmem_cache* area_cache;
kmem_cache* mm_cache;

vm_area_struct* new_area(mm_struct* mm, unsigned long start, unsigned long end, unsigned long flags) {
  vm_area_struct* area = static_cast<vm_area_struct*>(kmem_cache_alloc(area_cache, GFP_KERNEL));
  if (area == nullptr) return nullptr;
  *area = {mm, start, end, flags, {vma_page_bits(flags)}, nullptr, nullptr};
  mm->map_count++;
  return area;
}

// Puts `area` behind `prev`; null: first.
void link(mm_struct* mm, vm_area_struct* prev, vm_area_struct* area) {
  vm_area_struct** from = prev == nullptr ? &mm->mmap : &prev->vm_next;
  area->vm_prev = prev;
  area->vm_next = *from;
  *from = area;
  if (area->vm_next != nullptr) area->vm_next->vm_prev = area;
}

void unlink_and_free(mm_struct* mm, vm_area_struct* area) {
  if (area->vm_next != nullptr) area->vm_next->vm_prev = area->vm_prev;
  (area->vm_prev == nullptr ? mm->mmap : area->vm_prev->vm_next) = area->vm_next;
  mm->mmap_cache = nullptr;
  mm->map_count--;
  kmem_cache_free(area_cache, area);
}

// Whether `area` and the one behind it can be one; either may be null.
bool mergeable(const vm_area_struct* area, const vm_area_struct* next) {
  return area != nullptr && next != nullptr && area->vm_end == next->vm_start &&
         area->vm_flags == next->vm_flags;
}

// Takes the area behind `area` into it if that is possible.
void merge_next(mm_struct* mm, vm_area_struct* area) {
  if (area == nullptr || !mergeable(area, area->vm_next)) return;
  area->vm_end = area->vm_next->vm_end;
  unlink_and_free(mm, area->vm_next);
}

vm_area_struct* area_before(mm_struct* mm, unsigned long address) {
  vm_area_struct* before = nullptr;
  for (vm_area_struct* area = mm->mmap; area != nullptr && area->vm_end <= address; area = area->vm_next) {
    before = area;
  }
  return before;
}

// Cuts the area that contains `address` inside, if there is one, in two.
bool split(mm_struct* mm, unsigned long address) {
  vm_area_struct* area = find_vma(mm, address);
  if (area == nullptr || area->vm_start >= address) return true;
  vm_area_struct* rest = new_area(mm, address, area->vm_end, area->vm_flags);
  if (rest == nullptr) return false;
  area->vm_end = address;
  link(mm, area, rest);
  return true;
}

}  // namespace

vm_area_struct* vma_insert(mm_struct* mm, unsigned long start, unsigned long end, unsigned long flags) {
  vm_area_struct* prev = area_before(mm, start);
  vm_area_struct* next = prev == nullptr ? mm->mmap : prev->vm_next;
  if (prev != nullptr && prev->vm_end == start && prev->vm_flags == flags) {
    prev->vm_end = end;
    merge_next(mm, prev);
    return prev;
  }
  if (next != nullptr && next->vm_start == end && next->vm_flags == flags) {
    next->vm_start = start;
    return next;
  }
  vm_area_struct* area = new_area(mm, start, end, flags);
  if (area != nullptr) link(mm, prev, area);
  return area;
}

bool vma_split_at(mm_struct* mm, unsigned long start, unsigned long end) {
  if (!split(mm, start)) return false;
  if (split(mm, end)) return true;
  merge_next(mm, area_before(mm, start));
  return false;
}

void vma_change_flags(mm_struct* mm, unsigned long start, unsigned long end, unsigned long clear,
                      unsigned long set) {
  vm_area_struct* const before = area_before(mm, start);
  vm_area_struct* area = before == nullptr ? mm->mmap : before->vm_next;
  vm_area_struct* last = before;
  for (; area != nullptr && area->vm_start < end; area = area->vm_next) {
    area->vm_flags = (area->vm_flags & ~clear) | set;
    area->vm_page_prot.pgprot = vma_page_bits(area->vm_flags);
    last = area;
  }
  // Backwards, so that the area merged into is never the one freed.
  while (last != nullptr) {
    vm_area_struct* const prev = last->vm_prev;
    merge_next(mm, last);
    if (last == before) break;
    last = prev;
  }
}

void vma_remove(mm_struct* mm, unsigned long start, unsigned long end) {
  vm_area_struct* area = find_vma(mm, start);
  while (area != nullptr && area->vm_start < end) {
    vm_area_struct* const next = area->vm_next;
    unlink_and_free(mm, area);
    area = next;
  }
}

unsigned long vma_find_gap(const mm_struct* mm, unsigned long from, unsigned long length,
                           unsigned long limit) {
  for (const vm_area_struct* area = mm->mmap; area != nullptr; area = area->vm_next) {
    if (area->vm_end <= from) continue;
    if (area->vm_start >= from && area->vm_start - from >= length) break;
    from = area->vm_end;
  }
  return from <= limit && limit - from >= length ? from : 0;
}

// The hardware has no page that can be written but not read.
unsigned long vma_page_bits(unsigned long flags) {
  unsigned long bits = _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY;
  if ((flags & VM_READ) != 0) bits |= _PAGE_PRESENT | _PAGE_READ;
  if ((flags & VM_WRITE) != 0) bits |= _PAGE_PRESENT | _PAGE_READ | _PAGE_WRITE;
  if ((flags & VM_EXEC) != 0) bits |= _PAGE_PRESENT | _PAGE_EXEC;
  return bits;
}

extern "C" void vma_init() {
  zero_page_init();
  area_cache = kmem_cache_create("vm_area_struct", sizeof(vm_area_struct), 0, SLAB_HWCACHE_ALIGN | SLAB_PANIC,
                                 nullptr, nullptr);
  mm_cache =
      kmem_cache_create("mm_struct", sizeof(mm_struct), 0, SLAB_HWCACHE_ALIGN | SLAB_PANIC, nullptr, nullptr);
}

extern "C" vm_area_struct* find_vma(mm_struct* mm, unsigned long addr) {
  vm_area_struct* area = mm->mmap_cache;
  if (area != nullptr && area->vm_start <= addr && addr < area->vm_end) return area;
  for (area = mm->mmap; area != nullptr && area->vm_end <= addr;) area = area->vm_next;
  if (area != nullptr) mm->mmap_cache = area;
  return area;
}

extern "C" vm_area_struct* find_vma_intersection(mm_struct* mm, unsigned long start, unsigned long end) {
  vm_area_struct* area = find_vma(mm, start);
  return area != nullptr && area->vm_start < end ? area : nullptr;
}

extern "C" mm_struct* mm_alloc() {
  mm_struct* mm = static_cast<mm_struct*>(kmem_cache_alloc(mm_cache, GFP_KERNEL));
  if (mm == nullptr) return nullptr;
  *mm = {};
  spin_lock_init(&mm->page_table_lock);
  init_rwsem(&mm->mmap_sem);
  mm->pgd = new_user_root();
  if (mm->pgd != nullptr) return mm;
  kmem_cache_free(mm_cache, mm);
  return nullptr;
}

extern "C" void mmput(mm_struct* mm) {
  zap_pages(mm, 0, TASK_SIZE);
  vma_remove(mm, 0, TASK_SIZE);
  free_page_tables(mm);
  kmem_cache_free(mm_cache, mm);
}

}  // namespace memio
