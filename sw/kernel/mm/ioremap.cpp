// ioremap() and its kin: physical addresses mapped page by page into the vmalloc area, or without an MMU as
// they are. The memory attributes are Svpbmt's where the CPU has it; elsewhere entries have no bits for them,
// and the machine's physical memory attributes decide that devices are not cached.
#include <asm/io.h>
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/mm.h>

#include "kernel/memory.h"
#include "kernel/vmalloc_space.h"

namespace memio {
namespace {

// What an entry can hold: 34 bits of physical address with Sv32, 56 with the others. Without entries it is
// what an address can.
#ifdef CONFIG_MMU
constexpr phys_addr_t kLastPhysical = (phys_addr_t{1} << (BITS_PER_LONG == 32 ? 34 : 56)) - 1;
#else
constexpr phys_addr_t kLastPhysical = ~0ul;
#endif

bool is_usable_ram(phys_addr_t address) {
  const unsigned long pfn = static_cast<unsigned long>(address >> PAGE_SHIFT);
  return pfn_valid(pfn) && !PageReserved(pfn_to_page(pfn));
}

// The first page from `start` to `last` that the page allocator may hand out, or 0.
phys_addr_t usable_ram_in(phys_addr_t start, phys_addr_t last) {
  for (phys_addr_t at = start; at <= last; at += PAGE_SIZE) {
    if (is_usable_ram(at)) return at;
  }
  return 0;
}

// `start` in whole pages; `size` not 0.
bool range_valid(phys_addr_t start, unsigned long size, const void* caller) {
  const phys_addr_t last = start + size - 1;
  const bool reachable = last >= start && last <= kLastPhysical;
  const phys_addr_t ram = reachable ? usable_ram_in(start, last) : 0;
  if (likely(reachable && ram == 0)) return true;
  char who[64];
  symbol_text(reinterpret_cast<unsigned long>(caller), who, sizeof who);
  if (!reachable) {
    report_bug("ioremap of 0x%lx bytes at 0x%llx, by %s: physical addresses end at 0x%llx", size, start, who,
               kLastPhysical);
  } else {
    report_bug("ioremap of 0x%llx..0x%llx, by %s: 0x%llx is RAM in use; reserved pages are allowed", start,
               last, who, ram);
  }
  return false;
}

void* remap(phys_addr_t address, unsigned long size, pgprot_t prot, const void* caller) {
  if (!vmalloc_request_valid("ioremap", size, caller)) return nullptr;
  const unsigned long in_page = static_cast<unsigned long>(address) & (PAGE_SIZE - 1);
  const unsigned long length = PAGE_ALIGN(in_page + size);
  const phys_addr_t start = address - in_page;
  if (!range_valid(start, length, caller)) return nullptr;
  vm_struct* area = vmalloc_area(length, VM_IOREMAP, caller);
  if (area == nullptr) return nullptr;
  area->phys_addr = start;
  if (vmalloc_map(area, start, prot)) {
    return static_cast<char*>(area->addr) + in_page;
  }
  char who[64];
  printk("ioremap: no memory for page tables, asked by %s\n",
         symbol_text(reinterpret_cast<unsigned long>(caller), who, sizeof who));
  vmalloc_free(area, caller);
  return nullptr;
}

}  // namespace

extern "C" {

void __iomem* ioremap(phys_addr_t offset, unsigned long size) {
  return remap(offset, size, pgprot_noncached(PAGE_KERNEL), __builtin_return_address(0));
}

void __iomem* ioremap_nocache(phys_addr_t offset, unsigned long size) {
  return remap(offset, size, pgprot_noncached(PAGE_KERNEL), __builtin_return_address(0));
}

void __iomem* ioremap_wc(phys_addr_t offset, unsigned long size) {
  return remap(offset, size, pgprot_writecombine(PAGE_KERNEL), __builtin_return_address(0));
}

void* ioremap_cache(phys_addr_t offset, unsigned long size) {
  return remap(offset, size, PAGE_KERNEL, __builtin_return_address(0));
}

void iounmap(const volatile void __iomem* addr) {
  const void* caller = __builtin_return_address(0);
  if (addr == nullptr) return;
  const unsigned long start = reinterpret_cast<unsigned long>(addr) & PAGE_MASK;
  vm_struct* area = vmalloc_area_of(reinterpret_cast<const void*>(start), VM_IOREMAP, "iounmap", caller);
  if (area != nullptr) vmalloc_free(area, caller);
}
}

}  // namespace memio
