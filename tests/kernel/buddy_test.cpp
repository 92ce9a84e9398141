// The buddy system on its own: split, coalesce, natural alignment, borders.
#include "kernel/buddy.h"

#include <gtest/gtest.h>
#include <linux/mm.h>

#include <map>
#include <random>
#include <vector>

#include "fake_machine.h"

namespace memio {
namespace {

constexpr unsigned long kFirst = FakeMachine::kMemoryStart >> PAGE_SHIFT;

// Frames [start, end), counted from the start of RAM, over descriptors of their own.
class Frames {
 public:
  Frames(unsigned long start, unsigned long end, unsigned max_order = 10) : machine_(1 << 20), map_(end + 1) {
    mem_map = map_.data();
    max_mapnr = end + 1;
    buddy.init(kFirst + start, kFirst + end, max_order);
  }
  ~Frames() {
    mem_map = nullptr;
    max_mapnr = 0;
  }

  // Frame of an allocated block, from the start of RAM; -1 when there was none.
  long allocate(unsigned order) {
    const page* block = buddy.allocate(order);
    return block != nullptr ? block - mem_map : -1;
  }
  void free(long frame, unsigned order) { buddy.free(mem_map + frame, order); }
  std::vector<unsigned long> blocks() const {
    std::vector<unsigned long> counts;
    for (unsigned order = 0; order <= buddy.max_order(); order++) counts.push_back(buddy.free_blocks(order));
    return counts;
  }

  BuddyAllocator buddy;

 private:
  FakeMachine machine_;
  std::vector<page> map_;
};

using Counts = std::vector<unsigned long>;

TEST(Buddy, ARangeBecomesTheLargestAlignedBlocks) {
  Frames frames(0, 4096);
  frames.buddy.add_range(kFirst + 3, kFirst + 2050);
  // 3; 4..7; 8..15; ... 512..1023; 1024..2047; 2048, 2049.
  EXPECT_EQ(frames.blocks(), (Counts{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(frames.buddy.free_pages(), 2047u);
}

TEST(Buddy, ABlockIsSplitInHalvesAndJoinedAgain) {
  Frames frames(0, 1024);
  frames.buddy.add_range(kFirst, kFirst + 1024);
  EXPECT_EQ(frames.blocks(), (Counts{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  const long page = frames.allocate(0);
  EXPECT_EQ(page, 0);
  EXPECT_EQ(frames.blocks(), (Counts{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
  EXPECT_EQ(frames.buddy.free_pages(), 1023u);
  const long four = frames.allocate(2);
  EXPECT_EQ(four, 4);
  EXPECT_EQ(frames.blocks(), (Counts{1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0}));
  EXPECT_EQ(frames.allocate(10), -1);
  frames.free(page, 0);
  EXPECT_EQ(frames.blocks(), (Counts{0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
  frames.free(four, 2);
  EXPECT_EQ(frames.blocks(), (Counts{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(Buddy, NeighboursThatAreNotBuddiesStayApart) {
  Frames frames(0, 16);
  frames.buddy.add_range(kFirst + 1, kFirst + 3);
  EXPECT_EQ(frames.blocks(), (Counts{2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(frames.allocate(1), -1);
}

TEST(Buddy, NothingIsJoinedAcrossTheEndsOfTheRange) {
  // The buddies of frames 5 and 10 are frames 4 and 11, which look free but are another zone's.
  Frames frames(5, 11);
  mem_map[4].flags = BIT(PG_buddy);
  mem_map[11].flags = BIT(PG_buddy);
  frames.buddy.add_range(kFirst + 5, kFirst + 11);
  EXPECT_EQ(frames.blocks(), (Counts{2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Buddy, TheLargestOrderIsTenOrEleven) {
  for (unsigned max_order : {10u, 11u}) {
    Frames frames(0, 4096, max_order);
    frames.buddy.add_range(kFirst, kFirst + 4096);
    EXPECT_EQ(frames.buddy.free_blocks(max_order), max_order == 10 ? 4u : 2u);
    EXPECT_EQ(frames.allocate(max_order + 1), -1);
    EXPECT_EQ(frames.allocate(max_order) % (1 << max_order), 0);
  }
}

TEST(Buddy, DebugBuildsCatchABlockInTheWrongPlace) {
  Frames frames(0, 64);
  EXPECT_THROW(frames.free(2, 2), KernelPanic);
  frames.free(4, 2);
  EXPECT_THROW(frames.free(4, 2), KernelPanic);
}

// Which frames are free, as a plain array: the obvious model.
class Model {
 public:
  explicit Model(unsigned long frames) : free_(frames, true), free_count_(frames) {}

  void take(unsigned long frame, unsigned order) {
    ASSERT_EQ(frame % (1ul << order), 0u);
    for (unsigned long at = frame; at < frame + (1ul << order); at++) {
      ASSERT_TRUE(free_.at(at)) << "frame " << at << " twice";
      free_[at] = false;
    }
    free_count_ -= 1ul << order;
  }
  void give(unsigned long frame, unsigned order) {
    for (unsigned long at = frame; at < frame + (1ul << order); at++) free_[at] = true;
    free_count_ += 1ul << order;
  }
  bool has_block(unsigned order) const {
    const unsigned long size = 1ul << order;
    for (unsigned long start = 0; start + size <= free_.size(); start += size) {
      unsigned long at = start;
      while (at < start + size && free_[at]) at++;
      if (at == start + size) return true;
    }
    return false;
  }
  unsigned long free_count() const { return free_count_; }

 private:
  std::vector<bool> free_;
  unsigned long free_count_;
};

TEST(Buddy, AgreesWithTheModelOverRandomHistories) {
  constexpr unsigned long kFrames = 1500;
  for (unsigned seed = 0; seed < 4; seed++) {
    std::mt19937 random(seed);
    Frames frames(0, kFrames);
    Model model(kFrames);
    frames.buddy.add_range(kFirst, kFirst + kFrames);
    const Counts at_start = frames.blocks();
    std::vector<std::pair<long, unsigned>> used;
    for (int step = 0; step < 50000; step++) {
      if (random() % 2 == 0 || used.empty()) {
        const unsigned order = static_cast<unsigned>(__builtin_ctz(random() | 1 << 10));
        const long frame = frames.allocate(order);
        if (frame >= 0) {
          ASSERT_NO_FATAL_FAILURE(model.take(static_cast<unsigned long>(frame), order));
          used.emplace_back(frame, order);
        } else {
          ASSERT_FALSE(model.has_block(order)) << "order " << order << " refused at step " << step;
        }
      } else {
        std::swap(used[random() % used.size()], used.back());
        frames.free(used.back().first, used.back().second);
        model.give(static_cast<unsigned long>(used.back().first), used.back().second);
        used.pop_back();
      }
      ASSERT_EQ(frames.buddy.free_pages(), model.free_count());
    }
    for (const auto& [frame, order] : used) frames.free(frame, order);
    EXPECT_EQ(frames.blocks(), at_start);
  }
}

}  // namespace
}  // namespace memio
