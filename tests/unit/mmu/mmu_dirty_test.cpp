// The accessed and dirty bits under Svade and Svadu (section 4.3.1 and step 7 of section 4.3.2), on the
// walk and through entries held in L1 and L2.
#include <gtest/gtest.h>

#include "unit/mmu/page_tables.h"

namespace memio::test {
namespace {

using Outcome = Translation::Outcome;

constexpr std::uint64_t va = 0x5000, pa = 0x90000000;

class AccessedAndDirty : public testing::Test {
 protected:
  static MmuConfig config(AdPolicy ad) {
    MmuConfig result;
    result.ad = ad;
    return result;
  }
  Translation access(Mmu& mmu, AccessKind kind, std::uint64_t address = va) {
    return mmu.translate(address, kind, context_of(PageFormatId::sv39), 0);
  }

  PageTables tables{PageFormatId::sv39};
  Mmu svade{config(AdPolicy::svade), tables};
  Mmu svadu{config(AdPolicy::svadu), tables};
};

TEST_F(AccessedAndDirty, SvadeFaultsOnAClearBitAndFillsNothing) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W | X);
  for (const AccessKind kind : {AccessKind::fetch, AccessKind::load, AccessKind::store})
    EXPECT_EQ(access(svade, kind).outcome, Outcome::page_fault);
  tables.ptes[leaf] |= A;
  EXPECT_EQ(access(svade, AccessKind::store).outcome, Outcome::page_fault);
  EXPECT_EQ(svade.dtlb().fills + svade.itlb().fills + svade.l2tlb()->fills, 0U);
  EXPECT_EQ(access(svade, AccessKind::load).outcome, Outcome::ok);
  EXPECT_TRUE(tables.updates.empty());
  EXPECT_EQ(svade.walker().faults, 4U);
}

TEST_F(AccessedAndDirty, SvadeStoreThroughACleanEntryFaultsWithoutAWalk) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W | A);
  access(svade, AccessKind::load);
  tables.ptes[leaf] |= D;  // without a fence nobody looks
  EXPECT_EQ(access(svade, AccessKind::store).outcome, Outcome::page_fault);
  EXPECT_EQ(svade.walker().walks, 1U);
  EXPECT_EQ(svade.dtlb().hits, 1U);
  EXPECT_FALSE(svade.dtlb().probe(va, 1)->dirty);
  svade.fence(va, {});
  EXPECT_EQ(access(svade, AccessKind::store).outcome, Outcome::ok);
}

TEST_F(AccessedAndDirty, SvaduSetsWhatTheAccessNeeds) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W | X);
  EXPECT_EQ(access(svadu, AccessKind::fetch).outcome, Outcome::ok);
  EXPECT_EQ(tables.ptes[leaf], pa >> 2 | V | R | W | X | A);
  EXPECT_EQ(svadu.walker().ad_updates, 1U);
  EXPECT_EQ(svadu.walker().reads, 3U) << "the update's own read is not a walk's";
  const std::uint64_t other = tables.map(0x6000, pa, V | R | W);
  const Translation store = access(svadu, AccessKind::store, 0x6000);
  EXPECT_EQ(tables.ptes[other], pa >> 2 | V | R | W | A | D);
  EXPECT_TRUE(store.entry->dirty);
  EXPECT_EQ(store.walk_cycles, 3 * (1 + PageTables::read_latency) + PageTables::update_latency);
  EXPECT_EQ(svadu.walker().ad_updates, 2U);
  EXPECT_EQ(svadu.walker().dirty_walks, 0U);
}

TEST_F(AccessedAndDirty, SvaduLeavesTheBitsOfARefusedAccessAlone) {
  tables.map(va, pa, V | R);
  EXPECT_EQ(access(svadu, AccessKind::store).outcome, Outcome::page_fault);
  EXPECT_TRUE(tables.updates.empty());
  EXPECT_EQ(svadu.dtlb().fills, 0U);
}

TEST_F(AccessedAndDirty, SvaduFirstStoreWalksOnceAndMarksBothLevels) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W | A);
  access(svadu, AccessKind::load);
  const std::uint64_t stamp = svadu.l2tlb()->probe(va, 1)->stamp;
  const Translation first = access(svadu, AccessKind::store);
  EXPECT_EQ(first.outcome, Outcome::ok);
  EXPECT_EQ(first.physical, pa);
  EXPECT_EQ(first.done, first.l1_cycles + first.walk_cycles);
  EXPECT_GT(first.walk_cycles, 0U);
  EXPECT_EQ(tables.ptes[leaf], pa >> 2 | V | R | W | A | D);
  EXPECT_TRUE(svadu.dtlb().probe(va, 1)->dirty);
  EXPECT_TRUE(svadu.l2tlb()->probe(va, 1)->dirty);
  EXPECT_EQ(svadu.l2tlb()->probe(va, 1)->stamp, stamp);
  EXPECT_EQ(svadu.dtlb().hits, 1U);
  EXPECT_EQ(svadu.walker().dirty_walks, 1U);
  EXPECT_EQ(svadu.walker().walks, 2U);
  EXPECT_EQ(svadu.l2tlb()->lookups, 1U);
  EXPECT_EQ(access(svadu, AccessKind::store).walk_cycles, 0U);
  EXPECT_EQ(svadu.walker().walks, 2U);
}

TEST_F(AccessedAndDirty, SvaduFirstStoreFindsDSetAlready) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W | A);
  access(svadu, AccessKind::load);
  tables.ptes[leaf] |= D;
  EXPECT_EQ(access(svadu, AccessKind::store).outcome, Outcome::ok);
  EXPECT_EQ(svadu.walker().ad_updates, 0U);
  EXPECT_TRUE(svadu.dtlb().probe(va, 1)->dirty);
}

TEST_F(AccessedAndDirty, SvaduFirstStoreThatFaultsLeavesTheEntry) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W | A);
  access(svadu, AccessKind::load);
  tables.ptes[leaf] = pa >> 2 | V | R | A;
  EXPECT_EQ(access(svadu, AccessKind::store).outcome, Outcome::page_fault);
  tables.ptes[leaf] = 0;
  EXPECT_EQ(access(svadu, AccessKind::store).outcome, Outcome::page_fault);
  EXPECT_EQ(access(svadu, AccessKind::load).physical, pa);
  EXPECT_EQ(svadu.walker().faults, 2U);
  EXPECT_EQ(svadu.dtlb().fills, 1U);
}

TEST_F(AccessedAndDirty, SvaduFirstStoreThatFindsAnotherMappingTakesIt) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W | A);
  access(svadu, AccessKind::load);
  tables.ptes[leaf] = 0xA0000000 >> 2 | V | R | W | A;
  const Translation t = access(svadu, AccessKind::store);
  EXPECT_EQ(t.physical, 0xA0000000U);
  EXPECT_TRUE(t.entry->dirty);
  EXPECT_EQ(svadu.dtlb().probe(va, 1), t.entry);
  EXPECT_EQ(svadu.dtlb().invalidations, 1U);
  EXPECT_EQ(svadu.l2tlb()->probe(va, 1), nullptr);
}

TEST_F(AccessedAndDirty, SvaduWalksAgainIfThePteChangedMeanwhile) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W);
  unsigned changes = 2;
  tables.before_update = [&](std::uint64_t address) {
    EXPECT_EQ(address, leaf);
    if (changes == 0) return;
    --changes;
    tables.ptes[leaf] ^= 0x100;  // a bit for software
  };
  EXPECT_EQ(access(svadu, AccessKind::load).outcome, Outcome::ok);
  EXPECT_EQ(svadu.walker().walks, 1U);
  EXPECT_EQ(svadu.walker().reads, 9U);
  EXPECT_EQ(svadu.walker().levels, 9U);
  EXPECT_EQ(svadu.walker().ad_retries, 2U);
  EXPECT_EQ(svadu.walker().ad_updates, 1U);
}

TEST_F(AccessedAndDirty, SvaduSeesAMappingThatVanishesBeforeTheUpdate) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W);
  tables.before_update = [&](std::uint64_t) { tables.ptes[leaf] = 0; };
  EXPECT_EQ(access(svadu, AccessKind::store).outcome, Outcome::page_fault);
  EXPECT_EQ(tables.ptes[leaf], 0U);
}

TEST_F(AccessedAndDirty, SvaduGivesUpOnAPteThatNeverHoldsStill) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W);
  tables.before_update = [&](std::uint64_t) { tables.ptes[leaf] ^= 0x100; };
  EXPECT_EQ(access(svadu, AccessKind::load).outcome, Outcome::access_fault);
  EXPECT_EQ(svadu.walker().ad_retries, 16U);
  EXPECT_EQ(svadu.dtlb().fills, 0U);
}

TEST_F(AccessedAndDirty, SvaduUpdateRefusedOrFailingIsAnAccessFault) {
  const std::uint64_t leaf = tables.map(va, pa, V | R | W);
  tables.refused_updates = {leaf};
  EXPECT_EQ(access(svadu, AccessKind::load).outcome, Outcome::access_fault);
  EXPECT_EQ(svadu.walker().updates_refused, 1U);
  tables.refused_updates.clear();
  tables.failing_updates = {leaf};
  EXPECT_EQ(access(svadu, AccessKind::load).outcome, Outcome::access_fault);
  EXPECT_EQ(svadu.walker().levels, svadu.walker().reads);
  EXPECT_EQ(svadu.walker().ad_updates, 0U);
  EXPECT_EQ(svadu.dtlb().fills, 0U);
}

TEST_F(AccessedAndDirty, FunctionalModeKeepsThemToo) {
  MmuConfig functional = config(AdPolicy::svadu);
  functional.model_tlbs = false;
  Mmu updating(functional, tables);
  const std::uint64_t leaf = tables.map(va, pa, V | R | W);
  EXPECT_FALSE(access(updating, AccessKind::load).leaf.dirty);
  EXPECT_EQ(tables.ptes[leaf], pa >> 2 | V | R | W | A);
  EXPECT_TRUE(access(updating, AccessKind::store).leaf.dirty);
  EXPECT_EQ(tables.ptes[leaf], pa >> 2 | V | R | W | A | D);
  functional.ad = AdPolicy::svade;
  Mmu faulting(functional, tables);
  tables.map(va, pa, V | R | W);
  EXPECT_EQ(access(faulting, AccessKind::load).outcome, Outcome::page_fault);
}

}  // namespace
}  // namespace memio::test
