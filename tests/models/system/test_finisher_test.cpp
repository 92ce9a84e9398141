// Test finisher: the literal words of "sifive,test1".
#include "system/test_finisher.h"

#include "models/system/power_recorder.h"

namespace memio {
namespace {

using Bench = test::PowerBench<TestFinisher>;
using test::Requests;

TEST(TestFinisher, PassFailReset) {
  Bench& b = Bench::restarted();
  b.bus.write32(0, 0x5555);
  b.bus.write32(0, 0x00073333);
  b.bus.write32(0, 0xFFFF3333);
  b.bus.write32(0, 0x7777);
  EXPECT_EQ(b.power.requests, (Requests{"off 0", "off 7", "off 65535", "warm"}));
}

TEST(TestFinisher, OtherValuesDoNothingAndCanBeReadBack) {
  Bench& b = Bench::restarted();
  b.bus.write32(0, 0x12345678);
  EXPECT_EQ(b.bus.read32(0), 0x12345678u);
  EXPECT_TRUE(b.power.requests.empty());
}

TEST(TestFinisher, HalfWordsOrWords) {
  Bench& b = Bench::restarted();
  b.bus.write(0, 0x5555, 2);
  EXPECT_EQ(b.power.requests, Requests{"off 0"});
  EXPECT_EQ(b.bus.try_write(0, 0x55, 1), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_write(0, 0x5555, 8), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(TestFinisher, OtherOffsetsReadZeroAndIgnoreWrites) {
  Bench& b = Bench::restarted();
  for (const unsigned size : {1u, 2u, 4u, 8u}) {
    EXPECT_EQ(b.bus.try_write(8, 0x5555, size), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(b.bus.try_write(0xff8, 0x5555, size), tlm::TLM_OK_RESPONSE);
  }
  EXPECT_EQ(b.bus.read32(8), 0u);
  EXPECT_EQ(b.bus.read32(0xffc), 0u);
  EXPECT_TRUE(b.power.requests.empty());
}

TEST(TestFinisher, KeepsAResultThatDoesNothing) {
  Bench& b = Bench::restarted();
  b.bus.write32(4, 0x5555);
  EXPECT_EQ(b.bus.read32(4), 0x5555u);
  EXPECT_TRUE(b.power.requests.empty());
}

TEST(TestFinisher, ADebuggerDoesNotEndTheRun) {
  Bench& b = Bench::restarted();
  std::uint32_t pass = 0x5555;
  EXPECT_EQ(b.bus.initiator().debug(tlm::TLM_WRITE_COMMAND, 0, &pass, 4), 0u);
  EXPECT_TRUE(b.power.requests.empty());
}

TEST(TestFinisher, Fuzz) { Bench::restarted().bus.fuzz(9); }

}  // namespace
}  // namespace memio
