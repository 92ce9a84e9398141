// RAM of a machine without an MMU: every address is physical, so that there is nothing to map. Takes the
// place of mm/paging.cpp.
#include <asm/page.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "kernel/user_memory.h"

void* high_memory;

namespace memio {
namespace {

// Where addresses end. The last page is left out, so that the end of RAM is an address, too.
constexpr phys_addr_t kAddressEnd = BITS_PER_LONG == 32 ? 0xfffff000ull : 1ull << 56;

BootMemory boot_memory;  // until there is mem_map

}  // namespace

const char* translation_name() { return "no MMU"; }

const void* early_tree_at(unsigned long address) { return reinterpret_cast<const void*>(address); }

Fdt memory_init(const Fdt& tree, phys_addr_t tree_address) {
  const PhysicalRange ram = find_ram(tree, kAddressEnd);
  boot_memory = BootMemory(ram, ram.end);
  reserve_used(tree, tree_address, &boot_memory);
  high_memory = __va(ram.end);
  printk("memory: RAM 0x%llx..0x%llx, not translated\n", ram.start, ram.end - 1);
  page_allocator_init(boot_memory);
  return tree;
}

unsigned long kernel_table_pages() { return 0; }
unsigned long user_table_pages() { return 0; }

}  // namespace memio
