// See dma_test.h.
#include "dma_test.h"

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/platform_device.h>

#include "ktest.h"
#include "string.h"

void test_device_init(struct device* dev) {
  memset(dev, 0, sizeof *dev);
  device_initialize(dev);
  dev->init_name = "test-device";
  dev->coherent_dma_mask = DMA_BIT_MASK(32);
}

struct wanted_device {
  const char* name;
  struct platform_device* found;
};

static void visit_device(const struct platform_device* pdev, void* data) {
  struct wanted_device* wanted = data;
  if (strcmp(pdev->name, wanted->name) == 0) wanted->found = (struct platform_device*)pdev;
}

struct platform_device* find_device(const char* name) {
  struct wanted_device wanted = {name, NULL};
  for_each_device(visit_device, &wanted);
  return wanted.found;
}

struct dma_chan* copy_channel(void) {
  dma_cap_mask_t mask;
  dma_cap_zero(mask);
  dma_cap_set(DMA_MEMCPY, mask);
  struct dma_chan* chan = dma_request_channel(mask, NULL, NULL);
  if (chan == NULL) printk("ktest: no DMA controller, skipped\n");
  return chan;
}

static void transfer_done(void* param, const struct dmaengine_result* result) {
  struct transfer* transfer = param;
  transfer->called++;
  transfer->result = *result;
  EXPECT(in_interrupt());  // a tasklet
  complete(&transfer->done);
}

void transfer_start(struct transfer* transfer, struct dma_async_tx_descriptor* tx) {
  memset(transfer, 0, sizeof *transfer);
  init_completion(&transfer->done);
  EXPECT(tx != NULL);
  if (tx == NULL) {
    transfer->cookie = -ENOMEM;
    return;
  }
  tx->callback_result = transfer_done;
  tx->callback_param = transfer;
  transfer->cookie = dmaengine_submit(tx);
  dma_async_issue_pending(tx->chan);
}

bool transfer_wait(struct transfer* transfer) {
  return !dma_submit_error(transfer->cookie) && wait_for_completion_timeout(&transfer->done, HZ) != 0;
}
