// A cache against a slow, obvious one: random histories, every policy, shapes that are powers of two or not.
#include <gtest/gtest.h>

#include <random>

#include "unit/cache/reference_cache.h"

namespace memio::test {
namespace {

struct Shape {
  unsigned ways, sets, line;
};

class CacheAgainstReference : public testing::TestWithParam<std::tuple<ReplacementPolicy, Shape>> {};

TEST_P(CacheAgainstReference, SameHitsVictimsAndStates) {
  const auto& [policy, shape] = GetParam();
  CacheConfig config;
  config.ways = shape.ways;
  config.line = shape.line;
  config.size = std::uint64_t{shape.ways} * shape.sets * shape.line;
  config.policy = policy;
  config.seed = 7;
  Cache cache("c", config);
  ReferenceCache reference(config, shape.ways, shape.sets);
  ASSERT_EQ(cache.ways(), shape.ways);
  ASSERT_EQ(cache.sets(), shape.sets);
  std::mt19937 random(shape.ways * 1000 + shape.sets);
  std::uint64_t hits = 0, misses = 0, evictions = 0, dirty_victims = 0;
  for (unsigned i = 0; i < 20000; ++i) {
    // About twice as many lines as fit, a third of the accesses to a few of them.
    const unsigned lines = 2 * shape.ways * shape.sets + 1;
    const std::uint64_t address =
        std::uint64_t{random() % (random() % 3 ? lines : lines / 4 + 1)} * shape.line + random() % shape.line;
    if (random() % 50 == 0) {
      CacheLine* const line = cache.probe(address);
      ASSERT_EQ(line != nullptr, reference.holds(address));
      if (!line) continue;
      if (random() % 2) {
        cache.invalidate(*line);
        reference.invalidate(address);
      } else {
        cache.clean(*line);
        reference.set_dirty(address, false);
      }
      continue;
    }
    const bool store = random() % 3 == 0;
    CacheLine* line = cache.lookup(address, store ? AccessKind::store : AccessKind::load);
    const bool hit = reference.lookup(address);
    ASSERT_EQ(line != nullptr, hit) << "access " << i;
    ++(hit ? hits : misses);
    if (!line) {
      Victim victim;
      line = &cache.fill(address, victim);
      const auto expected = reference.fill(address);
      ASSERT_EQ(victim.address != CacheLine::none, expected.has_value()) << "access " << i;
      if (expected) {
        ++evictions;
        dirty_victims += expected->dirty;
        ASSERT_EQ(victim.address, expected->address) << "access " << i;
        ASSERT_EQ(victim.dirty, expected->dirty) << "access " << i;
      }
    }
    if (store) {
      line->dirty = true;
      reference.set_dirty(address, true);
    }
  }
  EXPECT_EQ(cache.counts.hits, hits);
  EXPECT_EQ(cache.counts.evictions, evictions);
  EXPECT_EQ(cache.counts.misses[1] + cache.counts.misses[2], misses);
  EXPECT_GT(hits, 3000u);
  EXPECT_GT(dirty_victims, 300u);
}

INSTANTIATE_TEST_SUITE_P(
    All, CacheAgainstReference,
    testing::Combine(testing::Values(ReplacementPolicy::lru, ReplacementPolicy::plru, ReplacementPolicy::fifo,
                                     ReplacementPolicy::nru, ReplacementPolicy::random),
                     testing::Values(Shape{1, 8, 16}, Shape{2, 16, 32}, Shape{3, 5, 64}, Shape{4, 7, 64},
                                     Shape{6, 1, 128}, Shape{8, 2, 256}, Shape{5, 12, 16})));

TEST(CacheShape, ImpossibleOnesAreRefused) {
  const auto refused = [](std::uint64_t size, unsigned ways, unsigned line) {
    CacheConfig config;
    config.size = size;
    config.ways = ways;
    config.line = line;
    EXPECT_THROW(Cache("c", config), std::invalid_argument) << size << ' ' << ways << ' ' << line;
  };
  refused(1024, 4, 8);
  refused(1024, 4, 48);
  refused(1024, 4, 512);
  refused(1000, 4, 64);
  refused(1024, 3, 64);
  refused(32, 1, 64);
}

}  // namespace
}  // namespace memio::test
