// Control and status registers: which exist and who may touch them, the values their fields hold,
// counters. Privileged specification 20211203, chapters 2, 3.1 and 4.1.
#include <set>

#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

using riscv::HartConfig;

constexpr std::uint64_t ones = ~0ull;
constexpr Word rdcycle = csrrs(5, 0xc00, 0), rdtime = csrrs(5, 0xc01, 0), rdinstret = csrrs(5, 0xc02, 0);
constexpr Word csrrwi(Word csr, Word imm) { return csr << 20 | imm << 15 | 5u << 12 | 0x73; }
constexpr Word csrrsi(Word csr, Word imm) { return csr << 20 | imm << 15 | 6u << 12 | 0x73; }

std::set<unsigned> implemented(unsigned xlen) {
  std::set<unsigned> numbers{0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144,
                             0x180, 0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0x30a, 0x320,
                             0x340, 0x341, 0x342, 0x343, 0x344, 0x3a0, 0x3a2, 0x5c0, 0x7a0, 0x7a1,
                             0x7a2, 0x7a3, 0x7a4, 0xb00, 0xf11, 0xf12, 0xf13, 0xf14, 0xf15};
  const auto add = [&numbers](unsigned first, unsigned last) {
    for (unsigned n = first; n <= last; ++n) numbers.insert(n);
  };
  add(0x323, 0x33f);
  add(0x3b0, 0x3bf);
  add(0xb02, 0xb1f);
  add(0xc00, 0xc1f);
  if (xlen == 64) return numbers;
  numbers.insert({0x310, 0x31a, 0x3a1, 0x3a3, 0xb80});
  add(0xb82, 0xb9f);
  add(0xc80, 0xc9f);
  return numbers;
}

/// True if `word` is an illegal instruction with the bits in mtval.
bool illegal(HartBench& bench, Word word) {
  if (!bench.traps(word)) return false;
  EXPECT_EQ(bench.csr(0x342), 2u) << "mcause";
  EXPECT_EQ(bench.csr(0x343), word) << "mtval";
  EXPECT_EQ(bench.csr(0x341), code_at + 8) << "mepc";
  return true;
}

class Width : public ::testing::TestWithParam<unsigned> {};

TEST_P(Width, EveryNumberReadsOrIsIllegal) {
  HartBench bench(hart_config(GetParam()));
  const std::set<unsigned> there = implemented(GetParam());
  for (unsigned number = 0; number < 0x1000; ++number) {
    const bool expected = there.count(number) != 0;
    EXPECT_EQ(bench.hart->csr(number).has_value(), expected) << std::hex << number;
    EXPECT_EQ(illegal(bench, csrrs(5, number, 0)), !expected) << std::hex << number;
  }
}

TEST_P(Width, WritesToReadOnlyNumbersAreIllegal) {
  HartBench bench(hart_config(GetParam()));
  for (const unsigned number : implemented(GetParam())) {
    if (number >> 10 != 3) continue;
    EXPECT_TRUE(illegal(bench, csrrw(0, number, 0))) << std::hex << number;
    EXPECT_TRUE(illegal(bench, csrrsi(number, 1))) << std::hex << number;
    EXPECT_FALSE(illegal(bench, csrrsi(number, 0))) << std::hex << number << ": reads only";
    EXPECT_FALSE(illegal(bench, csrrs(0, number, 0))) << std::hex << number << ": reads only";
  }
}

TEST_P(Width, PrivilegeIsInTheNumber) {
  for (const unsigned number : implemented(GetParam())) {
    if (number >= 0xc00 && number <= 0xc9f) continue;  // gated by mcounteren, below
    for (const Privilege privilege : {Privilege::user, Privilege::supervisor}) {
      HartBench bench(hart_config(GetParam()));
      bench.enter(privilege);
      const bool expected = (number >> 8 & 3) > static_cast<unsigned>(privilege);
      EXPECT_EQ(illegal(bench, csrrs(5, number, 0)), expected) << std::hex << number;
    }
  }
}

/// Counters open, every number in the lower modes: there only if M mode has it and the number says so.
TEST_P(Width, EveryNumberInEveryMode) {
  HartBench bench(hart_config(GetParam()));
  bench.set_csr(0x306, ones);
  bench.set_csr(0x106, ones);
  const std::set<unsigned> there = implemented(GetParam());
  for (const Privilege privilege : {Privilege::user, Privilege::supervisor})
    for (unsigned number = 0; number < 0x1000; ++number) {
      bench.enter(privilege);
      const bool expected = there.count(number) != 0 && (number >> 8 & 3) <= static_cast<unsigned>(privilege);
      EXPECT_EQ(illegal(bench, csrrs(5, number, 0)), !expected) << std::hex << number;
      if (expected) bench.execute({ecall});
    }
}

/// What extensions bring, and nothing else.
TEST_P(Width, ExtensionsBringTheirNumbers) {
  HartConfig config = hart_config(GetParam());
  config.isa.sstc = config.isa.sscofpmf = true;
  config.pmp_regions = 0;
  config.port_space = false;
  config.triggers = 0;
  HartBench bench(config);
  std::set<unsigned> there = implemented(GetParam());
  for (const unsigned gone : {0x5c0u, 0x3a0u, 0x3a1u, 0x3a2u, 0x3a3u, 0x7a0u, 0x7a1u, 0x7a2u, 0x7a3u, 0x7a4u})
    there.erase(gone);
  for (unsigned number = 0x3b0; number <= 0x3bf; ++number) there.erase(number);
  there.insert({0x14d, 0xda0});
  if (GetParam() == 32) {
    there.insert(0x15d);
    for (unsigned number = 0x723; number <= 0x73f; ++number) there.insert(number);
  }
  for (unsigned number = 0; number < 0x1000; ++number)
    EXPECT_EQ(bench.hart->csr(number).has_value(), there.count(number) != 0) << std::hex << number;
}

INSTANTIATE_TEST_SUITE_P(Csr, Width, ::testing::Values(32u, 64u),
                         [](const auto& width) { return "Rv" + std::to_string(width.param); });

struct Field {
  unsigned number;
  std::uint64_t written, read;
};

void check(HartBench& bench, const Field& field) {
  bench.set_csr(field.number, field.written);
  EXPECT_EQ(bench.csr(field.number), field.read) << std::hex << field.number << " <- " << field.written;
}

TEST(Csr, FieldsOfRv64) {
  HartBench bench;
  EXPECT_EQ(bench.csr(0x301), 0x8000000000141105u) << "misa: RV64 ACIMSU";
  EXPECT_EQ(bench.csr(0x300), 0xa00000000u) << "mstatus: SXL and UXL are 64";
  EXPECT_EQ(bench.csr(0x100), 0x200000000u) << "sstatus: UXL";
  const Field fields[] = {
      {0x300, ones, 0xa007e19aa},                       // mstatus: no FS, XS, SD, big-endian modes
      {0x100, 0, 0x200000000},                          // sstatus
      {0x100, ones, 0x2000c0122},                       // sstatus: SIE SPIE SPP SUM MXR UXL
      {0x301, 0, 0x8000000000141105},                   // misa
      {0x302, ones, 0xb3ff},                            // medeleg
      {0x303, ones, 0x222},                             // mideleg
      {0x304, ones, 0xaaa},                             // mie
      {0x104, 0, 0},                                    // sie
      {0x104, ones, 0x222},                             // sie: the delegated ones
      {0x306, ones, 0xffffffff},                        // mcounteren
      {0x106, ones, 0xffffffff},                        // scounteren
      {0x30a, ones, 1},                                 // menvcfg: FIOM
      {0x10a, ones, 1},                                 // senvcfg: FIOM
      {0x320, ones, 0xfffffffd},                        // mcountinhibit: all but TM
      {0x323, ones, 0},                                 // mhpmevent3
      {0x33f, 9, 9},                                    // mhpmevent31
      {0xb03, ones, ones},                              // mhpmcounter3
      {0x340, ones, ones},                              // mscratch
      {0x140, ones, ones},                              // sscratch
      {0x341, ones, 0xfffffffffffffffe},                // mepc
      {0x141, ones, 0xfffffffffffffffe},                // sepc
      {0x342, 0x800000000000000b, 0x800000000000000b},  // mcause
      {0x142, 0x8000000000000009, 0x8000000000000009},  // scause
      {0x343, ones, ones},                              // mtval
      {0x143, ones, ones},                              // stval
      {0x3b1, ones, 0x3fffffffffffff},                  // pmpaddr1
      {0x5c0, ones, 1},                                 // sportctl
  };
  for (const Field& field : fields) check(bench, field);
}

TEST(Csr, FieldsOfRv32) {
  HartBench bench(hart_config(32));
  EXPECT_EQ(bench.csr(0x301), 0x40141105u);
  riscv::HartConfig embedded = hart_config(32);
  embedded.isa.e = true;
  EXPECT_EQ(HartBench(embedded).csr(0x301), 0x40141015u) << "misa: E in place of I";
  const Field fields[] = {
      {0x300, ones, 0x7e19aa},   {0x310, ones, 0},          {0x100, ones, 0xc0122}, {0x302, ones, 0xb3ff},
      {0x303, ones, 0x222},      {0x304, ones, 0xaaa},      {0x31a, ones, 0},       {0x341, ones, 0xfffffffe},
      {0x340, ones, 0xffffffff}, {0x3b1, ones, 0xffffffff}, {0xb80, 7, 7},          {0x180, ones, 0xffffffff},
  };
  for (const Field& field : fields) check(bench, field);
}

TEST(Csr, MppHasNoEncodingTwo) {
  HartBench bench;
  bench.set_csr(0x300, 0x800);
  bench.set_csr(0x300, 0x1000 | 0x8);
  EXPECT_EQ(bench.csr(0x300) & 0x1808, 0x808u) << "MPP keeps S, MIE is taken";
}

TEST(Csr, VectorModes) {
  HartBench bench;
  for (const unsigned number : {0x305u, 0x105u}) {
    check(bench, {number, 0x80001000, 0x80001000});
    check(bench, {number, 0x80002001, 0x80002001});
    check(bench, {number, 0x80003002, 0x80002001});
    check(bench, {number, 0x80003003, 0x80002001});
  }
}

TEST(Csr, ReturnAddressesWithoutCompressedInstructions) {
  HartConfig config = hart_config();
  config.isa.c = false;
  HartBench bench(config);
  check(bench, {0x341, ones, 0xfffffffffffffffc});
  check(bench, {0x141, ones, 0xfffffffffffffffc});
  EXPECT_EQ(bench.csr(0x301), 0x8000000000141101u);
}

TEST(Csr, SatpModesOfRv64) {
  const auto satp = [](std::uint64_t mode) { return mode << 60 | 0x80000; };
  const struct {
    PageFormatId largest;
    std::uint64_t most;
  } machines[] = {{PageFormatId::sv39, 8}, {PageFormatId::sv48, 9}, {PageFormatId::sv57, 10}};
  for (const auto& machine : machines) {
    HartConfig config = hart_config();
    config.largest_format = machine.largest;
    HartBench bench(config);
    for (std::uint64_t mode = 0; mode < 16; ++mode) {
      bench.set_csr(0x180, 0x1234);
      const bool legal = mode == 0 || (mode >= 8 && mode <= machine.most);
      bench.set_csr(0x180, satp(mode));
      EXPECT_EQ(bench.csr(0x180), legal ? satp(mode) : 0x1234) << "mode " << mode << " of " << machine.most;
    }
  }
}

TEST(Csr, SatpAsidWidth) {
  const auto held = [](unsigned xlen, unsigned bits) {
    HartConfig config = hart_config(xlen);
    config.asid_bits = bits;
    HartBench bench(config);
    bench.set_csr(0x180, xlen == 64 ? 0x8ffffull << 44 : 0x7fc00000);
    return bench.csr(0x180);
  };
  EXPECT_EQ(held(64, 16), 0x8ffffull << 44);
  EXPECT_EQ(held(64, 5), 0x8001full << 44);
  EXPECT_EQ(held(64, 0), 0x80000ull << 44);
  EXPECT_EQ(held(32, 16), 0x7fc00000u) << "9 bits at most";
  EXPECT_EQ(held(32, 1), 0x00400000u);
}

TEST(Csr, SatpWithoutAnMmuIsZero) {
  HartConfig config = hart_config();
  config.has_mmu = false;
  HartBench bench(config);
  check(bench, {0x180, 0x8000000000080000, 0});
}

TEST(Csr, PendingInterrupts) {
  HartBench bench;
  check(bench, {0x344, ones, 0x222});
  check(bench, {0x344, 0, 0});
  bench.hart->set_interrupt(riscv::Interrupt::machine_timer, true);
  bench.hart->set_interrupt(riscv::Interrupt::supervisor_external, true);
  EXPECT_EQ(bench.csr(0x344), 0x280u);
  check(bench, {0x344, 0, 0x280});
  bench.execute({csrrwi(0x344, 0), csrrsi(0x344, 2)});
  bench.hart->set_interrupt(riscv::Interrupt::supervisor_external, false);
  EXPECT_EQ(bench.csr(0x344), 0x82u) << "a set of another bit must not catch the line of SEIP";
}

TEST(Csr, SipShowsWhatIsDelegated) {
  HartBench bench;
  bench.set_csr(0x344, 0x222);
  EXPECT_EQ(bench.csr(0x144), 0u);
  check(bench, {0x144, ones, 0});
  bench.set_csr(0x303, 0x22);
  EXPECT_EQ(bench.csr(0x144), 0x22u);
  check(bench, {0x144, 0, 0x20});
  EXPECT_EQ(bench.csr(0x344), 0x220u) << "STIP and SEIP are read-only in sip";
  check(bench, {0x144, 2, 0x22});
}

TEST(Csr, PmpConfigurationsArePacked) {
  HartBench bench;
  bench.set_csr(0x3a2, 0x1f9c1b1899170f01);
  EXPECT_EQ(bench.csr(0x3a2), 0x1f9c1b1899170f01u);
  EXPECT_EQ(bench.csr(0x3a0), 0x1fu);
  HartBench narrow(hart_config(32));
  narrow.set_csr(0x3a3, 0x1f9c1b18);
  EXPECT_EQ(narrow.csr(0x3a3), 0x1f9c1b18u);
  EXPECT_EQ(narrow.csr(0x3a2), 0u);
}

TEST(Csr, WithoutPmpThereAreNoPmpRegisters) {
  HartConfig config = hart_config();
  config.pmp_regions = 0;
  HartBench bench(config);
  EXPECT_TRUE(illegal(bench, csrrs(5, 0x3a0, 0)));
  EXPECT_TRUE(illegal(bench, csrrs(5, 0x3bf, 0)));
}

TEST(Csr, HartId) {
  HartConfig config = hart_config();
  config.hart_id = 3;
  HartBench bench(config);
  EXPECT_EQ(bench.csr(0xf14), 3u);
  EXPECT_EQ(bench.csr(0xf11), 0u);
}

TEST(Csr, PortControl) {
  HartBench bench;
  bench.enter(Privilege::user);
  EXPECT_TRUE(illegal(bench, in_(0, 5, 6)));
  bench.enter(Privilege::user);
  EXPECT_TRUE(illegal(bench, csrrs(5, 0x5c0, 0)));
  bench.enter(Privilege::supervisor);
  bench.hart->set_reg(6, 0x80);
  EXPECT_FALSE(bench.traps(in_(0, 5, 6))) << "S mode needs no permission";
  EXPECT_FALSE(bench.traps(csrrwi(0x5c0, 1)));
  bench.execute({ecall});
  bench.enter(Privilege::user);
  EXPECT_FALSE(bench.traps(in_(0, 5, 6)));
}

TEST(Csr, WithoutPortSpaceThereIsNoPortControl) {
  HartConfig config = hart_config();
  config.port_space = false;
  HartBench bench(config);
  EXPECT_TRUE(illegal(bench, csrrs(5, 0x5c0, 0)));
  EXPECT_TRUE(illegal(bench, in_(0, 5, 6)));
}

class Counters : public EngineTest {};

TEST_P(Counters, MinstretCountsWhatRetired) {
  HartBench bench(config());
  bench.hart->set_reg(6, 1000);
  bench.execute({csrrw(0, 0xb02, 6), csrrs(7, 0xb02, 0), nop, nop, csrrs(8, 0xb02, 0), csrrs(9, 0xc02, 0)});
  EXPECT_EQ(bench.hart->reg(7), 1000u) << "the write takes the place of its own increment";
  EXPECT_EQ(bench.hart->reg(8), 1003u);
  EXPECT_EQ(bench.hart->reg(9), 1004u) << "instret is minstret";
}

TEST_P(Counters, ATrappingInstructionDoesNotRetire) {
  HartBench bench(config());
  const std::uint64_t before = bench.hart->instructions();
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.hart->instructions(), before + 3) << "two nops before, one in the handler";
}

TEST_P(Counters, McycleReadsAsWrittenPlusTheCyclesSince) {
  HartBench bench(config());
  bench.hart->set_reg(6, 1000);
  bench.execute({csrrw(0, 0xb00, 6), csrrs(7, 0xb00, 0), nop, csrrs(8, 0xc00, 0)});
  EXPECT_EQ(bench.hart->reg(7), 1006u) << "a fetch of 5 and one cycle";
  EXPECT_EQ(bench.hart->reg(8), 1018u);
}

TEST_P(Counters, InhibitedCountersStandStill) {
  HartBench bench(config());
  bench.set_csr(0xb00, 500);
  bench.set_csr(0xb02, 700);
  bench.set_csr(0x320, 4);
  const std::uint64_t retired = bench.csr(0xb02);
  const std::uint64_t cycles = bench.csr(0xb00);
  bench.execute({nop, nop, nop});
  EXPECT_EQ(bench.csr(0xb02), retired);
  EXPECT_EQ(bench.csr(0xb00), cycles + 18) << "three words of 5 and three cycles";
  bench.set_csr(0x320, 5);
  bench.set_csr(0xb02, 42);
  bench.set_csr(0xb00, 43);
  bench.execute({nop, nop});
  EXPECT_EQ(bench.csr(0xb02), 42u) << "a write while it stands takes effect";
  EXPECT_EQ(bench.csr(0xb00), 43u);
  bench.set_csr(0x320, 0);
  bench.execute({nop, nop});
  EXPECT_EQ(bench.csr(0xb02), 45u) << "the instruction that lets it run is counted";
  EXPECT_EQ(bench.csr(0xb00), 55u);
}

TEST_P(Counters, HighHalvesOfRv32) {
  HartBench bench(config(32));
  bench.set_csr(0xb02, 0xfffffffe);
  bench.set_csr(0xb82, 7);
  bench.set_csr(0xb02, 0xfffffffe);
  bench.execute({nop, nop});
  EXPECT_EQ(bench.csr(0xb82), 8u);
  EXPECT_EQ(bench.csr(0xb02), 0u);
  EXPECT_EQ(bench.csr(0xc82), 8u);
  bench.set_csr(0xb80, 5);
  EXPECT_EQ(bench.csr(0xc80), 5u);
}

TEST_P(Counters, TimeIsTheMachines) {
  HartBench bench(config());
  bench.hart->idle_until(12345);
  EXPECT_EQ(bench.csr(0xc01), 123u) << "the bench's timebase is 100 cycles";
  HartBench narrow(config(32));
  narrow.hart->idle_until(500000000000);
  EXPECT_EQ(narrow.csr(0xc01), 0x2a05f200u);
  EXPECT_EQ(narrow.csr(0xc81), 1u);
}

TEST_P(Counters, AreGatedByMcounterenAndScounteren) {
  const auto refused = [](std::uint64_t mcounteren, std::uint64_t scounteren, Privilege privilege,
                          Word word) {
    HartBench bench(config());
    bench.set_csr(0x306, mcounteren);
    bench.set_csr(0x106, scounteren);
    bench.enter(privilege);
    return illegal(bench, word);
  };
  const struct {
    Word word;
    std::uint64_t bit;
  } counters[] = {
      {rdcycle, 1}, {rdtime, 2}, {rdinstret, 4}, {csrrs(5, 0xc03, 0), 8}, {csrrs(5, 0xc1f, 0), 1ull << 31}};
  for (const auto& c : counters) {
    EXPECT_TRUE(refused(~c.bit, ones, Privilege::supervisor, c.word)) << c.bit;
    EXPECT_FALSE(refused(c.bit, 0, Privilege::supervisor, c.word)) << c.bit;
    EXPECT_TRUE(refused(~c.bit, ones, Privilege::user, c.word)) << c.bit;
    EXPECT_TRUE(refused(ones, ~c.bit, Privilege::user, c.word)) << c.bit;
    EXPECT_FALSE(refused(c.bit, c.bit, Privilege::user, c.word)) << c.bit;
    EXPECT_FALSE(refused(0, 0, Privilege::machine, c.word)) << c.bit;
  }
}

MEMIO_BOTH_ENGINES(Counters);

}  // namespace
}  // namespace memio::test
