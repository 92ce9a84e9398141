// The accelerator at the offsets of docs/devices.md: 10 ns for a word of the CRC, 2 ns for a multiplication.
#include "accel/accelerator.h"

#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

constexpr std::uint64_t control = 0x00, command = 0x04, status = 0x08, size = 0x0C, result = 0x10,
                        data = 0x20;
constexpr std::uint64_t busy = 0x1, done = 0x2, error = 0x4;
constexpr std::uint64_t crc32 = 1, multiply = 2;

struct Bench {
  Accelerator accelerator{"accelerator", AcceleratorConfig{sc_core::SC_ZERO_TIME, 10'000, 2'000}};
  IrqSignal irq{"irq"}, input{"input"}, output{"output"};
  DeviceBench bus{accelerator};
  Bench() {
    accelerator.irq(irq);
    accelerator.input_request(input);
    accelerator.output_request(output);
  }
  std::uint64_t flags() { return bus.read32(status) & 0xFF; }
  std::uint64_t room() { return bus.read32(status) >> 8 & 0xFF; }
  std::uint64_t level() { return bus.read32(status) >> 16; }
  void begin(std::uint64_t job, std::uint64_t amount) {
    bus.write32(size, amount);
    bus.write32(command, job);
  }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(Accelerator, CrcOfTheCheckString) {
  // "123456789" has the CRC-32 0xCBF43926.
  Bench& b = bench();
  b.begin(crc32, 9);
  b.bus.write32(data, 0x34333231);
  b.bus.write32(data, 0x38373635);
  b.bus.write32(data, 0x00000039);
  EXPECT_EQ(b.flags(), busy);
  b.bus.run(29, sc_core::SC_NS);
  EXPECT_EQ(b.flags(), busy);
  b.bus.run(1, sc_core::SC_NS);
  EXPECT_EQ(b.flags(), done);
  EXPECT_EQ(b.bus.read32(result), 0xCBF43926u);
}

TEST(Accelerator, InterruptsWhenDoneUntilCleared) {
  Bench& b = bench();
  b.bus.write32(control, 1);
  b.begin(crc32, 4);
  b.bus.write32(data, 0);
  EXPECT_FALSE(b.irq.read());
  b.bus.run(10, sc_core::SC_NS);
  EXPECT_TRUE(b.irq.read());
  EXPECT_EQ(b.bus.read32(result), 0x2144DF1Cu) << "CRC-32 of four zero bytes";
  b.bus.write32(status, done);
  EXPECT_FALSE(b.irq.read());
  EXPECT_EQ(b.flags(), 0u);
}

TEST(Accelerator, TheFifoHoldsSixteenWordsAndLosesTheNext) {
  Bench& b = bench();
  b.begin(crc32, 4096);
  EXPECT_EQ(b.room(), 16u);
  for (int i = 0; i < 16; ++i) b.bus.write32(data, 0);
  EXPECT_EQ(b.room(), 0u);
  EXPECT_EQ(b.flags(), busy);
  b.bus.write32(data, 0);
  EXPECT_EQ(b.flags(), busy | error);
  b.bus.run(10, sc_core::SC_NS);
  EXPECT_EQ(b.room(), 1u);
  b.bus.run(150, sc_core::SC_NS);
  EXPECT_EQ(b.room(), 16u);
}

TEST(Accelerator, RequestsInputWhileAGroupFits) {
  Bench& b = bench();
  EXPECT_FALSE(b.input.read()) << "no job";
  b.begin(crc32, 80);
  EXPECT_TRUE(b.input.read());
  for (int i = 0; i < 8; ++i) b.bus.write32(data, 0);
  EXPECT_TRUE(b.input.read()) << "8 of 16 words are free";
  b.bus.write32(data, 0);
  EXPECT_FALSE(b.input.read()) << "7 are";
  b.bus.run(10, sc_core::SC_NS);
  EXPECT_TRUE(b.input.read());
  for (int i = 0; i < 8; ++i) b.bus.write32(data, 0);
  EXPECT_FALSE(b.input.read()) << "3 words are left to come, none of 16 is free";
  b.bus.run(30, sc_core::SC_NS);
  EXPECT_TRUE(b.input.read()) << "room for the 3 that are left";
  for (int i = 0; i < 3; ++i) b.bus.write32(data, 0);
  EXPECT_FALSE(b.input.read()) << "all is there";
}

TEST(Accelerator, MultipliesMatrices) {
  Bench& b = bench();
  b.begin(multiply, 2);
  for (const std::uint64_t word : {1, 2, 3, 4, 5, 6, 7, 8}) b.bus.write32(data, word);
  EXPECT_FALSE(b.output.read());
  b.bus.run(15, sc_core::SC_NS);
  EXPECT_EQ(b.flags(), busy);
  b.bus.run(1, sc_core::SC_NS);
  EXPECT_EQ(b.flags(), done) << "2 * 2 * 2 multiplications of 2 ns";
  EXPECT_TRUE(b.output.read());
  EXPECT_EQ(b.level(), 4u);
  for (const std::uint64_t word : {19, 22, 43, 50}) EXPECT_EQ(b.bus.read32(data), word);
  EXPECT_FALSE(b.output.read());
  EXPECT_EQ(b.flags(), done);
  EXPECT_EQ(b.bus.read32(data), 0u);
  EXPECT_EQ(b.flags(), done | error) << "nothing to read";
}

TEST(Accelerator, ASizeWrittenDuringAJobIsThatOfTheNext) {
  Bench& b = bench();
  b.begin(multiply, 2);
  for (const std::uint64_t word : {1, 2, 3, 4, 5, 6, 7}) b.bus.write32(data, word);
  b.bus.write32(size, 0xFFFFFFFF);
  b.bus.write32(data, 8);
  b.bus.run(16, sc_core::SC_NS);
  EXPECT_EQ(b.flags(), done);
  EXPECT_EQ(b.level(), 4u);
  for (const std::uint64_t word : {19, 22, 43, 50}) EXPECT_EQ(b.bus.read32(data), word);
}

TEST(Accelerator, RefusesJobsItCannotDo) {
  Bench& b = bench();
  for (const auto& [job, amount] :
       {std::pair{crc32, 0}, {multiply, 0}, {multiply, 65}, {std::uint64_t{3}, 4}}) {
    b.begin(job, static_cast<std::uint64_t>(amount));
    EXPECT_EQ(b.flags(), error) << job << " of " << amount;
    b.bus.write32(status, error);
  }
  b.bus.write32(data, 1);
  EXPECT_EQ(b.flags(), error) << "a word without a job";
}

TEST(Accelerator, ACommandEndsTheJobInHand) {
  Bench& b = bench();
  b.begin(crc32, 64);
  b.bus.write32(data, 0x12345678);
  b.bus.write32(command, 0);
  EXPECT_EQ(b.flags(), 0u);
  b.begin(crc32, 4);
  b.bus.write32(data, 0);
  b.bus.run(10, sc_core::SC_NS);
  EXPECT_EQ(b.bus.read32(result), 0x2144DF1Cu);
}

TEST(Accelerator, Fuzz) { bench().bus.fuzz(23); }

}  // namespace
}  // namespace memio
