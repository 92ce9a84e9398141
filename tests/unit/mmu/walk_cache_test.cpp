// The page-walk cache: which level a walk begins at, what it costs, what fences leave in it.
#include "mmu/walk_cache.h"

#include <gtest/gtest.h>

#include "unit/mmu/page_tables.h"

namespace memio::test {
namespace {

constexpr PageFormat sv39 = page_format(PageFormatId::sv39), sv48 = page_format(PageFormatId::sv48);
constexpr std::uint64_t rights = V | R | W | A | D;

class WalksWithCache : public testing::Test {
 protected:
  static MmuConfig config(unsigned entries) {
    MmuConfig result = without_l2();
    result.pwc_entries = entries;
    result.pwc_hit_latency = 3;
    return result;
  }
  std::size_t reads_for(std::uint64_t va, std::uint16_t asid = 1) {
    const std::size_t before = tables.reads.size();
    last =
        mmu.translate(va, AccessKind::load, context_of(PageFormatId::sv39, Privilege::supervisor, asid), 0);
    return tables.reads.size() - before;
  }
  void map(std::uint64_t va) { tables.map(va, 0x90000000, rights); }

  PageTables tables{PageFormatId::sv39};
  Mmu mmu{config(8), tables};
  Translation last;
};

TEST_F(WalksWithCache, BeginAtTheDeepestTableKnown) {
  for (const std::uint64_t va : {0x1000U, 0x2000U, 0x200000U, 0x40000000U}) map(va);
  EXPECT_EQ(reads_for(0x1000), 3U);
  EXPECT_EQ(last.walk_cycles, 3 * (1 + PageTables::read_latency));
  EXPECT_EQ(reads_for(0x2000), 1U);  // same last table
  EXPECT_EQ(last.walk_cycles, 3 + 1 + PageTables::read_latency);
  EXPECT_EQ(reads_for(0x200000), 2U);    // same middle table
  EXPECT_EQ(reads_for(0x40000000), 3U);  // another entry of the root
  const auto& counts = mmu.walker();
  EXPECT_EQ(counts.pwc_lookups, 4U);
  EXPECT_EQ(counts.pwc_hits, 2U);
  EXPECT_EQ(counts.pwc_misses, 2U);
  EXPECT_EQ(counts.skipped, 3U);
  EXPECT_EQ(counts.reads, 9U);
  EXPECT_EQ(counts.levels, 12U);
}

TEST_F(WalksWithCache, KeepWhatAFaultingWalkReadOnTheWay) {
  map(0x1000);
  EXPECT_EQ(reads_for(0x3000), 3U);
  EXPECT_EQ(last.outcome, Translation::Outcome::page_fault);
  EXPECT_EQ(reads_for(0x1000), 1U);
}

TEST_F(WalksWithCache, EachAddressSpaceForItselfUnlessGlobal) {
  map(0x1000);
  map(0x2000);
  map(0x40000000);
  map(0x40001000);
  tables.ptes[tables.entry_address(0x40000000, 2)] |= G;
  EXPECT_EQ(reads_for(0x1000, 1), 3U);
  EXPECT_EQ(reads_for(0x2000, 2), 3U);
  EXPECT_EQ(reads_for(0x40000000, 1), 3U);
  EXPECT_EQ(reads_for(0x40001000, 2), 1U);
  EXPECT_TRUE(last.entry->global) << "G stood in the part that was skipped";
}

TEST_F(WalksWithCache, FencesDropPointersAsTheyDropPages) {
  map(0x1000);
  map(0x40000000);
  tables.ptes[tables.entry_address(0x40000000, 2)] |= G;
  const auto warm = [&] {
    reads_for(0x1000);
    reads_for(0x40000000);
    mmu.dtlb().reset();
  };
  const auto after = [&](std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid) {
    mmu.fence({}, {});
    warm();
    mmu.fence(va, asid);
    mmu.dtlb().reset();
    const std::size_t own = reads_for(0x1000);
    return std::pair(own, reads_for(0x40000000));
  };
  using Reads = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(after({}, {}), Reads(3, 3));
  EXPECT_EQ(after({}, 1), Reads(3, 1));
  EXPECT_EQ(after({}, 2), Reads(1, 1));
  EXPECT_EQ(after(0x1000, {}), Reads(3, 1));
  EXPECT_EQ(after(0x3000, {}), Reads(3, 1)) << "on the way to an address beside it";
  EXPECT_EQ(after(0x200000, {}), Reads(1, 1)) << "the deepest pointer is another";
  EXPECT_EQ(after(0x40000000, {}), Reads(1, 3));
  EXPECT_EQ(after(0x40000000, 1), Reads(1, 1)) << "global pointers stay";
  EXPECT_EQ(after(0x1000, 1), Reads(3, 1));
}

TEST_F(WalksWithCache, StalePointersAreUsedUntilTheFence) {
  map(0x1000);
  reads_for(0x1000);
  mmu.dtlb().reset();
  tables.ptes[tables.entry_address(0x1000, 1)] = 0;
  EXPECT_EQ(reads_for(0x1000), 1U);
  EXPECT_EQ(last.outcome, Translation::Outcome::ok);
  mmu.fence(0x1000, {});
  EXPECT_EQ(reads_for(0x1000), 2U);
  EXPECT_EQ(last.outcome, Translation::Outcome::page_fault);
}

TEST(WalkCache, LruOverAllLevels) {
  WalkCache cache(2);
  cache.lookup(sv39, 0x1000, 1);
  cache.fill(sv39, 0x1000, 1, {0x81000000, 1, false});
  cache.fill(sv39, 0x1000, 1, {0x82000000, 0, false});
  EXPECT_EQ(cache.lookup(sv39, 0x1000, 1)->table, 0x82000000U);
  EXPECT_FALSE(cache.lookup(sv39, 0x80000000, 1));
  cache.fill(sv39, 0x80000000, 1, {0x83000000, 1, false});  // drives the level 1 pointer out
  EXPECT_EQ(cache.lookup(sv39, 0x1000, 1)->level, 0U);
  EXPECT_FALSE(cache.lookup(sv39, 0x200000, 1));
}

// Of the pointers of one walk the upper one was used earlier.
TEST(WalkCache, TheUpperPointerOfAWalkIsTheOlder) {
  WalkCache cache(2);
  cache.lookup(sv39, 0x1000, 1);
  cache.fill(sv39, 0x1000, 1, {0x81000000, 1, false});
  cache.fill(sv39, 0x1000, 1, {0x82000000, 0, false});
  cache.lookup(sv39, 0x80000000, 1);
  cache.fill(sv39, 0x80000000, 1, {0x83000000, 1, false});
  EXPECT_EQ(cache.lookup(sv39, 0x1000, 1)->table, 0x82000000U);
}

TEST(WalkCache, FormatsDoNotSeeEachOther) {
  WalkCache cache(4);
  cache.lookup(sv39, 0x1000, 1);
  cache.fill(sv39, 0x1000, 1, {0x81000000, 0, true});
  EXPECT_TRUE(cache.lookup(sv39, 0x1000, 1));
  EXPECT_FALSE(cache.lookup(sv48, 0x1000, 1));
  cache.fence(0x1000, {});
  EXPECT_FALSE(cache.lookup(sv39, 0x1000, 1));
}

TEST(WalkCache, HoldsNegativeAddresses) {
  WalkCache cache(4);
  const std::uint64_t va = 0xFFFFFFFF'80001000;
  cache.lookup(sv48, va, 1);
  cache.fill(sv48, va, 1, {0x81000000, 2, false});
  EXPECT_EQ(cache.lookup(sv48, va, 1)->level, 2U);
  EXPECT_FALSE(cache.lookup(sv48, 0x00007FFF'80001000, 1));
  cache.fence(va, 2);
  EXPECT_TRUE(cache.lookup(sv48, va, 1));
  cache.fence(va, 1);
  EXPECT_FALSE(cache.lookup(sv48, va, 1));
}

}  // namespace
}  // namespace memio::test
