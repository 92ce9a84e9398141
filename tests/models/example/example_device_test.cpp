// The device to copy, and a test to copy with it.
#include "example/example_device.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

constexpr std::uint64_t a = 0x00, b = 0x04, product = 0x08, done = 0x10;

struct Bench {
  ExampleDevice example{"example", sc_core::SC_ZERO_TIME, sc_core::sc_time(50, sc_core::SC_NS)};
  IrqSignal irq{"irq"};
  DeviceBench bus{example};
  Bench() { example.irq(irq); }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(ExampleDevice, InterruptsWithTheProductWhenTheWorkIsDone) {
  Bench& device = bench();
  device.bus.write32(a, 0xFFFFFFFF);
  device.bus.write32(b, 3);
  device.bus.run(49, sc_core::SC_NS);
  EXPECT_EQ(device.bus.read32(done), 0u);
  EXPECT_FALSE(device.irq.read());
  device.bus.run(1, sc_core::SC_NS);
  EXPECT_TRUE(device.irq.read());
  EXPECT_EQ(device.bus.read32(done), 1u);
  EXPECT_EQ(device.bus.read(product, 8), 0x2FFFFFFFDu);
  device.bus.write32(done, 1);
  EXPECT_FALSE(device.irq.read());
  EXPECT_EQ(device.bus.read32(done), 0u);
}

TEST(ExampleDevice, AResetEndsTheWork) {
  Bench& device = bench();
  device.bus.write32(a, 2);
  device.bus.write32(b, 3);
  device.bus.restart();
  device.bus.run(100, sc_core::SC_NS);
  EXPECT_EQ(device.bus.read(product, 8), 0u);
  EXPECT_FALSE(device.irq.read());
}

TEST(ExampleDevice, Fuzz) { bench().bus.fuzz(31); }

}  // namespace
}  // namespace memio
