// memio GPIO at the offsets of docs/devices.md.
#include "gpio/gpio.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

constexpr std::uint64_t data_in = 0x00, data_out = 0x04, dir = 0x08, irq_enable = 0x0C, irq_status = 0x10,
                        edge_rise = 0x14, edge_fall = 0x18, loopback = 0x1C;

struct Bench {
  Gpio gpio{"gpio"};
  Gpio::PinSignal in{"in"}, out{"out"};
  IrqSignal irq{"irq"};
  DeviceBench bus{gpio};
  Bench() {
    gpio.pins_in(in);
    gpio.pins_out(out);
    gpio.irq(irq);
  }
  void drive(std::uint32_t pins) {
    in.write(pins);
    DeviceBench::settle();
  }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->drive(0);
  made->bus.restart();
  return *made;
}

TEST(Gpio, ResetValues) {
  Bench& b = bench();
  for (std::uint64_t offset = data_in; offset <= loopback; offset += 4) EXPECT_EQ(b.bus.read32(offset), 0u);
}

TEST(Gpio, InputsShowThePins) {
  Bench& b = bench();
  b.drive(0x8000'0001);
  EXPECT_EQ(b.bus.read32(data_in), 0x80000001u);
  b.bus.write32(data_in, 0);
  EXPECT_EQ(b.bus.read32(data_in), 0x80000001u);
}

TEST(Gpio, OutputsDrivePinsWhereDirIsOne) {
  Bench& b = bench();
  b.bus.write32(data_out, 0xFF);
  EXPECT_EQ(b.out.read(), 0u);
  b.bus.write32(dir, 0x0F);
  EXPECT_EQ(b.out.read(), 0x0Fu);
  EXPECT_EQ(b.bus.read32(data_in), 0u) << "an output is not its own input without loopback";
}

TEST(Gpio, LoopbackFeedsOutputsToInputs) {
  Bench& b = bench();
  b.drive(0xF0);
  b.bus.write32(data_out, 0x05);
  b.bus.write32(loopback, 0x3F);
  EXPECT_EQ(b.bus.read32(data_in), 0xC5u);
  b.bus.write32(data_out, 0x2A);
  EXPECT_EQ(b.bus.read32(data_in), 0xEAu);
}

TEST(Gpio, EdgesSetStatusAndStatusInterrupts) {
  Bench& b = bench();
  b.bus.write32(edge_rise, 0x1);
  b.bus.write32(edge_fall, 0x2);
  b.drive(0x3);
  EXPECT_EQ(b.bus.read32(irq_status), 0x1u);
  EXPECT_FALSE(b.irq.read()) << "not enabled";
  b.bus.write32(irq_enable, 0x1);
  EXPECT_TRUE(b.irq.read());
  b.drive(0x0);
  EXPECT_EQ(b.bus.read32(irq_status), 0x3u);
  b.bus.write32(irq_status, 0x1);
  EXPECT_EQ(b.bus.read32(irq_status), 0x2u) << "write 1 to clear";
  EXPECT_FALSE(b.irq.read());
}

TEST(Gpio, LoopbackEdgesInterrupt) {
  Bench& b = bench();
  b.bus.write32(loopback, 0x10);
  b.bus.write32(edge_rise, 0x10);
  b.bus.write32(irq_enable, 0x10);
  b.bus.write32(data_out, 0x10);
  EXPECT_TRUE(b.irq.read());
  b.bus.write32(irq_status, 0x10);
  EXPECT_FALSE(b.irq.read());
  b.bus.write32(data_out, 0x00);
  EXPECT_FALSE(b.irq.read());
}

TEST(Gpio, ResetSeesNoEdge) {
  Bench& b = bench();
  b.drive(0x1);
  b.bus.restart();
  b.bus.write32(edge_rise, 0x1);
  b.bus.write32(irq_enable, 0x1);
  EXPECT_EQ(b.bus.read32(irq_status), 0u);
  EXPECT_FALSE(b.irq.read());
}

TEST(Gpio, HolesAndSizes) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.try_read(0x20, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0x00, 8), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_write(0x04, 1, 1), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(Gpio, Fuzz) { bench().bus.fuzz(8); }

}  // namespace
}  // namespace memio
