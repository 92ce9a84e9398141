// The queues of a channel, and its hardware. The next transfer starts in the interrupt that ends the one
// before; an error ends its own transfer only.
#include "dma_channel.h"

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>

namespace memio {
namespace {

constexpr unsigned kAbortSteps = 100000;  // of a microsecond

u32 read(const DmaChannel& channel, unsigned offset) { return readl(channel.registers + offset); }
void write(const DmaChannel& channel, unsigned offset, u32 value) {
  writel(value, channel.registers + offset);
}
u64 read_wide(const DmaChannel& channel, unsigned offset) {
  return static_cast<u64>(read(channel, offset + 4)) << 32 | read(channel, offset);
}

// Gives the next transfer to the idle hardware. The lock is held.
void start_next(DmaChannel* channel) {
  if (channel->active != nullptr || list_empty(&channel->issued)) return;
  dma_async_tx_descriptor* tx = list_first_entry(&channel->issued, dma_async_tx_descriptor, node);
  list_del_init(&tx->node);
  channel->active = transfer_of(tx);
  const dma_addr_t first = channel->active->links[0].address;
  write(*channel, dma_reg::kDescriptor, static_cast<u32>(first));
  write(*channel, dma_reg::kDescriptor + 4, static_cast<u32>(first >> 32));
  write(*channel, dma_reg::kControl, kDmaStart);
}

// Whether `address` is one that the descriptor reads.
bool is_source(const DmaDescriptor& descriptor, u64 address) {
  const u64 rows = descriptor.rows == 0 ? 0 : descriptor.rows - 1;
  const u64 extent = rows * static_cast<u64>(descriptor.source_stride) + descriptor.length;
  return address - descriptor.source < extent;
}

dmaengine_tx_result result_of(DmaError error, const DmaDescriptor& descriptor, u64 address) {
  switch (error) {
    case DmaError::kSourceAddress:
    case DmaError::kSourceError:
      return DMA_TRANS_READ_FAILED;
    case DmaError::kDestinationAddress:
    case DmaError::kDestinationError:
      return DMA_TRANS_WRITE_FAILED;
    case DmaError::kIommuFault:
      return is_source(descriptor, address) ? DMA_TRANS_READ_FAILED : DMA_TRANS_WRITE_FAILED;
  }
  return DMA_TRANS_ABORTED;
}

// The descriptor that the hardware stopped at.
unsigned current_index(const DmaChannel& channel, const DmaTransfer& transfer) {
  const dma_addr_t current = read_wide(channel, dma_reg::kCurrent);
  for (unsigned i = 0; i < transfer.count; i++) {
    if (transfer.links[i].address == current) return i;
  }
  return 0;
}

void note_error(const DmaChannel& channel, DmaTransfer* transfer) {
  const u64 address = read_wide(channel, dma_reg::kErrorAddress);
  const auto error = static_cast<DmaError>(read(channel, dma_reg::kStatus) >> 8 & 0xff);
  const unsigned index = current_index(channel, *transfer);
  transfer->tx.result.result = result_of(error, *transfer->links[index].descriptor, address);
  transfer->tx.result.residue = transfer->bytes - read(channel, dma_reg::kBytes);
  dev_err(channel.chan.device->dev, "channel %d: descriptor %u of %u failed with error %u at 0x%llx\n",
          channel.chan.chan_id, index + 1, transfer->count, static_cast<unsigned>(error), address);
}

void free_all(list_head* list) {
  while (!list_empty(list)) {
    dma_async_tx_descriptor* tx = list_first_entry(list, dma_async_tx_descriptor, node);
    list_del(&tx->node);
    free_transfer(tx);
  }
}

// Bytes of the transfer with this cookie, if it is in the list.
u32 bytes_in(list_head* list, dma_cookie_t cookie) {
  dma_async_tx_descriptor* tx;
  list_for_each_entry(tx, list, node) {
    if (tx->cookie == cookie) return transfer_of(tx)->bytes;
  }
  return 0;
}

bool is_busy(const DmaChannel& channel) {
  // Idle, done, aborted and error are states 0 and 4 to 6.
  const u32 state = read(channel, dma_reg::kStatus) & 0xf;
  return state >= 1 && state <= 3;
}

}  // namespace

void channel_init(DmaChannel* channel, dma_device* device, u8* registers, dma_pool* pool) {
  dma_async_channel_add(device, &channel->chan);
  channel->registers = registers;
  channel->pool = pool;
  spin_lock_init(&channel->lock);
  INIT_LIST_HEAD(&channel->prepared);
  INIT_LIST_HEAD(&channel->submitted);
  INIT_LIST_HEAD(&channel->issued);
  write(*channel, dma_reg::kIrqStatus, kDmaIrqAll);
  write(*channel, dma_reg::kIrqEnable, kDmaIrqDone | kDmaIrqError);
}

dma_cookie_t submit(dma_async_tx_descriptor* tx) {
  DmaChannel* channel = channel_of(tx->chan);
  unsigned long flags;
  spin_lock_irqsave(&channel->lock, flags);
  const dma_cookie_t cookie = dma_cookie_assign(tx);
  list_move_tail(&tx->node, &channel->submitted);
  spin_unlock_irqrestore(&channel->lock, flags);
  return cookie;
}

void issue_pending(dma_chan* chan) {
  DmaChannel* channel = channel_of(chan);
  unsigned long flags;
  spin_lock_irqsave(&channel->lock, flags);
  while (!list_empty(&channel->submitted)) list_move_tail(channel->submitted.next, &channel->issued);
  start_next(channel);
  spin_unlock_irqrestore(&channel->lock, flags);
}

int terminate(dma_chan* chan) {
  DmaChannel* channel = channel_of(chan);
  unsigned long flags;
  spin_lock_irqsave(&channel->lock, flags);
  write(*channel, dma_reg::kControl, kDmaAbort);
  unsigned step = 0;
  for (; is_busy(*channel) && step < kAbortSteps; step++) udelay(1);
  write(*channel, dma_reg::kIrqStatus, kDmaIrqAll);
  if (step < kAbortSteps) {
    if (channel->active != nullptr) free_transfer(&channel->active->tx);
    channel->active = nullptr;
    free_all(&channel->issued);
    free_all(&channel->submitted);
  }
  spin_unlock_irqrestore(&channel->lock, flags);
  return step < kAbortSteps ? 0 : -ETIMEDOUT;
}

void free_prepared(dma_chan* chan) {
  DmaChannel* channel = channel_of(chan);
  free_all(&channel->prepared);
  channel->configured = false;
}

u32 residue(dma_chan* chan, dma_cookie_t cookie) {
  DmaChannel* channel = channel_of(chan);
  u32 bytes = 0;
  unsigned long flags;
  spin_lock_irqsave(&channel->lock, flags);
  if (channel->active != nullptr && channel->active->tx.cookie == cookie) {
    bytes = channel->active->bytes - read(*channel, dma_reg::kBytes);
  } else {
    bytes = bytes_in(&channel->issued, cookie) + bytes_in(&channel->submitted, cookie);
  }
  spin_unlock_irqrestore(&channel->lock, flags);
  return bytes;
}

void channel_interrupt(DmaChannel* channel) {
  unsigned long flags;
  spin_lock_irqsave(&channel->lock, flags);
  const u32 happened = read(*channel, dma_reg::kIrqStatus);
  write(*channel, dma_reg::kIrqStatus, happened);
  DmaTransfer* ended = nullptr;
  if ((happened & (kDmaIrqDone | kDmaIrqError)) != 0 && channel->active != nullptr) {
    ended = channel->active;
    ended->tx.result = {DMA_TRANS_NOERROR, 0};
    if ((happened & kDmaIrqError) != 0) note_error(*channel, ended);
    channel->active = nullptr;
    start_next(channel);
  }
  spin_unlock_irqrestore(&channel->lock, flags);
  if (ended != nullptr) dma_descriptor_done(&ended->tx);
}

}  // namespace memio
