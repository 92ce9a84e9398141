// The 8254 at its ports: commands, interrupt line, time base.
#include "timers/pit.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

struct Bench {
  Pit pit{"pit"};
  IrqSignal irq{"irq"};
  DeviceBench bus{pit};
  Bench() { pit.irq(irq); }
  /// Rising edges of the line in `time`.
  unsigned rises(const sc_core::sc_time& time, const sc_core::sc_time& step) {
    unsigned count = 0;
    bool last = irq.read();
    for (auto end = sc_core::sc_time_stamp() + time; sc_core::sc_time_stamp() < end;) {
      DeviceBench::run(step);
      count += irq.read() && !last;
      last = irq.read();
    }
    return count;
  }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(Pit, ResetLeavesTheLineLow) {
  Bench& b = bench();
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.bus.read8(3), 0xFFu) << "the control word cannot be read";
  b.bus.write8(3, 0xE2);
  EXPECT_EQ(b.bus.read8(0), 0x70u) << "status: OUT low, null count, access low then high, mode 0";
}

TEST(Pit, RateGeneratorTicksAThousandTimesASecond) {
  Bench& b = bench();
  b.bus.write8(3, 0x34);
  EXPECT_TRUE(b.irq.read());
  b.bus.write8(0, 1193 & 0xFF);
  b.bus.write8(0, 1193 >> 8);
  EXPECT_EQ(b.rises(sc_core::sc_time(50, sc_core::SC_MS), sc_core::sc_time(400, sc_core::SC_NS)), 50u);
}

TEST(Pit, OneShotDelayInMode0) {
  Bench& b = bench();
  b.bus.write8(3, 0x30);
  b.bus.write8(0, 0x9C);  // 0x2E9C = 11932 ticks take 10.00015 ms
  b.bus.write8(0, 0x2E);
  DeviceBench::run(10, sc_core::SC_MS);
  EXPECT_FALSE(b.irq.read());
  DeviceBench::run(20, sc_core::SC_US);
  EXPECT_TRUE(b.irq.read());
  b.bus.write8(3, 0x30);
  EXPECT_FALSE(b.irq.read()) << "the control word lowers OUT";
}

TEST(Pit, ReadBackOfSeveralCounters) {
  Bench& b = bench();
  b.bus.write8(3, 0x76);  // counter 1, mode 3
  b.bus.write8(1, 0x10);
  b.bus.write8(1, 0x00);
  b.bus.write8(3, 0x94);  // counter 2, low byte, mode 2
  b.bus.write8(2, 0x20);
  DeviceBench::run(1, sc_core::SC_US);
  b.bus.write8(3, 0xC0 | 0x04 | 0x08);  // status and count of counters 1 and 2
  DeviceBench::run(5, sc_core::SC_US);
  EXPECT_EQ(b.bus.read8(1) & 0x7F, 0x36u);
  EXPECT_EQ(b.bus.read8(2) & 0x7F, 0x14u);
  const unsigned square = b.bus.read8(1);
  EXPECT_TRUE(square == 0x10 || square == 0x0E);
  EXPECT_EQ(b.bus.read8(1), 0u);
  const unsigned rate = b.bus.read8(2);
  EXPECT_TRUE(rate == 0x20 || rate == 0x1F);
}

TEST(Pit, CounterLatchCommandHoldsTheCount) {
  Bench& b = bench();
  b.bus.write8(3, 0x34);
  b.bus.write8(0, 0x00);
  b.bus.write8(0, 0x80);
  DeviceBench::run(100, sc_core::SC_US);
  b.bus.write8(3, 0x00);
  DeviceBench::run(10, sc_core::SC_MS);
  const unsigned low = b.bus.read8(0), high = b.bus.read8(0);
  const unsigned elapsed = 0x8000 - (high << 8 | low);
  EXPECT_GE(elapsed, 117u) << "100 us are 119.3 ticks";
  EXPECT_LE(elapsed, 119u);
}

TEST(Pit, APairOfPortsIsTwoWrites) {
  Bench& b = bench();
  b.bus.write8(3, 0x54);  // counter 1, low byte
  b.bus.write8(3, 0x94);  // counter 2, low byte
  b.bus.write(1, 0x2010, 2);
  DeviceBench::run(1, sc_core::SC_US);
  EXPECT_LE(b.bus.read8(1), 0x10u);
  EXPECT_GT(b.bus.read8(2), 0x10u);
  EXPECT_EQ(b.bus.try_read(4, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(Pit, Fuzz) { bench().bus.fuzz(5); }

}  // namespace
}  // namespace memio
