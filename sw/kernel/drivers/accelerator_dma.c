// The accelerator's words moved by DMA: one channel for each side of its data register, paced by the device's
// request lines. The device tree names them ("input", "output").
#include <linux/dmaengine.h>
#include <linux/errno.h>
#include <linux/jiffies.h>

#include "accelerator.h"

// Asks for the channel that serves `side` of the data register at `data`; false without one.
static bool accel_open(struct accelerator* accel, struct accel_side* side, const char* name, phys_addr_t data,
                       enum dma_data_direction direction) {
  struct dma_slave_config config = {
      .src_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES,
      .dst_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES,
      .src_maxburst = 1,  // each word of the product raises the request anew
      .dst_maxburst = ACCEL_GROUP,
  };
  struct device* dev;
  side->chan = dma_request_slave_channel(accel->dev, name);
  if (!side->chan) return false;
  side->direction = direction;
  dev = side->chan->device->dev;
  side->data = dma_map_resource(dev, data, 4, direction);
  if (dma_mapping_error(dev, side->data)) goto release;
  config.src_addr = config.dst_addr = side->data;
  if (dmaengine_slave_config(side->chan, &config) == 0) return true;
  dma_unmap_resource(dev, side->data, 4, direction);
release:
  dma_release_channel(side->chan);
  side->chan = NULL;
  return false;
}

static void accel_close(struct accel_side* side) {
  if (!side->chan) return;
  dma_unmap_resource(side->chan->device->dev, side->data, 4, side->direction);
  dma_release_channel(side->chan);
  side->chan = NULL;
}

void accel_dma_open(struct accelerator* accel, phys_addr_t registers) {
  const phys_addr_t data = registers + ACCEL_DATA;
  if (accel_open(accel, &accel->input, "input", data, DMA_FROM_DEVICE) &&
      accel_open(accel, &accel->output, "output", data, DMA_TO_DEVICE))
    return;
  accel_dma_close(accel);
}

void accel_dma_close(struct accelerator* accel) {
  accel_close(&accel->input);
  accel_close(&accel->output);
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
  return accel_has_dma(accel) ? accel_move(accel, accel->input.chan, words, DMA_MEM_TO_DEV) : -ENODEV;
}

int accel_dma_receive(struct accelerator* accel, unsigned words) {
  return accel_has_dma(accel) ? accel_move(accel, accel->output.chan, words, DMA_DEV_TO_MEM) : -ENODEV;
}
