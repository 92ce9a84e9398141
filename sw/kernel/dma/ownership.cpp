// RAM passed between CPU and devices that do not see the caches. What the CPU wrote is written back before
// the device looks; what it may have cached is forgotten before it looks at what the device wrote. A block of
// the cache that the buffer shares with other data is written back rather than lost, so then it is the
// device's data that may be missing: see dma_get_cache_alignment().
#include "kernel/cache_maintenance.h"
#include "kernel/dma.h"

namespace memio {
namespace {

void maintain(CacheOperation operation, phys_addr_t memory, size_t size) {
  for_each_ram_page(memory, size,
                    [=](const char* at, size_t count) { cache_maintain(operation, at, count); });
}

void invalidate(phys_addr_t memory, size_t size) {
  const phys_addr_t mask = cache_block_size() - 1;
  const phys_addr_t end = memory + size;
  const phys_addr_t first_whole = (memory + mask) & ~mask;
  const phys_addr_t last_whole = end & ~mask;
  if (first_whole > last_whole) return maintain(CacheOperation::kFlush, memory, size);
  maintain(CacheOperation::kFlush, memory, static_cast<size_t>(first_whole - memory));
  maintain(CacheOperation::kInvalidate, first_whole, static_cast<size_t>(last_whole - first_whole));
  maintain(CacheOperation::kFlush, last_whole, static_cast<size_t>(end - last_whole));
}

}  // namespace

void dma_give_to_device(const device* dev, phys_addr_t memory, size_t size, dma_data_direction dir) {
  if (!dev->dma_noncoherent || cache_block_size() == 0) return;
  // Nothing dirty may be left that a later write-back would put over what the device writes.
  maintain(dir == DMA_TO_DEVICE ? CacheOperation::kClean : CacheOperation::kFlush, memory, size);
}

void dma_give_to_cpu(const device* dev, phys_addr_t memory, size_t size, dma_data_direction dir) {
  if (!dev->dma_noncoherent || cache_block_size() == 0 || dir == DMA_TO_DEVICE) return;
  invalidate(memory, size);
}

}  // namespace memio
