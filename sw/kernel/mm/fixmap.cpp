// Mapping the fixed addresses.
#include <asm/fixmap.h>
#include <asm/tlbflush.h>

#include "kernel/memory.h"

namespace memio {
namespace {

Pte* fixed_entry(fixed_addresses index) {
  Pte* entry = index > FIX_HOLE && index < __end_of_permanent_fixed_addresses
                   ? kernel_page_table().entry(__fix_to_virt(index), 0)
                   : nullptr;
  if (entry == nullptr) {
    panic("fixmap: no fixed address %u (1 to %u)", index, __end_of_permanent_fixed_addresses - 1);
  }
  return entry;
}

}  // namespace

extern "C" void __set_fixmap(fixed_addresses index, phys_addr_t address, pgprot_t protection) {
  *fixed_entry(index) = pgtable_entry(address, protection.pgprot);
  flush_tlb_page(__fix_to_virt(index));
}

extern "C" void set_fixmap(fixed_addresses index, phys_addr_t address) {
  __set_fixmap(index, address, {kPteKernelData | kPteValid | kPteAccessed | kPteDirty});
}

extern "C" void clear_fixmap(fixed_addresses index) {
  *fixed_entry(index) = 0;
  flush_tlb_page(__fix_to_virt(index));
}

}  // namespace memio
