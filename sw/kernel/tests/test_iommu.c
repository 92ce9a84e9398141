// The IOMMU in front of the DMA controller: addresses of the device's own, an address space of the driver's,
// and accesses that it refuses.
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/slab.h>

#include "dma_test.h"
#include "ktest.h"
#include "string.h"

#define IOVA 0x12345000ul

struct fault {
  unsigned count;
  unsigned long iova;
  int flags;
};

static int note_fault(struct iommu_domain* domain, struct device* dev, unsigned long iova, int flags,
                      void* token) {
  struct fault* fault = token;
  fault->count++;
  fault->iova = iova;
  fault->flags = flags;
  EXPECT(iommu_get_domain_for_dev(dev) == domain);
  return 0;
}

// A channel behind an IOMMU, or null.
static struct dma_chan* translated_channel(void) {
  struct dma_chan* chan = copy_channel();
  if (chan == NULL || iommu_get_domain_for_dev(chan->device->dev) != NULL) return chan;
  printk("ktest: no IOMMU, skipped\n");
  dma_release_channel(chan);
  return NULL;
}

KTEST(iommu_scatters_and_gathers) {
  struct dma_chan* chan = translated_channel();
  struct scatterlist list[3];
  struct page* pages[3];
  struct transfer transfer;
  unsigned i;
  if (chan == NULL) return;
  struct device* dev = chan->device->dev;
  EXPECT(iommu_present());
  u8* target = kmalloc(3 * PAGE_SIZE, GFP_KERNEL);
  sg_init_table(list, 3);
  for (i = 0; i < 3; i++) {
    pages[i] = alloc_page(GFP_KERNEL);
    memset(page_address(pages[i]), 0x10 + i, PAGE_SIZE);
    // In an order that is not that of RAM, whatever that is.
    sg_set_page(&list[(i + 1) % 3], pages[i], PAGE_SIZE, 0);
  }
  // One row of pages for the device.
  EXPECT_EQ(1, dma_map_sg(dev, list, 3, DMA_TO_DEVICE));
  EXPECT(sg_dma_address(&list[0]) != sg_phys(&list[0]));
  const dma_addr_t to = dma_map_single(dev, target, 3 * PAGE_SIZE, DMA_FROM_DEVICE);
  EXPECT_EQ(0, dma_mapping_error(dev, to));
  EXPECT(iommu_iova_to_phys(iommu_get_domain_for_dev(dev), (unsigned long)to) == virt_to_phys(target));
  transfer_start(&transfer, dmaengine_prep_dma_memcpy(chan, to, sg_dma_address(&list[0]), 3 * PAGE_SIZE, 0));
  EXPECT(transfer_wait(&transfer));
  EXPECT_EQ(DMA_TRANS_NOERROR, transfer.result.result);
  dma_unmap_single(dev, to, 3 * PAGE_SIZE, DMA_FROM_DEVICE);
  dma_unmap_sg(dev, list, 3, DMA_TO_DEVICE);
  EXPECT_EQ(0x12, target[0]);
  EXPECT_EQ(0x10, target[PAGE_SIZE]);
  EXPECT_EQ(0x11, target[3 * PAGE_SIZE - 1]);
  for (i = 0; i < 3; i++) __free_page(pages[i]);
  kfree(target);
  dma_release_channel(chan);
}

// A copy from `from`, for which the controller's descriptors and `to` are mapped.
static enum dmaengine_tx_result copy_result(struct dma_chan* chan, dma_addr_t to, dma_addr_t from) {
  struct transfer transfer;
  transfer_start(&transfer, chan->device->device_prep_dma_memcpy(chan, to, from, 64, 0));
  EXPECT(transfer_wait(&transfer));
  return transfer.result.result;
}

KTEST(iommu_refuses_what_is_not_mapped) {
  struct dma_chan* chan = translated_channel();
  struct fault fault = {0, 0, 0};
  if (chan == NULL) return;
  struct device* dev = chan->device->dev;
  struct iommu_domain* domain = iommu_get_domain_for_dev(dev);
  iommu_set_fault_handler(domain, note_fault, &fault);
  u8* buffer = (u8*)__get_free_page(GFP_KERNEL);
  memset(buffer, 0x77, PAGE_SIZE);
  const dma_addr_t from = dma_map_single(dev, buffer, PAGE_SIZE, DMA_TO_DEVICE);
  EXPECT_EQ(0, dma_mapping_error(dev, from));
  EXPECT_EQ(0, iommu_map(domain, IOVA, virt_to_phys(buffer), PAGE_SIZE, IOMMU_READ | IOMMU_WRITE));

  EXPECT_EQ(DMA_TRANS_NOERROR, copy_result(chan, IOVA + 128, from));
  EXPECT_EQ(0, fault.count);
  EXPECT_EQ(DMA_TRANS_WRITE_FAILED, copy_result(chan, from + 512, IOVA));  // only to be read
  EXPECT_EQ(1, fault.count);
  EXPECT_EQ(from + 512, fault.iova);
  EXPECT_EQ(IOMMU_FAULT_WRITE, fault.flags);
  EXPECT_EQ(DMA_TRANS_READ_FAILED, copy_result(chan, IOVA, IOVA + PAGE_SIZE));
  EXPECT_EQ(2, fault.count);
  EXPECT_EQ(IOVA + PAGE_SIZE, fault.iova);
  EXPECT_EQ(IOMMU_FAULT_READ, fault.flags);
  // What was mapped and used is refused at once after it was unmapped.
  EXPECT_EQ(PAGE_SIZE, iommu_unmap(domain, IOVA, PAGE_SIZE));
  EXPECT_EQ(DMA_TRANS_WRITE_FAILED, copy_result(chan, IOVA, from));
  EXPECT_EQ(3, fault.count);
  iommu_set_fault_handler(domain, NULL, NULL);
  dma_unmap_single(dev, from, PAGE_SIZE, DMA_TO_DEVICE);
  EXPECT_EQ(DMA_TRANS_READ_FAILED, copy_result(chan, from, from));  // printed
  EXPECT_EQ(3, fault.count);
  free_page((unsigned long)buffer);
  dma_release_channel(chan);
}
