// Type 0 headers, with the offsets and bits of PCI 3.0, chapter 6.
#include "pcie/pci_header.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace memio {
namespace {

using Space = PciBar::Space;

PciIdentity identity() {
  return {0x1234, 0x5678, 0x070002, 0x01, 0xABCD, 0xEF01, true, {{Space::io, 8}, {Space::memory, 4096}}};
}

TEST(PciHeader, TellsWhoItIs) {
  const PciHeader header{identity()};
  EXPECT_EQ(header.read(0x00, 4), 0x56781234u);
  EXPECT_EQ(header.read(0x00, 2), 0x1234u);
  EXPECT_EQ(header.read(0x02, 2), 0x5678u);
  EXPECT_EQ(header.read(0x08, 4), 0x07000201u);
  EXPECT_EQ(header.read(0x0B, 1), 0x07u) << "base class";
  EXPECT_EQ(header.read(0x0E, 1), 0x00u) << "one function, type 0";
  EXPECT_EQ(header.read(0x2C, 4), 0xEF01ABCDu);
  EXPECT_EQ(header.read(0x34, 1), 0x00u) << "no capabilities";
  EXPECT_EQ(header.read(0x3D, 1), 0x01u) << "INTA#";
}

TEST(PciHeader, WritesReachWritableBitsOnly) {
  PciHeader header{identity()};
  for (std::uint32_t offset = 0; offset < 64; offset += 4) header.write(offset, 4, 0xFFFFFFFF);
  EXPECT_EQ(header.read(0x00, 4), 0x56781234u);
  EXPECT_EQ(header.read(0x04, 4), 0x00000547u) << "command; status keeps";
  EXPECT_EQ(header.read(0x08, 4), 0x07000201u);
  EXPECT_EQ(header.read(0x0C, 4), 0x000000FFu) << "cache line size";
  EXPECT_EQ(header.read(0x3C, 4), 0x000001FFu) << "line is writable, pin is not";
  header.reset();
  EXPECT_EQ(header.read(0x04, 4), 0u);
  EXPECT_EQ(header.read(0x10, 4), 1u);
}

// Section 6.2.5.1: all ones written, the size is read back; I/O has bit 0 set.
TEST(PciHeader, BaseAddressesTellTheirSize) {
  PciHeader header{identity()};
  for (std::uint32_t bar = 0x10; bar < 0x28; bar += 4) header.write(bar, 4, 0xFFFFFFFF);
  EXPECT_EQ(header.read(0x10, 4), 0xFFFFFFF9u);
  EXPECT_EQ(header.read(0x14, 4), 0xFFFFF000u);
  EXPECT_EQ(header.read(0x18, 4), 0u) << "not implemented";
}

TEST(PciHeader, BytesAndHalvesAreWrittenAlone) {
  PciHeader header{identity()};
  header.write(0x10, 4, 0x00001238);
  header.write(0x11, 1, 0x34);
  EXPECT_EQ(header.read(0x10, 4), 0x00003439u);
  header.write(0x12, 2, 0xBEEF);
  EXPECT_EQ(header.read(0x10, 4), 0xBEEF3439u);
}

TEST(PciHeader, DecodesWhereItIsToldTo) {
  PciHeader header{identity()};
  header.write(0x10, 4, 0x1400);
  header.write(0x14, 4, 0x40001000);
  EXPECT_FALSE(header.decode(Space::io, 0x1400, 1)) << "I/O space is disabled";
  header.write(0x04, 2, 1);
  ASSERT_TRUE(header.decode(Space::io, 0x1405, 1));
  EXPECT_EQ(header.decode(Space::io, 0x1405, 1)->bar, 0u);
  EXPECT_EQ(header.decode(Space::io, 0x1405, 1)->offset, 5u);
  EXPECT_FALSE(header.decode(Space::io, 0x13FF, 1));
  EXPECT_FALSE(header.decode(Space::io, 0x1408, 1));
  EXPECT_FALSE(header.decode(Space::io, 0x1407, 2)) << "ends outside";
  EXPECT_FALSE(header.decode(Space::memory, 0x40001000, 4)) << "memory space is disabled";
  header.write(0x04, 2, 2);
  EXPECT_EQ(header.decode(Space::memory, 0x40001FFC, 4)->offset, 0xFFCu);
}

TEST(PciHeader, InterruptCanBeSeenAndDisabled) {
  PciHeader header{identity()};
  EXPECT_FALSE(header.interrupt());
  header.set_interrupt(true);
  EXPECT_TRUE(header.interrupt());
  EXPECT_EQ(header.read(0x06, 2), 0x0008u);
  header.write(0x04, 2, 0x400);
  EXPECT_FALSE(header.interrupt());
  EXPECT_EQ(header.read(0x04, 4), 0x00080400u) << "the status shows it all the same";
  header.set_interrupt(false);
  EXPECT_EQ(header.read(0x06, 2), 0u);
}

TEST(PciHeader, NothingIsBehindTheHeader) {
  PciHeader header{identity()};
  header.write(0x40, 4, 0xFFFFFFFF);
  EXPECT_EQ(header.read(0x40, 4), 0u);
  EXPECT_EQ(header.read(0xFC, 4), 0u);
  EXPECT_EQ(header.read(0x100, 4), 0xFFFFFFFFu);
  EXPECT_EQ(header.read(0xFFE, 2), 0xFFFFu);
}

TEST(PciHeader, RefusesSizesThatCannotBe) {
  PciIdentity wrong = identity();
  wrong.bars = {{Space::io, 6}};
  EXPECT_THROW(PciHeader{wrong}, std::invalid_argument);
  wrong.bars = {{Space::memory, 8}};
  EXPECT_THROW(PciHeader{wrong}, std::invalid_argument);
  wrong.bars.assign(7, {Space::io, 4});
  EXPECT_THROW(PciHeader{wrong}, std::invalid_argument);
}

}  // namespace
}  // namespace memio
