// ioremap(): device registers mapped page by page into the vmalloc area. Neither Sv32 nor Sv39 without Svpbmt
// has attribute bits, so the machine's physical memory attributes decide that these accesses are not cached.
#include <asm/io.h>
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/kernel.h>

#include "kernel/memory.h"

namespace memio {

extern "C" void* ioremap(unsigned long offset, unsigned long size) {
  const unsigned long in_page = offset & (PAGE_SIZE - 1);
  const unsigned long length = PAGE_ALIGN(in_page + size);
  VmArea* area = vm_area_allocate(length);
  if (area == nullptr) return nullptr;
  const unsigned long start = area->start;
  if (!kernel_page_table().map(start, offset - in_page, length, kPteKernelData, 0)) {
    kernel_page_table().unmap(start, length);
    vm_area_release(area);
    return nullptr;
  }
  // A hart may have cached that these pages were invalid.
  flush_tlb_kernel_range(start, start + length);
  return reinterpret_cast<void*>(start + in_page);
}

extern "C" void iounmap(void* addr) {
  const unsigned long start = reinterpret_cast<unsigned long>(addr) & PAGE_MASK;
  VmArea* area = vm_area_find(start);
  if (area == nullptr) panic("iounmap of %p, which is not mapped", addr);
  kernel_page_table().unmap(start, area->size);
  flush_tlb_kernel_range(start, start + area->size);
  vm_area_release(area);
}

}  // namespace memio
