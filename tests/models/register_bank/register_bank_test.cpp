// The register bank's contract, point by point as numbered in core/register_bank.h.
#include "core/register_bank.h"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

namespace memio {
namespace {

std::uint64_t read(RegisterBank& bank, std::uint64_t offset, unsigned size) {
  std::uint64_t value = 0;
  EXPECT_EQ(bank.read(offset, size, reinterpret_cast<std::uint8_t*>(&value)), Status::ok);
  return value;
}

Status try_read(RegisterBank& bank, std::uint64_t offset, std::uint64_t size) {
  std::uint8_t data[16] = {};
  return bank.read(offset, size, data);
}

Status write(RegisterBank& bank, std::uint64_t offset, unsigned size, std::uint64_t value) {
  return bank.write(offset, size, reinterpret_cast<const std::uint8_t*>(&value));
}

struct Words : ::testing::Test {
  RegisterBank bank;
  Register low{bank, {"LOW", 0x0, 4, 0x11223344, ~0ull, 1 | 2 | 4 | 8}};
  Register high{bank, {"HIGH", 0x4, 4, 0x55667788, 0x0000FFFF, 4 | 8}};
  Register narrow{bank, {"NARROW", 0x8, 4}};
  Register read_only{bank, {"READ_ONLY", 0xC, 4, 0xAB, 0, 0, RegisterAccess::ro}};
  Register write_only{bank, {"WRITE_ONLY", 0x10, 4, 0, ~0ull, 0, RegisterAccess::wo}};
  Register wide{bank, {"WIDE", 0x18, 8, 0, ~0ull, 4 | 8}};
};

TEST_F(Words, LengthsOtherThanOneTwoFourEightAreSizeErrors) {
  for (std::uint64_t size : {0, 3, 5, 6, 7, 9, 16})
    EXPECT_EQ(try_read(bank, 0x0, size), Status::size_error) << size;
}

TEST_F(Words, BytesWithoutARegisterAreAddressErrors) {
  EXPECT_EQ(try_read(bank, 0x14, 4), Status::address_error);
  EXPECT_EQ(try_read(bank, 0x20, 4), Status::address_error);
  EXPECT_EQ(try_read(bank, 0x10, 8), Status::address_error) << "half of it has a register";
  EXPECT_EQ(try_read(bank, ~0ull, 4), Status::address_error);
}

TEST_F(Words, UnalignedAccessesAreSizeErrors) {
  EXPECT_EQ(try_read(bank, 0x1, 2), Status::size_error);
  EXPECT_EQ(try_read(bank, 0x2, 4), Status::size_error);
  EXPECT_EQ(try_read(bank, 0x4, 8), Status::size_error);
}

TEST_F(Words, SizesAreThoseOfTheRegister) {
  EXPECT_EQ(read(bank, 0x0, 1), 0x44u);
  EXPECT_EQ(read(bank, 0x1, 1), 0x33u);
  EXPECT_EQ(read(bank, 0x2, 2), 0x1122u);
  EXPECT_EQ(try_read(bank, 0x8, 2), Status::size_error);
  EXPECT_EQ(try_read(bank, 0x8, 8), Status::size_error) << "neither neighbour takes part in 8 bytes";
  EXPECT_EQ(try_read(bank, 0x18, 2), Status::size_error);
}

TEST_F(Words, AWideAccessCoversTwoRegisters) {
  EXPECT_EQ(read(bank, 0x0, 8), 0x55667788'11223344u);
  EXPECT_EQ(write(bank, 0x0, 8, 0xAAAABBBB'CCCCDDDD), Status::ok);
  EXPECT_EQ(low.value(), 0xCCCCDDDDu);
  EXPECT_EQ(high.value(), 0x5566BBBBu) << "the write mask holds in a wide access too";
}

TEST_F(Words, ANarrowWriteMergesWithTheCurrentValue) {
  EXPECT_EQ(write(bank, 0x1, 1, 0xEE), Status::ok);
  EXPECT_EQ(low.value(), 0x1122EE44u);
  EXPECT_EQ(write(bank, 0x1C, 4, 0x12345678), Status::ok);
  EXPECT_EQ(wide.value(), 0x12345678'00000000u);
}

TEST_F(Words, WrongDirectionIsACommandError) {
  EXPECT_EQ(write(bank, 0xC, 4, 1), Status::command_error);
  EXPECT_EQ(read_only.value(), 0xABu);
  EXPECT_EQ(try_read(bank, 0x10, 4), Status::command_error);
  EXPECT_EQ(write(bank, 0x10, 4, 7), Status::ok);
  EXPECT_EQ(write_only.value(), 7u);
}

TEST_F(Words, ARefusedAccessHasNoEffect) {
  int reads = 0, writes = 0;
  low.on_read([&] { return static_cast<std::uint64_t>(++reads); });
  low.on_write([&](std::uint64_t) { ++writes; });
  RegisterBank pair;
  Register first{pair, {"FIRST", 0, 4, 0, ~0ull, 4 | 8}};
  Register second{pair, {"SECOND", 4, 4, 0, ~0ull, 4 | 8, RegisterAccess::ro}};
  EXPECT_EQ(write(pair, 0, 8, ~0ull), Status::command_error);
  EXPECT_EQ(first.value(), 0u) << "the first register must not be written before the second refuses";
  EXPECT_EQ(write(bank, 0x2, 4, 0), Status::size_error);
  EXPECT_EQ(reads + writes, 0);
}

TEST_F(Words, HandlersRunOncePerAccess) {
  int reads = 0;
  std::uint64_t written = 0;
  high.on_peek([] { return 5u; }).on_read([&] { return static_cast<std::uint64_t>(++reads); });
  high.on_write([&](std::uint64_t value) { written = value; });
  EXPECT_EQ(read(bank, 0x0, 8) >> 32, 1u);
  EXPECT_EQ(write(bank, 0x4, 4, 0x1234'5678), Status::ok);
  EXPECT_EQ(written, 0x5678u) << "masked bits come from the peeked value";
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(high.value(), 0x55667788u) << "a handler stores what is to be stored";
}

TEST_F(Words, PeekHasNoSideEffectsAndPokeRunsNoHandler) {
  int reads = 0;
  low.on_read([&] { return static_cast<std::uint64_t>(++reads); });
  high.on_write([](std::uint64_t) { FAIL(); });
  std::uint8_t bytes[32] = {};
  EXPECT_EQ(bank.peek(0x0, 32, bytes), 0x14u) << "up to the first byte without a register";
  EXPECT_EQ(bytes[0], 0x44);
  EXPECT_EQ(bytes[7], 0x55);
  EXPECT_EQ(reads, 0);
  const std::uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(bank.poke(0x0, 8, data), 4u) << "HIGH has a write handler";
  EXPECT_EQ(low.value(), 0x04030201u);
}

TEST_F(Words, ResetRestoresValuesAndRunsNoHandler) {
  high.on_write([](std::uint64_t) { FAIL(); });
  low.set(1);
  high.set(2);
  bank.reset();
  EXPECT_EQ(low.value(), 0x11223344u);
  EXPECT_EQ(high.value(), 0x55667788u);
}

TEST(Ports, UnalignedPairsCoverWholeRegisters) {
  RegisterBank bank(RegisterBank::Alignment::any);
  Register a{bank, {"A", 0, 1, 0xA0, ~0ull, 1 | 2 | 4}};
  Register b{bank, {"B", 1, 1, 0xB0, ~0ull, 1 | 2 | 4}};
  Register c{bank, {"C", 2, 1, 0xC0, ~0ull, 1 | 2 | 4}};
  Register d{bank, {"D", 3, 2, 0xD1D0, ~0ull, 1 | 2 | 4}};
  EXPECT_EQ(read(bank, 1, 2), 0xC0B0u);
  EXPECT_EQ(read(bank, 1, 4), 0xD1D0C0B0u);
  EXPECT_EQ(try_read(bank, 0, 4), Status::size_error) << "half of D";
  EXPECT_EQ(try_read(bank, 3, 4), Status::address_error);
}

TEST(IllFormed, BanksAreRefused) {
  RegisterBank bank;
  Register a{bank, {"A", 4, 4}};
  EXPECT_THROW(Register(bank, {"B", 6, 4}), std::invalid_argument);
  EXPECT_THROW(Register(bank, {"B", 2, 4}), std::invalid_argument);
  EXPECT_THROW(Register(bank, {"B", 4, 4}), std::invalid_argument);
  EXPECT_THROW(Register(bank, {"B", 8, 3}), std::invalid_argument);
  Register next{bank, {"NEXT", 8, 4}};
  EXPECT_EQ(bank.registers().size(), 2u);
}

TEST_F(Words, RandomAccessesAlwaysHaveAStatus) {
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t offset = random() % 0x24, size = random() % 10;
    std::uint8_t data[16] = {};
    const Status status = random() % 2 ? bank.read(offset, size, data) : bank.write(offset, size, data);
    ASSERT_NE(status, Status::target_error);
  }
}

}  // namespace
}  // namespace memio
