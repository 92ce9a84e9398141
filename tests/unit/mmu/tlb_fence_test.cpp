// The four operand cases of sfence.vma (privileged specification, section 4.2.1) on small pages,
// superpages and global pages.
#include <gtest/gtest.h>

#include <set>

#include "mmu/tlb.h"

namespace memio {
namespace {

enum Page { small_1, small_2, small_global, super_1, super_2, super_global, page_count };

struct Mapping {
  std::uint64_t va;
  unsigned shift;
  std::uint16_t asid;
  bool global;
};

constexpr Mapping mappings[page_count] = {
    {0x00001000, 12, 1, false}, {0x00001000, 12, 2, false}, {0x00003000, 12, 1, true},
    {0x40200000, 21, 1, false}, {0x40200000, 21, 2, false}, {0x40600000, 21, 2, true},
};

class TlbFence : public testing::TestWithParam<unsigned> {
 protected:
  TlbFence() : tlb({24, GetParam(), TlbPolicy::lru, 0, 1}) {
    for (const Mapping& mapping : mappings) {
      EXPECT_EQ(tlb.lookup(mapping.va, mapping.asid), nullptr);
      TlbEntry entry;
      entry.virtual_page = mapping.va;
      entry.page_shift = static_cast<std::uint8_t>(mapping.shift);
      entry.asid = mapping.asid;
      entry.global = mapping.global;
      tlb.fill(entry);
    }
  }

  std::set<Page> held() const {
    std::set<Page> pages;
    for (unsigned page = 0; page < page_count; ++page)
      if (tlb.probe(mappings[page].va, mappings[page].asid)) pages.insert(static_cast<Page>(page));
    return pages;
  }

  Tlb tlb;
};

using Pages = std::set<Page>;

TEST_P(TlbFence, WithoutOperandsEverythingLeaves) {
  tlb.fence({}, {});
  EXPECT_EQ(held(), Pages{});
  EXPECT_EQ(tlb.invalidations, 6U);
  EXPECT_EQ(tlb.fences, 1U);
}

TEST_P(TlbFence, WithAddressItsPageLeavesInEveryAddressSpace) {
  tlb.fence(0x1FFF, {});
  EXPECT_EQ(held(), (Pages{small_global, super_1, super_2, super_global}));
  tlb.fence(0x2000, {});
  EXPECT_EQ(tlb.invalidations, 2U);
}

TEST_P(TlbFence, WithAddressAGlobalPageLeaves) {
  tlb.fence(0x3000, {});
  EXPECT_EQ(held(), (Pages{small_1, small_2, super_1, super_2, super_global}));
}

TEST_P(TlbFence, WithAddressInsideASuperpageItLeaves) {
  tlb.fence(0x403FFFFF, {});
  EXPECT_EQ(held(), (Pages{small_1, small_2, small_global, super_global}));
  tlb.fence(0x40712345, {});
  EXPECT_EQ(held(), (Pages{small_1, small_2, small_global}));
}

TEST_P(TlbFence, WithAsidGlobalPagesStay) {
  tlb.fence({}, 1);
  EXPECT_EQ(held(), (Pages{small_2, small_global, super_2, super_global}));
  tlb.fence({}, 2);
  EXPECT_EQ(held(), (Pages{small_global, super_global}));
}

TEST_P(TlbFence, WithBothOnlyThatPageOfThatSpaceLeaves) {
  tlb.fence(0x1000, 2);
  EXPECT_EQ(held(), (Pages{small_1, small_global, super_1, super_2, super_global}));
  tlb.fence(0x40200008, 1);
  EXPECT_EQ(held(), (Pages{small_1, small_global, super_2, super_global}));
  tlb.fence(0x3000, 1);
  tlb.fence(0x40600000, 2);
  EXPECT_EQ(held(), (Pages{small_1, small_global, super_2, super_global}));
}

TEST_P(TlbFence, OfAnAsidThatIsNotHeldChangesNothing) {
  tlb.fence({}, 3);
  tlb.fence(0x1000, 3);
  EXPECT_EQ(held().size(), 6U);
  EXPECT_EQ(tlb.invalidations, 0U);
  EXPECT_EQ(tlb.fences, 2U);
}

INSTANTIATE_TEST_SUITE_P(Shapes, TlbFence, testing::Values(0U, 4U, 6U, 8U));

}  // namespace
}  // namespace memio
