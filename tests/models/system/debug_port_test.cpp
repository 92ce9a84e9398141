// Debug port: codes, history, counts.
#include "system/debug_port.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

struct Bench {
  DebugPort port{"port"};
  test::DeviceBench bus{port};
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(DebugPort, KeepsTheLastCodeAndAHistory) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.read8(0), 0u);
  StatGroup group("debug");
  b.port.register_stats(group);
  for (unsigned code = 0; code < 100; ++code) b.bus.write8(0, code);
  EXPECT_EQ(b.bus.read8(0), 99u);
  EXPECT_EQ(b.port.code(), 99u);
  ASSERT_EQ(b.port.history().size(), 64u);
  EXPECT_EQ(b.port.history().front(), 36u);
  EXPECT_EQ(b.port.history().back(), 99u);
  EXPECT_EQ(group.stats()[3].name, "codes");
  EXPECT_EQ(group.stats()[3].value(), 100u);
  EXPECT_EQ(group.stats()[4].value(), 99u);
}

TEST(DebugPort, AResetClearsTheCodeAndKeepsTheHistory) {
  Bench& b = bench();
  b.bus.write8(0, 0x42);
  b.bus.restart();
  EXPECT_EQ(b.bus.read8(0), 0u);
  EXPECT_EQ(b.port.history().back(), 0x42);
}

TEST(DebugPort, ItIsOneByte) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.try_write(0, 0, 2), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_write(1, 0, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(DebugPort, Fuzz) { bench().bus.fuzz(11); }

}  // namespace
}  // namespace memio
