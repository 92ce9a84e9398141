// The time of misses and buffers, in figures worked out by hand from docs/timing.md, section "Caches".
//
// The bus takes 10 cycles for 8 bytes and one more for each further 8: a line of 64 bytes takes 17.
#include <gtest/gtest.h>

#include "cache/cache_hierarchy.h"
#include "unit/cache/fake_bus.h"

namespace memio::test {
namespace {

constexpr std::uint64_t last = ~std::uint64_t{0};

CacheHierarchyConfig data_cache() {
  CacheHierarchyConfig config;
  config.l1d.size = 1024;
  config.l1d.ways = 2;
  config.l1d.line = 64;
  config.l1d.miss_latency = 1;
  return config;
}

struct Bench {
  explicit Bench(const CacheHierarchyConfig& config) : bus(10), caches(config, "cpu0", bus) {}

  CacheReply load(std::uint64_t address, Cycles now, bool defer = false) {
    return caches.access({AccessKind::load, false, address, 8, last, defer}, now);
  }
  CacheReply fetch(std::uint64_t address, Cycles now) {
    return caches.access({AccessKind::fetch, false, address, 4, last, false}, now);
  }
  CacheReply store(std::uint64_t address, Cycles now) {
    return caches.access({AccessKind::store, true, address, 8, last, false}, now);
  }

  FakeBus bus;
  CacheHierarchy caches;
};

TEST(CacheTiming, MissTakesDetectionBurstAndReplay) {
  CacheHierarchyConfig config = data_cache();
  config.l1d.hit_latency = 2;
  config.l1d.miss_latency = 3;
  config.l1d.replay_latency = 4;
  Bench bench(config);
  EXPECT_EQ(bench.load(0x1008, 100).done, 100u + 2 + 3 + 17 + 4);
  EXPECT_EQ(bench.load(0x1010, 200).done, 202u);
  const std::vector<FakeBus::Transaction> expected{{0x1000, 64, false, 105}};
  EXPECT_EQ(bench.bus.seen, expected);
}

TEST(CacheTiming, AccessGoesOnWithTheLineItsWordOrTheCriticalWord) {
  // Word 5 of the 8 that come at 10, 11, ... 17 cycles after the start at 101.
  const std::pair<Restart, Cycles> cases[] = {
      {Restart::line, 118}, {Restart::early, 101 + 15}, {Restart::critical, 101 + 10}};
  for (const auto& [restart, done] : cases) {
    CacheHierarchyConfig config = data_cache();
    config.l1d.restart = restart;
    Bench bench(config);
    EXPECT_EQ(bench.load(0x1028, 100).done, done);
  }
}

TEST(CacheTiming, WordsBehindTheCriticalOneArriveInOrder) {
  CacheHierarchyConfig config = data_cache();
  config.l1d.restart = Restart::critical;
  Bench bench(config);
  EXPECT_EQ(bench.load(0x1028, 100).done, 111u);  // word 5, then 6, 7, 0, 1, ...
  EXPECT_EQ(bench.load(0x1030, 111).done, 112u);
  EXPECT_EQ(bench.load(0x1020, 112).done, 118u);  // word 4 is the last
  EXPECT_EQ(bench.load(0x1028, 118).done, 118u);
  EXPECT_EQ(bench.caches.l1d()->counts.delayed_hits, 2u);
  EXPECT_EQ(bench.caches.l1d()->counts.hits, 3u);
}

TEST(CacheTiming, SecondLevelCostsItsLookUpAndFillsBoth) {
  CacheHierarchyConfig config = data_cache();
  config.l1i = config.l1d;
  config.l2 = config.l1d;
  config.l2.size = 4096;
  config.l2.hit_latency = 6;
  config.l2.miss_latency = 2;
  Bench bench(config);
  EXPECT_EQ(bench.load(0x1000, 100).done, 100u + 1 + 6 + 2 + 17);
  EXPECT_EQ(bench.fetch(0x1000, 200).done, 200u + 1 + 6);  // in the second level by now
  EXPECT_EQ(bench.bus.seen.size(), 1u);
}

// Two ways in 8 sets: lines 512 bytes apart share a set. Two of them hit, three never do.
TEST(CacheTiming, AssociativityIsAKnee) {
  for (const unsigned lines : {2u, 3u}) {
    Bench bench(data_cache());
    Cycles now = 0;
    for (unsigned round = 0; round < 10; ++round)
      for (unsigned i = 0; i < lines; ++i) now = bench.load(0x4000 + 512 * i, now).done;
    EXPECT_EQ(now, lines == 2 ? 2u * 18 : 30u * 18);
  }
}

// 16 lines: a loop over 1024 bytes misses once a line, one over 1088 always misses in the set of the 17th.
TEST(CacheTiming, SizeIsAKnee) {
  for (const unsigned lines : {16u, 17u}) {
    Bench bench(data_cache());
    Cycles now = 0;
    for (unsigned round = 0; round < 4; ++round)
      for (unsigned i = 0; i < lines; ++i) now = bench.load(64 * i, now).done;
    EXPECT_EQ(now, (lines == 16 ? 16u : 17u + 3 * 3) * 18);
  }
}

TEST(CacheTiming, DirtyVictimLeavesBehindTheLineThatComes) {
  Bench bench(data_cache());
  EXPECT_EQ(bench.store(0x0, 0).done, 18u);
  EXPECT_EQ(bench.load(0x200, 18).done, 36u);
  EXPECT_EQ(bench.load(0x400, 36).done, 54u);                       // evicts 0x0
  EXPECT_EQ(bench.load(0x600, 54).done, 54u + 1 + (71 - 55) + 17);  // its write-back keeps the bus until 71
  const std::vector<FakeBus::Transaction> expected{{0x0, 64, false, 1},
                                                   {0x200, 64, false, 19},
                                                   {0x400, 64, false, 37},
                                                   {0x0, 64, true, 54},
                                                   {0x600, 64, false, 71}};
  EXPECT_EQ(bench.bus.seen, expected);
}

// Stores that go through at one a cycle; each takes the bus 10 cycles. With 3 entries the fourth waits until
// the first is done.
TEST(CacheTiming, WriteBufferDepthIsAKnee) {
  CacheHierarchyConfig config = data_cache();
  config.l1d.write_back = config.l1d.write_allocate = false;
  config.write_buffer = 3;
  Bench bench(config);
  Cycles now = 0;
  const Cycles done[] = {0, 1, 2, 10, 20, 30};
  for (unsigned i = 0; i < 6; ++i) {
    const CacheReply reply = bench.store(0x100 + 8 * i, now);
    EXPECT_EQ(reply.done, done[i]) << i;
    EXPECT_EQ(reply.store_wait, done[i] - now) << i;
    now = reply.done + 1;
  }
  EXPECT_EQ(bench.caches.drain(now), 60u);
  EXPECT_EQ(bench.bus.bytes_written, 48u);
  config.write_buffer = 0;
  Bench unbuffered(config);
  EXPECT_EQ(unbuffered.store(0x100, 5).done, 15u);
}

// Two outstanding misses: the third waits for the first; the bus makes them one after the other.
TEST(CacheTiming, OutstandingMissesOverlapWithTheHart) {
  CacheHierarchyConfig config = data_cache();
  config.l1d.mshrs = 2;
  Bench bench(config);
  const CacheReply first = bench.load(0x000, 0, true);
  EXPECT_EQ(first.done, 0u);
  EXPECT_EQ(first.data, 18u);
  const CacheReply second = bench.load(0x040, 1, true);
  EXPECT_EQ(second.done, 1u);
  EXPECT_EQ(second.data, 35u);
  const CacheReply again = bench.load(0x048, 2, true);  // a hit on a line in flight
  EXPECT_EQ(again.done, 2u);
  EXPECT_EQ(again.data, 35u);
  const CacheReply third = bench.load(0x080, 3, true);
  EXPECT_EQ(third.done, 18u);
  EXPECT_EQ(third.data, 52u);
  EXPECT_EQ(bench.caches.l1d()->counts.delayed_hits, 1u);
  EXPECT_EQ(bench.caches.l1d()->counts.hits, 1u);
}

TEST(CacheTiming, StoreBufferHidesTheLine) {
  CacheHierarchyConfig config = data_cache();
  config.l1d.store_buffer = 1;
  Bench bench(config);
  EXPECT_EQ(bench.store(0x000, 0).done, 0u);
  const CacheReply second = bench.store(0x040, 1);  // the only place is taken until 18
  EXPECT_EQ(second.done, 18u);
  EXPECT_EQ(second.store_wait, 17u);
  EXPECT_EQ(bench.caches.drain(18), 36u);
}

TEST(CacheTiming, ASnoopThatTakesALineOnItsWayChangesNoTime) {
  for (const bool snooped : {false, true}) {
    CacheHierarchyConfig config = data_cache();
    config.l1d.size = 64;
    config.l1d.ways = 1;
    config.write_buffer = 1;
    config.write_buffer_release = 50;
    Bench bench(config);
    if (snooped) bench.bus.meanwhile = [&] { bench.caches.snoop(bench.bus.seen.back().address, true); };
    for (const bool store : {false, true}) {
      bench.caches.drain(0);
      const Cycles begin = store ? 2000 : 1000;
      for (const std::uint64_t line : {0x0, 0x40}) {
        // Each victim is dirty, whatever became of the line in the meantime.
        Victim victim;
        bench.caches.l1d()->reset();
        bench.caches.l1d()->fill(0x800 + line, victim).dirty = true;
        const Cycles now = begin + (line ? 18 : 0);
        const CacheReply reply = store ? bench.store(line, now) : bench.load(line, now);
        // The first line comes at 18, its victim leaves from 18 to 35 and keeps the entry until 85. The
        // second comes from 35 to 52.
        EXPECT_EQ(reply.done, begin + (line ? 85 : 18)) << snooped << store;
        EXPECT_EQ(reply.store_wait, line ? 33u : 0u) << snooped << store;
      }
    }
  }
}

TEST(CacheTiming, FetchAheadBringsTheNextLineOfThePage) {
  CacheHierarchyConfig config;
  config.l1i.size = 1024;
  config.l1i.ways = 2;
  config.l1i.line = 64;
  config.l1i.miss_latency = 1;
  config.l1i.next_line = true;
  Bench bench(config);
  EXPECT_EQ(bench.fetch(0x1000, 0).done, 18u);
  EXPECT_EQ(bench.fetch(0x1040, 20).done, 35u);  // on its way since 18
  EXPECT_EQ(bench.fetch(0x1080, 40).done, 58u);
  EXPECT_EQ(bench.caches.l1i()->counts.prefetches, 2u);
  bench.fetch(0x1fc0, 100);  // the last line of a page
  EXPECT_EQ(bench.caches.l1i()->counts.prefetches, 2u);
}

}  // namespace
}  // namespace memio::test
