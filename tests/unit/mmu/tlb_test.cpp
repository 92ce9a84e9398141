// The TLB alone: shapes, closed-form miss counts, each policy's victim by hand, double matches, listener.
#include "mmu/tlb.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <stdexcept>
#include <vector>

namespace memio {
namespace {

constexpr std::uint64_t page = 4096;

TlbEntry mapping(std::uint64_t va, unsigned shift = 12, std::uint16_t asid = 0, bool global = false) {
  TlbEntry entry;
  entry.virtual_page = va;
  entry.page_shift = static_cast<std::uint8_t>(shift);
  entry.asid = asid;
  entry.global = global;
  return entry;
}

// Looks page `number` up and fills it on a miss; true for a hit.
bool touch(Tlb& tlb, std::uint64_t number) {
  if (tlb.lookup(number * page, 0)) return true;
  tlb.fill(mapping(number * page));
  return false;
}

// The page that the fill of `newcomer` drives out of a TLB of `pages`, used in the given order.
std::uint64_t evicted(TlbPolicy policy, unsigned ways, std::initializer_list<std::uint64_t> uses,
                      std::uint64_t newcomer) {
  Tlb tlb({ways, 0, policy, 0, 1});
  for (const std::uint64_t number : uses) touch(tlb, number);
  EXPECT_EQ(tlb.evictions, 0U);
  touch(tlb, newcomer);
  EXPECT_EQ(tlb.evictions, 1U);
  for (const std::uint64_t number : uses)
    if (!tlb.probe(number * page, 0)) return number;
  return ~std::uint64_t{0};
}

TEST(Tlb, RefusesImpossibleShapes) {
  EXPECT_THROW(Tlb({0, 0}), std::invalid_argument);
  EXPECT_THROW(Tlb({10, 4}), std::invalid_argument);
  EXPECT_THROW(Tlb({4, 8}), std::invalid_argument);
  EXPECT_EQ(Tlb({15, 5}).sets(), 3U);
  EXPECT_EQ(Tlb({15, 0}).ways(), 15U);
}

// In turn over N pages: with LRU and FIFO, all miss after the first round if N > E, none if N <= E.
TEST(Tlb, RoundRobinMissesInClosedForm) {
  constexpr unsigned entries = 24, rounds = 10;
  for (const TlbPolicy policy : {TlbPolicy::lru, TlbPolicy::fifo})
    for (const std::uint64_t pages : {1U, 23U, 24U, 25U, 48U, 200U}) {
      Tlb tlb({entries, 0, policy, 0, 1});
      for (unsigned round = 0; round < rounds; ++round)
        for (std::uint64_t number = 0; number < pages; ++number) touch(tlb, number);
      EXPECT_EQ(tlb.lookups, rounds * pages);
      EXPECT_EQ(tlb.misses, pages > entries ? rounds * pages : pages);
      EXPECT_EQ(tlb.hits, pages > entries ? 0 : (rounds - 1) * pages);
      EXPECT_EQ(tlb.evictions, pages > entries ? rounds * pages - entries : 0);
    }
}

TEST(Tlb, SetsAreTakenModuloTheirNumberAlsoIfNotAPowerOfTwo) {
  Tlb tlb({3, 1, TlbPolicy::lru, 0, 1});
  touch(tlb, 0);
  touch(tlb, 4);
  touch(tlb, 8);
  EXPECT_EQ(tlb.evictions, 0U);
  touch(tlb, 7);
  EXPECT_EQ(tlb.evictions, 1U);
  EXPECT_EQ(tlb.probe(4 * page, 0), nullptr);
}

TEST(Tlb, LruDropsTheLeastRecentlyUsed) { EXPECT_EQ(evicted(TlbPolicy::lru, 4, {1, 2, 3, 4, 1, 2}, 9), 3U); }

TEST(Tlb, FifoIgnoresUse) { EXPECT_EQ(evicted(TlbPolicy::fifo, 4, {1, 2, 3, 4, 1, 2}, 9), 1U); }

// Last used: way 0, so the tree points right; there, way 3 was used last, so way 2 leaves.
TEST(Tlb, TreePlruIsNotLru) {
  EXPECT_EQ(evicted(TlbPolicy::plru, 4, {1, 2, 3, 4, 1}, 9), 3U);
  EXPECT_EQ(evicted(TlbPolicy::plru, 4, {1, 2, 3, 4, 2, 3}, 9), 1U);
  EXPECT_EQ(evicted(TlbPolicy::lru, 4, {1, 2, 3, 4, 2, 3}, 9), 1U);
  EXPECT_EQ(evicted(TlbPolicy::plru, 4, {1, 2, 3, 4, 1, 3, 2}, 9), 4U);
  EXPECT_EQ(evicted(TlbPolicy::plru, 4, {1, 2, 3, 4, 3, 4, 2}, 9), 3U);
  EXPECT_EQ(evicted(TlbPolicy::plru, 4, {1, 2, 3, 4, 3, 1, 4}, 9), 2U);
}

TEST(Tlb, TreePlruOfThreeWaysNeverTakesTheMissingLeaf) {
  EXPECT_EQ(evicted(TlbPolicy::plru, 3, {1, 2, 3, 1}, 9), 3U);
  EXPECT_EQ(evicted(TlbPolicy::plru, 3, {1, 2, 3}, 9), 1U);
}

TEST(Tlb, NruTakesTheFirstNotReferencedSinceTheBitsFell) {
  Tlb tlb({4, 0, TlbPolicy::nru, 0, 1});
  for (const std::uint64_t number : {1U, 2U, 3U, 4U}) touch(tlb, number);
  touch(tlb, 5);  // all referenced: the bits fall, way 0 (page 1) leaves
  EXPECT_EQ(tlb.probe(1 * page, 0), nullptr);
  touch(tlb, 2);
  touch(tlb, 6);  // way 0 and 1 referenced: way 2 (page 3) leaves
  EXPECT_EQ(tlb.probe(3 * page, 0), nullptr);
  touch(tlb, 7);
  EXPECT_EQ(tlb.probe(4 * page, 0), nullptr);
  EXPECT_NE(tlb.probe(5 * page, 0), nullptr);
  touch(tlb, 8);  // all referenced again
  EXPECT_EQ(tlb.probe(5 * page, 0), nullptr);
}

TEST(Tlb, RandomDependsOnTheSeedOnly) {
  const auto contents = [](std::uint64_t seed) {
    Tlb tlb({16, 0, TlbPolicy::random, 0, seed});
    for (std::uint64_t number = 0; number < 1000; ++number) touch(tlb, number);
    std::vector<std::uint64_t> pages;
    for (const TlbEntry& entry : tlb.entries()) pages.push_back(entry.virtual_page);
    return pages;
  };
  EXPECT_EQ(contents(5), contents(5));
  EXPECT_NE(contents(5), contents(6));
}

TEST(Tlb, AFillTakesAnInvalidWayBeforeItEvicts) {
  for (const TlbPolicy policy :
       {TlbPolicy::lru, TlbPolicy::plru, TlbPolicy::fifo, TlbPolicy::nru, TlbPolicy::random}) {
    Tlb tlb({70, 0, policy, 0, 1});
    for (std::uint64_t number = 0; number < 70; ++number) touch(tlb, number);
    tlb.fence(66 * page, {});
    tlb.fence(5 * page, {});
    touch(tlb, 100);
    EXPECT_EQ(tlb.entries()[5].virtual_page, 100 * page);
    touch(tlb, 101);
    EXPECT_EQ(tlb.entries()[66].virtual_page, 101 * page);
    EXPECT_EQ(tlb.evictions, 0U);
  }
}

TEST(Tlb, TheSmallestPageWinsAndThenTheLowestWay) {
  Tlb tlb({8, 0, TlbPolicy::lru, 0, 1});
  const auto add = [&](const TlbEntry& entry) { return ++tlb.lookups, tlb.fill(entry); };
  const TlbEntry* superpage = add(mapping(0, 21, 1));
  EXPECT_EQ(tlb.probe(0x5000, 1), superpage);
  const TlbEntry* own = add(mapping(0x5000, 12, 1));
  EXPECT_EQ(tlb.probe(0x5FFF, 1), own);
  EXPECT_EQ(tlb.probe(0x6000, 1), superpage);
  const TlbEntry* global = add(mapping(0x5000, 12, 2, true));
  EXPECT_EQ(tlb.probe(0x5000, 1), own);
  EXPECT_EQ(tlb.probe(0x5000, 2), global);
  tlb.fence(0x100000, {});
  const TlbEntry* lower = add(mapping(0x5000, 12, 3, true));  // takes way 0, which the superpage left
  EXPECT_EQ(tlb.probe(0x5000, 1), lower);
  EXPECT_LT(lower, own);
}

TEST(Tlb, AddressSpacesDoNotSeeEachOther) {
  Tlb tlb({8, 2, TlbPolicy::lru, 0, 1});
  EXPECT_EQ(tlb.lookup(0x1000, 1), nullptr);
  tlb.fill(mapping(0x1000, 12, 1));
  EXPECT_NE(tlb.probe(0x1000, 1), nullptr);
  EXPECT_EQ(tlb.probe(0x1000, 2), nullptr);
  EXPECT_EQ(tlb.probe(0x1000, 0x101), nullptr);
}

TEST(Tlb, ResetKeepsCounts) {
  Tlb tlb({4, 0, TlbPolicy::lru, 0, 1});
  touch(tlb, 1);
  touch(tlb, 1);
  tlb.reset();
  EXPECT_EQ(tlb.probe(page, 0), nullptr);
  EXPECT_EQ(tlb.lookups, 2U);
  EXPECT_EQ(tlb.invalidations, 0U);
  EXPECT_FALSE(touch(tlb, 1));
}

struct Recorder final : TlbListener {
  void entry_dropped(const TlbEntry& entry) override {
    EXPECT_TRUE(entry.valid);
    dropped.push_back(entry.virtual_page / page);
    dirty.push_back(entry.dirty);
  }
  std::vector<std::uint64_t> dropped;
  std::vector<bool> dirty;
};

TEST(Tlb, ListenerHearsOfEachEntryBeforeItChanges) {
  Tlb tlb({2, 0, TlbPolicy::lru, 0, 1});
  Recorder recorder;
  tlb.set_listener(&recorder);
  touch(tlb, 1);
  touch(tlb, 2);
  EXPECT_TRUE(recorder.dropped.empty());
  touch(tlb, 3);
  EXPECT_EQ(recorder.dropped, (std::vector<std::uint64_t>{1}));
  tlb.set_dirty(tlb.probe(2 * page, 0));
  EXPECT_EQ(recorder.dropped, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_FALSE(recorder.dirty.back());
  EXPECT_TRUE(tlb.probe(2 * page, 0)->dirty);
  tlb.fence(3 * page, {});
  tlb.reset();
  EXPECT_EQ(recorder.dropped, (std::vector<std::uint64_t>{1, 2, 3, 2}));
}

TEST(Tlb, ListenerHearsOfEntriesThatAGlobalPageShadows) {
  Tlb tlb({8, 0, TlbPolicy::lru, 0, 1});
  Recorder recorder;
  tlb.set_listener(&recorder);
  const auto add = [&](const TlbEntry& entry) { return ++tlb.lookups, tlb.fill(entry); };
  add(mapping(0, 21, 1));
  add(mapping(0x5000, 12, 2));
  add(mapping(0x6000, 12, 2));
  EXPECT_TRUE(recorder.dropped.empty());
  const TlbEntry* global = add(mapping(0x5000, 12, 3, true));
  EXPECT_EQ(recorder.dropped, (std::vector<std::uint64_t>{5, 0}));
  EXPECT_EQ(tlb.probe(0x5000, 1), global);
}

}  // namespace
}  // namespace memio
