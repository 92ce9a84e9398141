// The allocators' question to the debug mode of the DMA functions: is memory that comes back still mapped for
// a device? They ask in images with CONFIG_DEBUG_VM only.
#pragma once

#include <linux/types.h>

namespace memio {

extern bool dma_debug_on;
// Reports a mapping that shares a byte with [memory, memory + size), which `function` gives back for
// `caller`.
void dma_debug_freed(const char* function, phys_addr_t memory, size_t size, unsigned long caller);

}  // namespace memio
