// The check that debug builds make of each conversion between addresses of the direct map and physical ones.
#ifdef CONFIG_DEBUG_VM
#include <asm/page.h>
#include <linux/kernel.h>

namespace memio {

// Before the direct map has an end, nothing can be told. The end itself is allowed: it bounds ranges.
extern "C" unsigned long check_direct_map(unsigned long address, const char* function) {
  const unsigned long end = reinterpret_cast<unsigned long>(high_memory);
  if (end != 0 && (address < PAGE_OFFSET || address > end)) {
    report_bug("%s: address 0x%lx is outside the direct map 0x%lx..0x%lx", function, address,
               static_cast<unsigned long>(PAGE_OFFSET), end - 1);
  }
  return address;
}

extern "C" phys_addr_t check_direct_map_phys(phys_addr_t address, const char* function) {
  if (high_memory == nullptr) return address;
  const unsigned long size = reinterpret_cast<unsigned long>(high_memory) - PAGE_OFFSET;
  if (address < MEMORY_START || address - MEMORY_START > size) {
    report_bug("%s: physical address 0x%llx is not in the direct map 0x%llx..0x%llx", function, address,
               static_cast<phys_addr_t>(MEMORY_START), static_cast<phys_addr_t>(MEMORY_START) + size - 1);
  }
  return address;
}

}  // namespace memio
#endif
