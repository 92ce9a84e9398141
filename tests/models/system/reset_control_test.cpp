// Reset control: the literal values a PC's firmware writes to port 0xCF9.
#include "system/reset_control.h"

#include "models/system/power_recorder.h"

namespace memio {
namespace {

using Bench = test::PowerBench<ResetControl>;
using test::Requests;

TEST(ResetControl, KindsOfReset) {
  Bench& b = Bench::restarted();
  for (unsigned value : {0x04u, 0x06u, 0x0Eu}) {
    b.bus.write8(0, 0x00);
    b.bus.write8(0, value);
    EXPECT_EQ(b.bus.read8(0), value);
  }
  EXPECT_EQ(b.power.requests, (Requests{"hart", "warm", "cold"}));
}

TEST(ResetControl, OnlyARiseOfBit2Resets) {
  Bench& b = Bench::restarted();
  b.bus.write8(0, 0x02);
  EXPECT_TRUE(b.power.requests.empty());
  b.bus.write8(0, 0x06);
  b.bus.write8(0, 0x06);
  b.bus.write8(0, 0x0E);
  EXPECT_EQ(b.power.requests, Requests{"warm"});
  b.bus.write8(0, 0x02);
  b.bus.write8(0, 0x06);
  EXPECT_EQ(b.power.requests, (Requests{"warm", "warm"}));
}

TEST(ResetControl, ReservedBitsReadAsZeroAndTheResetClearsTheRest) {
  Bench& b = Bench::restarted();
  b.bus.write8(0, 0xF1);
  EXPECT_EQ(b.bus.read8(0), 0x00u);
  b.bus.write8(0, 0x06);
  b.bus.restart();
  EXPECT_EQ(b.bus.read8(0), 0x00u);
  b.power.requests.clear();
  b.bus.write8(0, 0x06);
  EXPECT_EQ(b.power.requests, Requests{"warm"}) << "the next reset is a rise again";
}

TEST(ResetControl, Fuzz) { Bench::restarted().bus.fuzz(10); }

}  // namespace
}  // namespace memio
