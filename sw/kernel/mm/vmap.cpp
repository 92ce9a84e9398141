// What vmalloc() and vmap() have in common with and without an MMU: giving memory and mappings back, and
// vmap() itself over what either offers (mm/vmalloc.cpp, mm/flat_vmalloc.cpp).
#include <asm/page.h>
#include <linux/vmalloc.h>

#include "kernel/vmalloc_space.h"

namespace memio {

extern "C" {

void vfree(const void* addr) {
  const void* caller = __builtin_return_address(0);
  if (addr == nullptr) return;
  vm_struct* area = vmalloc_area_of(addr, VM_ALLOC, "vfree", caller);
  if (area != nullptr) vmalloc_free(area, caller);
}

void* vmap(struct page** pages, unsigned int count, unsigned long flags, pgprot_t prot) {
  const void* caller = __builtin_return_address(0);
  const unsigned long size = count * PAGE_SIZE;
  if (size / PAGE_SIZE != count || !vmalloc_request_valid("vmap", size, caller)) return nullptr;
  vm_struct* area = vmalloc_area(size, (flags & ~VM_ALLOC) | VM_MAP, caller);
  if (area == nullptr) return nullptr;
  area->nr_pages = count;
  if (vmalloc_map_pages(area, pages, prot, caller)) return area->addr;
  vmalloc_free(area, caller);
  return nullptr;
}

void vunmap(const void* addr) {
  const void* caller = __builtin_return_address(0);
  if (addr == nullptr) return;
  vm_struct* area = vmalloc_area_of(addr, VM_MAP, "vunmap", caller);
  if (area != nullptr) vmalloc_free(area, caller);
}
}

}  // namespace memio
