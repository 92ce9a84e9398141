// What the tests of the DMA functions share: a device without a driver, and a channel of the DMA controller.
#pragma once

#include <linux/completion.h>
#include <linux/dmaengine.h>

// A device that only has masks; in debug mode it must be given back without mappings.
void test_device_init(struct device* dev);

// The machine's device of this name, or null.
struct platform_device* find_device(const char* name);

// A channel that can copy, or null, with a note, on machines without a controller.
struct dma_chan* copy_channel(void);

// A transfer that is waited for.
struct transfer {
  struct completion done;
  int called;
  struct dmaengine_result result;
  dma_cookie_t cookie;
};
// Submits and issues; dma_submit_error() for a null descriptor.
void transfer_start(struct transfer* transfer, struct dma_async_tx_descriptor* tx);
// Whether it has ended within a second.
bool transfer_wait(struct transfer* transfer);
