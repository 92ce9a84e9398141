// Physical memory and the kernel's address space.
#pragma once

#include <linux/types.h>

#include "kernel/boot_memory.h"
#include "kernel/page_table.h"

namespace memio {

class Fdt;

// arch/riscv/paging_mode.cpp, or mm/flat_memory.cpp without an MMU: how addresses are translated at start.
const char* translation_name();

// mm/boot_ram.cpp: RAM as the device tree describes it.
// From MEMORY_START on, whole pages below `limit`; what is cut off is reported.
PhysicalRange find_ram(const Fdt& tree, phys_addr_t limit);
// Physical range of the initrd; empty when the tree names none.
PhysicalRange initrd_range(const Fdt& tree);
// Reserves what is in RAM already: firmware below the image, the image, the initrd, what the tree names, and
// the tree where the loader put it: a jump to the reset vector, which loads nothing, comes back to it.
void reserve_used(const Fdt& tree, phys_addr_t tree_address, BootMemory* memory);

// mm/paging.cpp, or mm/flat_memory.cpp without an MMU
// The tree where it can be read before memory_init(), which the loader put at physical `address`.
const void* early_tree_at(unsigned long address);
// Chooses paging mode and layout by the kernel options, builds the kernel's page table with the direct map,
// and gives the RAM that is left to the page allocator. `tree_address` is where the loader put the tree; that
// place is kept. Returns a tree that stays mapped.
Fdt memory_init(const Fdt& tree, phys_addr_t tree_address);
// Pages for tables of the kernel's address space that the page allocator gave.
unsigned long kernel_table_pages();

// The rest is for kernels with an MMU only.
// arch/riscv/early_paging.cpp
// Bytes from the start of RAM that are mapped before memory_init() has built the direct map: enough for the
// image, the copy of the device tree and the final tables.
constexpr unsigned long kEarlyMapSize = 16ul << 20;
#if BITS_PER_LONG == 64
// Goes from the early Sv39 tables to Sv48, and sets pgtable_levels; false when the hart has no Sv48.
bool enter_sv48();
#endif

// arch/riscv/paging_mode.cpp: settles pgtable_levels and pgtable_has_svpbmt, before the first table of mm/.
void paging_mode_init(const Fdt& tree);

// mm/paging.cpp
PageTable& kernel_page_table();
// A pointer to `size` bytes of RAM at `address`: the direct map, or a mapping of its own for high memory.
const void* map_ram(phys_addr_t address, unsigned long size);
// A zeroed page for a table of the kernel's address space, which is kept for ever.
Pte* allocate_table();
// Copies the entry of the kernel's root table for `va` into the table that is active; false when the kernel
// has none. Serves faults on areas mapped after an address space was made.
bool sync_kernel_mapping(Pte* root, unsigned long va);

}  // namespace memio
