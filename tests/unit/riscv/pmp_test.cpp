// Physical memory protection by the tables of the privileged specification, section 3.7.
#include "cpu/riscv/pmp.h"

#include <gtest/gtest.h>

namespace memio::riscv {
namespace {

constexpr std::uint64_t rv64_mask = (1ull << 54) - 1;
constexpr PmpAccess r = PmpAccess::read, w = PmpAccess::write, x = PmpAccess::execute;
constexpr Privilege user = Privilege::user, supervisor = Privilege::supervisor, machine = Privilege::machine;
// A field of pmpcfg: R 1, W 2, X 4; A in bits 4..3: TOR 0x08, NA4 0x10, NAPOT 0x18; L 0x80.
constexpr std::uint8_t tor = 0x08, na4 = 0x10, napot = 0x18, lock = 0x80;

TEST(Pmp, WithoutRegionsEverythingIsAllowed) {
  Pmp pmp(0, rv64_mask);
  pmp.set_config(0, lock | napot);
  EXPECT_TRUE(pmp.allows(0x1000, 8, w, user));
  EXPECT_EQ(pmp.config(0), 0);
  EXPECT_EQ(pmp.address(0), 0u);
}

TEST(Pmp, WithoutAMatchOnlyMachineModeMayAccess) {
  Pmp pmp(16, rv64_mask);
  EXPECT_TRUE(pmp.allows(0x80000000, 4, x, machine));
  EXPECT_FALSE(pmp.allows(0x80000000, 4, x, supervisor));
  EXPECT_FALSE(pmp.allows(0x80000000, 4, r, user));
}

TEST(Pmp, TopOfRange) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, 0x80000000 >> 2);
  pmp.set_address(1, 0x80001000 >> 2);
  pmp.set_config(1, tor | 1);
  EXPECT_FALSE(pmp.allows(0x7ffffffc, 4, r, user));
  EXPECT_TRUE(pmp.allows(0x80000000, 4, r, user));
  EXPECT_TRUE(pmp.allows(0x80000ffc, 4, r, user));
  EXPECT_FALSE(pmp.allows(0x80001000, 4, r, user));
  EXPECT_FALSE(pmp.allows(0x80000000, 4, w, user));
  EXPECT_FALSE(pmp.allows(0x80000000, 4, x, user));
}

TEST(Pmp, TopOfRangeOfEntryZeroBeginsAtZero) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, 0x1000 >> 2);
  pmp.set_config(0, tor | 7);
  EXPECT_TRUE(pmp.allows(0, 1, x, user));
  EXPECT_TRUE(pmp.allows(0xfff, 1, w, user));
  EXPECT_FALSE(pmp.allows(0x1000, 1, w, user));
}

TEST(Pmp, AnInvertedRangeMatchesNothing) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, 0x2000 >> 2);
  pmp.set_address(1, 0x1000 >> 2);
  pmp.set_config(1, lock | tor);
  EXPECT_TRUE(pmp.allows(0x1800, 8, r, machine));
  EXPECT_FALSE(pmp.allows(0x1800, 8, r, user));
}

TEST(Pmp, NaturallyAlignedFourBytes) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, 0x1004 >> 2);
  pmp.set_config(0, na4 | 3);
  EXPECT_FALSE(pmp.allows(0x1003, 1, r, user));
  EXPECT_TRUE(pmp.allows(0x1004, 4, r, user));
  EXPECT_TRUE(pmp.allows(0x1007, 1, w, user));
  EXPECT_FALSE(pmp.allows(0x1008, 1, r, user));
}

TEST(Pmp, NaturallyAlignedPowersOfTwo) {
  struct {
    std::uint64_t address, first, size;  // table 3.11
  } const cases[] = {{0x1000 >> 2, 0x1000, 8},
                     {0x1000 >> 2 | 1, 0x1000, 16},
                     {0x1000 >> 2 | 0x1ff, 0x1000, 4096},
                     {0x80000000 >> 2 | 0xfffffff, 0x80000000, 1ull << 31}};
  for (const auto& c : cases) {
    Pmp pmp(16, rv64_mask);
    pmp.set_address(3, c.address);
    pmp.set_config(3, napot | 1);
    EXPECT_FALSE(pmp.allows(c.first - 1, 1, r, user)) << std::hex << c.address;
    EXPECT_TRUE(pmp.allows(c.first, 1, r, user)) << std::hex << c.address;
    EXPECT_TRUE(pmp.allows(c.first + c.size - 1, 1, r, user)) << std::hex << c.address;
    EXPECT_FALSE(pmp.allows(c.first + c.size, 1, r, user)) << std::hex << c.address;
  }
}

TEST(Pmp, AllOnesMatchAllOfMemory) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, ~0ull);
  pmp.set_config(0, napot | 7);
  EXPECT_EQ(pmp.address(0), 0x3fffffffffffffu) << "54 bits are implemented on RV64";
  EXPECT_TRUE(pmp.allows(0, 8, x, user));
  EXPECT_TRUE(pmp.allows(0xfffffffffffff8, 8, w, user));
  Pmp narrow(16, 0xffffffff);
  narrow.set_address(0, ~0ull);
  narrow.set_config(0, napot | 7);
  EXPECT_EQ(narrow.address(0), 0xffffffffu);
  EXPECT_TRUE(narrow.allows(0x3fffffffc, 4, r, user)) << "34 bits of physical address on RV32";
}

TEST(Pmp, TheLowestMatchDecides) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, 0x1000 >> 2);
  pmp.set_config(0, na4 | 0);
  pmp.set_address(1, 0x1000 >> 2 | 0x1ff);
  pmp.set_config(1, napot | 7);
  EXPECT_FALSE(pmp.allows(0x1000, 4, r, user));
  EXPECT_TRUE(pmp.allows(0x1004, 4, r, user));
}

TEST(Pmp, APartialMatchFailsInEveryMode) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, 0x1000 >> 2);
  pmp.set_config(0, na4 | 7);
  pmp.set_address(1, 0x1000 >> 2 | 0x1ff);
  pmp.set_config(1, napot | 7);
  EXPECT_FALSE(pmp.allows(0x1000, 8, r, user));
  EXPECT_FALSE(pmp.allows(0x1000, 8, r, machine)) << "whatever the permissions and L";
  EXPECT_FALSE(pmp.allows(0xffe, 4, r, machine));
}

TEST(Pmp, ALockedEntryBindsMachineModeAndKeepsItsValue) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(0, 0x1000 >> 2);
  pmp.set_config(0, lock | na4 | 1);
  EXPECT_TRUE(pmp.allows(0x1000, 4, r, machine));
  EXPECT_FALSE(pmp.allows(0x1000, 4, w, machine));
  EXPECT_TRUE(pmp.allows(0x1004, 4, w, machine));
  pmp.set_config(0, 0);
  pmp.set_address(0, 0);
  EXPECT_EQ(pmp.config(0), lock | na4 | 1);
  EXPECT_EQ(pmp.address(0), 0x400u);
  pmp.reset();
  EXPECT_EQ(pmp.config(0), 0);
}

TEST(Pmp, ALockedTopOfRangeLocksItsBase) {
  Pmp pmp(16, rv64_mask);
  pmp.set_address(4, 0x100);
  pmp.set_address(5, 0x200);
  pmp.set_config(5, lock | tor);
  pmp.set_address(4, 0x180);
  EXPECT_EQ(pmp.address(4), 0x100u);
  pmp.set_config(4, na4 | 1);
  EXPECT_EQ(pmp.config(4), na4 | 1) << "its configuration stays open";
}

TEST(Pmp, ReservedEncodings) {
  Pmp pmp(16, rv64_mask);
  pmp.set_config(0, 0x60 | na4 | 1);
  EXPECT_EQ(pmp.config(0), na4 | 1) << "bits 6..5 read zero";
  pmp.set_config(0, na4 | 2);
  EXPECT_EQ(pmp.config(0) & 3, 0) << "W without R is reserved";
  pmp.set_config(0, na4 | 6);
  EXPECT_EQ(pmp.config(0) & 3, 0);
}

TEST(Pmp, EntriesBeyondTheLastReadZero) {
  Pmp pmp(4, rv64_mask);
  pmp.set_address(4, 0x100);
  pmp.set_config(4, napot | 7);
  EXPECT_EQ(pmp.address(4), 0u);
  EXPECT_EQ(pmp.config(4), 0);
}

TEST(Pmp, Uniform) {
  Pmp pmp(16, rv64_mask);
  EXPECT_TRUE(pmp.uniform(0x1000, 4096));
  pmp.set_address(0, 0x1800 >> 2);
  pmp.set_config(0, na4 | 1);
  EXPECT_FALSE(pmp.uniform(0x1000, 4096)) << "four bytes of it differ";
  EXPECT_TRUE(pmp.uniform(0x2000, 4096));
  pmp.set_config(0, 0);
  pmp.set_address(1, 0x3ff);  // 0x0000 to 0x1fff
  pmp.set_config(1, napot | 7);
  EXPECT_TRUE(pmp.uniform(0x1000, 4096));
  EXPECT_FALSE(pmp.uniform(0x1000, 8192)) << "its second half has no match";
}

}  // namespace
}  // namespace memio::riscv
