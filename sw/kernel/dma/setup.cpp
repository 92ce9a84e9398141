// How devices reach memory: their masks, and the address space that a device behind an IOMMU gets when its
// driver is bound (kernel option `iommu=`).
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/command_line.h"
#include "kernel/dma_debug.h"
#include "kernel/iommu.h"
#include "kernel/iommu_dma.h"
#include "kernel/page_allocator.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned kDefaultSegment = 0x10000;

bool iommu_wanted;

void read_iommu_option() {
  char value[8];
  iommu_wanted = true;
  if (!command_line_value("iommu", value, sizeof value) || strcmp(value, "on") == 0) return;
  if (strcmp(value, "off") == 0) {
    iommu_wanted = false;
    return;
  }
  printk("dma: unknown iommu=%s; on and off are allowed; taking on\n", value);
}

// The last byte of the zone for devices that do not reach all memory.
u64 dma_zone_last() {
  const BuddyAllocator& zone = page_allocator().zone(ZONE_DMA).buddy();
  return (static_cast<u64>(zone.end()) << PAGE_SHIFT) - 1;
}

// The last byte of RAM.
u64 ram_last() { return (static_cast<u64>(ARCH_PFN_OFFSET + max_mapnr) << PAGE_SHIFT) - 1; }

}  // namespace

bool dma_reaches(u64 mask, u64 address, size_t size) {
  const u64 last = address + size - 1;
  return last >= address && last <= mask;
}

void dma_start(bool noncoherent) {
  bounce_init();
  iommu_init();
  dma_debug_init();
  read_iommu_option();
  dma_window_init(noncoherent);
}

int dma_configure(device* dev) {
  dev->own_dma_mask = DMA_BIT_MASK(32);
  dev->dma_mask = &dev->own_dma_mask;
  dev->coherent_dma_mask = DMA_BIT_MASK(32);
  dev->max_segment_size = 0;
  u32 phandle;
  u32 stream;
  if (!iommu_wanted || device_property_read_u32_index(dev, "iommus", 0, &phandle) != 0 ||
      device_property_read_u32_index(dev, "iommus", 1, &stream) != 0) {
    return 0;
  }
  iommu_unit* unit = iommu_find(phandle);
  if (unit == nullptr || stream >= unit->streams) return 0;
  iommu_domain* domain = iommu_domain_alloc();
  if (domain == nullptr) return -ENOMEM;
  dev->iommu = unit;
  dev->iommu_stream = stream;
  dev->iommu_dma_domain = domain;
  return iommu_attach_device(domain, dev);
}

void dma_deconfigure(device* dev) {
  dma_debug_detached(dev);
  iommu_domain* domain = dev->iommu_dma_domain;
  if (domain == nullptr) return;
  if (dev->iommu_domain != domain && dev->iommu_domain != nullptr)
    iommu_detach_device(dev->iommu_domain, dev);
  if (dev->iommu_domain == domain) iommu_detach_device(domain, dev);
  iommu_domain_free(domain);
  dev->iommu_dma_domain = nullptr;
}

extern "C" {

int dma_supported(device* dev, u64 mask) {
  const u64 least = dev->iommu_domain != nullptr ? kLeastIovaMask : dma_zone_last();
  return mask >= least ? 1 : 0;
}

int dma_set_mask(device* dev, u64 mask) {
  if (dev->dma_mask == nullptr) dev->dma_mask = &dev->own_dma_mask;
  if (dma_supported(dev, mask) == 0) return -EIO;
  *dev->dma_mask = mask;
  return 0;
}

int dma_set_coherent_mask(device* dev, u64 mask) {
  if (dma_supported(dev, mask) == 0) return -EIO;
  dev->coherent_dma_mask = mask;
  return 0;
}

int dma_set_mask_and_coherent(device* dev, u64 mask) {
  const int error = dma_set_mask(dev, mask);
  return error != 0 ? error : dma_set_coherent_mask(dev, mask);
}

u64 dma_get_mask(const device* dev) {
  return dev->dma_mask != nullptr && *dev->dma_mask != 0 ? *dev->dma_mask : DMA_BIT_MASK(32);
}

u64 dma_get_required_mask(device*) {
  u64 mask = 1;
  while (mask < ram_last()) mask = mask << 1 | 1;
  return mask;
}

unsigned dma_get_max_seg_size(const device* dev) {
  return dev->max_segment_size == 0 ? kDefaultSegment : dev->max_segment_size;
}

int dma_set_max_seg_size(device* dev, unsigned size) {
  dev->max_segment_size = size;
  return 0;
}

}  // extern "C"

}  // namespace memio
