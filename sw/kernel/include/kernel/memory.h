// Physical memory, the kernel's address space, and areas in the vmalloc range.
#pragma once

#include <linux/types.h>

#include "kernel/boot_memory.h"
#include "kernel/page_table.h"

namespace memio {

class Fdt;

// paging.cpp
// Finds RAM in the tree, starts the page allocator and builds the kernel's page table with the direct map.
// Returns a copy of the tree that stays mapped.
Fdt memory_init(const Fdt& tree);
PageTable& kernel_page_table();
// Physical range of the initrd; empty when the tree names none.
PhysicalRange initrd_range(const Fdt& tree);
// A pointer to `size` bytes of RAM at `address`: the direct map, or a mapping of its own for high memory.
const void* map_ram(phys_addr_t address, unsigned long size);
// A zeroed page for a table of any address space.
Pte* allocate_table();
// Copies the entry of the kernel's root table for `va` into the table that is active; false when the kernel
// has none. Serves faults on areas mapped after an address space was made.
bool sync_kernel_mapping(Pte* root, unsigned long va);

// vmap.cpp: address ranges of the vmalloc area, each followed by an unmapped guard page.
struct VmArea {
  unsigned long start = 0;
  unsigned long size = 0;  // without the guard
};
VmArea* vm_area_allocate(unsigned long size);
VmArea* vm_area_find(unsigned long start);
void vm_area_release(VmArea* area);

}  // namespace memio
