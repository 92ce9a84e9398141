// dma_map_..., masks, copies for what a device does not reach, lists of pieces, coherent memory, and what
// happens to the caches. Addresses are worked out by hand: RAM starts at 0x80000000.
#include <linux/errno.h>
#include <linux/vmalloc.h>

#include "dma_bench.h"

namespace memio {
namespace {

using DmaMapping = DmaBench;

TEST_F(DmaMapping, WithinReachTheAddressIsThePhysicalOne) {
  char* buffer = low(256);
  const dma_addr_t address = dma_map_single(&dev_, buffer, 256, DMA_TO_DEVICE);
  EXPECT_EQ(address, virt_to_phys(buffer));
  EXPECT_EQ(dma_mapping_error(&dev_, address), 0);
  EXPECT_EQ(bounce_count(), 0u);
  dma_unmap_single(&dev_, address, 256, DMA_TO_DEVICE);
  page* page = high();
  EXPECT_EQ(dma_map_page(&dev_, page, 0x30, 0x40, DMA_FROM_DEVICE), page_to_phys(page) + 0x30);
  __free_page(page);
  kfree(buffer);
  EXPECT_EQ(bug(), "");
}

TEST_F(DmaMapping, RegistersOfOthersAreWhereTheyAre) {
  const dma_addr_t address = dma_map_resource(&dev_, 0x10023020, 4, DMA_TO_DEVICE);
  EXPECT_EQ(address, 0x10023020u);
  EXPECT_EQ(dma_mapping_error(&dev_, address), 0);
  dma_unmap_resource(&dev_, address, 4, DMA_TO_DEVICE);
  EXPECT_EQ(bug(), "");
  EXPECT_EQ(dma_map_resource(&dev_, 0x100010023020, 4, DMA_TO_DEVICE), ~0ull) << "beyond the mask";
  EXPECT_EQ(bug(), "");
  EXPECT_EQ(dma_map_resource(&dev_, 0x80001000, 4, DMA_TO_DEVICE), ~0ull);
  EXPECT_NE(bug().find("dma_map_resource(test@1000, 0x80001000, 4 bytes)"), std::string::npos);
}

TEST_F(DmaMapping, MasksMustReachTheZoneForDevices) {
  EXPECT_EQ(dma_get_mask(&dev_), 0xffffffffu);
  EXPECT_EQ(dma_set_mask(&dev_, 0xffffff), -EIO);
  EXPECT_EQ(dma_set_mask(&dev_, kZoneEnd - 2), -EIO);
  EXPECT_EQ(dma_get_mask(&dev_), 0xffffffffu);
  EXPECT_EQ(dma_set_mask(&dev_, kZoneEnd - 1), 0);
  EXPECT_EQ(dma_get_mask(&dev_), 0x807fffffu);
  EXPECT_EQ(dev_.coherent_dma_mask, 0xffffffffu);
  EXPECT_EQ(dma_set_mask_and_coherent(&dev_, ~0ull), 0);
  EXPECT_EQ(dma_get_mask(&dev_), ~0ull);
  EXPECT_EQ(dev_.coherent_dma_mask, ~0ull);
  EXPECT_EQ(dma_supported(&dev_, DMA_BIT_MASK(31)), 0);
  EXPECT_EQ(dma_get_required_mask(&dev_), 0xffffffffu);
  EXPECT_EQ(DMA_BIT_MASK(64), ~0ull);
  EXPECT_EQ(DMA_BIT_MASK(1), 1u);
}

TEST_F(DmaMapping, WhatIsOutOfReachIsCopiedToTheZoneAndBack) {
  dma_set_mask(&dev_, kZoneEnd - 1);
  char* buffer = low(512);
  for (unsigned i = 0; i < 512; i++) buffer[i] = static_cast<char>(i);
  const dma_addr_t address = dma_map_single(&dev_, buffer, 512, DMA_BIDIRECTIONAL);
  ASSERT_EQ(dma_mapping_error(&dev_, address), 0);
  EXPECT_LT(address, kZoneEnd);
  EXPECT_EQ(bounce_count(), 1u);
  unsigned char* copy = machine_->memory(address);
  EXPECT_EQ(memcmp(copy, buffer, 512), 0);

  copy[7] = 0x77;  // by the device
  EXPECT_EQ(buffer[7], 7);
  dma_sync_single_for_cpu(&dev_, address, 512, DMA_BIDIRECTIONAL);
  EXPECT_EQ(buffer[7], 0x77);
  buffer[8] = 0x11;
  buffer[300] = 0x22;
  dma_sync_single_range_for_device(&dev_, address, 0, 256, DMA_BIDIRECTIONAL);
  EXPECT_EQ(copy[8], 0x11);
  EXPECT_EQ(copy[300], 300 & 0xff);  // not in the part
  copy[511] = 0x33;
  dma_unmap_single(&dev_, address, 512, DMA_BIDIRECTIONAL);
  EXPECT_EQ(buffer[511], 0x33);
  EXPECT_EQ(bounce_count(), 0u);
  kfree(buffer);
}

TEST_F(DmaMapping, ACopyToTheDeviceIsNotCopiedBack) {
  dma_set_mask(&dev_, kZoneEnd - 1);
  char* buffer = low(64);
  memset(buffer, 1, 64);
  const dma_addr_t address = dma_map_single(&dev_, buffer, 64, DMA_TO_DEVICE);
  machine_->memory(address)[0] = 9;
  dma_unmap_single(&dev_, address, 64, DMA_TO_DEVICE);
  EXPECT_EQ(buffer[0], 1);
  kfree(buffer);
}

TEST_F(DmaMapping, HighMemoryBeyondTheMaskIsCopiedAcrossPages) {
  dma_set_mask(&dev_, kLowEnd - 1);
  page* pages = alloc_pages(GFP_HIGHUSER, 1);
  ASSERT_TRUE(PageHighMem(pages));
  unsigned char* memory = machine_->memory(page_to_phys(pages));
  memory[0xfff] = 0xaa;
  memory[0x1000] = 0xbb;
  const dma_addr_t address = dma_map_page(&dev_, pages, 0xff0, 0x20, DMA_BIDIRECTIONAL);
  ASSERT_LT(address, kZoneEnd);
  unsigned char* copy = machine_->memory(address);
  EXPECT_EQ(copy[0xf], 0xaa);
  EXPECT_EQ(copy[0x10], 0xbb);
  copy[0x1f] = 0xcc;
  dma_unmap_page(&dev_, address, 0x20, DMA_BIDIRECTIONAL);
  EXPECT_EQ(memory[0x100f], 0xcc);
  __free_pages(pages, 1);
}

TEST_F(DmaMapping, FailsCleanlyWithoutMemoryForACopy) {
  dma_set_mask(&dev_, kZoneEnd - 1);
  char* buffer = low(64);
  list_head taken;
  INIT_LIST_HEAD(&taken);
  while (page* page = alloc_page(GFP_DMA | __GFP_HIGH | __GFP_NOWARN)) list_add(&page->lru, &taken);
  const dma_addr_t address = dma_map_single(&dev_, buffer, 64, DMA_TO_DEVICE);
  EXPECT_EQ(address, DMA_MAPPING_ERROR);
  EXPECT_NE(dma_mapping_error(&dev_, address), 0);
  EXPECT_EQ(bug(), "");
  page* page;
  struct page* next;
  list_for_each_entry_safe(page, next, &taken, lru) __free_page(page);
  // A copy larger than the largest block.
  char* area = reinterpret_cast<char*>(__get_free_pages(GFP_KERNEL, 10));
  EXPECT_EQ(dma_map_single(&dev_, area, (4ul << 20) + 1, DMA_TO_DEVICE), DMA_MAPPING_ERROR);
  free_pages(reinterpret_cast<unsigned long>(area), 10);
  kfree(buffer);
}

TEST_F(DmaMapping, WrongUseIsReported) {
  char* buffer = low(64);
  EXPECT_EQ(dma_map_single(&dev_, buffer, 0, DMA_TO_DEVICE), DMA_MAPPING_ERROR);
  EXPECT_NE(bug().find("dma_map_single(test@1000, "), std::string::npos);
  EXPECT_EQ(dma_map_single(&dev_, buffer, 64, DMA_NONE), DMA_MAPPING_ERROR);
  EXPECT_NE(bug().find("no direction"), std::string::npos);
  void* area = vmalloc(64);
  EXPECT_EQ(dma_map_single(&dev_, area, 64, DMA_TO_DEVICE), DMA_MAPPING_ERROR);
  EXPECT_NE(bug().find("not in the direct map"), std::string::npos);
  dma_unmap_single(&dev_, 0x1234, 64, DMA_TO_DEVICE);
  EXPECT_NE(bug().find("not RAM"), std::string::npos);
  dma_sync_single_for_cpu(&dev_, machine_->end() - 32, 64, DMA_TO_DEVICE);
  EXPECT_NE(bug().find("not RAM"), std::string::npos);
  vfree(area);
  kfree(buffer);
}

TEST_F(DmaMapping, NeighboursInAListBecomeOne) {
  page* pages = alloc_pages(GFP_KERNEL, 2);
  const phys_addr_t start = page_to_phys(pages);
  scatterlist list[4];
  sg_init_table(list, 4);
  sg_set_page(&list[0], pages, 0x1000, 0);
  sg_set_page(&list[1], pages + 1, 0x800, 0);
  sg_set_page(&list[2], pages + 1, 0x400, 0xc00);  // a hole of 0x400 in front
  sg_set_page(&list[3], pages + 2, 0x1000, 0);
  EXPECT_EQ(dma_map_sg(&dev_, list, 4, DMA_TO_DEVICE), 2);
  EXPECT_EQ(sg_dma_address(&list[0]), start);
  EXPECT_EQ(sg_dma_len(&list[0]), 0x1800u);
  EXPECT_EQ(sg_dma_address(&list[1]), start + 0x1c00);
  EXPECT_EQ(sg_dma_len(&list[1]), 0x1400u);
  EXPECT_EQ(list[1].length, 0x800u);
  dma_unmap_sg(&dev_, list, 4, DMA_TO_DEVICE);

  // No larger than the device's largest segment.
  dma_set_max_seg_size(&dev_, 0x1400);
  EXPECT_EQ(dma_map_sg(&dev_, list, 4, DMA_TO_DEVICE), 3);
  EXPECT_EQ(sg_dma_len(&list[0]), 0x1000u);
  EXPECT_EQ(sg_dma_len(&list[1]), 0x800u);
  EXPECT_EQ(sg_dma_len(&list[2]), 0x1400u);
  dma_unmap_sg(&dev_, list, 4, DMA_TO_DEVICE);
  EXPECT_EQ(dma_map_sg(&dev_, list, 0, DMA_TO_DEVICE), 0);
  __free_pages(pages, 2);
  EXPECT_EQ(bug(), "");
}

TEST_F(DmaMapping, PiecesOutOfReachAreCopiedOneByOne) {
  dma_set_mask(&dev_, kLowEnd - 1);
  char* near = low(128);
  page* far = high();
  unsigned char* memory = machine_->memory(page_to_phys(far));
  scatterlist list[2];
  sg_init_table(list, 2);
  sg_set_buf(&list[0], near, 128);
  sg_set_page(&list[1], far, 256, 0x100);
  memory[0x100] = 0x42;
  EXPECT_EQ(dma_map_sg(&dev_, list, 2, DMA_BIDIRECTIONAL), 2);
  EXPECT_EQ(sg_dma_address(&list[0]), virt_to_phys(near));
  EXPECT_LT(sg_dma_address(&list[1]), kZoneEnd);
  unsigned char* copy = machine_->memory(sg_dma_address(&list[1]));
  EXPECT_EQ(copy[0], 0x42);
  copy[1] = 0x43;
  dma_sync_sg_for_cpu(&dev_, list, 2, DMA_BIDIRECTIONAL);
  EXPECT_EQ(memory[0x101], 0x43);
  memory[0x102] = 0x44;
  dma_sync_sg_for_device(&dev_, list, 2, DMA_BIDIRECTIONAL);
  EXPECT_EQ(copy[2], 0x44);
  copy[3] = 0x45;
  dma_unmap_sg(&dev_, list, 2, DMA_BIDIRECTIONAL);
  EXPECT_EQ(memory[0x103], 0x45);
  __free_page(far);
  kfree(near);
}

TEST_F(DmaMapping, ListsAreTablesWithAnEnd) {
  scatterlist list[3];
  sg_init_table(list, 3);
  EXPECT_EQ(sg_nents(list), 3);
  EXPECT_EQ(sg_next(&list[0]), &list[1]);
  EXPECT_EQ(sg_next(&list[2]), nullptr);
  char* buffer = low(100);
  sg_set_buf(&list[2], buffer, 100);
  EXPECT_TRUE(sg_is_last(&list[2]));
  EXPECT_EQ(sg_virt(&list[2]), buffer);
  EXPECT_EQ(sg_phys(&list[2]), virt_to_phys(buffer));
  page* far = high();
  sg_set_page(&list[0], far, 3, 0xffd);
  sg_set_page(&list[1], far, 2, 0);
  EXPECT_EQ(sg_copy_from_buffer(list, 3, "abcdefgh", 8), 8u);
  const unsigned char* memory = machine_->memory(page_to_phys(far));
  EXPECT_EQ(memcmp(memory + 0xffd, "abc", 3), 0);
  EXPECT_EQ(memcmp(memory, "de", 2), 0);
  EXPECT_EQ(memcmp(buffer, "fgh", 3), 0);
  char back[9] = {};
  EXPECT_EQ(sg_copy_to_buffer(list, 2, back, 8), 5u);
  EXPECT_STREQ(back, "abcde");
  __free_page(far);
  kfree(buffer);
}

TEST_F(DmaMapping, CoherentMemoryIsClearedPagesOfTheDirectMap) {
  const unsigned long before = held();
  dma_addr_t handle;
  char* memory = static_cast<char*>(dma_alloc_coherent(&dev_, 0x2800, &handle, GFP_KERNEL));
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(handle, virt_to_phys(memory));
  EXPECT_EQ(handle % PAGE_SIZE, 0u);
  for (unsigned i = 0; i < 0x2800; i++) ASSERT_EQ(memory[i], 0);
  EXPECT_EQ(held(), before + 3);  // of the block of four one went back
  dma_free_coherent(&dev_, 0x2800, memory, handle);
  EXPECT_EQ(held(), before);
  dma_free_coherent(&dev_, 0x2800, nullptr, 0);
  EXPECT_EQ(dma_alloc_coherent(&dev_, 0, &handle, GFP_KERNEL), nullptr);
  EXPECT_NE(bug().find("of 0 bytes"), std::string::npos);
  dma_free_coherent(&dev_, 4096, memory, handle + 4096);
  EXPECT_NE(bug().find("not what dma_alloc_coherent gave"), std::string::npos);
}

TEST_F(DmaMapping, TheCoherentMaskChoosesTheZone) {
  dma_addr_t handle;
  void* memory = dma_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL);
  EXPECT_GE(handle, kZoneEnd);
  dma_free_coherent(&dev_, 4096, memory, handle);
  dma_set_coherent_mask(&dev_, kZoneEnd - 1);
  memory = dma_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL);
  EXPECT_LT(handle, kZoneEnd);
  dma_free_coherent(&dev_, 4096, memory, handle);
  // With a mask set behind the functions' back that nothing satisfies.
  dev_.coherent_dma_mask = 0x1000;
  EXPECT_EQ(dma_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL), nullptr);
  EXPECT_NE(machine_->log.find("is beyond its mask 0x1000"), std::string::npos);
}

TEST_F(DmaMapping, ManagedCoherentMemoryGoesWithTheDriver) {
  const unsigned long before = held();
  dma_addr_t handle;
  void* first = dmam_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL);
  EXPECT_NE(dmam_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL), nullptr);
  dmam_free_coherent(&dev_, 4096, first, virt_to_phys(first));
  dmam_free_coherent(&dev_, 4096, first, virt_to_phys(first));
  EXPECT_NE(bug().find("no such managed buffer"), std::string::npos);
  EXPECT_EQ(devres_release_all(&dev_), 1);
  EXPECT_EQ(held(), before);
}

// ---- a device that does not see the caches, of blocks of 64 bytes

class NonCoherent : public DmaBench {
 protected:
  NonCoherent() : DmaBench("", true) { fake_dma.block_size = 64; }
  std::vector<std::string> maintained() {
    std::vector<std::string> list;
    list.swap(fake_dma.maintained);
    return list;
  }
  using Strings = std::vector<std::string>;
  std::string text(const char* operation, phys_addr_t address, unsigned size) {
    char line[64];
    snprintf(line, sizeof line, "%s 0x%llx %u", operation, address, size);
    return line;
  }
};

TEST_F(NonCoherent, CachesAreMaintainedByDirection) {
  EXPECT_EQ(dma_get_cache_alignment(), 64);
  char* buffer = reinterpret_cast<char*>(__get_free_page(GFP_KERNEL));
  const phys_addr_t at = virt_to_phys(buffer);
  dma_map_single(&dev_, buffer, 256, DMA_TO_DEVICE);
  EXPECT_EQ(maintained(), Strings{text("clean", at, 256)});
  dma_unmap_single(&dev_, at, 256, DMA_TO_DEVICE);
  EXPECT_EQ(maintained(), Strings{});
  dma_map_single(&dev_, buffer, 256, DMA_FROM_DEVICE);
  EXPECT_EQ(maintained(), Strings{text("flush", at, 256)});
  dma_sync_single_range_for_cpu(&dev_, at, 64, 128, DMA_FROM_DEVICE);
  EXPECT_EQ(maintained(), Strings{text("invalidate", at + 64, 128)});
  dma_sync_single_for_device(&dev_, at, 256, DMA_FROM_DEVICE);
  EXPECT_EQ(maintained(), Strings{text("flush", at, 256)});
  dma_unmap_single(&dev_, at, 256, DMA_FROM_DEVICE);
  EXPECT_EQ(maintained(), Strings{text("invalidate", at, 256)});
  dma_map_single(&dev_, buffer, 256, DMA_BIDIRECTIONAL);
  dma_unmap_single(&dev_, at, 256, DMA_BIDIRECTIONAL);
  EXPECT_EQ(maintained(), (Strings{text("flush", at, 256), text("invalidate", at, 256)}));
  free_page(reinterpret_cast<unsigned long>(buffer));
}

TEST_F(NonCoherent, SharedBlocksAreWrittenBackRatherThanLost) {
  char* buffer = reinterpret_cast<char*>(__get_free_page(GFP_KERNEL));
  const phys_addr_t at = virt_to_phys(buffer);
  dma_map_single(&dev_, buffer + 0x20, 0xb0, DMA_FROM_DEVICE);  // up to 0xd0
  maintained();
  dma_unmap_single(&dev_, at + 0x20, 0xb0, DMA_FROM_DEVICE);
  EXPECT_EQ(maintained(), (Strings{text("flush", at + 0x20, 0x20), text("invalidate", at + 0x40, 0x80),
                                   text("flush", at + 0xc0, 0x10)}));
  dma_map_single(&dev_, buffer + 0x48, 8, DMA_FROM_DEVICE);
  maintained();
  dma_unmap_single(&dev_, at + 0x48, 8, DMA_FROM_DEVICE);
  EXPECT_EQ(maintained(), Strings{text("flush", at + 0x48, 8)});
  free_page(reinterpret_cast<unsigned long>(buffer));
}

TEST_F(NonCoherent, CoherentMemoryLeavesTheCachesAndIsMappedOnceMore) {
  const unsigned long before = held();
  pgtable_has_svpbmt = true;
  dma_addr_t handle;
  char* memory = static_cast<char*>(dma_alloc_coherent(&dev_, 0x2000, &handle, GFP_ATOMIC));
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(maintained(), (Strings{text("flush", handle, 0x1000), text("flush", handle + 0x1000, 0x1000)}));
  EXPECT_FALSE(virt_addr_valid(memory));
  const Pte* entry = paging_.table.find(reinterpret_cast<unsigned long>(memory));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(pte_address(*entry), handle);
  EXPECT_EQ(*entry >> 61 & 3, 1u);  // NC
  // A guard page behind it.
  EXPECT_EQ(paging_.access(reinterpret_cast<unsigned long>(memory) + 0x2000), 0u);
  memory[5] = 6;
  EXPECT_EQ(machine_->memory(handle)[5], 6);
  dma_free_coherent(&dev_, 0x2000, memory, handle);
  EXPECT_EQ(paging_.access(reinterpret_cast<unsigned long>(memory)), 0u);
  dma_free_coherent(&dev_, 0x2000, memory, handle);
  EXPECT_NE(bug().find("not what dma_alloc_coherent gave"), std::string::npos);
  EXPECT_EQ(held(), before);
  pgtable_has_svpbmt = false;
}

TEST_F(NonCoherent, CoherentMemoryMayBeTheAliasOfRam) {
  dma_alias_offset = 0x40000000;
  dma_addr_t handle;
  void* memory = dma_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(paging_.access(reinterpret_cast<unsigned long>(memory)), handle + 0x40000000);
  EXPECT_LT(handle, kLowEnd);
  dma_free_coherent(&dev_, 4096, memory, handle);
  dma_alias_offset = 0;
  const unsigned long before = held();
  EXPECT_EQ(dma_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL), nullptr);
  EXPECT_NE(machine_->log.find("neither Svpbmt nor an uncached alias"), std::string::npos);
  EXPECT_EQ(held(), before);
}

TEST_F(NonCoherent, TheWindowForCoherentMemoryEnds) {
  dma_alias_offset = 0x40000000;
  dma_addr_t handles[3];
  void* first = dma_alloc_coherent(&dev_, 2ul << 20, &handles[0], GFP_KERNEL);  // of 3 MiB
  ASSERT_NE(first, nullptr);
  const unsigned long before = held();
  EXPECT_EQ(dma_alloc_coherent(&dev_, 1ul << 20, &handles[1], GFP_KERNEL), nullptr);  // the guard pages
  EXPECT_NE(machine_->log.find("the window for coherent buffers is full"), std::string::npos);
  EXPECT_EQ(held(), before);
  dma_free_coherent(&dev_, 2ul << 20, first, handles[0]);
}

}  // namespace
}  // namespace memio
