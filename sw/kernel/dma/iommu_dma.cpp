// Ranges of device addresses behind an IOMMU: see kernel/iommu_dma.h.
#include "kernel/iommu_dma.h"

#include <linux/kernel.h>

#include "kernel/iommu.h"

namespace memio {
namespace {

constexpr dma_addr_t kPageMask = ~static_cast<dma_addr_t>(PAGE_SIZE - 1);

int protection(dma_data_direction dir) {
  switch (dir) {
    case DMA_TO_DEVICE:
      return IOMMU_READ;
    case DMA_FROM_DEVICE:
      return IOMMU_WRITE;
    default:
      return IOMMU_READ | IOMMU_WRITE;
  }
}

bool take(device* dev, u64 size, u64* start) {
  iommu_domain& domain = *dev->iommu_domain;
  if (&domain != dev->iommu_dma_domain) {
    report_bug("%s: attached to a domain of its driver's, where the DMA functions map nothing",
               dev_name(dev));
    return false;
  }
  unsigned long flags;
  spin_lock_irqsave(&domain.lock, flags);
  const bool taken = domain.iova.take(size, dma_get_mask(dev), start);
  spin_unlock_irqrestore(&domain.lock, flags);
  return taken;
}

u64 give(iommu_domain* domain, u64 start) {
  unsigned long flags;
  spin_lock_irqsave(&domain->lock, flags);
  const u64 size = domain->iova.give(start);
  spin_unlock_irqrestore(&domain->lock, flags);
  return size;
}

// Bytes of the pages that hold [memory, memory + size).
u64 pages_of(phys_addr_t memory, size_t size) {
  return ((memory + size + PAGE_SIZE - 1) & kPageMask) - (memory & kPageMask);
}

// Those pages, at `iova`.
bool map_pages(iommu_domain* domain, u64 iova, phys_addr_t memory, size_t size, dma_data_direction dir) {
  const size_t bytes = static_cast<size_t>(pages_of(memory, size));
  return iommu_map(domain, static_cast<unsigned long>(iova), memory & kPageMask, bytes, protection(dir)) == 0;
}

}  // namespace

dma_addr_t iommu_dma_map(device* dev, phys_addr_t memory, size_t size, dma_data_direction dir) {
  u64 start;
  if (!take(dev, pages_of(memory, size), &start)) return DMA_MAPPING_ERROR;
  if (map_pages(dev->iommu_domain, start, memory, size, dir)) return start + (memory & ~kPageMask);
  give(dev->iommu_domain, start);
  return DMA_MAPPING_ERROR;
}

bool iommu_dma_map_sg(device* dev, scatterlist* list, int count, dma_data_direction dir) {
  scatterlist* piece;
  int i;
  u64 size = 0;
  for_each_sg(list, piece, count, i) size += pages_of(sg_phys(piece), piece->length);
  u64 start;
  if (!take(dev, size, &start)) return false;
  u64 at = start;
  for_each_sg(list, piece, count, i) {
    const phys_addr_t memory = sg_phys(piece);
    if (!map_pages(dev->iommu_domain, at, memory, piece->length, dir)) {
      iommu_dma_unmap(dev, start);
      return false;
    }
    piece->dma_address = at + (memory & ~kPageMask);
    piece->dma_length = piece->length;
    dma_give_to_device(dev, memory, piece->length, dir);
    at += pages_of(memory, piece->length);
  }
  return true;
}

void iommu_dma_unmap(device* dev, dma_addr_t address) {
  iommu_domain* domain = dev->iommu_dma_domain;
  const u64 start = address & kPageMask;
  // The addresses are free for others only when the IOMMU has forgotten them.
  const u64 size = domain->iova.size_of(start);
  if (size == 0) return;
  iommu_unmap(domain, static_cast<unsigned long>(start), static_cast<size_t>(size));
  give(domain, start);
}

phys_addr_t iommu_dma_memory(device* dev, dma_addr_t address) {
  return iommu_iova_to_phys(dev->iommu_domain, static_cast<unsigned long>(address));
}

}  // namespace memio
