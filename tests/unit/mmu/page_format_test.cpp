// Page-table formats against literal values of the privileged specification, chapter 4.
#include "mmu/page_format.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace memio {
namespace {

constexpr PageFormat sv32 = page_format(PageFormatId::sv32), sv39 = page_format(PageFormatId::sv39),
                     sv48 = page_format(PageFormatId::sv48), sv57 = page_format(PageFormatId::sv57);

TEST(PageFormat, LevelsAndSizesAreThoseOfTheSpecification) {
  EXPECT_EQ(sv32.levels, 2U);
  EXPECT_EQ(sv39.levels, 3U);
  EXPECT_EQ(sv48.levels, 4U);
  EXPECT_EQ(sv57.levels, 5U);
  EXPECT_EQ(sv32.pte_bytes, 4U);
  EXPECT_EQ(sv57.pte_bytes, 8U);
  EXPECT_EQ(sv32.page_shift(1), 22U);  // 4 MiB megapage
  EXPECT_EQ(sv39.page_shift(1), 21U);  // 2 MiB megapage
  EXPECT_EQ(sv39.page_shift(2), 30U);  // 1 GiB gigapage
  EXPECT_EQ(sv48.page_shift(3), 39U);  // 512 GiB terapage
  EXPECT_EQ(sv57.page_shift(4), 48U);  // 256 TiB petapage
}

TEST(PageFormat, IndexTakesTheBitsOfEachLevel) {
  EXPECT_EQ(sv32.index(0xC0801234, 1), 0x302U);
  EXPECT_EQ(sv32.index(0xC0801234, 0), 0x001U);
  const std::uint64_t va = 0xFFFFFFC0'40201000;  // Sv39: VPN[2] = 0x101, VPN[1] = 1, VPN[0] = 1
  EXPECT_EQ(sv39.index(va, 2), 0x101U);
  EXPECT_EQ(sv39.index(va, 1), 1U);
  EXPECT_EQ(sv39.index(va, 0), 1U);
  EXPECT_EQ(sv48.index(va, 3), 0x1FFU);
  EXPECT_EQ(sv57.index(0x00FF0000'00000000, 4), 0xFFU);
}

TEST(PageFormat, CanonicalAddressesRepeatTheHighestTranslatedBit) {
  EXPECT_TRUE(sv39.canonical(0x0000003F'FFFFFFFF));
  EXPECT_FALSE(sv39.canonical(0x00000040'00000000));
  EXPECT_FALSE(sv39.canonical(0xFFFFFFBF'FFFFFFFF));
  EXPECT_TRUE(sv39.canonical(0xFFFFFFC0'00000000));
  EXPECT_FALSE(sv39.canonical(0x7FFFFFC0'00000000));
  EXPECT_TRUE(sv48.canonical(0x00007FFF'FFFFFFFF));
  EXPECT_FALSE(sv48.canonical(0x00008000'00000000));
  EXPECT_TRUE(sv48.canonical(0xFFFF8000'00000000));
  EXPECT_TRUE(sv57.canonical(0x00FFFFFF'FFFFFFFF));
  EXPECT_FALSE(sv57.canonical(0x01000000'00000000));
  EXPECT_TRUE(sv57.canonical(0xFF000000'00000000));
  EXPECT_FALSE(sv57.canonical(0xFE000000'00000000));
  EXPECT_TRUE(sv32.canonical(0xFFFFFFFF));
}

TEST(PageFormat, DecodesEachBit) {
  const Pte all = sv39.decode(0x20000000 | 0xFF);
  EXPECT_TRUE(all.valid && all.leaf && all.read && all.write && all.execute && all.user && all.global);
  EXPECT_TRUE(all.accessed && all.dirty);
  EXPECT_FALSE(all.reserved);
  EXPECT_EQ(all.ppn, 0x80000U);
  EXPECT_TRUE(sv39.decode(0x03).read);
  EXPECT_FALSE(sv39.decode(0x03).execute);
  EXPECT_TRUE(sv39.decode(0x09).execute);
  EXPECT_FALSE(sv39.decode(0x09).read);
  EXPECT_TRUE(sv39.decode(0x13).user);
  EXPECT_TRUE(sv39.decode(0x21).global);
  EXPECT_FALSE(sv39.decode(0x21).leaf);
  EXPECT_TRUE(sv39.decode(0x43).accessed);
  EXPECT_FALSE(sv39.decode(0x43).dirty);
  EXPECT_TRUE(sv39.decode(0x83).dirty);
  EXPECT_FALSE(sv39.decode(0xFE).valid);
}

TEST(PageFormat, PpnHas22BitsInSv32And44BitsAbove) {
  EXPECT_EQ(sv32.decode(0xFFFFFC01).ppn, 0x3FFFFFU);
  EXPECT_FALSE(sv32.decode(0xFFFFFC01).reserved);
  EXPECT_EQ(sv39.decode(0x003FFFFF'FFFFFC01).ppn, 0xFFF'FFFFFFFFU);
  EXPECT_FALSE(sv39.decode(0x003FFFFF'FFFFFC01).reserved);
}

// Section 4.3.1, table "Encoding of PTE R/W/X fields": 010 and 110 are reserved.
TEST(PageFormat, WriteWithoutReadIsReserved) {
  for (const PageFormat& format : {sv32, sv39, sv48, sv57})
    for (unsigned rwx = 0; rwx < 8; ++rwx) {
      const Pte pte = format.decode(rwx << 1 | 1U);
      EXPECT_EQ(pte.reserved, rwx == 2 || rwx == 6) << "levels " << format.levels << " rwx " << rwx;
      EXPECT_EQ(pte.leaf, (rwx & 5U) != 0);
    }
}

TEST(PageFormat, AccessedDirtyAndUserAreReservedInPointers) {
  for (const PageFormat& format : {sv32, sv39, sv48, sv57}) {
    EXPECT_FALSE(format.decode(0x01).reserved);
    EXPECT_FALSE(format.decode(0x21).reserved);   // G
    EXPECT_FALSE(format.decode(0x301).reserved);  // RSW
    EXPECT_TRUE(format.decode(0x11).reserved);
    EXPECT_TRUE(format.decode(0x41).reserved);
    EXPECT_TRUE(format.decode(0x81).reserved);
  }
}

TEST(PageFormat, UpperBitsOfAnEightBytePteAreReserved) {
  for (unsigned bit = 54; bit < 64; ++bit) {
    EXPECT_TRUE(sv39.decode(std::uint64_t{1} << bit | 0xCF).reserved) << bit;
    EXPECT_TRUE(sv57.decode(std::uint64_t{1} << bit | 0x01).reserved) << bit;
  }
  EXPECT_FALSE(sv39.decode(std::uint64_t{1} << 53 | 0xCF).reserved);
}

// Chapter 6, table "Page-based memory types": 0 PMA, 1 NC, 2 IO, 3 reserved.
TEST(PageFormat, MemoryTypesOfLeaves) {
  for (const PageFormat& format : {sv39, sv48, sv57}) {
    EXPECT_EQ(format.decode(0x00000000'200000CF, {true}).memory_type, MemoryType::pma);
    EXPECT_EQ(format.decode(0x20000000'200000CF, {true}).memory_type, MemoryType::nc);
    EXPECT_EQ(format.decode(0x40000000'200000CF, {true}).memory_type, MemoryType::io);
    for (const std::uint64_t sound :
         {0x00000000'200000CFull, 0x20000000'200000CFull, 0x40000000'200000CFull}) {
      EXPECT_FALSE(format.decode(sound, {true}).reserved) << sound;
      EXPECT_EQ(format.decode(sound, {true}).ppn, 0x80000u);
    }
    EXPECT_TRUE(format.decode(0x60000000'200000CF, {true}).reserved) << "type 3";
    EXPECT_TRUE(format.decode(0x20000000'20000001, {true}).reserved) << "a pointer has no type";
    EXPECT_TRUE(format.decode(0x40000000'20000001, {true}).reserved);
    EXPECT_FALSE(format.decode(0x00000000'20000001, {true}).reserved);
    EXPECT_TRUE(format.decode(0x80000000'200000CF, {true}).reserved) << "bit 63 is Svnapot's";
    EXPECT_TRUE(format.decode(0x30000000'200000CF, {true}).reserved) << "bit 60";
    EXPECT_TRUE(format.decode(0x20400000'200000CF, {true}).reserved) << "bit 54";
    EXPECT_TRUE(format.decode(0x20000000'200000CF).reserved) << "not in use";
    EXPECT_TRUE(format.decode(0x40000000'200000CF).reserved);
  }
}

TEST(PageFormat, SuperpagesMustBeAligned) {
  EXPECT_FALSE(sv39.misaligned(sv39.decode(0x200 << 10 | 0xCF), 1));
  EXPECT_TRUE(sv39.misaligned(sv39.decode(0x201 << 10 | 0xCF), 1));
  EXPECT_TRUE(sv39.misaligned(sv39.decode(0x200 << 10 | 0xCF), 2));
  EXPECT_FALSE(sv32.misaligned(sv32.decode(0x400 << 10 | 0xCF), 1));
  EXPECT_TRUE(sv32.misaligned(sv32.decode(0x200 << 10 | 0xCF), 1));
  EXPECT_FALSE(sv39.misaligned(sv39.decode(0x201 << 10 | 0xCF), 0));
}

}  // namespace
}  // namespace memio
