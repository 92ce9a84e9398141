// Every error code, by the mistake it stands for. None of them hangs, and each ends the chain.
#include "models/dma/dma_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t from = ram_base + 0x10000, to = ram_base + 0x20000;

class DmaErrors : public DmaTest {
 protected:
  // Runs one descriptor that must fail; what its status says besides.
  void expect(const dma::Descriptor& descriptor, unsigned code, std::uint64_t address, unsigned moved = 0) {
    b.write(b.at(0, 0x08), 0xF);
    b.run(descriptor);
    EXPECT_EQ(b.state(), 6u);
    EXPECT_EQ(b.error(), code);
    EXPECT_EQ(b.read(b.at(0, 0x30), 8), address) << "ERROR_ADDRESS";
    EXPECT_EQ(b.read(b.at(0, 0x08)), 4u) << "IRQ_STATUS";
    EXPECT_EQ(b.read(b.at(0, 0x28)), 0u) << "COMPLETED";
    EXPECT_EQ(b.get(ram_base).status, 2u | code << 8);
    EXPECT_EQ(b.get(ram_base).bytes_done, moved);
  }
  void expect_no_descriptor(std::uint64_t address, unsigned code, std::uint64_t at) {
    b.start(0, address);
    b.finish();
    EXPECT_EQ(b.state(), 6u);
    EXPECT_EQ(b.error(), code);
    EXPECT_EQ(b.read(b.at(0, 0x30), 8), at);
    EXPECT_EQ(b.read(b.at(0, 0x08)) & 4, 4u);
  }
};

TEST_F(DmaErrors, DescriptorsThatAreNone) {
  expect_no_descriptor(ram_base + 0x20, 1, ram_base + 0x20);
  expect_no_descriptor(nobody, 2, nobody);
  expect_no_descriptor(failing_base, 2, failing_base);
  expect_no_descriptor(dma_base, 2, dma_base);
  expect_no_descriptor(~std::uint64_t{63}, 2, ~std::uint64_t{63});
}

TEST_F(DmaErrors, DescriptorsThatMakeNoSense) {
  auto bad = b.copy(from, to, 64);
  bad.control |= 1 << 12;
  expect(bad, 3, ram_base);
  bad = b.copy(from, to, 64);
  bad.control |= 3 << 2;
  expect(bad, 3, ram_base);
  bad = b.copy(from, to, 64);
  bad.control |= 3 << 4;
  expect(bad, 3, ram_base);
  expect(b.copy(from, to, 0), 5, ram_base);
  for (unsigned field = 0; field < 5; ++field) {
    bad = b.copy(from, to, 64);
    bad.control |= 3;
    bad.rows = 2;
    bad.source_stride = bad.destination_stride = 64;
    if (field == 0) bad.source += 4;
    if (field == 1) bad.destination += 1;
    if (field == 2) bad.length += 2;
    if (field == 3) bad.source_stride = -4;
    if (field == 4) bad.destination_stride = 12;
    expect(bad, 6, ram_base);
  }
}

TEST_F(DmaErrors, AddressesNobodyOwns) {
  expect(b.copy(nobody, to, 64), 8, nobody);
  expect(b.copy(from, nobody, 64), 10, nobody);
  // The second burst reaches over the end of RAM.
  expect(b.copy(from, ram_base + 0xFFFA0, 128), 10, ram_base + 0xFFFE0, 64);
  auto port = b.copy(from, 0x10000, 4);
  port.control |= 2 | 1 << 7;
  expect(port, 10, 0x10000);
  expect(b.copy(~std::uint64_t{31}, to, 64), 8, ~std::uint64_t{31});
}

TEST_F(DmaErrors, TargetsThatRefuse) {
  expect(b.copy(failing_base, to, 64), 9, failing_base);
  expect(b.copy(from, failing_base, 64), 11, failing_base);
  expect(b.copy(from, rom_base, 64), 11, rom_base);
  auto element = b.copy(from, word_base, 8);
  element.control |= 3 | 2 << 4;
  expect(element, 11, word_base);  // a register of 4 bytes
}

TEST_F(DmaErrors, ItsOwnRegisters) {
  auto own = b.copy(from, dma_base + 0x140, 4);
  own.control |= 2 | 2 << 4;
  expect(own, 7, dma_base + 0x140);
  expect(b.copy(dma_base + 0xFF8, to, 64), 7, dma_base + 0xFF8);
  // Bytes before the registers are not theirs, though nobody owns them either.
  expect(b.copy(from, dma_base - 8, 8), 10, dma_base - 8);
  expect(b.copy(from, dma_base - 8, 16), 7, dma_base - 8);
}

TEST_F(DmaErrors, AStatusThatCannotBeWritten) {
  const auto descriptor = b.copy(from, to, 64);
  std::memcpy(b.rom.storage().data(), &descriptor, sizeof descriptor);
  b.fill(from, 64, 1);
  expect_no_descriptor(rom_base, 12, rom_base + 0x30);
  EXPECT_TRUE(b.same(from, to, 64));
}

TEST_F(DmaErrors, ALoopEndsAtTheLimit) {
  auto loop = b.copy(from, to, 8);
  loop.control = 0;
  loop.next = ram_base;
  b.put(ram_base, loop);
  b.start(0, ram_base);
  EXPECT_EQ(b.finish(), 100u * (15 + 9 + 4));
  EXPECT_EQ(b.state(), 6u);
  EXPECT_EQ(b.error(), 4u);
  EXPECT_EQ(b.read(b.at(0, 0x28)), 100u);
  EXPECT_EQ(b.read(b.at(0, 0x20), 8), 800u);
  b.start(0, ram_base);
  b.pass(100);
  EXPECT_EQ(b.state() < 4, true) << "a new start counts anew";
  b.write(b.at(0, 0), 2);
  b.finish();
}

TEST_F(DmaErrors, AnErrorEndsItsChannelOnly) {
  auto bad = b.copy(nobody, to, 64);
  bad.control = 0;
  bad.next = ram_base + 0x80;
  b.put(ram_base, bad);
  b.put(ram_base + 0x80, b.copy(from, to, 64));
  b.put(ram_base + 0x40, b.copy(from, to + 0x1000, 640));
  b.start(0, ram_base);
  b.start(1, ram_base + 0x40);
  b.finish();
  EXPECT_EQ(b.state(0), 6u);
  EXPECT_EQ(b.get(ram_base + 0x80).status, 0u);
  EXPECT_EQ(b.state(1), 4u);
}

}  // namespace
}  // namespace memio::test
