// The accelerator's words moved by DMA: one channel for each side of its data register, paced by the device's
// request lines. The device tree names them ("input", "output").
#include <linux/dmaengine.h>
#include <linux/errno.h>
#include <linux/jiffies.h>

#include "accelerator.h"

static struct dma_chan* accel_channel(struct accelerator* accel, const char* name, dma_addr_t data) {
  struct dma_slave_config config = {
      .src_addr = data,
      .dst_addr = data,
      .src_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES,
      .dst_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES,
      .src_maxburst = 1,  // each word of the product raises the request anew
      .dst_maxburst = ACCEL_GROUP,
  };
  struct dma_chan* chan = dma_request_slave_channel(accel->dev, name);
  if (!chan) return NULL;
  if (dmaengine_slave_config(chan, &config) == 0) return chan;
  dma_release_channel(chan);
  return NULL;
}

void accel_dma_open(struct accelerator* accel, phys_addr_t registers) {
  accel->input = accel_channel(accel, "input", registers + ACCEL_DATA);
  accel->output = accel_channel(accel, "output", registers + ACCEL_DATA);
}

void accel_dma_close(struct accelerator* accel) {
  if (accel->input) dma_release_channel(accel->input);
  if (accel->output) dma_release_channel(accel->output);
  accel->input = accel->output = NULL;
}

static void accel_moved(void* param) { complete(param); }

// Moves the words and sleeps until they are there.
static int accel_move(struct accelerator* accel, struct dma_chan* chan, unsigned words,
                      enum dma_transfer_direction direction) {
  const enum dma_data_direction side = direction == DMA_MEM_TO_DEV ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
  struct device* dev = chan->device->dev;
  struct dma_async_tx_descriptor* tx;
  DECLARE_COMPLETION_ONSTACK(moved);
  dma_addr_t address;
  dma_cookie_t cookie;
  int error = -EIO;

  address = dma_map_single(dev, accel->buffer, 4 * words, side);
  if (dma_mapping_error(dev, address)) return -EIO;
  tx = dmaengine_prep_slave_single(chan, address, 4 * words, direction, DMA_PREP_INTERRUPT);
  if (!tx) goto unmap;
  tx->callback = accel_moved;
  tx->callback_param = &moved;
  cookie = dmaengine_submit(tx);
  dma_async_issue_pending(chan);
  if (wait_for_completion_timeout(&moved, HZ) && dmaengine_tx_status(chan, cookie, NULL) == DMA_COMPLETE)
    error = 0;
  else
    dmaengine_terminate_all(chan);
unmap:
  dma_unmap_single(dev, address, 4 * words, side);
  return error;
}

int accel_dma_send(struct accelerator* accel, unsigned words) {
  return accel_has_dma(accel) ? accel_move(accel, accel->input, words, DMA_MEM_TO_DEV) : -ENODEV;
}

int accel_dma_receive(struct accelerator* accel, unsigned words) {
  return accel_has_dma(accel) ? accel_move(accel, accel->output, words, DMA_DEV_TO_MEM) : -ENODEV;
}
