// Memory that CPU and device see alike. Where the device sees the caches it is memory of the direct map; else
// it is mapped once more, uncached, and its lines leave the caches before it is handed out.
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>

#include "kernel/dma_debug.h"
#include "kernel/dma_mapping.h"
#include "kernel/iommu_dma.h"

namespace memio {
namespace {

// Whole pages in a row, for a device: zone flags chosen by its mask, cleared.
page* take_pages(const device* dev, size_t size, gfp_t gfp) {
  gfp = (gfp & ~__GFP_HIGHMEM) | __GFP_ZERO;
  const phys_addr_t low_end = virt_to_phys(high_memory);
  if (dev->iommu_domain == nullptr && !dma_reaches(dev->coherent_dma_mask, 0, static_cast<size_t>(low_end))) {
    gfp |= __GFP_DMA;
  }
  const unsigned order = get_order(size);
  page* pages = alloc_pages(gfp, order);
  if (pages == nullptr) return nullptr;
  split_page(pages, order);
  for (size_t i = size / PAGE_SIZE; i < 1ul << order; i++) __free_page(pages + i);
  return pages;
}

void give_pages(page* pages, size_t size) {
  for (size_t i = 0; i < size / PAGE_SIZE; i++) __free_page(pages + i);
}

// The device's address of the memory, or DMA_MAPPING_ERROR.
dma_addr_t device_address(const DmaCall& call, phys_addr_t memory, size_t size) {
  device* dev = call.dev;
  if (dev->iommu_domain != nullptr) return iommu_dma_map(dev, memory, size, DMA_BIDIRECTIONAL);
  if (dma_reaches(dev->coherent_dma_mask, memory, size)) return memory;
  char by[64];
  printk("%s(%s, %zu bytes) by %s: 0x%llx is beyond its mask 0x%llx\n", call.function, dev_name(dev), size,
         symbol_text(call.caller, by, sizeof by), memory, dev->coherent_dma_mask);
  return DMA_MAPPING_ERROR;
}

// The CPU's address of the memory, or null.
void* cpu_address(const DmaCall& call, phys_addr_t memory, size_t size, gfp_t gfp) {
  if (!dma_window_needed(call.dev)) return phys_to_virt(memory);
  dma_give_to_device(call.dev, memory, size, DMA_BIDIRECTIONAL);
  return dma_window_map(call, memory, size, gfp & ~(__GFP_DMA | __GFP_HIGHMEM));
}

void* allocate(const DmaCall& call, size_t size, dma_addr_t* handle, gfp_t gfp) {
  if (size == 0) {
    char by[64];
    report_bug("%s(%s) of 0 bytes, by %s", call.function, dev_name(call.dev),
               symbol_text(call.caller, by, sizeof by));
    return nullptr;
  }
  const size_t bytes = PAGE_ALIGN(size);
  page* pages = take_pages(call.dev, bytes, gfp);
  if (pages == nullptr) return nullptr;
  const phys_addr_t memory = page_to_phys(pages);
  const dma_addr_t address = device_address(call, memory, bytes);
  if (address != DMA_MAPPING_ERROR) {
    void* cpu = cpu_address(call, memory, bytes, gfp);
    if (cpu != nullptr) {
      dma_debug_mapped(call, DmaKind::kCoherent, address, size, DMA_BIDIRECTIONAL, memory, cpu, 0);
      *handle = address;
      return cpu;
    }
    if (call.dev->iommu_domain != nullptr) iommu_dma_unmap(call.dev, address);
  }
  give_pages(pages, bytes);
  return nullptr;
}

bool refuse(const DmaCall& call, size_t size, const void* cpu, dma_addr_t address) {
  char by[64];
  report_bug("%s(%s, %zu bytes, 0x%p, 0x%llx) by %s: not what dma_alloc_coherent gave", call.function,
             dev_name(call.dev), size, cpu, address, symbol_text(call.caller, by, sizeof by));
  return false;
}

// Takes away the CPU's address; false, after a report, if it was none.
bool end_cpu_address(const DmaCall& call, size_t size, const void* cpu, dma_addr_t address,
                     phys_addr_t memory) {
  const bool valid =
      dma_window_needed(call.dev)
          ? pfn_valid(static_cast<unsigned long>(memory >> PAGE_SHIFT)) && dma_window_unmap(cpu, call.caller)
          : virt_addr_valid(cpu) && virt_to_phys(cpu) == memory;
  return valid || refuse(call, size, cpu, address);
}

void release(const DmaCall& call, size_t size, void* cpu, dma_addr_t address) {
  if (cpu == nullptr) return;
  if (!dma_debug_unmapped(call, DmaKind::kCoherent, address, size, DMA_BIDIRECTIONAL, cpu, 0)) return;
  const phys_addr_t memory = dma_memory_at(call.dev, address);
  if (!end_cpu_address(call, size, cpu, address, memory)) return;
  if (call.dev->iommu_domain != nullptr) iommu_dma_unmap(call.dev, address);
  give_pages(phys_to_page(memory), PAGE_ALIGN(size));
}

struct Managed {
  size_t size;
  void* cpu;
  dma_addr_t handle;
};

void release_managed(device* dev, void* res) {
  const Managed& managed = *static_cast<Managed*>(res);
  dma_free_coherent(dev, managed.size, managed.cpu, managed.handle);
}

int same_buffer(device*, void* res, void* match_data) {
  return static_cast<Managed*>(res)->cpu == match_data;
}

}  // namespace

extern "C" {

void* dma_alloc_coherent(device* dev, size_t size, dma_addr_t* handle, gfp_t gfp) {
  return allocate({"dma_alloc_coherent", dev, _RET_IP_}, size, handle, gfp);
}

void dma_free_coherent(device* dev, size_t size, void* cpu_address, dma_addr_t handle) {
  release({"dma_free_coherent", dev, _RET_IP_}, size, cpu_address, handle);
}

void* dmam_alloc_coherent(device* dev, size_t size, dma_addr_t* handle, gfp_t gfp) {
  auto* managed = static_cast<Managed*>(devres_alloc(release_managed, sizeof(Managed), gfp));
  if (managed == nullptr) return nullptr;
  managed->cpu = allocate({"dmam_alloc_coherent", dev, _RET_IP_}, size, handle, gfp);
  if (managed->cpu == nullptr) {
    devres_free(managed);
    return nullptr;
  }
  managed->size = size;
  managed->handle = *handle;
  devres_add(dev, managed);
  return managed->cpu;
}

void dmam_free_coherent(device* dev, size_t, void* cpu_address, dma_addr_t) {
  if (devres_release(dev, release_managed, same_buffer, cpu_address) == 0) return;
  char by[64];
  report_bug("dmam_free_coherent: %s has no such managed buffer, by %s", dev_name(dev),
             symbol_text(_RET_IP_, by, sizeof by));
}

}  // extern "C"

}  // namespace memio
