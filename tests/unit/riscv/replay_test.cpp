// What a short pipeline does again: fetches of wrong paths that miss, loads that follow a store too closely.
// Both engines alike. A line of 32 bytes comes in 1 + 4 + 3 = 8 cycles (fake_port.h), and goes on 4 cycles
// later.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr Word word_of_x0(Word rs1) { return s_type(0, 0, rs1, 2); }

riscv::HartConfig five_stages(riscv::Engine engine) {
  riscv::HartConfig config = hart_config(32, engine);
  CacheConfig cache;
  cache.size = 4096;
  cache.ways = 1;
  cache.line = 32;
  cache.miss_latency = 0;
  cache.replay_latency = 4;
  config.caches.l1i = config.caches.l1d = cache;
  config.caches.l1d.write_back = config.caches.l1d.write_allocate = false;
  config.caches.l1d.collision_window = 2;
  config.caches.l1d.collision_latency = 5;
  config.timing.load.latency = 1;
  config.timing.jump = {1, 1};
  config.timing.jalr_redirect = config.timing.mispredict = 3;
  config.timing.branch_taken = 1;
  config.timing.wrong_path = 2;
  config.predictor.kind = riscv::PredictorKind::static_;
  return config;
}

class Replay : public testing::TestWithParam<riscv::Engine> {
 protected:
  Replay() : bench(five_stages(GetParam())) {}

  /// Cycles of `n` instructions from `at`.
  Cycles run(std::uint64_t n, std::uint64_t at) {
    bench.hart->set_pc(at);
    const Cycles before = bench.hart->now();
    bench.run(n);
    return bench.hart->now() - before;
  }

  /// Cycles that a jalr in word `place` of a line that is held, back to its start, takes beside its class.
  Cycles jalr_at(unsigned place) {
    const std::uint64_t line = code_at + 0x400;
    bench.put(line + 4 * place, {i_type(0, 5, 0, 0, 0x67)});
    bench.hart->set_reg(5, line);
    run(1, line);
    return run(1, line + 4 * place) - 1;
  }

  HartBench bench;
};

TEST_P(Replay, AWrongPathInsideTheLineCostsTheRedirect) {
  EXPECT_EQ(jalr_at(5), 3u);
  EXPECT_EQ(bench.stat("l1i.prefetches"), 0u);
}

TEST_P(Replay, ASecondWordThatMissesIsFilledBeforeTheRedirect) {
  EXPECT_EQ(jalr_at(6), 1u + 8u + 4u);
  EXPECT_EQ(bench.stat("l1i.prefetches"), 1u);
  EXPECT_EQ(run(1, code_at + 0x418) - 1, 3u) << "now the line is there";
}

TEST_P(Replay, AFirstWordThatMissesIsFilledBeforeTheRedirect) { EXPECT_EQ(jalr_at(7), 0u + 8u + 4u); }

TEST_P(Replay, AWordOfZeroesEndsAWrongPath) {
  bench.put(code_at + 0x41c, {0});
  EXPECT_EQ(jalr_at(6), 3u);
}

TEST_P(Replay, ABranchForetoldWronglyFetchesItsTarget) {
  const std::uint64_t at = code_at + 0x400;
  bench.put(at, {nop, b_type(-256, 0, 0, 1)});  // bne x0, x0, back: foretold as taken
  run(1, at);
  EXPECT_EQ(run(1, at + 4), 1u + 8u + 4u) << "the line of the target";
  EXPECT_EQ(run(1, at + 4), 1u + 3u);
}

TEST_P(Replay, ALoadRightBehindAStoreToItsBytesIsMadeAgain) {
  const std::uint64_t at = code_at + 0x400;
  bench.hart->set_reg(6, data_at);
  // A store to the word at x6, `between` nops, and a load.
  const auto cost = [&](unsigned between, Word load) {
    bench.put(at, {i_type(0, 6, 2, 8, 0x03), word_of_x0(6), nop, nop, nop, nop});
    bench.put(at + 8 + 4 * between, {load});
    run(3 + between, at);  // fills the lines
    return run(2 + between, at + 4);
  };
  EXPECT_EQ(cost(0, i_type(0, 6, 2, 9, 0x03)), 2u + 5u);
  EXPECT_EQ(cost(1, i_type(0, 6, 2, 9, 0x03)), 3u + 5u);
  EXPECT_EQ(cost(2, i_type(0, 6, 2, 9, 0x03)), 4u);
  EXPECT_EQ(cost(0, i_type(4, 6, 2, 9, 0x03)), 2u) << "other bytes";
  EXPECT_EQ(cost(0, i_type(3, 6, 0, 9, 0x03)), 2u + 5u) << "its last byte";
  EXPECT_EQ(bench.stat("l1d.collisions"), 7u) << "each sequence ran twice; one began right behind another";
}

INSTANTIATE_TEST_SUITE_P(Engines, Replay, testing::Values(riscv::Engine::reference, riscv::Engine::fast));

}  // namespace
}  // namespace memio::test
