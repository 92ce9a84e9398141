// Extensions of the supervisor architecture: Sstc 1.0.0, Svadu 1.0, Svinval and Svnapot (privileged
// specification 20211203, chapters 5 and 7).
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

using riscv::HartConfig;

constexpr unsigned mip = 0x344, mcounteren = 0x306, stimecmp = 0x14d, stimecmph = 0x15d;
constexpr std::uint64_t stce = 1ull << 63, adue = 1ull << 61, stip = 32;

unsigned menvcfg_high(unsigned xlen) { return xlen == 64 ? 0x30a : 0x31a; }
std::uint64_t high_bit(unsigned xlen, std::uint64_t bit) { return xlen == 64 ? bit : bit >> 32; }

class Sstc : public EngineTest {
 protected:
  static HartConfig timer_config(unsigned xlen = 64) {
    HartConfig result = config(xlen);
    result.isa.sstc = true;
    return result;
  }
  static void connect(HartBench& bench) {
    bench.port->timer = [&bench](bool level) {
      bench.hart->set_interrupt(riscv::Interrupt::supervisor_timer, level);
    };
  }
};

TEST_P(Sstc, StimecmpExistsWithTheExtensionOnly) {
  HartBench without(config()), with(timer_config()), narrow(timer_config(32));
  EXPECT_TRUE(without.traps(csrrs(5, stimecmp, 0)));
  EXPECT_FALSE(with.traps(csrrs(5, stimecmp, 0)));
  EXPECT_TRUE(with.traps(csrrs(5, stimecmph, 0)));
  EXPECT_FALSE(narrow.traps(csrrs(5, stimecmph, 0)));
  without.set_csr(0x30a, stce);
  EXPECT_EQ(without.csr(0x30a), 0u);
  with.set_csr(0x30a, stce);
  EXPECT_EQ(with.csr(0x30a), stce);
}

TEST_P(Sstc, SupervisorsNeedStceAndTm) {
  for (const bool enabled : {false, true})
    for (const bool counter : {false, true}) {
      HartBench bench(timer_config());
      bench.set_csr(0x30a, enabled ? stce : 0);
      bench.set_csr(mcounteren, counter ? 2 : 0);
      EXPECT_FALSE(bench.traps(csrrs(5, stimecmp, 0))) << "machine mode may always";
      bench.enter(Privilege::supervisor);
      EXPECT_EQ(bench.traps(csrrs(5, stimecmp, 0)), !(enabled && counter));
      HartBench user(timer_config());
      user.set_csr(0x30a, stce);
      user.set_csr(mcounteren, 2);
      user.enter(Privilege::user);
      EXPECT_TRUE(user.traps(csrrs(5, stimecmp, 0)));
    }
}

TEST_P(Sstc, ThePendingBitFollowsTheTime) {
  for (const unsigned xlen : {32u, 64u}) {
    HartBench bench(timer_config(xlen));
    connect(bench);
    bench.set_csr(menvcfg_high(xlen), high_bit(xlen, stce));
    if (xlen == 32) bench.set_csr(stimecmph, 0);
    bench.set_csr(stimecmp, 1000);
    EXPECT_EQ(bench.csr(mip) & stip, 0u);
    bench.set_csr(mip, stip);
    EXPECT_EQ(bench.csr(mip) & stip, 0u) << "not writable while STCE is set";
    bench.hart->idle_until(99'999);
    bench.port->synchronise(99'999);
    EXPECT_EQ(bench.csr(mip) & stip, 0u);
    bench.hart->idle_until(100'000);
    bench.port->synchronise(100'000);
    EXPECT_EQ(bench.csr(mip) & stip, stip) << "time equals stimecmp";
    bench.set_csr(stimecmp, 2000);
    EXPECT_EQ(bench.csr(mip) & stip, 0u) << "a later deadline takes it back";
    bench.set_csr(stimecmp, 0);
    EXPECT_EQ(bench.csr(mip) & stip, stip) << "one in the past makes it pending at once";
    bench.set_csr(menvcfg_high(xlen), 0);
    EXPECT_EQ(bench.csr(mip) & stip, 0u) << "without STCE the timer does not count";
    bench.set_csr(mip, stip);
    EXPECT_EQ(bench.csr(mip) & stip, stip) << "and software's bit is back";
  }
}

TEST_P(Sstc, TheInterruptComesAtItsTime) {
  HartBench bench(timer_config());
  connect(bench);
  bench.set_csr(0x30a, stce);
  bench.set_csr(0x303, stip);
  bench.set_csr(0x304, stip);
  bench.set_csr(stimecmp, 20);
  bench.enter(Privilege::user);
  bench.port->quantum = 50;
  bench.port->synchronise(bench.hart->now());
  const Cycles begin = bench.hart->now();
  ASSERT_LT(begin, 2000u);
  while (bench.hart->last_trap().taken == 0 && bench.hart->now() < 5000) {
    bench.hart->run();
    bench.port->synchronise(bench.hart->now());
  }
  EXPECT_EQ(bench.csr(0x142), 1ull << 63 | 5);
  EXPECT_EQ(bench.hart->privilege(), Privilege::supervisor);
  // Nops of 6 cycles: the first that would begin at or after cycle 2000 gives way.
  EXPECT_EQ(bench.csr(0x141), code_at + 4 * ((2000 - begin + 5) / 6));
}

MEMIO_BOTH_ENGINES(Sstc);

class Svadu : public EngineTest {};

TEST_P(Svadu, AdueChoosesBetweenHardwareAndFaults) {
  HartConfig with = config();
  with.isa.svadu = true;
  HartBench bench(with), without(config());
  EXPECT_EQ(bench.csr(0x30a), adue) << "as it is after reset";
  EXPECT_EQ(without.csr(0x30a), 0u);
  without.set_csr(0x30a, adue);
  EXPECT_EQ(without.csr(0x30a), 0u);

  PageTables tables(bench, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(data_at, data_at, pte_v | pte_r | pte_w);
  const std::uint64_t pte_at = tables_at + 0x2000 + 8 * (data_at >> 12 & 511);
  bench.set_csr(0x180, tables.satp());
  bench.hart->set_reg(10, data_at);
  bench.set_csr(0x30a, 0);
  bench.enter(Privilege::supervisor);
  EXPECT_TRUE(bench.traps(sw(0, 10, 0)));
  EXPECT_EQ(bench.csr(0x342), 15u) << "store page fault";
  EXPECT_EQ(bench.port->get32(pte_at) & 0xff, pte_v | pte_r | pte_w);
  bench.set_csr(0x30a, adue);
  bench.enter(Privilege::supervisor);
  EXPECT_FALSE(bench.traps(lw(5, 10, 0)));
  EXPECT_EQ(bench.port->get32(pte_at) & 0xff, pte_v | pte_r | pte_w | pte_a);
  EXPECT_FALSE(bench.traps(sw(0, 10, 0)));
  EXPECT_EQ(bench.port->get32(pte_at) & 0xff, pte_data);
  bench.hart->reset();
  EXPECT_EQ(bench.csr(0x30a), adue);
}

TEST_P(Svadu, AdueOfRv32IsInMenvcfgh) {
  HartConfig with = config(32);
  with.isa.svadu = true;
  HartBench bench(with);
  EXPECT_EQ(bench.csr(0x31a), adue >> 32);
  EXPECT_EQ(bench.csr(0x30a), 0u);
  bench.set_csr(0x31a, 0);
  EXPECT_EQ(bench.csr(0x31a), 0u);
}

MEMIO_BOTH_ENGINES(Svadu);

class Svinval : public EngineTest {
 protected:
  static constexpr Word sinval_vma = 0x16000073, w_inval = 0x18000073, inval_ir = 0x18100073;
  static HartConfig fence_config() {
    HartConfig result = config();
    result.isa.svinval = true;
    return result;
  }
};

TEST_P(Svinval, InstructionsExistWithTheExtensionOnly) {
  HartBench with(fence_config()), without(config());
  for (const Word word : {sinval_vma, w_inval, inval_ir}) {
    EXPECT_FALSE(with.traps(word)) << std::hex << word;
    EXPECT_TRUE(without.traps(word)) << std::hex << word;
    HartBench user(fence_config());
    user.enter(Privilege::user);
    EXPECT_TRUE(user.traps(word)) << std::hex << word;
    HartBench guarded(fence_config());
    guarded.enter(Privilege::supervisor, code_at, 1u << 20);  // TVM
    EXPECT_EQ(guarded.traps(word), word == sinval_vma) << std::hex << word;
  }
  for (const Word word : {sinval_vma | 1u << 7, w_inval | 1u << 15, w_inval | 2u << 20})
    EXPECT_TRUE(with.traps(word)) << std::hex << word;
}

TEST_P(Svinval, SinvalVmaFences) {
  HartBench bench(fence_config());
  PageTables tables(bench, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(data_at, data_at, pte_data);
  bench.set_csr(0x180, tables.satp());
  bench.enter(Privilege::supervisor);
  bench.hart->set_reg(10, data_at);
  bench.port->put32(data_at, 1);
  bench.port->put32(data_at + 0x1000, 2);
  bench.execute({lw(5, 10, 0)});
  tables.map(data_at, data_at + 0x1000, pte_data);
  bench.execute({lw(6, 10, 0), w_inval, sinval_vma | 10u << 15, inval_ir, lw(7, 10, 0)});
  EXPECT_EQ(bench.hart->reg(5), 1u);
  EXPECT_EQ(bench.hart->reg(6), 1u) << "the TLB holds the old page";
  EXPECT_EQ(bench.hart->reg(7), 2u);
}

MEMIO_BOTH_ENGINES(Svinval);

class Svnapot : public EngineTest {
 protected:
  static constexpr std::uint64_t n = 1ull << 63;
  static HartConfig napot_config(bool on = true) {
    HartConfig result = config();
    result.isa.svnapot = on;
    return result;
  }
  /// Maps 16 pages from `data_at` on by PTEs of the page number `ppn` with N set, and enters S mode.
  static void map(HartBench& bench, std::uint64_t ppn, std::uint64_t flags = pte_data) {
    PageTables tables(bench, PageFormatId::sv39);
    tables.map(code_at, code_at, pte_code);
    for (unsigned page = 0; page < 16; ++page) tables.map(data_at + 0x1000 * page, ppn << 12, flags | n);
    bench.set_csr(0x180, tables.satp());
    bench.enter(Privilege::supervisor);
  }
};

TEST_P(Svnapot, OneTlbEntryMapsSixtyFourKibibytes) {
  HartBench bench(napot_config());
  map(bench, (data_at + 0x20000) >> 12 | 8);
  for (unsigned page = 0; page < 16; ++page) {
    bench.port->put32(data_at + 0x20000 + 0x1000 * page + 8, 100 + page);
    bench.hart->set_reg(10, data_at + 0x1000 * page);
    bench.execute({lw(5, 10, 8)});
    EXPECT_EQ(bench.hart->reg(5), 100 + page);
    EXPECT_EQ(bench.hart->debug_translate(data_at + 0x1000 * page + 8),
              data_at + 0x20000 + 0x1000 * page + 8);
  }
  EXPECT_EQ(bench.stat("mmu.dtlb.misses"), 1u);
  EXPECT_EQ(bench.stat("mmu.dtlb.hits"), 15u);
  bench.execute({sfence_vma_all | 10u << 15, lw(5, 10, 8)});
  EXPECT_EQ(bench.stat("mmu.dtlb.misses"), 2u) << "a fence of the last page drops the entry";
}

TEST_P(Svnapot, OtherSizesAndMissingExtensionArePageFaults) {
  const struct {
    bool on;
    std::uint64_t low;
    bool faults;
  } cases[] = {{true, 8, false}, {true, 0, true},  {true, 4, true},
               {true, 9, true},  {true, 12, true}, {false, 8, true}};
  for (const auto& c : cases) {
    HartBench bench(napot_config(c.on));
    map(bench, (data_at >> 12) | c.low);
    bench.hart->set_reg(10, data_at);
    EXPECT_EQ(bench.traps(lw(5, 10, 0)), c.faults) << c.on << c.low;
    if (c.faults) {
      EXPECT_EQ(bench.csr(0x342), 13u);
    }
  }
}

TEST_P(Svnapot, SuperpagesAndPointersHaveNone) {
  for (const unsigned level : {1u, 2u}) {
    HartBench bench(napot_config());
    PageTables tables(bench, PageFormatId::sv39);
    tables.map(code_at, code_at, pte_code);
    tables.map(0, 0x8000, pte_data | n, level);
    bench.set_csr(0x180, tables.satp());
    bench.enter(Privilege::supervisor);
    bench.hart->set_reg(10, 0);
    EXPECT_TRUE(bench.traps(lw(5, 10, 0)));
    EXPECT_EQ(bench.csr(0x342), 13u);
  }
  HartBench bench(napot_config());
  PageTables tables(bench, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(0x40000000, data_at, pte_data);
  bench.port->put32(tables_at + 12, bench.port->get32(tables_at + 12) | 1u << 31);
  bench.set_csr(0x180, tables.satp());
  bench.enter(Privilege::supervisor);
  bench.hart->set_reg(10, 0x40000000);
  EXPECT_TRUE(bench.traps(lw(5, 10, 0)));
  EXPECT_EQ(bench.csr(0x342), 13u) << "N in a pointer";
}

MEMIO_BOTH_ENGINES(Svnapot);

}  // namespace
}  // namespace memio::test
