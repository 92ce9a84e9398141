// Random histories of the page allocator against an obvious model: an owner for each frame.
#include <random>

#include "page_bench.h"

namespace memio {
namespace {

struct HistoryCase {
  const char* name;
  unsigned long low_bytes;
  unsigned long high_bytes;
  const char* options;
  std::vector<PhysicalRange> reserved;
};

void PrintTo(const HistoryCase& history, std::ostream* out) { *out << history.name; }

struct Block {
  page* first;
  unsigned order;
  bool compound;
};

class PageHistory : public testing::TestWithParam<HistoryCase> {
 protected:
  PageHistory()
      : bench_(GetParam().low_bytes, GetParam().high_bytes, GetParam().options, GetParam().reserved),
        owned_(max_mapnr, false),
        managed_(page_allocator().managed_pages()) {}

  // Mostly small orders.
  unsigned random_order() {
    const unsigned order = static_cast<unsigned>(__builtin_ctz(random_() | 1u << 31));
    return order <= max_page_order() ? order : 0;
  }
  gfp_t random_flags() {
    constexpr gfp_t kKinds[] = {GFP_KERNEL, GFP_ATOMIC, GFP_HIGHUSER, GFP_DMA, GFP_NOIO, 0};
    gfp_t flags = kKinds[random_() % std::size(kKinds)] | __GFP_NOWARN | __GFP_NORETRY;
    if (random_() % 4 == 0) flags |= __GFP_COLD;
    if (random_() % 4 == 0) flags |= __GFP_COMP;
    return flags;
  }

  void allocate() {
    const unsigned order = random_order();
    const gfp_t flags = random_flags();
    page* first = alloc_pages(flags, order);
    if (first == nullptr) {
      failures_++;
      return;
    }
    const unsigned long frame = page_to_pfn(first);
    ASSERT_EQ(frame % (1ul << order), 0u) << "order " << order;
    ASSERT_LE(page_zonenum(first), gfp_zone(flags));
    const BuddyAllocator& zone = bench_.zone(page_zonenum(first)).buddy();
    ASSERT_GE(frame, zone.start());
    ASSERT_LE(frame + (1ul << order), zone.end());
    for (unsigned long at = 0; at < 1ul << order; at++) {
      ASSERT_FALSE(owned_[frame - ARCH_PFN_OFFSET + at]) << "frame " << frame + at << " twice";
      ASSERT_FALSE(PageReserved(first + at));
      owned_[frame - ARCH_PFN_OFFSET + at] = true;
    }
    used_ += 1ul << order;
    blocks_.push_back({first, order, PageHead(first)});
  }

  void free_one() {
    if (blocks_.empty()) return;
    std::swap(blocks_[random_() % blocks_.size()], blocks_.back());
    const Block block = blocks_.back();
    blocks_.pop_back();
    const unsigned long size = 1ul << block.order;
    for (unsigned long at = 0; at < size; at++)
      owned_[page_to_pfn(block.first) - ARCH_PFN_OFFSET + at] = false;
    used_ -= size;
    if (block.compound) {
      put_page(block.first + random_() % size);
    } else if (block.order == 0 && random_() % 4 == 0) {
      free_cold_page(block.first);
    } else if (random_() % 8 == 0) {
      split_page(block.first, block.order);
      for (unsigned long at = 0; at < size; at++) __free_page(block.first + at);
    } else {
      __free_pages(block.first, block.order);
    }
  }

  // The free lists of each zone hold what the counts say.
  void check_zones() {
    unsigned long free = 0;
    for (zone_type type : {ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM}) {
      const Zone& zone = bench_.zone(type);
      unsigned long listed = zone.hot().count + zone.cold().count;
      for (unsigned order = 0; order <= max_page_order(); order++) {
        listed += zone.buddy().free_blocks(order) << order;
      }
      ASSERT_EQ(zone.free_pages(), listed);
      free += listed;
    }
    ASSERT_EQ(free, managed_ - used_);
  }

  PageBench bench_;
  std::mt19937 random_{1};
  std::vector<bool> owned_;
  std::vector<Block> blocks_;
  unsigned long managed_;
  unsigned long used_ = 0;
  unsigned failures_ = 0;
};

TEST_P(PageHistory, OfManySteps) {
  constexpr int kSteps = 1'000'000;
  const std::string at_start = proc_text("buddyinfo");
  for (int step = 0; step < kSteps; step++) {
    // The balance sways, so that memory runs out and is nearly all free again several times.
    const bool fill = step / 20000 % 2 == 0;
    if (random_() % 8 < (fill ? 5u : 3u)) {
      ASSERT_NO_FATAL_FAILURE(allocate()) << "at step " << step;
    } else {
      free_one();
    }
    ASSERT_EQ(nr_free_pages(), managed_ - used_) << "at step " << step;
    if (step % 100 == 0) {
      ASSERT_NO_FATAL_FAILURE(check_zones()) << "at step " << step;
    }
  }
  EXPECT_GT(failures_, 0u) << "memory never ran out";
  while (!blocks_.empty()) free_one();
  drain_all_pages();
  EXPECT_EQ(nr_free_pages(), managed_);
  EXPECT_EQ(proc_text("buddyinfo"), at_start);
  EXPECT_THAT(bench_.machine.bugs, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, PageHistory,
    testing::Values(HistoryCase{"ThreeZones", 24 * kMiB, 16 * kMiB, "", {}},
                    HistoryCase{"NoNormal", 24 * kMiB, 16 * kMiB, "dma-zone=all", {}},
                    HistoryCase{"NoHigh", 24 * kMiB, 0, "", {}},
                    HistoryCase{"One", 24 * kMiB, 0, "dma-zone=0 max-order=11", {}},
                    HistoryCase{"OddBorders", 24 * kMiB, 16 * kMiB - 12288, "dma-zone=5004K", {}},
                    HistoryCase{
                        "Holes",
                        24 * kMiB,
                        16 * kMiB,
                        "dma-zone=8M max-order=11 min-free-kbytes=0",
                        {{0x80000000, 0x80403000}, {0x80a01000, 0x80a02000}, {0x81fff000, 0x82003000}}}),
    [](const testing::TestParamInfo<HistoryCase>& info) { return info.param.name; });

}  // namespace
}  // namespace memio
