// Transfers made of the controller's descriptors, which lie in coherent memory.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "dma_channel.h"
#include "kernel/dma_engine.h"

namespace memio {
namespace {

constexpr unsigned kLines = 16;
constexpr size_t kMostStride = 0x7fffffff;

// A transfer with `count` empty descriptors, linked, the last one marked; null when memory is short.
DmaTransfer* new_transfer(DmaChannel* channel, unsigned count, unsigned long flags) {
  const size_t size = sizeof(DmaTransfer) + (count - 1) * sizeof(DmaTransfer::Link);
  auto* transfer = static_cast<DmaTransfer*>(kzalloc(size, GFP_ATOMIC | __GFP_NOWARN));
  if (transfer == nullptr) return nullptr;
  transfer->tx.chan = &channel->chan;
  transfer->tx.flags = flags;
  transfer->tx.tx_submit = submit;
  INIT_LIST_HEAD(&transfer->tx.node);
  for (; transfer->count < count; transfer->count++) {
    DmaTransfer::Link& link = transfer->links[transfer->count];
    link.descriptor =
        static_cast<DmaDescriptor*>(dma_pool_alloc(channel->pool, GFP_ATOMIC | __GFP_NOWARN, &link.address));
    if (link.descriptor == nullptr) {
      free_transfer(&transfer->tx);
      return nullptr;
    }
    *link.descriptor = {};
    if (transfer->count > 0) transfer->links[transfer->count - 1].descriptor->next = link.address;
  }
  transfer->links[count - 1].descriptor->control = kDmaLast;
  return transfer;
}

dma_async_tx_descriptor* keep(DmaChannel* channel, DmaTransfer* transfer) {
  unsigned long flags;
  spin_lock_irqsave(&channel->lock, flags);
  list_add_tail(&transfer->tx.node, &channel->prepared);
  spin_unlock_irqrestore(&channel->lock, flags);
  return &transfer->tx;
}

// The device's side of a slave transfer: address, flags of the descriptor, bytes of an element, elements for
// each request.
struct DeviceSide {
  u64 address;
  u32 control;
  unsigned width;
  u32 group;
};

u32 log2_of(unsigned width) { return width == 0 ? 0 : static_cast<u32>(__builtin_ctz(width)); }

DeviceSide device_side(const DmaChannel& channel, bool to_device) {
  const dma_slave_config& config = channel.config;
  const u32 line = channel.chan.request_line != kNoRequestLine ? channel.chan.request_line : config.slave_id;
  const unsigned width = to_device ? config.dst_addr_width : config.src_addr_width;
  u32 control = log2_of(width);
  if (to_device) {
    control |= kDmaDestinationFixed | kDmaDestinationPaced | line << kDmaDestinationLineShift |
               (config.port_space ? kDmaDestinationPort : 0);
  } else {
    control |= kDmaSourceFixed | kDmaSourcePaced | line << kDmaSourceLineShift |
               (config.port_space ? kDmaSourcePort : 0);
  }
  return {to_device ? config.dst_addr : config.src_addr, control, width,
          to_device ? config.dst_maxburst : config.src_maxburst};
}

// Whether each piece has whole elements at multiples of their width.
bool pieces_fit(scatterlist* list, unsigned count, unsigned width) {
  scatterlist* piece;
  unsigned i;
  for_each_sg(list, piece, count, i) {
    if (sg_dma_len(piece) == 0 || ((sg_dma_address(piece) | sg_dma_len(piece)) & (width - 1)) != 0)
      return false;
  }
  return true;
}

}  // namespace

dma_async_tx_descriptor* prepare_memcpy(dma_chan* chan, dma_addr_t dst, dma_addr_t src, size_t size,
                                        unsigned long flags) {
  DmaChannel* channel = channel_of(chan);
  if (size > ~0u) return nullptr;
  DmaTransfer* transfer = new_transfer(channel, 1, flags);
  if (transfer == nullptr) return nullptr;
  DmaDescriptor& descriptor = *transfer->links[0].descriptor;
  descriptor.source = src;
  descriptor.destination = dst;
  descriptor.length = transfer->bytes = static_cast<u32>(size);
  return keep(channel, transfer);
}

dma_async_tx_descriptor* prepare_rectangle(dma_chan* chan, dma_interleaved_template* rectangle,
                                           unsigned long flags) {
  DmaChannel* channel = channel_of(chan);
  const size_t row = rectangle->sgl[0].size;
  const size_t source_stride = row + dmaengine_get_src_icg(rectangle);
  const size_t destination_stride = row + dmaengine_get_dst_icg(rectangle);
  const u64 bytes = static_cast<u64>(row) * rectangle->numf;
  if (rectangle->dir != DMA_MEM_TO_MEM || source_stride > kMostStride || destination_stride > kMostStride ||
      bytes > ~0u) {
    return nullptr;
  }
  DmaTransfer* transfer = new_transfer(channel, 1, flags);
  if (transfer == nullptr) return nullptr;
  DmaDescriptor& descriptor = *transfer->links[0].descriptor;
  descriptor.source = rectangle->src_start;
  descriptor.destination = rectangle->dst_start;
  descriptor.length = static_cast<u32>(row);
  descriptor.rows = static_cast<u32>(rectangle->numf);
  descriptor.source_stride = static_cast<s32>(source_stride);
  descriptor.destination_stride = static_cast<s32>(destination_stride);
  transfer->bytes = static_cast<u32>(bytes);
  return keep(channel, transfer);
}

dma_async_tx_descriptor* prepare_slave(dma_chan* chan, scatterlist* list, unsigned count,
                                       dma_transfer_direction direction, unsigned long flags) {
  DmaChannel* channel = channel_of(chan);
  const bool to_device = direction == DMA_MEM_TO_DEV;
  if (!channel->configured || (!to_device && direction != DMA_DEV_TO_MEM)) return nullptr;
  const DeviceSide side = device_side(*channel, to_device);
  if (side.width == 0 || !pieces_fit(list, count, side.width)) return nullptr;
  DmaTransfer* transfer = new_transfer(channel, count, flags);
  if (transfer == nullptr) return nullptr;
  scatterlist* piece;
  unsigned i;
  for_each_sg(list, piece, count, i) {
    DmaDescriptor& descriptor = *transfer->links[i].descriptor;
    descriptor.control |= side.control;
    descriptor.source = to_device ? sg_dma_address(piece) : side.address;
    descriptor.destination = to_device ? side.address : sg_dma_address(piece);
    descriptor.length = sg_dma_len(piece);
    descriptor.group = side.group;
    transfer->bytes += sg_dma_len(piece);
  }
  return keep(channel, transfer);
}

void free_transfer(dma_async_tx_descriptor* tx) {
  DmaTransfer* transfer = transfer_of(tx);
  dma_pool* pool = channel_of(tx->chan)->pool;
  for (unsigned i = 0; i < transfer->count; i++) {
    dma_pool_free(pool, transfer->links[i].descriptor, transfer->links[i].address);
  }
  kfree(transfer);
}

int configure(dma_chan* chan, const dma_slave_config* config) {
  const auto valid = [](unsigned width) { return width <= 8 && (width & (width - 1)) == 0; };
  if (!valid(config->src_addr_width) || !valid(config->dst_addr_width) || config->slave_id >= kLines) {
    return -EINVAL;
  }
  DmaChannel* channel = channel_of(chan);
  channel->config = *config;
  channel->configured = true;
  return 0;
}

}  // namespace memio
