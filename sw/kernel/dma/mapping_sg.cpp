// Lists of pieces of memory mapped for a device. Each piece gets its address; then neighbours in the device's
// address space become one entry, as far as the device's largest segment allows. Behind an IOMMU a list is
// one range of addresses, so that pieces that fill their pages always are neighbours.
#include <linux/kernel.h>

#include "kernel/dma_debug.h"
#include "kernel/dma_mapping.h"
#include "kernel/iommu_dma.h"

namespace memio {
namespace {

// The RAM that stands for a piece of a mapped list: its own, or a copy.
phys_addr_t memory_of(device* dev, const scatterlist& piece) {
  const phys_addr_t memory = sg_phys(&piece);
  if (dev->iommu_domain != nullptr || dma_reaches(dma_get_mask(dev), memory, piece.length)) return memory;
  const phys_addr_t copy = bounce_of(dev, memory);
  return copy == 0 ? memory : copy;
}

// Calls visit(piece, address for the device) for each piece of a mapped list. `start` is the device's address
// of the first one. Ends early when visit returns false.
template <typename Visit>
void for_each_mapped(device* dev, scatterlist* list, int count, dma_addr_t start, Visit visit) {
  scatterlist* piece;
  int i;
  dma_addr_t page = start & ~static_cast<dma_addr_t>(PAGE_SIZE - 1);
  for_each_sg(list, piece, count, i) {
    const unsigned long in_page = piece->offset & (PAGE_SIZE - 1);
    const bool translated = dev->iommu_domain != nullptr;
    if (!visit(*piece, translated ? page + in_page : memory_of(dev, *piece))) return;
    page += PAGE_ALIGN(in_page + piece->length);
  }
}

bool list_valid(const DmaCall& call, scatterlist* list, int count, dma_data_direction dir) {
  scatterlist* piece;
  int i;
  for_each_sg(list, piece, count, i) {
    if (piece == nullptr || !dma_request_valid(call, sg_phys(piece), piece->length, dir)) return false;
  }
  return count > 0;
}

void unmap_pieces(device* dev, scatterlist* list, int count, dma_data_direction dir) {
  scatterlist* piece;
  int i;
  for_each_sg(list, piece, count, i) {
    const phys_addr_t memory = memory_of(dev, *piece);
    dma_pass(dev, memory, piece->length, dir, true);
    if (memory != sg_phys(piece)) bounce_drop(dev, memory);
  }
}

// Each piece by itself; false, with nothing mapped, when one cannot be.
bool map_pieces(device* dev, scatterlist* list, int count, dma_data_direction dir) {
  scatterlist* piece;
  int i;
  for_each_sg(list, piece, count, i) {
    piece->dma_address = dma_map_memory(dev, sg_phys(piece), piece->length, dir);
    piece->dma_length = piece->length;
    if (piece->dma_address != DMA_MAPPING_ERROR) continue;
    // Nothing has been written, so nothing goes back.
    unmap_pieces(dev, list, i, DMA_TO_DEVICE);
    return false;
  }
  return true;
}

// Joins neighbours; the number of entries for the device.
int join(const device* dev, scatterlist* list, int count) {
  const unsigned most = dma_get_max_seg_size(dev);
  scatterlist* last = list;
  scatterlist* piece;
  int i;
  int entries = 1;
  for_each_sg(list, piece, count, i) {
    if (i == 0) continue;
    const dma_addr_t address = piece->dma_address;
    const unsigned length = piece->dma_length;
    if (address == last->dma_address + last->dma_length && length <= most &&
        last->dma_length <= most - length) {
      last->dma_length += length;
      continue;
    }
    last = sg_next(last);
    last->dma_address = address;
    last->dma_length = length;
    entries++;
  }
  return entries;
}

void sync(const DmaCall& call, scatterlist* list, int count, dma_data_direction dir, bool to_cpu) {
  for_each_mapped(call.dev, list, count, list->dma_address, [&](scatterlist& piece, dma_addr_t address) {
    if (!dma_debug_synced(call, address, piece.length, dir, to_cpu)) return false;
    dma_pass(call.dev, memory_of(call.dev, piece), piece.length, dir, to_cpu);
    return true;
  });
}

}  // namespace

extern "C" {

int dma_map_sg(device* dev, scatterlist* list, int count, dma_data_direction dir) {
  const DmaCall call = {"dma_map_sg", dev, _RET_IP_};
  if (!list_valid(call, list, count, dir)) return 0;
  const bool mapped = dev->iommu_domain != nullptr ? iommu_dma_map_sg(dev, list, count, dir)
                                                   : map_pieces(dev, list, count, dir);
  if (!mapped) return 0;
  unsigned entries = static_cast<unsigned>(count);
  for_each_mapped(dev, list, count, list->dma_address, [&](scatterlist& piece, dma_addr_t address) {
    dma_debug_mapped(call, DmaKind::kList, address, piece.length, dir, sg_phys(&piece), nullptr, entries);
    entries = 0;
    return true;
  });
  return join(dev, list, count);
}

void dma_unmap_sg(device* dev, scatterlist* list, int count, dma_data_direction dir) {
  const DmaCall call = {"dma_unmap_sg", dev, _RET_IP_};
  if (!list_valid(call, list, count, dir)) return;
  unsigned entries = static_cast<unsigned>(count);
  bool known = true;
  for_each_mapped(dev, list, count, list->dma_address, [&](scatterlist& piece, dma_addr_t address) {
    known = dma_debug_unmapped(call, DmaKind::kList, address, piece.length, dir, nullptr, entries);
    entries = 0;
    return known;
  });
  if (!known) return;
  unmap_pieces(dev, list, count, dir);
  if (dev->iommu_domain != nullptr) iommu_dma_unmap(dev, list->dma_address);
}

void dma_sync_sg_for_cpu(device* dev, scatterlist* list, int count, dma_data_direction dir) {
  sync({"dma_sync_sg_for_cpu", dev, _RET_IP_}, list, count, dir, true);
}

void dma_sync_sg_for_device(device* dev, scatterlist* list, int count, dma_data_direction dir) {
  sync({"dma_sync_sg_for_device", dev, _RET_IP_}, list, count, dir, false);
}

}  // extern "C"

}  // namespace memio
