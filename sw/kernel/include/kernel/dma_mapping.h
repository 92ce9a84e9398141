// One stretch of RAM mapped for a device: what dma_map_single() and dma_map_sg() have in common.
#pragma once

#include "kernel/dma.h"

namespace memio {

// dma/mapping.cpp
// Whether direction and size are some, and all of the memory is RAM; else a report.
bool dma_request_valid(const DmaCall& call, phys_addr_t memory, size_t size, dma_data_direction dir);
// The address for the device, or DMA_MAPPING_ERROR.
dma_addr_t dma_map_memory(device* dev, phys_addr_t memory, size_t size, dma_data_direction dir);
// The RAM that the device reaches at `address`: the driver's, or a copy.
phys_addr_t dma_memory_at(device* dev, dma_addr_t address);
// Passes RAM that the device reaches to the CPU or the device, caches and copy included.
void dma_pass(device* dev, phys_addr_t memory, size_t size, dma_data_direction dir, bool to_cpu);

}  // namespace memio
