// The DMA functions' use of the address space of a device behind an IOMMU: ranges of addresses from its
// allocator, mapped page by page.
#pragma once

#include "kernel/dma.h"

namespace memio {

// dma/iommu_dma.cpp; all for a device that has a domain.
// The device's address for RAM in a row, or DMA_MAPPING_ERROR.
dma_addr_t iommu_dma_map(device* dev, phys_addr_t memory, size_t size, dma_data_direction dir);
// Gives each piece its address and length, all in one range, and the memory to the device. False, with
// nothing mapped, when there is no room or memory.
bool iommu_dma_map_sg(device* dev, scatterlist* list, int count, dma_data_direction dir);
// Ends the range that starts in the page of `address`.
void iommu_dma_unmap(device* dev, dma_addr_t address);
// Where an address leads; 0 where nothing is mapped.
phys_addr_t iommu_dma_memory(device* dev, dma_addr_t address);
// The first address that the functions hand out, and the smallest mask of a device behind an IOMMU.
constexpr u64 kIovaStart = 0x10000;
constexpr u64 kLeastIovaMask = 0xfffff;

}  // namespace memio
