// The MMU's numbers: closed-form miss counts and cycles, identities on random traces, names of the
// statistics, trace events.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "unit/mmu/page_tables.h"

namespace memio::test {
namespace {

constexpr std::uint64_t page = 4096, rights = V | R | W | X | A | D;

// In turn over N data pages with an E-entry fully associative LRU DTLB: after the first round every
// access misses when N > E, none when N <= E; a walk costs levels * (step + memory).
TEST(MmuCounts, RoundRobinOverPagesInClosedForm) {
  constexpr unsigned entries = 16, rounds = 5;
  for (const std::uint64_t pages : {15U, 16U, 17U, 40U}) {
    PageTables tables(PageFormatId::sv39);
    MmuConfig config = without_l2();
    config.dtlb = {entries, 0, TlbPolicy::lru, 2, 1};
    config.walk_step_latency = 4;
    Mmu mmu(config, tables);
    for (std::uint64_t number = 0; number < pages; ++number) tables.map(number * page, number * page, rights);
    Cycles now = 0;
    for (unsigned round = 0; round < rounds; ++round)
      for (std::uint64_t number = 0; number < pages; ++number)
        now = mmu.translate(number * page, AccessKind::load, context_of(PageFormatId::sv39), now).done;
    const std::uint64_t misses = pages > entries ? rounds * pages : pages;
    EXPECT_EQ(mmu.dtlb().lookups, rounds * pages);
    EXPECT_EQ(mmu.dtlb().misses, misses);
    EXPECT_EQ(mmu.walker().walks, misses);
    EXPECT_EQ(mmu.walker().reads, 3 * misses);
    EXPECT_EQ(mmu.walker().cycles, misses * 3 * (4 + PageTables::read_latency));
    EXPECT_EQ(now, 2 * rounds * pages + mmu.walker().cycles);
    EXPECT_EQ(mmu.itlb().lookups, 0U);
  }
}

TEST(MmuCounts, AMissTakesItsLatencyBeforeTheLevelsBelow) {
  PageTables tables(PageFormatId::sv39);
  MmuConfig config;
  config.itlb = {4, 0, TlbPolicy::lru, 0, 1, 3};
  config.dtlb = {4, 0, TlbPolicy::lru, 2, 1, 4};
  config.l2tlb = {8, 2, TlbPolicy::lru, 5, 1};
  Mmu mmu(config, tables);
  const TranslationContext context = context_of(PageFormatId::sv39);
  tables.map(0x1000, 0x90000000, rights);
  const Translation walked = mmu.translate(0x1000, AccessKind::load, context, 10);
  EXPECT_EQ(walked.l1_cycles, 6U);
  EXPECT_EQ(walked.l2_cycles, 5U);
  EXPECT_EQ(walked.walk_cycles, 3 * (1 + PageTables::read_latency));
  EXPECT_EQ(walked.done, 10 + 6 + 5 + walked.walk_cycles);
  EXPECT_EQ(mmu.walker().cycles, walked.walk_cycles);
  const Translation fetched = mmu.translate(0x1000, AccessKind::fetch, context, 0);
  EXPECT_EQ(fetched.done, 3U + 5U);
  EXPECT_EQ(mmu.translate(0x1008, AccessKind::load, context, 0).done, 2U);
}

TEST(MmuCounts, TheSecondLevelServesBothFirstLevels) {
  PageTables tables(PageFormatId::sv39);
  MmuConfig config;
  config.itlb = {1, 0, TlbPolicy::lru, 0, 1};
  config.dtlb = {1, 0, TlbPolicy::lru, 1, 1};
  config.l2tlb = {8, 2, TlbPolicy::lru, 5, 1};
  Mmu mmu(config, tables);
  const TranslationContext context = context_of(PageFormatId::sv39);
  tables.map(0x1000, 0x90000000, rights);
  tables.map(0x2000, 0x90001000, rights);
  const Translation walked = mmu.translate(0x1000, AccessKind::load, context, 0);
  EXPECT_EQ(walked.l1_cycles, 1U);
  EXPECT_EQ(walked.l2_cycles, 5U);
  EXPECT_EQ(walked.walk_cycles, 3 * (1 + PageTables::read_latency));
  EXPECT_EQ(walked.done, 6 + walked.walk_cycles);
  const Translation fetched = mmu.translate(0x1000, AccessKind::fetch, context, 0);
  EXPECT_EQ(fetched.physical, 0x90000000U);
  EXPECT_EQ(fetched.l1_cycles, 0U);
  EXPECT_EQ(fetched.l2_cycles, 5U);
  EXPECT_EQ(fetched.walk_cycles, 0U);
  mmu.translate(0x2000, AccessKind::load, context, 0);  // drives 0x1000 out of the DTLB
  EXPECT_EQ(mmu.translate(0x1000, AccessKind::load, context, 0).walk_cycles, 0U);
  const Translation hit = mmu.translate(0x1FFF, AccessKind::load, context, 7);
  EXPECT_EQ(hit.done, 8U);
  EXPECT_EQ(hit.l2_cycles, 0U);
  EXPECT_EQ(mmu.dtlb().evictions, 2U);
  EXPECT_EQ(mmu.walker().walks, 2U);
  EXPECT_EQ(mmu.l2tlb()->lookups, 4U);
  EXPECT_EQ(mmu.l2tlb()->hits, 2U);
}

TEST(MmuCounts, IdentitiesHoldOnRandomTraces) {
  for (const unsigned pwc_entries : {0U, 4U})
    for (const AdPolicy ad : {AdPolicy::svade, AdPolicy::svadu}) {
      PageTables tables(PageFormatId::sv48);
      MmuConfig config;
      config.itlb = {6, 3, TlbPolicy::fifo, 1, 1};
      config.dtlb = {12, 0, TlbPolicy::plru, 1, 1};
      config.l2tlb = {24, 3, TlbPolicy::nru, 6, 1};
      config.pwc_entries = pwc_entries;
      config.ad = ad;
      Mmu mmu(config, tables);
      std::mt19937_64 random(3);
      std::vector<std::uint64_t> leaves;
      for (std::uint64_t number = 0; number < 64; ++number) {
        const unsigned level = number % 7 == 0 ? 1 : 0;
        const std::uint64_t va = number << 21, flags = number % 11 ? rights : V | R | W;
        leaves.push_back(tables.map(va, va, number % 13 ? flags : 0, level));
      }
      tables.refused = {leaves[17]};
      Cycles spent = 0, walked = 0;
      std::uint64_t walk_starts = 0;
      for (unsigned i = 0; i < 20000; ++i) {
        const std::uint64_t va = random() % 64 << 21;
        const auto kind = static_cast<AccessKind>(random() % 3);
        const TranslationContext context =
            context_of(PageFormatId::sv48, Privilege::supervisor, static_cast<std::uint16_t>(random() % 2));
        const Translation t = mmu.translate(va, kind, context, 1000);
        EXPECT_EQ(t.done, 1000 + t.l1_cycles + t.l2_cycles + t.walk_cycles);
        spent += t.done - 1000;
        walked += t.walk_cycles;
        if (random() % 200 == 0) mmu.fence(va, {});
        if (random() % 500 == 0) mmu.fence({}, context.asid);
      }
      const auto& walker = mmu.walker();
      for (const Tlb* tlb : {&mmu.itlb(), &mmu.dtlb(), mmu.l2tlb()}) {
        EXPECT_EQ(tlb->hits + tlb->misses, tlb->lookups);
        EXPECT_GT(tlb->hits, 0U);
        EXPECT_GT(tlb->evictions, 0U);
        walk_starts += tlb == mmu.l2tlb() ? tlb->misses : 0;
      }
      EXPECT_EQ(mmu.itlb().lookups + mmu.dtlb().lookups, 20000U);
      EXPECT_EQ(mmu.l2tlb()->lookups, mmu.itlb().misses + mmu.dtlb().misses);
      EXPECT_EQ(walker.walks, walk_starts + walker.dirty_walks);
      EXPECT_EQ(walker.levels, walker.reads + walker.refused + walker.skipped);
      EXPECT_EQ(walker.reads + walker.refused, tables.reads.size());
      EXPECT_EQ(walker.ad_updates, tables.updates.size());
      EXPECT_EQ(walker.pwc_lookups, pwc_entries ? walker.walks : 0);
      EXPECT_EQ(walker.pwc_hits + walker.pwc_misses, walker.pwc_lookups);
      EXPECT_EQ(walker.skipped > 0, pwc_entries > 0);
      EXPECT_EQ(walker.cycles, walked);
      EXPECT_EQ(spent, walked + 20000 + 6 * mmu.l2tlb()->lookups);
      EXPECT_GT(walker.refused, 0U);
    }
}

TEST(MmuCounts, AnL1TlbNeedsEntries) {
  PageTables tables(PageFormatId::sv39);
  MmuConfig config;
  config.dtlb.entries = 0;
  EXPECT_THROW(Mmu(config, tables), std::invalid_argument);
}

std::map<std::string, std::uint64_t> values(const StatGroup& group) {
  std::map<std::string, std::uint64_t> result;
  for (const Stat& stat : group.stats()) {
    EXPECT_FALSE(stat.unit.empty() || stat.text.empty()) << stat.name;
    result[stat.name] = stat.value();
  }
  return result;
}

TEST(MmuCounts, StatisticsHaveTheNamesThatScriptsRelyOn) {
  PageTables tables(PageFormatId::sv39);
  Mmu mmu(MmuConfig{}, tables);
  tables.map(0x1000, 0x90000000, rights);
  mmu.translate(0x1000, AccessKind::load, context_of(PageFormatId::sv39), 0);
  StatGroup group("mmu");
  mmu.register_stats(group);
  std::vector<std::string> names;
  for (const auto& child : group.children()) names.push_back(child->name());
  EXPECT_EQ(names, (std::vector<std::string>{"itlb", "dtlb", "l2tlb", "walker"}));
  const auto dtlb = values(*group.children()[1]);
  EXPECT_EQ(dtlb.at("lookups"), 1U);
  EXPECT_EQ(dtlb.at("hits"), 0U);
  EXPECT_EQ(dtlb.at("misses"), 1U);
  EXPECT_EQ(dtlb.at("evictions"), 0U);
  EXPECT_EQ(dtlb.at("fills"), 1U);
  const auto walker = values(*group.children()[3]);
  EXPECT_EQ(walker.at("walks"), 1U);
  EXPECT_EQ(walker.at("reads"), 3U);
  EXPECT_EQ(walker.at("cycles"), 33U);
  EXPECT_EQ(walker.at("faults"), 0U);

  Mmu small(without_l2(), tables);
  StatGroup other("mmu");
  small.register_stats(other);
  EXPECT_EQ(other.children().size(), 3U);
}

struct Events final : TraceSink {
  bool wants(TraceTopic topic) const override { return on && topic == TraceTopic::mmu; }
  void tlb_miss(const TlbMissEvent& event) override { misses.push_back(event); }
  void walk(const WalkEvent& event) override { steps.push_back(event); }
  bool on = true;
  std::vector<TlbMissEvent> misses;
  std::vector<WalkEvent> steps;
};

TEST(MmuTrace, TellsMissesAndEachLevelOfAWalk) {
  PageTables tables(PageFormatId::sv39);
  MmuConfig config;
  config.dtlb.hit_latency = 1;
  Mmu mmu(config, tables, 3);
  Events events;
  mmu.set_trace(&events);
  const std::uint64_t leaf = tables.map(0x1234000, 0x90000000, rights);
  const TranslationContext context = context_of(PageFormatId::sv39);
  const Translation t = mmu.translate(0x1234000, AccessKind::load, context, 100);
  ASSERT_EQ(events.misses.size(), 2U);
  EXPECT_EQ(events.misses[0].at, 101U);
  EXPECT_EQ(events.misses[0].hart, 3U);
  EXPECT_EQ(events.misses[0].tlb, TlbId::dtlb);
  EXPECT_EQ(events.misses[0].address, 0x1234000U);
  EXPECT_EQ(events.misses[1].at, 105U);
  EXPECT_EQ(events.misses[1].tlb, TlbId::l2tlb);
  ASSERT_EQ(events.steps.size(), 3U);
  EXPECT_EQ(events.steps[0].start, 105U);
  EXPECT_EQ(events.steps[0].level, 2U);
  EXPECT_FALSE(events.steps[1].last);
  EXPECT_EQ(events.steps[1].done, events.steps[2].start);
  EXPECT_EQ(events.steps[2].level, 0U);
  EXPECT_EQ(events.steps[2].pte_address, leaf);
  EXPECT_EQ(events.steps[2].done, t.done);
  EXPECT_TRUE(events.steps[2].last);
  mmu.translate(0x1234000, AccessKind::load, context, t.done);
  events.on = false;
  mmu.translate(0x1234000, AccessKind::fetch, context, t.done);
  EXPECT_EQ(events.misses.size(), 2U);
  EXPECT_EQ(events.steps.size(), 3U);
}

TEST(MmuTrace, AWalkThatFaultsEndsAsWell) {
  PageTables tables(PageFormatId::sv39);
  Mmu mmu(without_l2(), tables);
  Events events;
  mmu.set_trace(&events);
  tables.refused = {PageTables::root};
  mmu.translate(0x1000, AccessKind::fetch, context_of(PageFormatId::sv39), 0);
  tables.refused.clear();
  mmu.translate(0x1000, AccessKind::fetch, context_of(PageFormatId::sv39), 50);
  ASSERT_EQ(events.steps.size(), 2U);
  EXPECT_TRUE(events.steps[0].last && events.steps[1].last);
  EXPECT_EQ(events.misses[0].tlb, TlbId::itlb);
}

}  // namespace
}  // namespace memio::test
