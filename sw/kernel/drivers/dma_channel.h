// A channel of memio's DMA controller: transfers wait in its queues, one at a time is given to the hardware.
#pragma once

#include <linux/dmaengine.h>
#include <linux/dmapool.h>

#include "dma_registers.h"

namespace memio {

// A transfer: a chain of descriptors. The client's part is its first member.
struct DmaTransfer {
  dma_async_tx_descriptor tx;
  u32 bytes;       // all of it
  unsigned count;  // descriptors
  struct Link {
    DmaDescriptor* descriptor;
    dma_addr_t address;  // for the controller
  } links[1];
};
inline DmaTransfer* transfer_of(dma_async_tx_descriptor* tx) { return container_of(tx, DmaTransfer, tx); }

struct DmaChannel {
  dma_chan chan;
  u8* registers;
  dma_pool* pool;
  dma_slave_config config;
  bool configured;
  spinlock_t lock;
  list_head prepared;   // not submitted yet
  list_head submitted;  // not issued yet
  list_head issued;     // wait for the hardware
  DmaTransfer* active;  // the hardware's, or null
};
inline DmaChannel* channel_of(dma_chan* chan) { return container_of(chan, DmaChannel, chan); }

// drivers/dma_transfer.cpp: descriptors for what clients ask. Null when it cannot be done, or memory is
// short.
dma_async_tx_descriptor* prepare_memcpy(dma_chan* chan, dma_addr_t dst, dma_addr_t src, size_t size,
                                        unsigned long flags);
dma_async_tx_descriptor* prepare_slave(dma_chan* chan, scatterlist* list, unsigned count,
                                       dma_transfer_direction direction, unsigned long flags);
dma_async_tx_descriptor* prepare_rectangle(dma_chan* chan, dma_interleaved_template* rectangle,
                                           unsigned long flags);
void free_transfer(dma_async_tx_descriptor* tx);

// drivers/dma_channel.cpp
void channel_init(DmaChannel* channel, dma_device* device, u8* registers, dma_pool* pool);
dma_cookie_t submit(dma_async_tx_descriptor* tx);
void issue_pending(dma_chan* chan);
int terminate(dma_chan* chan);
// Frees what was prepared and never submitted.
void free_prepared(dma_chan* chan);
u32 residue(dma_chan* chan, dma_cookie_t cookie);
int configure(dma_chan* chan, const dma_slave_config* config);
// The channel interrupts.
void channel_interrupt(DmaChannel* channel);

}  // namespace memio
