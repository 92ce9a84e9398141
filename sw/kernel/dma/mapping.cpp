// dma_map_single(), dma_map_page() and what follows them; masks. Lists of pieces: dma/mapping_sg.cpp.
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/cache_maintenance.h"
#include "kernel/dma_debug.h"
#include "kernel/dma_mapping.h"
#include "kernel/iommu_dma.h"

namespace memio {
namespace {

bool is_direction(dma_data_direction dir) { return static_cast<unsigned>(dir) < DMA_NONE; }

bool is_ram(phys_addr_t memory, size_t size) {
  const phys_addr_t last = memory + size - 1;
  return last >= memory && pfn_valid(static_cast<unsigned long>(memory >> PAGE_SHIFT)) &&
         pfn_valid(static_cast<unsigned long>(last >> PAGE_SHIFT));
}

void report_misuse(const DmaCall& call, unsigned long long address, size_t size, const char* why) {
  char by[64];
  report_bug("%s(%s, 0x%llx, %zu bytes) by %s: %s", call.function, dev_name(call.dev), address, size,
             symbol_text(call.caller, by, sizeof by), why);
}

dma_addr_t map(const DmaCall& call, DmaKind kind, phys_addr_t memory, size_t size, dma_data_direction dir) {
  if (!dma_request_valid(call, memory, size, dir)) return DMA_MAPPING_ERROR;
  const dma_addr_t address = dma_map_memory(call.dev, memory, size, dir);
  if (address != DMA_MAPPING_ERROR) {
    dma_debug_mapped(call, kind, address, size, dir, memory, nullptr, 0);
  }
  return address;
}

void unmap(const DmaCall& call, DmaKind kind, dma_addr_t address, size_t size, dma_data_direction dir) {
  if (!dma_debug_unmapped(call, kind, address, size, dir, nullptr, 0)) return;
  const phys_addr_t memory = dma_memory_at(call.dev, address);
  if (!dma_request_valid(call, memory, size, dir)) return;
  dma_pass(call.dev, memory, size, dir, true);
  if (call.dev->iommu_domain != nullptr) return iommu_dma_unmap(call.dev, address);
  bounce_drop(call.dev, memory);
}

void sync(const DmaCall& call, dma_addr_t address, size_t size, dma_data_direction dir, bool to_cpu) {
  if (!dma_debug_synced(call, address, size, dir, to_cpu)) return;
  const phys_addr_t memory = dma_memory_at(call.dev, address);
  if (dma_request_valid(call, memory, size, dir)) dma_pass(call.dev, memory, size, dir, to_cpu);
}

}  // namespace

bool dma_request_valid(const DmaCall& call, phys_addr_t memory, size_t size, dma_data_direction dir) {
  const char* why = nullptr;
  if (!is_direction(dir)) {
    why = "no direction";
  } else if (size == 0) {
    why = "nothing to map";
  } else if (!is_ram(memory, size)) {
    why = "not RAM";
  }
  if (likely(why == nullptr)) return true;
  report_misuse(call, memory, size, why);
  return false;
}

dma_addr_t dma_map_memory(device* dev, phys_addr_t memory, size_t size, dma_data_direction dir) {
  if (dev->iommu_domain != nullptr) {
    dma_give_to_device(dev, memory, size, dir);
    return iommu_dma_map(dev, memory, size, dir);
  }
  phys_addr_t at = memory;
  if (unlikely(!dma_reaches(dma_get_mask(dev), memory, size))) {
    at = bounce_make(dev, memory, size);
    if (at == 0) return DMA_MAPPING_ERROR;
  }
  dma_give_to_device(dev, at, size, dir);
  return at;
}

phys_addr_t dma_memory_at(device* dev, dma_addr_t address) {
  return dev->iommu_domain == nullptr ? address : iommu_dma_memory(dev, address);
}

void dma_pass(device* dev, phys_addr_t memory, size_t size, dma_data_direction dir, bool to_cpu) {
  if (to_cpu) {
    dma_give_to_cpu(dev, memory, size, dir);
    if (dir != DMA_TO_DEVICE) bounce_to_cpu(dev, memory, size);
  } else {
    if (dir != DMA_FROM_DEVICE) bounce_to_device(dev, memory, size);
    dma_give_to_device(dev, memory, size, dir);
  }
}

extern "C" {

dma_addr_t dma_map_single(device* dev, void* cpu_address, size_t size, dma_data_direction dir) {
  const DmaCall call = {"dma_map_single", dev, _RET_IP_};
  if (!virt_addr_valid(cpu_address)) {
    report_misuse(call, reinterpret_cast<unsigned long>(cpu_address), size,
                  "not in the direct map; memory of vmalloc is mapped page by page");
    return DMA_MAPPING_ERROR;
  }
  return map(call, DmaKind::kSingle, virt_to_phys(cpu_address), size, dir);
}

dma_addr_t dma_map_page(device* dev, page* page, size_t offset, size_t size, dma_data_direction dir) {
  return map({"dma_map_page", dev, _RET_IP_}, DmaKind::kPage, page_to_phys(page) + offset, size, dir);
}

void dma_unmap_single(device* dev, dma_addr_t address, size_t size, dma_data_direction dir) {
  unmap({"dma_unmap_single", dev, _RET_IP_}, DmaKind::kSingle, address, size, dir);
}

void dma_unmap_page(device* dev, dma_addr_t address, size_t size, dma_data_direction dir) {
  unmap({"dma_unmap_page", dev, _RET_IP_}, DmaKind::kPage, address, size, dir);
}

dma_addr_t dma_map_resource(device* dev, phys_addr_t registers, size_t size, dma_data_direction dir) {
  const DmaCall call = {"dma_map_resource", dev, _RET_IP_};
  if (!is_direction(dir) || size == 0 || is_ram(registers, size)) {
    report_misuse(call, registers, size, "not registers, or no direction");
    return DMA_MAPPING_ERROR;
  }
  dma_addr_t address = registers;
  if (dev->iommu_domain != nullptr) {
    address = iommu_dma_map(dev, registers, size, dir);
  } else if (!dma_reaches(dma_get_mask(dev), registers, size)) {
    address = DMA_MAPPING_ERROR;
  }
  if (address != DMA_MAPPING_ERROR) {
    dma_debug_mapped(call, DmaKind::kResource, address, size, dir, registers, nullptr, 0);
  }
  return address;
}

void dma_unmap_resource(device* dev, dma_addr_t address, size_t size, dma_data_direction dir) {
  const DmaCall call = {"dma_unmap_resource", dev, _RET_IP_};
  if (!dma_debug_unmapped(call, DmaKind::kResource, address, size, dir, nullptr, 0)) return;
  if (dev->iommu_domain != nullptr) iommu_dma_unmap(dev, address);
}

int dma_mapping_error(device* dev, dma_addr_t address) {
  dma_debug_checked(dev, address);
  return address == DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

void dma_sync_single_for_cpu(device* dev, dma_addr_t address, size_t size, dma_data_direction dir) {
  sync({"dma_sync_single_for_cpu", dev, _RET_IP_}, address, size, dir, true);
}

void dma_sync_single_for_device(device* dev, dma_addr_t address, size_t size, dma_data_direction dir) {
  sync({"dma_sync_single_for_device", dev, _RET_IP_}, address, size, dir, false);
}

void dma_sync_single_range_for_cpu(device* dev, dma_addr_t address, unsigned long offset, size_t size,
                                   dma_data_direction dir) {
  sync({"dma_sync_single_range_for_cpu", dev, _RET_IP_}, address + offset, size, dir, true);
}

void dma_sync_single_range_for_device(device* dev, dma_addr_t address, unsigned long offset, size_t size,
                                      dma_data_direction dir) {
  sync({"dma_sync_single_range_for_device", dev, _RET_IP_}, address + offset, size, dir, false);
}

int dma_get_cache_alignment() {
  const unsigned block = cache_block_size();
  return block == 0 ? 1 : static_cast<int>(block);
}

}  // extern "C"

}  // namespace memio
