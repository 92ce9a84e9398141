// memio's DMA controller (compatible "memio,dma", docs/devices.md) as a provider of the DMA engine: copies,
// rectangles, and transfers to and from devices paced by request lines.
#include <linux/dmaengine.h>
#include <linux/dmapool.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>

#include "dma_channel.h"
#include "kernel/device.h"

namespace memio {
namespace {

constexpr char kName[] = "dma";
constexpr unsigned kMaxChannels = 8;

struct Controller {
  dma_device device;
  u8* registers;
  unsigned channel_count;
  DmaChannel channels[kMaxChannels];
};

irqreturn_t interrupt(int, void* dev_id) {
  Controller& controller = *static_cast<Controller*>(dev_id);
  const u32 channels = readl(controller.registers + dma_reg::kInterrupts);
  for (unsigned i = 0; i < controller.channel_count; i++) {
    if ((channels >> i & 1) != 0) channel_interrupt(&controller.channels[i]);
  }
  return IRQ_RETVAL(channels != 0);
}

void destroy_pool(void* pool) { dma_pool_destroy(static_cast<dma_pool*>(pool)); }

// A pool for descriptors that goes with the driver, or null.
dma_pool* make_pool(device* dev) {
  dma_pool* pool = dma_pool_create("dma-descriptors", dev, sizeof(DmaDescriptor), sizeof(DmaDescriptor), 0);
  if (pool != nullptr && devm_add_action(dev, destroy_pool, pool) != 0) {
    dma_pool_destroy(pool);
    return nullptr;
  }
  return pool;
}

void fill_in(dma_device* device, struct device* dev) {
  device->dev = dev;
  INIT_LIST_HEAD(&device->channels);
  dma_cap_set(DMA_MEMCPY, device->cap_mask);
  dma_cap_set(DMA_INTERLEAVE, device->cap_mask);
  dma_cap_set(DMA_SLAVE, device->cap_mask);
  device->device_free_chan_resources = free_prepared;
  device->device_config = configure;
  device->device_prep_dma_memcpy = prepare_memcpy;
  device->device_prep_slave_sg = prepare_slave;
  device->device_prep_interleaved_dma = prepare_rectangle;
  device->device_issue_pending = issue_pending;
  device->device_terminate_all = terminate;
  device->device_residue = residue;
  device->device_free_descriptor = free_transfer;
}

int probe(platform_device* pdev) {
  device* dev = &pdev->dev;
  auto* controller = static_cast<Controller*>(devm_kzalloc(dev, sizeof(Controller), GFP_KERNEL));
  if (controller == nullptr) return -ENOMEM;
  void* mapped = devm_ioremap_resource(dev, platform_get_resource(pdev, IORESOURCE_MEM, 0));
  if (IS_ERR(mapped)) return static_cast<int>(PTR_ERR(mapped));
  controller->registers = static_cast<u8*>(mapped);
  // Its addresses have 64 bits.
  int error = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
  if (error != 0) return error;
  dma_pool* pool = make_pool(dev);
  if (pool == nullptr) return -ENOMEM;

  fill_in(&controller->device, dev);
  const u32 channels = readl(controller->registers + dma_reg::kCapabilities) & 0xf;
  controller->channel_count = channels < kMaxChannels ? channels : kMaxChannels;
  for (unsigned i = 0; i < controller->channel_count; i++) {
    channel_init(&controller->channels[i], &controller->device,
                 controller->registers + dma_reg::kChannel0 + i * dma_reg::kChannelStride, pool);
  }
  const int irq = platform_get_irq(pdev, 0);
  if (irq <= 0) return -ENXIO;
  error = devm_request_irq(dev, static_cast<unsigned>(irq), interrupt, 0, kName, controller);
  if (error == 0) error = dma_async_device_register(&controller->device);
  if (error != 0) return error;
  platform_set_drvdata(pdev, controller);
  printk("%s: %s, %u channels, interrupt %d%s\n", kName, pdev->name, controller->channel_count, irq,
         dev->iommu_domain != nullptr ? ", behind an IOMMU" : "");
  return 0;
}

int remove(platform_device* pdev) {
  auto* controller = static_cast<Controller*>(platform_get_drvdata(pdev));
  dma_async_device_unregister(&controller->device);
  for (unsigned i = 0; i < controller->channel_count; i++) {
    writel(0, controller->channels[i].registers + dma_reg::kIrqEnable);
  }
  return 0;
}

const of_device_id kMatches[] = {{"memio,dma", nullptr}, {nullptr, nullptr}};
platform_driver dma_driver = make_driver(kName, kMatches, probe, remove);
module_platform_driver(dma_driver);

}  // namespace
}  // namespace memio
