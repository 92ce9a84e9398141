// Mistakes with the DMA functions that the debug mode finds, each in a function whose name the report must
// show. Run with the option dma-debug by tests/system/dma_test.py, which checks what is said.
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "dma_test.h"
#include "ktest.h"

#define MISTAKE(name) \
  static __attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) void name(void)

static struct device dev;
static u8* buffer;

static __attribute__((noinline, noclone)) dma_addr_t map(enum dma_data_direction dir) {
  const dma_addr_t address = dma_map_single(&dev, buffer, 64, dir);
  EXPECT_EQ(0, dma_mapping_error(&dev, address));
  return address;
}

MISTAKE(never_mapped) { dma_unmap_single(&dev, virt_to_phys(buffer), 64, DMA_TO_DEVICE); }

MISTAKE(unmapped_twice) {
  const dma_addr_t address = map(DMA_TO_DEVICE);
  dma_unmap_single(&dev, address, 64, DMA_TO_DEVICE);
  dma_unmap_single(&dev, address, 64, DMA_TO_DEVICE);
}

MISTAKE(wrong_size) { dma_unmap_single(&dev, map(DMA_TO_DEVICE), 32, DMA_TO_DEVICE); }

MISTAKE(wrong_direction) { dma_unmap_single(&dev, map(DMA_TO_DEVICE), 64, DMA_FROM_DEVICE); }

MISTAKE(wrong_function) { dma_unmap_page(&dev, map(DMA_TO_DEVICE), 64, DMA_TO_DEVICE); }

MISTAKE(error_not_asked) {
  dma_unmap_single(&dev, dma_map_single(&dev, buffer, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE);
}

MISTAKE(sync_beyond_the_end) {
  const dma_addr_t address = map(DMA_FROM_DEVICE);
  dma_sync_single_for_cpu(&dev, address, 65, DMA_FROM_DEVICE);
  dma_unmap_single(&dev, address, 64, DMA_FROM_DEVICE);
}

MISTAKE(sync_the_wrong_way) {
  const dma_addr_t address = map(DMA_FROM_DEVICE);
  dma_sync_single_for_device(&dev, address, 64, DMA_TO_DEVICE);
  dma_unmap_single(&dev, address, 64, DMA_FROM_DEVICE);
}

MISTAKE(sync_of_nothing) { dma_sync_single_for_cpu(&dev, virt_to_phys(buffer) + 64, 64, DMA_FROM_DEVICE); }

MISTAKE(freed_while_mapped) {
  u8* block = kmalloc(64, GFP_KERNEL);
  const dma_addr_t address = dma_map_single(&dev, block, 64, DMA_TO_DEVICE);
  EXPECT_EQ(0, dma_mapping_error(&dev, address));
  kfree(block);
  dma_unmap_single(&dev, address, 64, DMA_TO_DEVICE);
}

MISTAKE(wrong_coherent_size) {
  dma_addr_t handle;
  void* memory = dma_alloc_coherent(&dev, 4096, &handle, GFP_KERNEL);
  dma_free_coherent(&dev, 1024, memory, handle);
}

MISTAKE(no_direction) { EXPECT(dma_map_single(&dev, buffer, 64, DMA_NONE) == DMA_MAPPING_ERROR); }

static const struct {
  const char* name;
  void (*run)(void);
} mistakes[] = {
#define ENTRY(function) \
  { #function, function }
    ENTRY(never_mapped),    ENTRY(unmapped_twice),     ENTRY(wrong_size),          ENTRY(wrong_direction),
    ENTRY(wrong_function),  ENTRY(error_not_asked),    ENTRY(sync_beyond_the_end), ENTRY(sync_the_wrong_way),
    ENTRY(sync_of_nothing), ENTRY(freed_while_mapped), ENTRY(wrong_coherent_size), ENTRY(no_direction),
};

KTEST(only_bad_use_of_dma) {
  test_device_init(&dev);
  dma_set_mask(&dev, DMA_BIT_MASK(64));
  buffer = kmalloc(128, GFP_KERNEL);
  for (unsigned i = 0; i < ARRAY_SIZE(mistakes); i++) {
    printk("bad use: %s\n", mistakes[i].name);
    mistakes[i].run();
    EXPECT_BUGS(1);
  }
  printk("bad use: end\n");
  kfree(buffer);
}

// The controller's driver is detached while a client still has a mapping for it, and a channel.
KTEST(only_bad_use_of_a_controller) {
  // Another client, where the machine has it.
  const bool accelerated = device_unbind("accelerator@10023000") == 0;
  struct platform_device* pdev = find_device("dma-controller@10021000");
  struct dma_chan* chan = copy_channel();
  if (pdev == NULL || chan == NULL) return;
  buffer = kmalloc(64, GFP_KERNEL);
  const dma_addr_t address = dma_map_single(chan->device->dev, buffer, 64, DMA_TO_DEVICE);
  EXPECT_EQ(0, dma_mapping_error(chan->device->dev, address));
  printk("bad use: transfer_to_a_source\n");
  EXPECT(dmaengine_prep_dma_memcpy(chan, address, address, 64, 0) != NULL);
  EXPECT_BUGS(1);
  printk("bad use: use_while_the_cpus\n");
  dma_sync_single_for_cpu(chan->device->dev, address, 64, DMA_TO_DEVICE);
  EXPECT(chan->device->device_prep_dma_memcpy(chan, address, address, 64, 0) != NULL);
  EXPECT_BUGS(0);
  EXPECT(dmaengine_prep_dma_memcpy(chan, address + 32, address, 32, 0) != NULL);
  EXPECT_BUGS(2);
  printk("bad use: detached_in_use\n");
  EXPECT_EQ(0, device_unbind("dma-controller@10021000"));
  EXPECT_BUGS(2);
  printk("bad use: end\n");
  kfree(buffer);
  EXPECT_EQ(0, device_bind("dma-controller@10021000"));
  chan = copy_channel();
  EXPECT(chan != NULL);
  if (chan != NULL) dma_release_channel(chan);
  if (accelerated) EXPECT_EQ(0, device_bind("accelerator@10023000"));
}
