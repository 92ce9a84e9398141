// CLINT with two harts at the literal offsets of SiFive's memory map.
#include "irq/clint.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

struct Bench {
  Clint clint{"clint", {2, 10'000'000, sc_core::SC_ZERO_TIME}};
  sc_core::sc_vector<IrqSignal> msip{"msip", 2}, mtip{"mtip", 2};
  IrqSignal stip{"stip1"};
  DeviceBench bus{clint};
  Bench() {
    clint.msip(msip);
    clint.mtip(mtip);
    clint.stip[1](stip);
  }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(Clint, ResetValues) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.read32(0x0), 0u);
  EXPECT_EQ(b.bus.read32(0x4), 0u);
  EXPECT_EQ(b.bus.read(0x4000, 8), ~0ull);
  EXPECT_EQ(b.bus.read(0x4008, 8), ~0ull);
  EXPECT_EQ(b.bus.read(0xBFF8, 8), 0u);
}

TEST(Clint, MsipDrivesItsHartsLine) {
  Bench& b = bench();
  b.bus.write32(0x4, 0xFFFFFFFF);
  EXPECT_EQ(b.bus.read32(0x4), 1u) << "only bit 0 exists";
  EXPECT_FALSE(b.msip[0].read());
  EXPECT_TRUE(b.msip[1].read());
  b.bus.write32(0x4, 0);
  EXPECT_FALSE(b.msip[1].read());
}

TEST(Clint, MtimeCountsTenMegahertzOfModelledTime) {
  Bench& b = bench();
  DeviceBench::run(1, sc_core::SC_US);
  EXPECT_EQ(b.bus.read(0xBFF8, 8), 10u);
  DeviceBench::run(99, sc_core::SC_NS);
  EXPECT_EQ(b.bus.read(0xBFF8, 8), 10u);
  DeviceBench::run(1, sc_core::SC_NS);
  EXPECT_EQ(b.bus.read(0xBFF8, 8), 11u);
  EXPECT_EQ(b.clint.mtime(sc_core::sc_time_stamp() + sc_core::sc_time(1, sc_core::SC_US)), 21u);
}

TEST(Clint, MtimeIsWritableInHalves) {
  Bench& b = bench();
  b.bus.write(0xBFF8, 0x1'FFFF'FFFE, 8);
  EXPECT_EQ(b.bus.read32(0xBFF8), 0xFFFFFFFEu);
  EXPECT_EQ(b.bus.read32(0xBFFC), 1u);
  DeviceBench::run(200, sc_core::SC_NS);
  EXPECT_EQ(b.bus.read(0xBFF8, 8), 0x2'0000'0000u);
  b.bus.write32(0xBFFC, 7);
  EXPECT_EQ(b.bus.read(0xBFF8, 8), 0x7'0000'0000u);
}

TEST(Clint, TheTimerFiresExactlyAtItsDeadline) {
  Bench& b = bench();
  b.bus.write(0x4000, 5, 8);
  EXPECT_FALSE(b.mtip[0].read());
  DeviceBench::run(499, sc_core::SC_NS);
  EXPECT_FALSE(b.mtip[0].read());
  DeviceBench::run(1, sc_core::SC_NS);
  EXPECT_TRUE(b.mtip[0].read());
  EXPECT_FALSE(b.mtip[1].read());
  b.bus.write(0x4000, 8, 8);
  EXPECT_FALSE(b.mtip[0].read()) << "a later comparator takes the interrupt back";
  DeviceBench::run(300, sc_core::SC_NS);
  EXPECT_TRUE(b.mtip[0].read());
}

TEST(Clint, StimecmpHasALineOfItsOwn) {
  Bench& b = bench();
  b.clint.set_stimecmp(1, 7);
  EXPECT_FALSE(b.stip.read());
  DeviceBench::run(699, sc_core::SC_NS);
  EXPECT_FALSE(b.stip.read());
  DeviceBench::run(1, sc_core::SC_NS);
  EXPECT_TRUE(b.stip.read());
  EXPECT_FALSE(b.mtip[1].read());
  b.clint.set_stimecmp(1, 8);
  DeviceBench::run(0, sc_core::SC_NS);
  EXPECT_FALSE(b.stip.read());
  b.clint.set_stimecmp(1, ~0ull);
}

TEST(Clint, HalfWritesOfAComparatorAreSafeInTheSpecifiedOrder) {
  Bench& b = bench();
  b.bus.write32(0x4008, 0xFFFFFFFF);
  b.bus.write32(0x400C, 0);
  EXPECT_FALSE(b.mtip[1].read());
  b.bus.write32(0x4008, 3);
  EXPECT_EQ(b.bus.read(0x4008, 8), 3u);
  DeviceBench::run(300, sc_core::SC_NS);
  EXPECT_TRUE(b.mtip[1].read());
}

TEST(Clint, AComparatorInThePastFiresAtOnceAndTwoHartsAreIndependent) {
  Bench& b = bench();
  DeviceBench::run(10, sc_core::SC_US);
  b.bus.write(0x4000, 100, 8);
  EXPECT_TRUE(b.mtip[0].read()) << "mtime equals mtimecmp";
  b.bus.write(0x4008, 102, 8);
  EXPECT_FALSE(b.mtip[1].read());
  DeviceBench::run(200, sc_core::SC_NS);
  EXPECT_TRUE(b.mtip[1].read());
  b.bus.write(0xBFF8, 50, 8);
  EXPECT_FALSE(b.mtip[0].read()) << "setting the time back lowers the line";
}

TEST(Clint, ADeadlineBeyondModelledTimeNeverFires) {
  Bench& b = bench();
  b.bus.write(0x4000, ~0ull - 1, 8);
  DeviceBench::run(1, sc_core::SC_MS);
  EXPECT_FALSE(b.mtip[0].read());
}

TEST(Clint, ResetLowersLines) {
  Bench& b = bench();
  b.bus.write32(0x0, 1);
  b.bus.write(0x4000, 0, 8);
  EXPECT_TRUE(b.msip[0].read() && b.mtip[0].read());
  b.bus.restart();
  EXPECT_FALSE(b.msip[0].read() || b.mtip[0].read());
}

TEST(Clint, HolesAndSizes) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.read32(0x8), 0u) << "msip of hart 2";
  EXPECT_EQ(b.bus.read(0x4010, 8), 0u);
  b.bus.write32(0x8, 1);
  EXPECT_EQ(b.bus.read32(0x8), 0u);
  EXPECT_EQ(b.bus.try_read(0x0, 8), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0xBFF8, 2), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(Clint, Fuzz) { bench().bus.fuzz(2); }

}  // namespace
}  // namespace memio
