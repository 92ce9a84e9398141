// The debug mode of the DMA functions: each mistake gives one report that names function, device, address,
// size, direction, and who made the mapping; right use gives none.
#include "kernel/dma_debug.h"

#include "dma_bench.h"
#include "kernel/device.h"

namespace memio {
namespace {

class Debug : public DmaBench {
 protected:
  Debug() : DmaBench("dma-debug") {
    buffer_ = low(256);
    at_ = virt_to_phys(buffer_);
  }
  ~Debug() override {
    kfree(buffer_);
    EXPECT_EQ(bug(), "");
    dma_debug_on = false;
  }
  dma_addr_t map(size_t size, dma_data_direction dir) {
    const dma_addr_t address = dma_map_single(&dev_, buffer_, size, dir);
    EXPECT_EQ(dma_mapping_error(&dev_, address), 0);
    return address;
  }
  // That the one report has all of these.
  void expect_bug(std::initializer_list<const char*> parts) {
    const std::string text = bug();
    for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  }
  std::string hex(dma_addr_t address) {
    char text[32];
    snprintf(text, sizeof text, "0x%llx", address);
    return text;
  }

  char* buffer_;
  dma_addr_t at_;
};

TEST_F(Debug, RightUseIsSilent) {
  EXPECT_TRUE(dma_debug_on);
  dma_addr_t address = map(256, DMA_BIDIRECTIONAL);
  dma_sync_single_for_cpu(&dev_, address, 256, DMA_FROM_DEVICE);
  dma_sync_single_range_for_device(&dev_, address, 64, 64, DMA_BIDIRECTIONAL);
  dma_unmap_single(&dev_, address, 256, DMA_BIDIRECTIONAL);
  // The same memory twice, to the device.
  address = map(256, DMA_TO_DEVICE);
  map(128, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, address, 256, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, address, 128, DMA_TO_DEVICE);
  dma_addr_t handle;
  void* memory = dma_alloc_coherent(&dev_, 100, &handle, GFP_KERNEL);
  dma_free_coherent(&dev_, 100, memory, handle);
  scatterlist list[2];
  sg_init_table(list, 2);
  sg_set_buf(&list[0], buffer_, 64);
  sg_set_buf(&list[1], buffer_ + 64, 64);  // becomes one entry
  EXPECT_EQ(dma_map_sg(&dev_, list, 2, DMA_TO_DEVICE), 1);
  dma_sync_sg_for_cpu(&dev_, list, 2, DMA_TO_DEVICE);
  dma_sync_sg_for_device(&dev_, list, 2, DMA_TO_DEVICE);
  dma_unmap_sg(&dev_, list, 2, DMA_TO_DEVICE);
}

TEST_F(Debug, UnmappingWhatIsNotMapped) {
  dma_unmap_single(&dev_, at_, 64, DMA_TO_DEVICE);
  expect_bug(
      {"dma_unmap_single(test@1000, ", hex(at_).c_str(), ", 64 bytes, to device) by 0x", ": not mapped"});
  const dma_addr_t address = map(64, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, address, 64, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, address, 64, DMA_TO_DEVICE);
  expect_bug(
      {"dma_unmap_single(", "unmapped by 0x", "it was 64 bytes at ", ", to device, by dma_map_single in 0x"});
}

TEST_F(Debug, UnmappingOtherwiseThanMapped) {
  dma_addr_t address = map(64, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, address, 32, DMA_TO_DEVICE);
  expect_bug({"32 bytes", "wrong size; mapped are 64 bytes at "});
  address = map(64, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, address, 64, DMA_FROM_DEVICE);
  expect_bug({"from device) by ", "wrong direction; mapped are 64 bytes at ", "to device"});
  address = map(64, DMA_TO_DEVICE);
  dma_unmap_page(&dev_, address, 64, DMA_TO_DEVICE);
  expect_bug({"dma_unmap_page(", "wrong function", "by dma_map_single in"});
  address = dma_map_single(&dev_, buffer_, 64, DMA_TO_DEVICE);
  dma_unmap_single(&dev_, address, 64, DMA_TO_DEVICE);
  expect_bug({"dma_mapping_error was never asked"});
  dma_addr_t handle;
  void* memory = dma_alloc_coherent(&dev_, 4096, &handle, GFP_KERNEL);
  dma_free_coherent(&dev_, 100, memory, handle);
  expect_bug(
      {"dma_free_coherent(", "100 bytes", "wrong size; mapped are 4096 bytes", "by dma_alloc_coherent"});
}

TEST_F(Debug, ListsWithAnotherNumberOfEntries) {
  scatterlist list[2];
  sg_init_table(list, 2);
  sg_set_buf(&list[0], buffer_, 64);
  sg_set_buf(&list[1], buffer_ + 128, 64);
  EXPECT_EQ(dma_map_sg(&dev_, list, 2, DMA_TO_DEVICE), 2);
  dma_unmap_sg(&dev_, list, 1, DMA_TO_DEVICE);
  expect_bug({"dma_unmap_sg(", "wrong number of entries", "by dma_map_sg in"});
  EXPECT_EQ(dma_map_sg(&dev_, list, 1, DMA_TO_DEVICE), 1);
  dma_unmap_sg(&dev_, list, 1, DMA_TO_DEVICE);
  dma_debug_detached(&dev_);
  expect_bug({"test@1000: detached with 1 DMA mappings left"});
}

TEST_F(Debug, SyncsOfWhatIsNotMappedSo) {
  dma_sync_single_for_cpu(&dev_, at_, 64, DMA_FROM_DEVICE);
  expect_bug({"dma_sync_single_for_cpu(", ": not mapped"});
  const dma_addr_t address = map(64, DMA_FROM_DEVICE);
  dma_sync_single_for_cpu(&dev_, address, 64, DMA_TO_DEVICE);
  expect_bug({"wrong direction"});
  dma_sync_single_range_for_cpu(&dev_, address, 32, 64, DMA_FROM_DEVICE);
  expect_bug({"dma_sync_single_range_for_cpu(", "reaches beyond the mapping"});
  dma_unmap_single(&dev_, address, 64, DMA_FROM_DEVICE);
  dma_addr_t handle;
  void* memory = dma_alloc_coherent(&dev_, 64, &handle, GFP_KERNEL);
  dma_sync_single_for_device(&dev_, handle, 64, DMA_BIDIRECTIONAL);
  expect_bug({"coherent memory needs no sync"});
  dma_free_coherent(&dev_, 64, memory, handle);
}

TEST_F(Debug, TheDeviceUsesWhatIsNotItsOwn) {
  const DmaCall call = {"use", &dev_, 0x1234};
  dma_debug_used(call, at_, 64, DMA_TO_DEVICE);
  expect_bug({"use(test@1000, ", "by 0x1234: not mapped"});
  const dma_addr_t address = map(64, DMA_FROM_DEVICE);
  dma_debug_used(call, address, 64, DMA_FROM_DEVICE);
  EXPECT_EQ(bug(), "");
  dma_debug_used(call, address, 64, DMA_TO_DEVICE);
  expect_bug({"wrong direction"});
  dma_debug_used(call, address, 65, DMA_FROM_DEVICE);
  expect_bug({hex(address + 64).c_str(), "1 bytes", ": not mapped"});
  dma_sync_single_for_cpu(&dev_, address, 64, DMA_FROM_DEVICE);
  dma_debug_used(call, address, 64, DMA_FROM_DEVICE);
  expect_bug({"the buffer is the CPU's; dma_sync_..._for_device is missing"});
  dma_sync_single_for_device(&dev_, address, 64, DMA_FROM_DEVICE);
  dma_debug_used(call, address, 64, DMA_FROM_DEVICE);
  dma_unmap_single(&dev_, address, 64, DMA_FROM_DEVICE);
}

TEST_F(Debug, FreeingWhatIsStillMapped) {
  char* block = low(100);
  const dma_addr_t address = dma_map_single(&dev_, block + 90, 4, DMA_TO_DEVICE);
  dma_mapping_error(&dev_, address);
  kfree(block);
  expect_bug({"kfree of 128 bytes at ", "still mapped for test@1000: 4 bytes at "});
  dma_unmap_single(&dev_, address, 4, DMA_TO_DEVICE);
  page* page = high();
  dma_mapping_error(&dev_, dma_map_page(&dev_, page, 0, 16, DMA_TO_DEVICE));
  __free_page(page);
  expect_bug({"free_pages of 4096 bytes at ", "by dma_map_page in"});
  dma_unmap_page(&dev_, page_to_phys(page), 16, DMA_TO_DEVICE);
}

TEST_F(Debug, MappingsLeftAtDetachAreReportedOnce) {
  map(64, DMA_TO_DEVICE);
  map(32, DMA_TO_DEVICE);
  dma_debug_detached(&dev_);
  expect_bug({"test@1000: detached with 2 DMA mappings left; the first: 64 bytes at "});
  dma_debug_detached(&dev_);
}

TEST_F(Debug, EndedMappingsAreRememberedForAWhile) {
  DmaTracker tracker;
  tracker.init();
  for (unsigned i = 0; i < 20; i++) {
    const memio::DmaMapping mapping = {
        {nullptr, nullptr}, &dev_, DmaKind::kSingle, DMA_TO_DEVICE, false, false, 0,
        0x1000 * (i + 1),   16,    0x1000 * (i + 1), nullptr,       i,     0};
    ASSERT_TRUE(tracker.add(mapping));
    EXPECT_EQ(tracker.count_of(&dev_), 1u);
    tracker.end(tracker.first_of(&dev_), 99);
  }
  EXPECT_EQ(tracker.ended_at(&dev_, 0x4000), nullptr);  // of the 20, the last 16 are kept
  ASSERT_NE(tracker.ended_at(&dev_, 0x500f), nullptr);
  EXPECT_EQ(tracker.ended_at(&dev_, 0x500f)->maker, 4u);
  EXPECT_EQ(tracker.ended_at(&dev_, 0x500f)->ender, 99u);
  EXPECT_EQ(tracker.ended_at(&dev_, 0x5010), nullptr);
  EXPECT_EQ(tracker.first_of(&dev_), nullptr);
}

}  // namespace
}  // namespace memio
