// What moves between the levels and the bus: write-backs, write-through, block operations, whole-block
// writes.
#include <gtest/gtest.h>

#include <random>

#include "cache/cache_hierarchy.h"
#include "unit/cache/fake_bus.h"

namespace memio::test {
namespace {

constexpr std::uint64_t last = ~std::uint64_t{0};

CacheHierarchyConfig config_of(bool second_level) {
  CacheHierarchyConfig config;
  config.l1d.size = 256;
  config.l1d.ways = 1;
  config.l1d.line = 64;
  config.l1i = config.l1d;
  if (second_level) {
    config.l2 = config.l1d;
    config.l2.size = 1024;
  }
  return config;
}

struct Bench {
  explicit Bench(const CacheHierarchyConfig& config) : bus(10), caches(config, "cpu0", bus) {}
  void load(std::uint64_t address) {
    now = caches.access({AccessKind::load, false, address, 8, last, false}, now).done;
  }
  void store(std::uint64_t address) {
    now = caches.access({AccessKind::store, true, address, 8, last, false}, now).done;
  }
  const CacheCounts& l1() { return caches.l1d()->counts; }
  const CacheCounts& l2() { return caches.l2()->counts; }

  FakeBus bus;
  CacheHierarchy caches;
  Cycles now = 0;
};

TEST(CacheState, SecondLevelTakesWriteBacks) {
  Bench bench(config_of(true));
  bench.store(0x000);
  bench.load(0x100);  // the same line of the L1D, another of the L2
  EXPECT_EQ(bench.l1().write_backs, 1u);
  EXPECT_EQ(bench.l1().bytes_below, 64u);
  EXPECT_EQ(bench.bus.bytes_written, 0u);
  bench.load(0x400);  // evicts 0x000 from the L2
  EXPECT_EQ(bench.l2().write_backs, 1u);
  EXPECT_EQ(bench.bus.bytes_written, 64u);
  EXPECT_EQ(bench.bus.bytes_read, 3u * 64);
}

TEST(CacheState, WriteBackPassesASecondLevelThatDoesNotHoldTheLine) {
  Bench bench(config_of(true));
  bench.store(0x000);
  bench.caches.l2()->invalidate(*bench.caches.l2()->probe(0));
  bench.load(0x100);
  EXPECT_EQ(bench.l1().write_backs, 1u);
  EXPECT_EQ(bench.l2().write_backs, 0u);
  EXPECT_EQ(bench.l2().bytes_below, 64u);
  EXPECT_EQ(bench.bus.bytes_written, 64u);
}

TEST(CacheState, WriteThroughIsAbsorbedByASecondLevelThatHits) {
  CacheHierarchyConfig config = config_of(true);
  config.l1d.write_back = false;
  Bench bench(config);
  bench.store(0x000);  // allocates in both
  bench.store(0x008);
  EXPECT_EQ(bench.l1().writes_through, 2u);
  EXPECT_EQ(bench.l1().bytes_below, 16u);
  EXPECT_EQ(bench.bus.bytes_written, 0u);
  EXPECT_TRUE(bench.caches.l2()->probe(0)->dirty);
  EXPECT_FALSE(bench.caches.l1d()->probe(0)->dirty);
}

TEST(CacheState, StoresThatDoNotAllocateGoOn) {
  CacheHierarchyConfig config = config_of(false);
  config.l1d.write_allocate = false;
  Bench bench(config);
  bench.store(0x000);
  EXPECT_EQ(bench.l1().fills, 0u);
  EXPECT_EQ(bench.bus.bytes_written, 8u);
  bench.load(0x000);
  bench.store(0x000);  // a hit: the line is written, not memory
  EXPECT_EQ(bench.bus.bytes_written, 8u);
  EXPECT_TRUE(bench.caches.l1d()->probe(0)->dirty);
}

TEST(CacheState, BlockOperationsReachMemoryOnce) {
  for (const bool second : {false, true}) {
    Bench bench(config_of(second));
    bench.store(0x000);
    bench.now = bench.caches.manage(BlockOperation::clean, 0x010, bench.now);
    EXPECT_EQ(bench.bus.bytes_written, 64u);
    EXPECT_FALSE(bench.caches.l1d()->probe(0)->dirty);
    bench.now = bench.caches.manage(BlockOperation::clean, 0x010, bench.now);
    EXPECT_EQ(bench.bus.bytes_written, 64u);
    bench.store(0x000);
    bench.now = bench.caches.manage(BlockOperation::flush, 0x03f, bench.now);
    EXPECT_EQ(bench.bus.bytes_written, 128u);
    EXPECT_EQ(bench.caches.l1d()->probe(0), nullptr);
    bench.store(0x000);
    bench.now = bench.caches.manage(BlockOperation::invalidate, 0x000, bench.now);
    EXPECT_EQ(bench.bus.bytes_written, 128u);
    EXPECT_EQ(bench.caches.l1d()->probe(0), nullptr);
  }
}

TEST(CacheState, WholeBlocksAreWrittenWithoutReading) {
  Bench bench(config_of(false));
  bench.caches.write_block(0x040, 0);
  EXPECT_TRUE(bench.caches.l1d()->probe(0x040)->dirty);
  EXPECT_EQ(bench.l1().allocations, 1u);
  EXPECT_EQ(bench.bus.bytes_read, 0u);
  CacheHierarchyConfig config = config_of(false);
  config.l1d.write_back = false;
  Bench through(config);
  through.caches.write_block(0x040, 0);
  EXPECT_EQ(through.bus.bytes_written, 64u);
  EXPECT_EQ(through.caches.l1d()->probe(0x040), nullptr);
}

// Outstanding misses, buffers and restarts change time, never counts.
TEST(CacheState, CountsDoNotDependOnHowMissesOverlap) {
  const auto history = [](const CacheHierarchyConfig& config) {
    Bench bench(config);
    std::mt19937 random(3);
    for (unsigned i = 0; i < 5000; ++i) {
      const std::uint64_t address = random() % 96 * 32;
      if (random() % 3)
        bench.now =
            bench.caches.access({AccessKind::load, false, address, 8, last, true}, bench.now).done + 1;
      else
        bench.store(address);
    }
    return std::vector<std::uint64_t>{bench.l1().hits,        bench.l1().fills,       bench.l1().evictions,
                                      bench.l1().write_backs, bench.l2().hits,        bench.l2().fills,
                                      bench.bus.bytes_read,   bench.bus.bytes_written};
  };
  const CacheHierarchyConfig blocking = config_of(true);
  CacheHierarchyConfig overlapping = blocking;
  overlapping.l1d.mshrs = 3;
  overlapping.l1d.store_buffer = 2;
  overlapping.l1d.restart = Restart::critical;
  overlapping.write_buffer = 1;
  EXPECT_EQ(history(overlapping), history(blocking));
}

}  // namespace
}  // namespace memio::test
