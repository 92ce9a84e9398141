// Physical memory and the kernel's address space.
#pragma once

#include <linux/types.h>

#include "kernel/boot_memory.h"
#include "kernel/page_table.h"

namespace memio {

class Fdt;

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

// paging.cpp
// Chooses paging mode and layout by the kernel options, builds the kernel's page table with the direct map,
// and gives the RAM that is left to the page allocator. `tree_address` is where the loader put the tree; that
// place is kept. Returns a copy that stays mapped.
Fdt memory_init(const Fdt& tree, phys_addr_t tree_address);
PageTable& kernel_page_table();
// Physical range of the initrd; empty when the tree names none.
PhysicalRange initrd_range(const Fdt& tree);
// A pointer to `size` bytes of RAM at `address`: the direct map, or a mapping of its own for high memory.
const void* map_ram(phys_addr_t address, unsigned long size);
// A zeroed page for a table of the kernel's address space, which is kept for ever, and how many of them the
// page allocator gave.
Pte* allocate_table();
unsigned long kernel_table_pages();
// Copies the entry of the kernel's root table for `va` into the table that is active; false when the kernel
// has none. Serves faults on areas mapped after an address space was made.
bool sync_kernel_mapping(Pte* root, unsigned long va);

}  // namespace memio
