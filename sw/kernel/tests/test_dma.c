// The DMA functions without a controller: masks and zones, coherent memory, mappings and copies, lists,
// pools. What devices then do with the addresses: test_dmaengine.c.
#include <linux/dmapool.h>
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/vmalloc.h>

#include "dma_test.h"
#include "ktest.h"
#include "string.h"

// The last byte of the DMA zone, as a mask that reaches no more.
static u64 zone_mask(void) {
  u64 last = MEMORY_START;
  for (unsigned long pfn = ARCH_PFN_OFFSET; pfn_valid(pfn); pfn++) {
    if (page_zonenum(pfn_to_page(pfn)) == ZONE_DMA) last = ((u64)pfn << PAGE_SHIFT) + PAGE_SIZE - 1;
  }
  return last;
}

// A page that is not in the DMA zone, or null.
static struct page* far_page(void) {
  struct page* page = alloc_page(GFP_HIGHUSER);
  if (page != NULL && page_zonenum(page) != ZONE_DMA) return page;
  if (page != NULL) __free_page(page);
  return NULL;
}

KTEST(dma_masks) {
  struct device dev;
  test_device_init(&dev);
  const u64 zone = zone_mask();
  EXPECT_EQ(-EIO, dma_set_mask(&dev, zone - 1));
  EXPECT_EQ(0, dma_set_mask(&dev, zone));
  EXPECT(dma_get_mask(&dev) == zone);
  EXPECT_EQ(0, dma_set_mask_and_coherent(&dev, DMA_BIT_MASK(64)));
  EXPECT(dma_get_required_mask(&dev) >= zone);
  EXPECT(!dma_supported(&dev, DMA_BIT_MASK(24)));  // RAM starts higher
}

KTEST(dma_coherent_memory) {
  struct device dev;
  dma_addr_t handle;
  test_device_init(&dev);
  u8* memory = dma_alloc_coherent(&dev, 5000, &handle, GFP_KERNEL);
  EXPECT(memory != NULL);
  if (memory == NULL) return;
  EXPECT_EQ(0, handle & ~PAGE_MASK);
  for (unsigned i = 0; i < 5000; i++) {
    if (memory[i] != 0) EXPECT_EQ(0, memory[i]);
  }
  // The direct map shows the same memory.
  memory[4999] = 0x5a;
  EXPECT_EQ(0x5a, ((u8*)phys_to_virt(handle))[4999]);
#ifdef CONFIG_MMU
  // On the ARM-like layout it is in the DMA window, else in the direct map.
  const unsigned long at = (unsigned long)memory;
  if (kernel_layout.dma_start != 0) {
    EXPECT(at >= kernel_layout.dma_start && at + 8192 <= kernel_layout.dma_end);
  } else {
    EXPECT(virt_addr_valid(memory));
  }
#endif
  dma_free_coherent(&dev, 5000, memory, handle);

  EXPECT_EQ(0, dma_set_coherent_mask(&dev, zone_mask()));
  memory = dma_alloc_coherent(&dev, 4096, &handle, GFP_ATOMIC);
  EXPECT(memory != NULL && handle + 4095 <= zone_mask());
  dma_free_coherent(&dev, 4096, memory, handle);
}

KTEST(dma_single_mapping) {
  struct device dev;
  test_device_init(&dev);
  dma_set_mask(&dev, DMA_BIT_MASK(64));
  u8* buffer = kmalloc(256, GFP_KERNEL);
  const dma_addr_t address = dma_map_single(&dev, buffer, 256, DMA_BIDIRECTIONAL);
  EXPECT_EQ(0, dma_mapping_error(&dev, address));
  EXPECT(address == virt_to_phys(buffer));
  dma_sync_single_for_cpu(&dev, address, 256, DMA_BIDIRECTIONAL);
  dma_sync_single_for_device(&dev, address, 256, DMA_BIDIRECTIONAL);
  dma_unmap_single(&dev, address, 256, DMA_BIDIRECTIONAL);
  EXPECT(dma_map_single(&dev, buffer, 0, DMA_TO_DEVICE) == DMA_MAPPING_ERROR);
  EXPECT_BUGS(1);
  kfree(buffer);
}

KTEST(dma_copies_what_is_out_of_reach) {
  struct device dev;
  test_device_init(&dev);
  EXPECT_EQ(0, dma_set_mask(&dev, zone_mask()));
  struct page* page = far_page();
  if (page == NULL) return;
  u8* memory = kmap(page);
  memset(memory, 0x11, PAGE_SIZE);
  const dma_addr_t address = dma_map_page(&dev, page, 100, 1000, DMA_BIDIRECTIONAL);
  EXPECT_EQ(0, dma_mapping_error(&dev, address));
  EXPECT(address + 999 <= zone_mask());
  u8* copy = phys_to_virt(address);
  EXPECT_EQ(0x11, copy[0]);
  copy[999] = 0x22;  // the device
  EXPECT_EQ(0x11, memory[1099]);
  dma_sync_single_for_cpu(&dev, address, 1000, DMA_BIDIRECTIONAL);
  EXPECT_EQ(0x22, memory[1099]);
  memory[100] = 0x33;
  dma_sync_single_for_device(&dev, address, 1000, DMA_BIDIRECTIONAL);
  EXPECT_EQ(0x33, copy[0]);
  copy[1] = 0x44;
  dma_unmap_page(&dev, address, 1000, DMA_BIDIRECTIONAL);
  EXPECT_EQ(0x44, memory[101]);
  EXPECT_EQ(0x11, memory[99]);
  kunmap(page);
  __free_page(page);
}

KTEST(dma_lists) {
  struct device dev;
  struct scatterlist list[4];
  struct scatterlist* piece;
  int i;
  test_device_init(&dev);
  dma_set_mask(&dev, DMA_BIT_MASK(64));
  struct page* pages = alloc_pages(GFP_KERNEL, 2);
  sg_init_table(list, 4);
  for_each_sg(list, piece, 4, i) sg_set_page(piece, pages + i, PAGE_SIZE, 0);
  EXPECT_EQ(4, sg_nents(list));
  EXPECT_EQ(1, dma_map_sg(&dev, list, 4, DMA_TO_DEVICE));
  EXPECT(sg_dma_address(&list[0]) == page_to_phys(pages));
  EXPECT_EQ(4 * PAGE_SIZE, sg_dma_len(&list[0]));
  dma_sync_sg_for_cpu(&dev, list, 4, DMA_TO_DEVICE);
  dma_sync_sg_for_device(&dev, list, 4, DMA_TO_DEVICE);
  dma_unmap_sg(&dev, list, 4, DMA_TO_DEVICE);
  dma_set_max_seg_size(&dev, 2 * PAGE_SIZE);
  EXPECT_EQ(2, dma_map_sg(&dev, list, 4, DMA_TO_DEVICE));
  EXPECT_EQ(2 * PAGE_SIZE, sg_dma_len(&list[1]));
  dma_unmap_sg(&dev, list, 4, DMA_TO_DEVICE);
  __free_pages(pages, 2);
}

KTEST(dma_pools) {
  struct device dev;
  dma_addr_t handles[70];
  u32* blocks[70];
  unsigned i;
  test_device_init(&dev);
  struct dma_pool* pool = dma_pool_create("test", &dev, 64, 64, 0);
  for (i = 0; i < 70; i++) {
    blocks[i] = dma_pool_alloc(pool, GFP_KERNEL, &handles[i]);
    EXPECT(blocks[i] != NULL);
    EXPECT_EQ(0, handles[i] & 63);
    if (blocks[i] != NULL) *blocks[i] = i;
  }
  for (i = 0; i < 70; i++) EXPECT_EQ(i, *(u32*)phys_to_virt(handles[i]));
  dma_pool_destroy(pool);
  EXPECT_BUGS(1);
  for (i = 0; i < 70; i++) dma_pool_free(pool, blocks[i], handles[i]);
  dma_pool_free(pool, blocks[3], handles[3]);
  EXPECT_BUGS(1);
  dma_pool_destroy(pool);
}
