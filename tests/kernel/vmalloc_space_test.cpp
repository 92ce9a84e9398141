// The list of areas of the vmalloc area: first fit, guard pages, the memory of freed areas.
#include "kernel/vmalloc_space.h"

#include <gtest/gtest.h>

namespace memio {
namespace {

// Sixteen pages.
class VmallocSpaceTest : public testing::Test {
 protected:
  VmallocSpaceTest() { space_.init(0x10000000, 0x10010000, &list_); }

  unsigned long insert(vm_struct* area, unsigned long size) {
    return space_.insert(area, size) ? area_start(*area) : 0;
  }

  vm_struct* list_ = nullptr;
  VmallocSpace space_;
  vm_struct areas_[20] = {};
};

TEST_F(VmallocSpaceTest, AreasFollowEachOtherWithAGuardPageBetween) {
  EXPECT_EQ(insert(&areas_[0], 0x1000), 0x10000000u);
  EXPECT_EQ(insert(&areas_[1], 0x3000), 0x10002000u);
  EXPECT_EQ(insert(&areas_[2], 0x1000), 0x10006000u);
  EXPECT_EQ(areas_[1].size, 0x4000u);
  EXPECT_EQ(area_guard(areas_[1]), 0x10005000u);
  EXPECT_EQ(list_, &areas_[0]);
  EXPECT_EQ(areas_[0].next, &areas_[1]);
}

TEST_F(VmallocSpaceTest, TheLowestHoleThatIsLargeEnoughServes) {
  for (unsigned i = 0; i < 4; i++) insert(&areas_[i], 0x2000);  // 0, 3, 6, 9 pages from the start
  space_.remove(&areas_[0], nullptr);
  space_.remove(&areas_[2], nullptr);
  EXPECT_EQ(insert(&areas_[4], 0x3000), 0x1000c000u);  // holes of three pages: too small with the guard
  EXPECT_EQ(insert(&areas_[5], 0x1000), 0x10000000u);
  EXPECT_EQ(insert(&areas_[6], 0x2000), 0x10006000u);
  EXPECT_EQ(areas_[5].next, &areas_[1]);
  EXPECT_EQ(areas_[6].next, &areas_[3]);
}

TEST_F(VmallocSpaceTest, TheLastGuardPageLiesInsideTheSpace) {
  EXPECT_EQ(insert(&areas_[0], 0x10000), 0u);
  EXPECT_EQ(insert(&areas_[0], 0xf000), 0x10000000u);
  EXPECT_EQ(insert(&areas_[1], 0x1000), 0u);
  EXPECT_EQ(insert(&areas_[1], ~0ul & ~0xffful), 0u);
  EXPECT_EQ(space_.use().used, 0x10000u);
  EXPECT_EQ(space_.use().largest_chunk, 0u);
}

TEST_F(VmallocSpaceTest, AreasAreFoundByStartAndByContent) {
  insert(&areas_[0], 0x1000);
  insert(&areas_[1], 0x2000);
  EXPECT_EQ(space_.find(0x10002000), &areas_[1]);
  EXPECT_EQ(space_.find(0x10003000), nullptr);
  EXPECT_EQ(space_.containing(0x10003fff), &areas_[1]);
  EXPECT_EQ(space_.containing(0x10004fff), &areas_[1]);  // guard page
  EXPECT_EQ(space_.containing(0x10005000), nullptr);
  EXPECT_EQ(space_.next_from(0x10000001), &areas_[1]);
  EXPECT_EQ(space_.next_from(0x10002001), nullptr);
  EXPECT_EQ(space_.use().used, 0x5000u);
  EXPECT_EQ(space_.use().largest_chunk, 0xb000u);
}

TEST_F(VmallocSpaceTest, TheLastSixteenFreedAreasAreRemembered) {
  for (unsigned i = 0; i < 17; i++) {
    vm_struct filler = {};
    insert(&filler, 0x1000 * (i % 3 + 1));
    filler.caller = reinterpret_cast<const void*>(0x1000ul + i);
    space_.remove(&filler, reinterpret_cast<const void*>(0x2000ul + i));
  }
  // Freed in turn: one, two, three pages, all at the start; the last was of two pages.
  const VmallocSpace::Freed* last = space_.freed_at(0x10002fff);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->caller, reinterpret_cast<const void*>(0x1010));
  EXPECT_EQ(last->freed_by, reinterpret_cast<const void*>(0x2010));
  EXPECT_EQ(last->end, 0x10002000u);
  const VmallocSpace::Freed* larger = space_.freed_at(0x10003000);
  ASSERT_NE(larger, nullptr);
  EXPECT_EQ(larger->caller, reinterpret_cast<const void*>(0x100e));
  EXPECT_EQ(space_.freed_at(0x10004000), nullptr);
}

TEST_F(VmallocSpaceTest, TheSeventeenthFreedAreaPushesOutTheFirst) {
  vm_struct large = {};
  insert(&large, 0xf000);
  space_.remove(&large, nullptr);
  for (unsigned i = 0; i < 15; i++) {
    vm_struct filler = {};
    insert(&filler, 0x1000);
    space_.remove(&filler, nullptr);
  }
  EXPECT_NE(space_.freed_at(0x1000f000), nullptr);
  insert(&large, 0x1000);
  space_.remove(&large, nullptr);
  EXPECT_EQ(space_.freed_at(0x1000f000), nullptr);
}

}  // namespace
}  // namespace memio
