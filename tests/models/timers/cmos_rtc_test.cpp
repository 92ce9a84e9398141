// MC146818 behind index and data ports, at the literal registers and bits of its data sheet.
#include "timers/cmos_rtc.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

constexpr unsigned reg_a = 0x0A, reg_b = 0x0B, reg_c = 0x0C, reg_d = 0x0D;

struct Bench {
  CmosRtc rtc{"rtc", {1'234'567'890, sc_core::SC_ZERO_TIME}};  // Friday 2009-02-13 23:31:30
  IrqSignal irq{"irq"};
  DeviceBench bus{rtc};
  Bench() { rtc.irq(irq); }
  unsigned get(unsigned index) {
    bus.write8(0, index);
    return bus.read8(1);
  }
  void set(unsigned index, unsigned value) {
    bus.write8(0, index);
    bus.write8(1, value);
  }
  /// Sets date and time, binary and 24 hours, with bit SET as drivers do.
  void set_time(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute,
                unsigned second) {
    set(reg_b, 0x86);
    set(0x09, year);
    set(0x08, month);
    set(0x07, day);
    set(0x04, hour);
    set(0x02, minute);
    set(0x00, second);
    set(reg_b, 0x06);
  }
};

/// The bench with the device as after power-on, one hundredth of a second after a whole one.
Bench& bench() {
  static Bench* const made = new Bench;
  constexpr std::uint64_t second = 1'000'000'000'000, hundredth = second / 100;
  DeviceBench::settle();
  const std::uint64_t rest = sc_core::sc_time_stamp().value() % second;
  if (rest != hundredth) DeviceBench::run(sc_core::sc_time::from_value((second + hundredth - rest) % second));
  made->set(reg_b, 0x02);
  made->set(reg_a, 0x26);
  for (unsigned alarm : {1u, 3u, 5u}) made->set(alarm, 0);
  made->get(reg_c);
  made->bus.restart();
  return *made;
}

TEST(CmosRtc, StartsAtTheEpochInBcdAnd24Hours) {
  Bench& b = bench();
  EXPECT_EQ(b.get(0x00), 0x30u);
  EXPECT_EQ(b.get(0x02), 0x31u);
  EXPECT_EQ(b.get(0x04), 0x23u);
  EXPECT_EQ(b.get(0x06), 6u) << "Friday; Sunday is 1";
  EXPECT_EQ(b.get(0x07), 0x13u);
  EXPECT_EQ(b.get(0x08), 0x02u);
  EXPECT_EQ(b.get(0x09), 0x09u);
  EXPECT_EQ(b.get(reg_a), 0x26u);
  EXPECT_EQ(b.get(reg_b), 0x02u);
  EXPECT_EQ(b.get(reg_c), 0x00u);
  EXPECT_EQ(b.get(reg_d), 0x80u);
}

TEST(CmosRtc, FollowsModelledTime) {
  Bench& b = bench();
  const unsigned before = b.get(0x00);
  DeviceBench::run(989, sc_core::SC_MS);
  EXPECT_EQ(b.get(0x00), before);
  DeviceBench::run(1, sc_core::SC_MS);
  EXPECT_NE(b.get(0x00), before);
}

TEST(CmosRtc, BinaryAndTwelveHours) {
  Bench& b = bench();
  b.set_time(24, 2, 28, 23, 59, 58);
  EXPECT_EQ(b.get(0x04), 23u);
  b.set(reg_b, 0x02);
  EXPECT_EQ(b.get(0x04), 0x23u);
  EXPECT_EQ(b.get(0x02), 0x59u);
  b.set(reg_b, 0x00);
  EXPECT_EQ(b.get(0x04), 0x91u) << "11 pm in BCD";
  b.set(0x04, 0x12);
  b.set(reg_b, 0x02);
  EXPECT_EQ(b.get(0x04), 0x00u) << "12 am is midnight";
  b.set(reg_b, 0x00);
  b.set(0x04, 0x92);
  b.set(reg_b, 0x02);
  EXPECT_EQ(b.get(0x04), 0x12u) << "12 pm is noon";
}

TEST(CmosRtc, RollsOverALeapDay) {
  Bench& b = bench();
  b.set_time(24, 2, 28, 23, 59, 58);
  DeviceBench::run(2, sc_core::SC_SEC);
  EXPECT_EQ(b.get(0x07), 29u);
  EXPECT_EQ(b.get(0x08), 2u);
  EXPECT_EQ(b.get(0x04), 0u);
  b.set_time(99, 12, 31, 23, 59, 59);
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_EQ(b.get(0x09), 0u) << "2100";
  EXPECT_EQ(b.get(0x08), 1u);
  b.set_time(9, 1, 1, 0, 0, 0);
}

TEST(CmosRtc, SetHoldsTheClock) {
  Bench& b = bench();
  b.set(reg_b, 0x86);
  b.set(0x00, 10);
  DeviceBench::run(3, sc_core::SC_SEC);
  EXPECT_EQ(b.get(0x00), 10u);
  EXPECT_EQ(b.get(reg_a) & 0x80, 0u);
  b.set(reg_b, 0x06);
  EXPECT_EQ(b.get(0x00), 10u);
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_EQ(b.get(0x00), 11u);
}

TEST(CmosRtc, TheWeekdayIsSetByTheGuest) {
  Bench& b = bench();
  b.set_time(9, 2, 13, 12, 0, 0);
  b.set(0x06, 1);
  EXPECT_EQ(b.get(0x06), 1u);
  b.set(0x04, 23);
  b.set(0x02, 59);
  b.set(0x00, 59);
  EXPECT_EQ(b.get(0x06), 1u);
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_EQ(b.get(0x06), 2u);
}

TEST(CmosRtc, UpdateInProgressBeforeEachSecond) {
  Bench& b = bench();
  EXPECT_EQ(b.get(reg_a), 0x26u);
  DeviceBench::run(987, sc_core::SC_MS);
  EXPECT_EQ(b.get(reg_a), 0x26u) << "3 ms before the second";
  DeviceBench::run(1, sc_core::SC_MS);
  EXPECT_EQ(b.get(reg_a), 0xA6u) << "2 ms before: 244 us + 1984 us";
  DeviceBench::run(2, sc_core::SC_MS);
  EXPECT_EQ(b.get(reg_a), 0x26u);
}

TEST(CmosRtc, FlagsRiseWithoutInterruptsAndClearOnRead) {
  Bench& b = bench();
  b.set(0x01, 0x59);  // an alarm hours away
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_EQ(b.get(reg_c), 0x50u) << "update and periodic";
  EXPECT_EQ(b.get(reg_c), 0x00u);
  EXPECT_FALSE(b.irq.read());
}

TEST(CmosRtc, UpdateInterrupt) {
  Bench& b = bench();
  b.set(reg_a, 0x20);
  b.set(reg_b, 0x12);
  b.set(0x01, 0x59);
  DeviceBench::run(980, sc_core::SC_MS);
  EXPECT_FALSE(b.irq.read());
  DeviceBench::run(10, sc_core::SC_MS);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.get(reg_c), 0x90u);
  EXPECT_FALSE(b.irq.read());
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_TRUE(b.irq.read());
  b.set(reg_b, 0x92);
  EXPECT_EQ(b.get(reg_b), 0x82u) << "SET clears UIE";
}

TEST(CmosRtc, PeriodicInterrupt) {
  Bench& b = bench();
  b.get(reg_c);
  b.set(reg_b, 0x42);
  unsigned count = 0;
  for (unsigned i = 0; i < 5000; ++i) {
    DeviceBench::run(20, sc_core::SC_US);
    if (b.irq.read()) {
      ++count;
      EXPECT_EQ(b.get(reg_c) & 0xC0, 0xC0u);
    }
  }
  EXPECT_EQ(count, 102u) << "1024 Hz for 0.1 s";
}

TEST(CmosRtc, AlarmAtATimeAndWithAnySecond) {
  Bench& b = bench();
  b.set_time(9, 1, 1, 10, 20, 57);
  b.set(reg_a, 0x20);
  b.set(0x01, 0);
  b.set(0x03, 21);
  b.set(0x05, 10);
  b.get(reg_c);
  b.set(reg_b, 0x26);
  DeviceBench::run(2, sc_core::SC_SEC);
  EXPECT_FALSE(b.irq.read());
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.get(reg_c), 0xB0u) << "alarm and update";
  b.set(0x01, 0xFF);
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_TRUE(b.irq.read()) << "any second of that minute";
}

TEST(CmosRtc, ResetKeepsTimeAndRamAndClearsInterrupts) {
  Bench& b = bench();
  b.set_time(42, 7, 1, 1, 2, 3);
  b.set(0x0E, 0xA5);
  b.set(0x7F, 0x5A);
  b.set(reg_b, 0x76);
  DeviceBench::run(1, sc_core::SC_SEC);
  EXPECT_TRUE(b.irq.read());
  b.bus.restart();
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.get(reg_b), 0x06u);
  EXPECT_EQ(b.get(reg_c), 0x00u);
  EXPECT_EQ(b.get(0x09), 42u);
  EXPECT_EQ(b.get(0x0E), 0xA5u);
  EXPECT_EQ(b.get(0x7F), 0x5Au);
}

TEST(CmosRtc, ReadOnlyBitsPeekAndIndex) {
  Bench& b = bench();
  b.set(reg_d, 0x00);
  EXPECT_EQ(b.get(reg_d), 0x80u);
  b.set(reg_c, 0xFF);
  b.set(reg_a, 0xFF);
  EXPECT_EQ(b.get(reg_a), 0x7Fu);
  b.bus.write8(0, 0x8D);
  EXPECT_EQ(b.bus.read8(0), 0x8Du) << "the NMI bit is kept";
  EXPECT_EQ(b.bus.read8(1), 0x80u) << "and selects nothing";
  DeviceBench::run(1, sc_core::SC_SEC);
  b.bus.write8(0, reg_c);
  EXPECT_NE(b.bus.peek(1, 1), 0u);
  EXPECT_NE(b.bus.peek(1, 1), 0u);
  EXPECT_NE(b.bus.read8(1), 0u);
  EXPECT_EQ(b.bus.read8(1), 0u);
}

TEST(CmosRtc, IndexAndDataInOnePortPair) {
  Bench& b = bench();
  b.bus.write(0, 0x5C10, 2);
  EXPECT_EQ(b.get(0x10), 0x5Cu);
}

TEST(CmosRtc, Fuzz) { bench().bus.fuzz(6); }

}  // namespace
}  // namespace memio
