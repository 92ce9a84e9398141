// Goldfish RTC at the literal offsets of its description.
#include "timers/goldfish_rtc.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

constexpr std::uint64_t time_low = 0x00, time_high = 0x04, alarm_low = 0x08, alarm_high = 0x0C,
                        irq_enabled = 0x10, clear_alarm = 0x14, alarm_status = 0x18, clear_interrupt = 0x1C;

struct Bench {
  GoldfishRtc rtc{"rtc", {1'700'000'000, sc_core::SC_ZERO_TIME}};
  IrqSignal irq{"irq"};
  DeviceBench bus{rtc};
  Bench() { rtc.irq(irq); }
  std::uint64_t time() {
    const std::uint64_t low = bus.read32(time_low);
    return bus.read32(time_high) << 32 | low;
  }
  void set_alarm(std::uint64_t at) {
    bus.write32(alarm_high, at >> 32);
    bus.write32(alarm_low, at & 0xFFFFFFFF);
  }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(GoldfishRtc, IsTheEpochPlusModelledTime) {
  Bench& b = bench();
  const std::uint64_t modelled = sc_core::sc_time_stamp().value() / 1000;
  EXPECT_EQ(b.time(), 1'700'000'000'000'000'000 + modelled);
  DeviceBench::run(1234, sc_core::SC_NS);
  EXPECT_EQ(b.time(), 1'700'000'000'000'001'234 + modelled);
}

TEST(GoldfishRtc, ReadingTheLowHalfLatchesTheHighHalf) {
  Bench& b = bench();
  b.bus.write32(time_high, 0x10);
  b.bus.write32(time_low, 0xFFFFFFFF);
  EXPECT_EQ(b.bus.read32(time_low), 0xFFFFFFFFu);
  DeviceBench::run(2, sc_core::SC_NS);
  EXPECT_EQ(b.bus.read32(time_high), 0x10u) << "as it was when the low half was read";
  EXPECT_EQ(b.bus.peek(time_low, 4), 1u);
  EXPECT_EQ(b.bus.read32(time_high), 0x10u) << "a peek latches nothing";
  EXPECT_EQ(b.time(), 0x11'0000'0001u);
}

TEST(GoldfishRtc, AnAlarmRingsAtItsNanosecond) {
  Bench& b = bench();
  b.bus.write32(irq_enabled, 1);
  b.set_alarm(b.time() + 500);
  EXPECT_EQ(b.bus.read32(alarm_status), 1u);
  DeviceBench::run(499, sc_core::SC_NS);
  EXPECT_FALSE(b.irq.read());
  DeviceBench::run(1, sc_core::SC_NS);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.bus.read32(alarm_status), 0u);
  b.bus.write32(clear_interrupt, 1);
  EXPECT_FALSE(b.irq.read());
}

TEST(GoldfishRtc, AnAlarmInThePastRingsAtOnce) {
  Bench& b = bench();
  b.bus.write32(irq_enabled, 1);
  b.set_alarm(b.time());
  EXPECT_TRUE(b.irq.read());
}

TEST(GoldfishRtc, TheInterruptWaitsForItsEnable) {
  Bench& b = bench();
  b.set_alarm(b.time());
  EXPECT_FALSE(b.irq.read());
  b.bus.write32(irq_enabled, 0xFFFFFFFF);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.bus.read32(irq_enabled), 1u);
  b.bus.write32(irq_enabled, 0);
  EXPECT_FALSE(b.irq.read());
}

TEST(GoldfishRtc, AClearedAlarmNeverRings) {
  Bench& b = bench();
  b.bus.write32(irq_enabled, 1);
  b.set_alarm(b.time() + 500);
  b.bus.write32(clear_alarm, 1);
  EXPECT_EQ(b.bus.read32(alarm_status), 0u);
  DeviceBench::run(1, sc_core::SC_US);
  EXPECT_FALSE(b.irq.read());
}

TEST(GoldfishRtc, SettingTheTimeMovesTheAlarm) {
  Bench& b = bench();
  b.bus.write32(irq_enabled, 1);
  b.bus.write32(time_high, 0);
  b.bus.write32(time_low, 1000);
  b.set_alarm(1'000'000);
  b.bus.write32(time_low, 999'990);
  DeviceBench::run(9, sc_core::SC_NS);
  EXPECT_FALSE(b.irq.read());
  DeviceBench::run(1, sc_core::SC_NS);
  EXPECT_TRUE(b.irq.read());
}

TEST(GoldfishRtc, ResetDisarmsAndKeepsTheTime) {
  Bench& b = bench();
  b.bus.write32(time_high, 5);
  b.bus.write32(irq_enabled, 1);
  b.set_alarm(0);
  EXPECT_TRUE(b.irq.read());
  b.bus.restart();
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.bus.read32(irq_enabled), 0u);
  EXPECT_EQ(b.time() >> 32, 5u);
}

TEST(GoldfishRtc, HolesAndSizes) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.try_read(0x20, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0x00, 8), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(GoldfishRtc, Fuzz) { bench().bus.fuzz(7); }

}  // namespace
}  // namespace memio
