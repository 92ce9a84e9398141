// Why and where `Hart::run` returns.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

using riscv::StopReason;

class Stop : public EngineTest {
 protected:
  HartBench bench{config()};
};

TEST_P(Stop, AtTheInstructionLimit) {
  for (const std::uint64_t n : {1u, 2u, 63u, 64u, 65u, 1000u}) {
    bench.hart->set_pc(code_at);
    const std::uint64_t before = bench.hart->instructions();
    EXPECT_EQ(bench.run(n), StopReason::instruction_limit);
    EXPECT_EQ(bench.hart->instructions() - before, n);
    EXPECT_EQ(bench.hart->pc(), code_at + 4 * n);
  }
}

TEST_P(Stop, BehindAStoreToTheWatchedAddress) {
  bench.put(code_at, {nop, sw(5, 10, -4), sw(5, 10, 8), nop, sw(5, 10, 4), nop, jal(0, -24)});
  bench.hart->set_reg(10, data_at);
  bench.hart->set_pc(code_at);
  bench.run(70);  // the stores are warm
  bench.hart->watch_stores(data_at);
  bench.hart->set_pc(code_at);
  bench.hart->set_reg(5, 0x42);
  EXPECT_EQ(bench.run(1000), StopReason::watched_store);
  EXPECT_EQ(bench.hart->pc(), code_at + 20) << "offsets -4 and 8 do not touch its 8 bytes";
  EXPECT_EQ(bench.port->get32(data_at + 4), 0x42u) << "the store has been done";
  EXPECT_EQ(bench.run(1000), StopReason::watched_store) << "and again";
}

TEST_P(Stop, OnRequest) {
  bench.put(code_at, {jal(0, 0)});
  bench.hart->set_pc(code_at);
  bench.hart->request_stop();
  EXPECT_EQ(bench.run(1000), StopReason::requested);
  EXPECT_EQ(bench.hart->pc(), code_at);
  EXPECT_EQ(bench.run(1000), StopReason::instruction_limit) << "a request serves once";
}

TEST_P(Stop, AtTheHorizonThatADeviceAccessLeaves) {
  bench.put(code_at, {nop, lw(5, 10, 0), nop, nop, nop});
  bench.hart->set_reg(10, device_base);
  bench.hart->set_pc(code_at);
  bench.port->quantum = 30;
  const Cycles begin = bench.hart->now();
  EXPECT_EQ(bench.hart->run(), StopReason::horizon);
  EXPECT_EQ(bench.port->synchronisations, 1u) << "the device is reached at its exact time";
  EXPECT_EQ(bench.hart->now() - begin, 6 + 26 + 2 * 6u) << "12 + 30 = 42 is the new horizon";
}

MEMIO_BOTH_ENGINES(Stop);

}  // namespace
}  // namespace memio::test
