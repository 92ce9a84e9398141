// The translation process of section 4.3.2, through an MMU without L2 TLB, for each format and level.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "unit/mmu/page_tables.h"

namespace memio::test {
namespace {

using Outcome = Translation::Outcome;

constexpr std::uint64_t all_rights = V | R | W | X | A | D;

std::string format_name(const testing::TestParamInfo<PageFormatId>& instance) {
  static constexpr const char* names[] = {"bare", "sv32", "sv39", "sv48", "sv57"};
  return names[static_cast<unsigned>(instance.param)];
}

class WalkerOfEachFormat : public testing::TestWithParam<PageFormatId> {
 protected:
  explicit WalkerOfEachFormat() : tables(GetParam()), mmu(without_l2(), tables) {}

  Translation translate(std::uint64_t address, AccessKind kind = AccessKind::load) {
    return mmu.translate(address, kind, context_of(GetParam()), 0);
  }
  unsigned levels() const { return tables.format.levels; }
  std::uint64_t size_at(unsigned level) const { return std::uint64_t{1} << tables.format.page_shift(level); }

  PageTables tables;
  Mmu mmu;
  const std::uint64_t va = 0x12345678;
};

TEST_P(WalkerOfEachFormat, TranslatesPagesOfEveryLevel) {
  for (unsigned level = 0; level < levels(); ++level) {
    PageTables fresh(GetParam());
    Mmu own(without_l2(), fresh);
    const std::uint64_t pa = 3 * size_at(level);
    const std::uint64_t leaf = fresh.map(va, pa, all_rights, level);
    const Translation t = own.translate(va, AccessKind::load, context_of(GetParam()), 100);
    ASSERT_EQ(t.outcome, Outcome::ok) << level;
    EXPECT_EQ(t.physical, pa + va % size_at(level));
    EXPECT_EQ(fresh.reads.size(), levels() - level);
    EXPECT_EQ(fresh.sizes, std::set<unsigned>{GetParam() == PageFormatId::sv32 ? 4U : 8U});
    EXPECT_EQ(t.entry->page_shift, fresh.format.page_shift(level));
    EXPECT_EQ(t.entry->pte_address, leaf);
    EXPECT_EQ(t.walk_cycles, (levels() - level) * (1 + PageTables::read_latency));
    EXPECT_EQ(t.done, 100 + t.walk_cycles);
    // The whole page is held, and nothing beside it.
    const std::uint64_t first = va / size_at(level) * size_at(level);
    EXPECT_NE(own.dtlb().probe(first, 1), nullptr);
    EXPECT_NE(own.dtlb().probe(first + size_at(level) - 1, 1), nullptr);
    EXPECT_EQ(own.dtlb().probe(first + size_at(level), 1), nullptr);
  }
}

TEST_P(WalkerOfEachFormat, AnInvalidPteFaultsAtEveryLevel) {
  for (unsigned level = 0; level < levels(); ++level) {
    tables.ptes.clear();
    tables.ptes[tables.entry_address(va, level)] = all_rights & ~V;
    tables.reads.clear();
    EXPECT_EQ(translate(va).outcome, Outcome::page_fault);
    EXPECT_EQ(tables.reads.size(), levels() - level);
  }
  EXPECT_EQ(mmu.walker().faults, levels());
  EXPECT_EQ(mmu.dtlb().fills, 0U);
}

TEST_P(WalkerOfEachFormat, ReservedEncodingsFaultAtEveryLevel) {
  for (unsigned level = 0; level < levels(); ++level)
    for (const std::uint64_t bits :
         {W | A | D, W | X | A | D, std::uint64_t{A}, std::uint64_t{D}, std::uint64_t{U}}) {
      tables.ptes.clear();
      tables.map(va, size_at(level), V | bits, level);
      tables.reads.clear();
      EXPECT_EQ(translate(va).outcome, Outcome::page_fault) << "level " << level << " bits " << bits;
      EXPECT_EQ(tables.reads.size(), levels() - level) << "the walk ends where it meets them";
    }
  EXPECT_EQ(mmu.dtlb().fills, 0U);
}

TEST_P(WalkerOfEachFormat, UpperBitsOfEightBytePtesFault) {
  if (GetParam() == PageFormatId::sv32) return;
  for (unsigned level = 0; level < levels(); ++level)
    for (const unsigned bit : {54U, 60U, 61U, 62U, 63U}) {
      tables.ptes.clear();
      tables.map(va, 0, all_rights | std::uint64_t{1} << bit, level);
      EXPECT_EQ(translate(va).outcome, Outcome::page_fault) << level << ' ' << bit;
    }
}

TEST_P(WalkerOfEachFormat, MisalignedSuperpagesFault) {
  for (unsigned level = 1; level < levels(); ++level)
    for (const std::uint64_t pa : {std::uint64_t{0x1000}, size_at(level) - 0x1000, size_at(level) / 2}) {
      tables.ptes.clear();
      tables.map(va, pa, all_rights, level);
      EXPECT_EQ(translate(va).outcome, Outcome::page_fault) << level;
    }
  EXPECT_EQ(mmu.dtlb().fills, 0U);
}

TEST_P(WalkerOfEachFormat, APointerInTheLastTableFaults) {
  tables.map(va, 0x80000000, V);
  EXPECT_EQ(translate(va).outcome, Outcome::page_fault);
  EXPECT_EQ(tables.reads.size(), levels());
}

TEST_P(WalkerOfEachFormat, RefusedAndFailingReadsAreAccessFaults) {
  tables.map(va, 0x90000000, all_rights);
  const Translation whole = translate(va);
  ASSERT_EQ(whole.outcome, Outcome::ok);
  const auto path = tables.reads;
  for (unsigned step = 0; step < levels(); ++step) {
    mmu.fence({}, {});
    const auto before = mmu.walker();
    tables.refused = {path[step]};
    EXPECT_EQ(translate(va, AccessKind::store).outcome, Outcome::access_fault);
    EXPECT_EQ(mmu.walker().refused, before.refused + 1);
    EXPECT_EQ(mmu.walker().reads, before.reads + step);
    EXPECT_EQ(mmu.walker().levels, before.levels + step + 1);
    tables.refused.clear();
    tables.errors = {path[step]};
    EXPECT_EQ(translate(va, AccessKind::fetch).outcome, Outcome::access_fault);
    EXPECT_EQ(mmu.walker().reads, before.reads + step + step + 1);
    tables.errors.clear();
  }
  EXPECT_EQ(mmu.walker().levels, mmu.walker().reads + mmu.walker().refused);
  EXPECT_EQ(mmu.walker().faults, 2 * levels());
  EXPECT_EQ(mmu.itlb().fills, 0U);
}

TEST_P(WalkerOfEachFormat, GlobalAtAnyLevelMakesTheLeafGlobal) {
  for (unsigned level = 0; level < levels(); ++level) {
    tables.ptes.clear();
    mmu.fence({}, {});
    tables.map(va, 0x90000000, all_rights);
    tables.ptes[tables.entry_address(va, level)] |= G;
    EXPECT_TRUE(translate(va).entry->global) << level;
    EXPECT_NE(mmu.dtlb().probe(va, 77), nullptr);
    mmu.fence({}, 1);
    EXPECT_NE(mmu.dtlb().probe(va, 77), nullptr);
  }
}

TEST_P(WalkerOfEachFormat, AddressesThatAreNotCanonicalFaultWithoutALookUp) {
  if (GetParam() == PageFormatId::sv32) return;
  const std::uint64_t half = std::uint64_t{1} << (tables.format.virtual_bits() - 1);
  EXPECT_EQ(translate(half).outcome, Outcome::page_fault);
  EXPECT_EQ(translate(~half).outcome, Outcome::page_fault);
  EXPECT_EQ(mmu.dtlb().lookups, 0U);
  tables.map(half - 0x1000, 0x90000000, all_rights);
  EXPECT_EQ(translate(half - 0x1000).outcome, Outcome::ok);
  tables.map(0 - half, 0x90001000, all_rights);
  EXPECT_EQ(translate(0 - half + 0xFFF).physical, 0x90001FFFU);
}

TEST_P(WalkerOfEachFormat, DebugTranslationHasNoEffect) {
  tables.map(va, 0x90000000, V | R);
  const auto read = [&](std::uint64_t address, unsigned) { return std::optional(tables.ptes[address]); };
  const TranslationContext context = context_of(GetParam());
  EXPECT_EQ(mmu.debug_translate(va, context, read), std::optional<std::uint64_t>(0x90000678));
  EXPECT_EQ(mmu.debug_translate(va + 0x1000, context, read), std::nullopt);
  EXPECT_EQ(mmu.dtlb().lookups + mmu.walker().walks, 0U);
  EXPECT_TRUE(tables.reads.empty());
}

TEST_P(WalkerOfEachFormat, FunctionalModeWalksEachTimeAndCountsNothing) {
  MmuConfig config;
  config.model_tlbs = false;
  Mmu functional(config, tables);
  tables.map(va, 0x90000000, all_rights);
  for (unsigned times = 1; times <= 3; ++times) {
    const Translation t = functional.translate(va, AccessKind::load, context_of(GetParam()), 500);
    EXPECT_EQ(t.physical, 0x90000678U);
    EXPECT_EQ(t.done, 500U + 10 * levels());  // these tables make each read wait
    EXPECT_EQ(t.entry, nullptr);
    EXPECT_TRUE(t.leaf.valid && t.leaf.read && t.leaf.dirty);
    EXPECT_EQ(tables.reads.size(), times * levels());
  }
  EXPECT_EQ(functional.walker().walks, 0U);
  EXPECT_EQ(functional.l2tlb(), nullptr);
  functional.fence({}, {});
  functional.reset();
  StatGroup group("mmu");
  functional.register_stats(group);
  EXPECT_TRUE(group.children().empty());
}

INSTANTIATE_TEST_SUITE_P(Formats, WalkerOfEachFormat,
                         testing::Values(PageFormatId::sv32, PageFormatId::sv39, PageFormatId::sv48,
                                         PageFormatId::sv57),
                         format_name);

TEST(Walker, Sv32ReachesPhysicalAddressesOf34Bits) {
  PageTables tables(PageFormatId::sv32);
  Mmu mmu(without_l2(), tables);
  tables.map(0xC0001000, 0x3'FFFFF000, all_rights);
  const Translation t = mmu.translate(0xC0001ABC, AccessKind::load, context_of(PageFormatId::sv32), 0);
  EXPECT_EQ(t.physical, 0x3'FFFFFABCU);
}

// Every combination of R, W, X and U against kind, privilege, SUM and MXR; once on the walk, once on a hit.
TEST(Walker, PermissionsAreThoseOfTheSpecification) {
  for (const std::uint64_t rights : {R, R | W, X, R | X, R | W | X})
    for (const std::uint64_t user : {std::uint64_t{0}, U})
      for (const Privilege privilege : {Privilege::user, Privilege::supervisor})
        for (const bool sum : {false, true})
          for (const bool mxr : {false, true})
            for (const AccessKind kind : {AccessKind::fetch, AccessKind::load, AccessKind::store}) {
              PageTables tables(PageFormatId::sv39);
              Mmu mmu(without_l2(), tables);
              tables.map(0x5000, 0x90000000, V | rights | user | A | D);
              TranslationContext context = context_of(PageFormatId::sv39, privilege);
              context.sum = sum;
              context.mxr = mxr;
              bool granted = false;
              if (kind == AccessKind::fetch) granted = rights & X;
              if (kind == AccessKind::load) granted = (rights & R) || (mxr && (rights & X));
              if (kind == AccessKind::store) granted = rights & W;
              if (privilege == Privilege::user && !user) granted = false;
              if (privilege == Privilege::supervisor && user)
                granted = granted && sum && kind != AccessKind::fetch;
              const Outcome expected = granted ? Outcome::ok : Outcome::page_fault;
              EXPECT_EQ(mmu.translate(0x5000, kind, context, 0).outcome, expected);
              EXPECT_EQ(mmu.translate(0x5000, kind, context, 0).outcome, expected);
              EXPECT_EQ(mmu.walker().walks, 1U) << "the leaf stays though permissions refuse";
              EXPECT_EQ(mmu.walker().faults, granted ? 0U : 1U);
            }
}

TEST(Walker, AHeldEntryIsCheckedAgainOnEachAccess) {
  PageTables tables(PageFormatId::sv39);
  Mmu mmu(without_l2(), tables);
  tables.map(0x5000, 0x90000000, V | R | U | A);
  TranslationContext context = context_of(PageFormatId::sv39);
  context.sum = true;
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::load, context, 0).outcome, Outcome::ok);
  context.sum = false;
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::load, context, 0).outcome, Outcome::page_fault);
  context.privilege = Privilege::user;
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::load, context, 0).outcome, Outcome::ok);
  EXPECT_EQ(mmu.walker().walks, 1U);
  EXPECT_EQ(mmu.dtlb().hits, 2U);
}

TEST(Walker, EachAddressSpaceWalksForItself) {
  PageTables tables(PageFormatId::sv39);
  Mmu mmu(without_l2(), tables);
  tables.map(0x5000, 0x90000000, all_rights);
  tables.map(0x6000, 0x90001000, all_rights | G);
  for (const std::uint16_t asid : std::initializer_list<std::uint16_t>{1, 2, 1, 2}) {
    const TranslationContext context = context_of(PageFormatId::sv39, Privilege::supervisor, asid);
    EXPECT_EQ(mmu.translate(0x5000, AccessKind::load, context, 0).physical, 0x90000000U);
    EXPECT_EQ(mmu.translate(0x6000, AccessKind::load, context, 0).physical, 0x90001000U);
  }
  EXPECT_EQ(mmu.walker().walks, 3U);
}

TEST(Walker, AnEntryStaysWhatItWasUntilTheFence) {
  PageTables tables(PageFormatId::sv39);
  Mmu mmu(MmuConfig{}, tables);
  const TranslationContext context = context_of(PageFormatId::sv39);
  tables.map(0x5000, 0x90000000, all_rights);
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::load, context, 0).physical, 0x90000000U);
  tables.map(0x5000, 0xA0000000, V | R | A);
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::store, context, 0).physical, 0x90000000U);
  mmu.fence(0x5000, 2);
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::load, context, 0).physical, 0x90000000U);
  mmu.fence(0x5000, 1);
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::load, context, 0).physical, 0xA0000000U);
  EXPECT_EQ(mmu.translate(0x5000, AccessKind::store, context, 0).outcome, Outcome::page_fault);
}

}  // namespace
}  // namespace memio::test
