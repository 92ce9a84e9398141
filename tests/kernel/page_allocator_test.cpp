// Zones, watermarks, compound pages, reference counts, bad frees and /proc of the page allocator. RAM starts
// at 0x80000000. What each flag permits: gfp_test.cpp.
#include "kernel/page_allocator.h"

#include "page_bench.h"

namespace memio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The seed's four distributions: the engines' reach is limited or not, RAM exceeds the direct map or not.
TEST(Zones, LimitedDmaAndHighMemoryGiveThree) {
  PageBench bench(64 * kMiB, 32 * kMiB);
  EXPECT_THAT(bench.spans(), ElementsAre(4096, 12288, 8192));
  EXPECT_EQ(bench.zone(ZONE_NORMAL).buddy().start(), 0x81000u);
  EXPECT_EQ(bench.zone(ZONE_HIGHMEM).buddy().start(), 0x84000u);
}

TEST(Zones, UnlimitedDmaLeavesNormalEmpty) {
  PageBench bench(64 * kMiB, 32 * kMiB, "dma-zone=all");
  EXPECT_THAT(bench.spans(), ElementsAre(16384, 0, 8192));
}

TEST(Zones, SmallMemoryLeavesHighMemoryEmpty) {
  PageBench bench(64 * kMiB);
  EXPECT_THAT(bench.spans(), ElementsAre(4096, 12288, 0));
}

TEST(Zones, UnlimitedDmaAndSmallMemoryLeaveOne) {
  PageBench all(64 * kMiB, 0, "dma-zone=all");
  EXPECT_THAT(all.spans(), ElementsAre(16384, 0, 0));
}

TEST(Zones, DmaZoneOfNoSizeMeansNoLimit) {
  PageBench bench(64 * kMiB, 0, "dma-zone=0");
  EXPECT_THAT(bench.spans(), ElementsAre(16384, 0, 0));
}

TEST(Zones, TheDmaZoneEndsAtAnyPage) {
  PageBench bench(64 * kMiB, 0, "dma-zone=4100K");
  EXPECT_THAT(bench.spans(), ElementsAre(1025, 15359, 0));
  EXPECT_EQ(bench.zone(ZONE_DMA).buddy().free_blocks(10), 1u);
  EXPECT_EQ(bench.zone(ZONE_DMA).buddy().free_blocks(0), 1u);
}

TEST(Zones, ADmaZoneLargerThanLowMemoryTakesAllOfIt) {
  PageBench bench(8 * kMiB, 8 * kMiB);
  EXPECT_THAT(bench.spans(), ElementsAre(2048, 0, 2048));
}

TEST(Zones, ABadSizeIsNamedAndReplaced) {
  PageBench bench(64 * kMiB, 0, "dma-zone=5000");
  EXPECT_THAT(bench.spans(), ElementsAre(4096, 12288, 0));
  EXPECT_THAT(bench.machine.log,
              HasSubstr("dma-zone=5000: allowed are all, 0 and whole pages of 4K, e.g. 16M; "
                        "taking 16M\n"));
}

// mem_map takes 224 pages of Normal: 16384 descriptors of 56 bytes. So 16160 pages, 64640 kB, are managed and
// min is 4 * sqrt(64640) = 1016 kB = 254 pages, 64 of them for DMA and 189 for Normal.
TEST(Watermarks, AreLinuxs) {
  PageBench bench(64 * kMiB);
  const Watermarks& dma = bench.zone(ZONE_DMA).marks();
  EXPECT_THAT((std::array{dma.min, dma.low, dma.high}), ElementsAre(64, 80, 96));
  const Watermarks& normal = bench.zone(ZONE_NORMAL).marks();
  EXPECT_THAT((std::array{normal.min, normal.low, normal.high}), ElementsAre(189, 236, 283));
}

TEST(Watermarks, OfHighMemoryAreItsOwn) {
  PageBench bench(64 * kMiB, 256 * kMiB);
  EXPECT_EQ(bench.zone(ZONE_HIGHMEM).marks().min, 64u);  // 65536 / 1024
  PageBench small(64 * kMiB, 8 * kMiB);
  EXPECT_EQ(small.zone(ZONE_HIGHMEM).marks().min, 32u);
}

TEST(Watermarks, AreAnOption) {
  PageBench bench(64 * kMiB, 0, "dma-zone=all min-free-kbytes=4000");
  const Watermarks& marks = bench.zone(ZONE_DMA).marks();
  EXPECT_THAT((std::array{marks.min, marks.low, marks.high}), ElementsAre(1000, 1250, 1500));
  PageBench wrong(64 * kMiB, 0, "dma-zone=all min-free-kbytes=40000");
  EXPECT_EQ(wrong.zone(ZONE_DMA).marks().min, 254u);
  EXPECT_THAT(wrong.machine.log, HasSubstr("min-free-kbytes=40000: allowed are 0 to 32320; taking 1016\n"));
}

// A block counts as one page: the last one is given while 1001 are left to count, 1004 with all its pages.
TEST(Watermarks, OfLargeBlocksCountEachAsOnePage) {
  PageBench bench(64 * kMiB, 0, "dma-zone=all min-free-kbytes=4000");
  while (alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, 2) != nullptr) continue;
  EXPECT_EQ(nr_free_pages(), 1000u);
}

// Half of min = 1000 must be free in blocks of order 1 and above, a quarter in order 2 and above.
TEST(Watermarks, OfLargeBlocksLookAtTheLargerOnes) {
  PageBench bench(64 * kMiB, 0, "dma-zone=all min-free-kbytes=4000");
  std::vector<page*> singles;
  while (page* single = alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)) singles.push_back(single);
  // Every other page of the first 4096 is free: 2048 single pages, and 1000 pages that may be in large
  // blocks.
  for (page* single : singles) {
    if (page_to_pfn(single) < 0x81000 && page_to_pfn(single) % 2 == 0) __free_page(single);
  }
  EXPECT_NE(alloc_page(GFP_KERNEL | __GFP_NORETRY), nullptr);
  EXPECT_NE(alloc_pages(GFP_KERNEL | __GFP_NORETRY, 1), nullptr);
  for (int i = 0; i < 1000; i++) alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, 1);
  drain_all_pages();
  unsigned long large = 0;
  for (unsigned order = 1; order <= 10; order++)
    large += bench.zone(ZONE_DMA).buddy().free_blocks(order) << order;
  EXPECT_EQ(large, 500u);
}

TEST(Pages, ReservedRangesAreNeverHandedOut) {
  PageBench bench(16 * kMiB, 0, "", {{0x80000000, 0x80200000}, {0x80300000, 0x80301000}});
  EXPECT_EQ(bench.zone(ZONE_DMA).managed_pages(), 4096u - 512u - 1u - 56u);
  EXPECT_TRUE(PageReserved(pfn_to_page(0x80000)));
  EXPECT_TRUE(PageReserved(pfn_to_page(0x80300)));
  EXPECT_FALSE(PageReserved(pfn_to_page(0x80301)));
  while (const page* block = alloc_page(GFP_ATOMIC | __GFP_NOWARN)) {
    const unsigned long frame = page_to_pfn(block);
    ASSERT_TRUE(frame >= 0x80200 && frame != 0x80300) << std::hex << frame;
  }
}

TEST(Pages, AreConvertedBetweenTheirNames) {
  PageBench bench(32 * kMiB, 32 * kMiB);
  page* single = alloc_page(GFP_KERNEL);
  void* address = page_address(single);
  EXPECT_EQ(virt_to_page(address), single);
  EXPECT_EQ(page_to_virt(single), address);
  EXPECT_EQ(page_to_phys(single), virt_to_phys(address));
  EXPECT_EQ(pfn_to_page(page_to_pfn(single)), single);
  EXPECT_EQ(virt_to_pfn(address), page_to_pfn(single));
  EXPECT_EQ(pfn_to_virt(page_to_pfn(single)), address);
  EXPECT_EQ(mem_map, pfn_to_page(0x80000));
  EXPECT_EQ(max_mapnr, 16384u);
  EXPECT_TRUE(pfn_valid(0x83fff));
  EXPECT_FALSE(pfn_valid(0x84000));
  EXPECT_TRUE(PageHighMem(pfn_to_page(0x82000)));
  EXPECT_FALSE(PageHighMem(pfn_to_page(0x81fff)));
  EXPECT_THAT(bench.machine.bugs, testing::IsEmpty());
}

TEST(Pages, HighMemoryHasNoAddressAndDebugBuildsSaySo) {
  PageBench bench(32 * kMiB, 32 * kMiB);
  page* high = alloc_page(GFP_HIGHUSER);
  ASSERT_TRUE(PageHighMem(high));
  EXPECT_EQ(page_address(high), nullptr);
  EXPECT_NE(page_to_virt(high), nullptr);
  EXPECT_NE(virt_to_page(static_cast<char*>(high_memory) + 8192), nullptr);
  ASSERT_EQ(bench.machine.bugs.size(), 3u);
  EXPECT_THAT(bench.machine.bugs[0], HasSubstr("is high memory that is not mapped; use kmap"));
  EXPECT_THAT(bench.machine.bugs[1], HasSubstr("__va: physical address 0x8"));
  EXPECT_THAT(bench.machine.bugs[2], HasSubstr("__pa: address 0x"));
  EXPECT_EQ(__get_free_pages(GFP_HIGHUSER, 0), 0u);
  EXPECT_THAT(bench.machine.bugs.back(), HasSubstr("__get_free_pages: __GFP_HIGHMEM is not allowed"));
}

TEST(Pages, AFreedPageIsTheNextHandedOut) {
  PageBench bench(64 * kMiB);
  const unsigned long first = __get_free_page(GFP_KERNEL);
  free_page(first);
  EXPECT_EQ(__get_free_page(GFP_KERNEL), first);
}

TEST(Pages, ZeroedMeansZeroed) {
  PageBench bench(64 * kMiB);
  const unsigned long block = __get_free_pages(GFP_KERNEL, 2);
  memset(reinterpret_cast<void*>(block), 0xa5, 4 * PAGE_SIZE);
  free_pages(block, 2);
  const unsigned long again = __get_free_pages(GFP_KERNEL | __GFP_ZERO, 2);
  ASSERT_EQ(again, block);
  const unsigned char* bytes = reinterpret_cast<unsigned char*>(again);
  EXPECT_EQ(std::count(bytes, bytes + 4 * PAGE_SIZE, 0), 4 * PAGE_SIZE);
}

TEST(Pages, ACompoundPageIsHeldByAnyOfItsPages) {
  PageBench bench(64 * kMiB);
  page* head = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
  const unsigned long free = nr_free_pages();
  EXPECT_TRUE(PageHead(head));
  EXPECT_EQ(compound_order(head), 3u);
  EXPECT_TRUE(PageTail(head + 7));
  EXPECT_EQ(compound_head(head + 7), head);
  EXPECT_FALSE(PageCompound(head + 8));
  get_page(head + 5);
  EXPECT_EQ(page_count(head), 2);
  __free_pages(head, 3);
  EXPECT_EQ(nr_free_pages(), free);
  put_page(head + 2);
  EXPECT_EQ(nr_free_pages(), free + 8);
  EXPECT_FALSE(PageCompound(head) || PageCompound(head + 7));
  EXPECT_THAT(bench.machine.bugs, testing::IsEmpty());
}

TEST(Pages, ASplitBlockIsFreedPageByPage) {
  PageBench bench(64 * kMiB);
  const unsigned long free = nr_free_pages();
  page* block = alloc_pages(GFP_KERNEL, 2);
  split_page(block, 2);
  for (int i = 0; i < 4; i++) __free_page(block + i);
  EXPECT_EQ(nr_free_pages(), free);
  EXPECT_THAT(bench.machine.bugs, testing::IsEmpty());
}

TEST(Pages, GetOrderRoundsUp) {
  EXPECT_EQ(get_order(1), 0u);
  EXPECT_EQ(get_order(4096), 0u);
  EXPECT_EQ(get_order(4097), 1u);
  EXPECT_EQ(get_order(4 << 20), 10u);
}

class BadFree : public testing::Test {
 protected:
  // The only report, after which the number of free pages must be what it was.
  std::string bug() {
    EXPECT_EQ(bench_.machine.bugs.size(), 1u);
    EXPECT_EQ(nr_free_pages(), free_);
    return bench_.machine.bugs.empty() ? "" : bench_.machine.bugs[0];
  }
  void remember() { free_ = nr_free_pages(); }

  PageBench bench_{64 * kMiB};
  unsigned long free_ = 0;
};

TEST_F(BadFree, OfAFreePage) {
  const unsigned long single = __get_free_page(GFP_KERNEL);
  free_page(single);
  remember();
  free_page(single);
  EXPECT_THAT(bug(), HasSubstr("is free already, last freed by"));
}

TEST_F(BadFree, OfAFreeBlock) {
  const unsigned long block = __get_free_pages(GFP_KERNEL, 3);
  free_pages(block, 3);
  remember();
  free_pages(block, 3);
  EXPECT_THAT(bug(), HasSubstr("is free already, last freed by"));
}

TEST_F(BadFree, OfTheWrongOrder) {
  const unsigned long block = __get_free_pages(GFP_KERNEL, 3);
  remember();
  free_pages(block, 2);
  EXPECT_THAT(bug(), HasSubstr("has order 3, allocated by"));
  free_pages(block, 3);
  EXPECT_EQ(nr_free_pages(), free_ + 8);
}

TEST_F(BadFree, OfAPageInsideABlock) {
  page* block = alloc_pages(GFP_KERNEL, 3);
  remember();
  __free_pages(block + 4, 2);
  EXPECT_THAT(bug(), HasSubstr("is inside the block of order 3 at 0x8"));
}

TEST_F(BadFree, OfATailOfACompoundPage) {
  page* block = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
  remember();
  __free_page(block + 4);
  EXPECT_THAT(bug(), HasSubstr("is inside the block of order 3 at 0x8"));
}

TEST_F(BadFree, OfAReservedPage) {
  page* single = alloc_page(GFP_KERNEL);
  SetPageReserved(single);
  remember();
  __free_page(single);
  EXPECT_THAT(bug(), HasSubstr("is reserved"));
  ClearPageReserved(single);
  __free_page(single);
  EXPECT_EQ(nr_free_pages(), free_ + 1);
}

TEST_F(BadFree, OfASlabsPage) {
  page* single = alloc_page(GFP_KERNEL);
  single->flags |= BIT(PG_slab);
  remember();
  __free_page(single);
  EXPECT_THAT(bug(), HasSubstr("belongs to a slab"));
}

TEST_F(BadFree, OfAnAddressOutsideTheDirectMap) {
  remember();
  free_pages(reinterpret_cast<unsigned long>(high_memory), 0);
  EXPECT_THAT(bug(), HasSubstr("is not a page of the direct map"));
}

TEST_F(BadFree, OfAnAddressInsideAPage) {
  const unsigned long single = __get_free_page(GFP_KERNEL);
  remember();
  free_page(single + 16);
  EXPECT_THAT(bug(), HasSubstr("is not a page of the direct map"));
}

TEST_F(BadFree, OfWhatIsNoDescriptor) {
  remember();
  __free_page(mem_map + max_mapnr);
  EXPECT_THAT(bug(), HasSubstr("is not a page descriptor"));
}

TEST_F(BadFree, NothingIsNoMistake) {
  free_pages(0, 5);
  EXPECT_THAT(bench_.machine.bugs, testing::IsEmpty());
}

TEST_F(BadFree, NorIsAReferenceLeft) {
  page* single = alloc_page(GFP_KERNEL);
  get_page(single);
  remember();
  __free_page(single);
  EXPECT_EQ(nr_free_pages(), free_);
  __free_page(single);
  EXPECT_EQ(nr_free_pages(), free_ + 1);
  EXPECT_THAT(bench_.machine.bugs, testing::IsEmpty());
}

TEST(PageProc, BuddyinfoIsLinuxs) {
  PageBench bench(64 * kMiB);
  EXPECT_EQ(
      proc_text("buddyinfo"),
      "Node 0, zone      DMA      0      0      0      0      0      0      0      0      0      0      4\n"
      "Node 0, zone   Normal      0      0      0      0      0      1      0      0      1      1     11\n"
      "Node 0, zone  HighMem      0      0      0      0      0      0      0      0      0      0      0\n");
}

TEST(PageProc, MeminfoCountsPerCpuPagesAsFree) {
  PageBench bench(64 * kMiB, 32 * kMiB);
  page* low = alloc_pages(GFP_KERNEL, 1);
  page* high = alloc_page(GFP_HIGHUSER);
  // mem_map: 24576 * 56 bytes, 336 pages.
  EXPECT_EQ(proc_text("meminfo"),
            "MemTotal:        96960 kB\n"
            "MemFree:         96948 kB\n"
            "HighTotal:       32768 kB\n"
            "HighFree:        32764 kB\n"
            "LowTotal:        64192 kB\n"
            "LowFree:         64184 kB\n"
            "Slab:                0 kB\n"
            "PageTables:          0 kB\n"
            "VmallocTotal:        0 kB\n"
            "VmallocUsed:         0 kB\n"
            "VmallocChunk:        0 kB\n");
  __free_pages(low, 1);
  __free_page(high);
  EXPECT_THAT(proc_text("meminfo"), HasSubstr("MemFree:         96960 kB\n"));
}

TEST(PageProc, Zoneinfo) {
  PageBench bench(16 * kMiB, 0, "min-free-kbytes=256");
  page* single = alloc_page(GFP_KERNEL);
  __free_page(single);
  EXPECT_EQ(proc_text("zoneinfo"),
            "Node 0, zone      DMA\n"
            "  pages free     4039\n"
            "        min      64\n"
            "        low      80\n"
            "        high     96\n"
            "        spanned  4096\n"
            "        present  4040\n"
            "  pagesets\n"
            "    cpu: 0 hot\n"
            "              count: 1\n"
            "              high:  6\n"
            "              batch: 1\n"
            "    cpu: 0 cold\n"
            "              count: 0\n"
            "              high:  2\n"
            "              batch: 1\n"
            "  start_pfn:         524288\n");
}

TEST(PageProc, TheLargestOrderIsAnOption) {
  PageBench bench(64 * kMiB, 0, "dma-zone=all max-order=11");
  EXPECT_EQ(max_page_order(), 11u);
  EXPECT_THAT(proc_text("buddyinfo"),
              HasSubstr("DMA      0      0      0      0      0      1      0      0      "
                        "1      1      1      7\n"));
  EXPECT_NE(alloc_pages(GFP_KERNEL, 11), nullptr);
  EXPECT_EQ(alloc_pages(GFP_KERNEL, 12), nullptr);
  EXPECT_EQ(alloc_pages(GFP_KERNEL, 1ul << 32), nullptr);
  EXPECT_THAT(bench.machine.bugs, ElementsAre("alloc_pages: order 12, allowed are 0 to 11",
                                              "alloc_pages: order 4294967296, allowed are 0 to 11"));
}

}  // namespace
}  // namespace memio
