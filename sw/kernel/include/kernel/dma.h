// What the parts of kernel/dma share below linux/dma-mapping.h: who calls, whom RAM belongs to, copies for
// devices that do not reach it, uncached addresses for memory that a device shares without seeing the caches.
#pragma once

#include <linux/dma-mapping.h>
#include <linux/highmem.h>

namespace memio {

class Fdt;

// A call of the interface, for messages.
struct DmaCall {
  const char* function;
  device* dev;
  unsigned long caller;
};

// dma/tree.cpp: reads what the tree says of RAM and devices, and starts the rest; once, before the first
// driver.
void dma_init(const Fdt& tree);

// dma/setup.cpp
// Reads the options and makes what all devices share. `noncoherent`: there are devices that do not see the
// caches.
void dma_start(bool noncoherent);
// Settles how the device reaches memory before its driver's probe, and takes it back when it is detached,
// with a report in debug mode if mappings are left. 0 or -ENOMEM.
int dma_configure(device* dev);
void dma_deconfigure(device* dev);
// Whether the last byte is within the mask.
bool dma_reaches(u64 mask, u64 address, size_t size);

// dma/ownership.cpp: the caches, for devices that do not see them.
// Before the device looks at, or writes, `size` bytes of RAM.
void dma_give_to_device(const device* dev, phys_addr_t memory, size_t size, dma_data_direction dir);
// Before the CPU looks at what the device may have written.
void dma_give_to_cpu(const device* dev, phys_addr_t memory, size_t size, dma_data_direction dir);

// dma/bounce.cpp: copies in the DMA zone of memory that a device does not reach.
// The physical address of a new copy of `memory`; 0 when memory is short.
phys_addr_t bounce_make(device* dev, phys_addr_t memory, size_t size);
// That of the copy of `memory` that exists; 0 when there is none.
phys_addr_t bounce_of(const device* dev, phys_addr_t memory);
// Copies [copy, copy + size), a part of a copy, from or to the memory it stands for, if it is one.
void bounce_to_device(const device* dev, phys_addr_t copy, size_t size);
void bounce_to_cpu(const device* dev, phys_addr_t copy, size_t size);
// Gives the copy at this address back, if there is one.
void bounce_drop(const device* dev, phys_addr_t copy);
// Copies that exist.
unsigned bounce_count();
void bounce_init();

// dma/window.cpp, or dma/flat_window.cpp without an MMU: addresses for coherent memory of their own.
// Whether coherent memory of the device needs one: on the ARM layout, and where the device does not see the
// caches.
bool dma_window_needed(const device* dev);
// Makes the window if the machine has non-coherent devices, or the layout a place for it.
void dma_window_init(bool noncoherent);
// An address for `size` bytes of RAM (whole pages), uncached for a device that does not see the caches; null,
// and a message that names the call, when there is none.
void* dma_window_map(const DmaCall& call, phys_addr_t memory, size_t size, gfp_t gfp);
// What dma_window_map() gave; false for anything else.
bool dma_window_unmap(const void* address, unsigned long caller);
// Distance of the uncached alias of RAM from RAM itself; 0: there is none.
extern phys_addr_t dma_alias_offset;

// Calls visit(address, bytes) for [memory, memory + size), which may be high memory, page by page.
template <typename Visit>
void for_each_ram_page(phys_addr_t memory, size_t size, Visit visit) {
  while (size > 0) {
    const size_t in_page = static_cast<size_t>(memory & (PAGE_SIZE - 1));
    const size_t count = size < PAGE_SIZE - in_page ? size : PAGE_SIZE - in_page;
    char* page = static_cast<char*>(kmap_atomic(phys_to_page(memory)));
    visit(page + in_page, count);
    kunmap_atomic(page);
    memory += count;
    size -= count;
  }
}

}  // namespace memio
