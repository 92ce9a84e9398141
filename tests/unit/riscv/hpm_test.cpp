// Event counters (privileged specification 20211203, section 3.1.10): their registers, and that they count
// what the statistics count. The numbers of the events are part of the machine, so they stand here as
// literals.
#include "cpu/riscv/event_counters.h"
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

using riscv::EventCounters;
using riscv::HpmEvent;

constexpr Word read_counter(Word rd, Word counter) { return csrrs(rd, 0xc00 + counter, 0); }

TEST(EventCounters, CountFromWhereTheyStand) {
  std::uint64_t misses = 100;
  EventCounters counters;
  counters.connect(HpmEvent::itlb_miss, &misses);
  EXPECT_EQ(counters.value(3), 0u);
  counters.set_event(3, 1);
  misses += 5;
  EXPECT_EQ(counters.value(3), 5u) << "what was before does not count";
  counters.inhibit(1u << 3);
  misses += 5;
  EXPECT_EQ(counters.value(3), 5u);
  counters.set_value(3, ~0ull);
  counters.inhibit(1u << 4);
  misses += 2;
  EXPECT_EQ(counters.value(3), 1u) << "modulo 2^64";
  counters.reset();
  misses += 2;
  EXPECT_EQ(counters.event(3), 0u);
  EXPECT_EQ(counters.value(3), 1u);
  EXPECT_EQ(counters.value(31), 0u);
}

TEST(EventCounters, AnUnknownEventIsNone) {
  EventCounters counters;
  for (const std::uint64_t event : {18ull, 1ull << 32 | 1, ~0ull}) {
    counters.set_event(31, 9);
    counters.set_event(31, event);
    EXPECT_EQ(counters.event(31), 0u) << event;
  }
}

class EventsOfAHart : public EngineTest {
 protected:
  /// Counters 3 to 11 count events 1 to 9 from now on.
  static void program(HartBench& bench) {
    for (unsigned event = 1; event <= 9; ++event) bench.set_csr(0x322 + event, event);
  }

  /// Loads from four pages under Sv39 in S mode, then a fault.
  static void run_paged(HartBench& bench) {
    PageTables tables(bench, PageFormatId::sv39);
    tables.map(code_at, code_at, pte_code);
    for (unsigned i = 0; i < 4; ++i) tables.map(data_at + 0x1000 * i, data_at, pte_data);
    program(bench);
    bench.set_csr(0x306, ~0ull);
    bench.set_csr(0x180, tables.satp());
    bench.enter(Privilege::supervisor);
    bench.hart->set_reg(10, data_at);
    bench.hart->set_reg(11, 0x1000);
    bench.execute({lw(5, 10, 0), add(10, 10, 11), lw(5, 10, 0), add(10, 10, 11), lw(5, 10, 0),
                   add(10, 10, 11), lw(5, 10, 0), lw(5, 10, 8), read_counter(20, 4), read_counter(21, 7),
                   add(10, 10, 11)});
    EXPECT_TRUE(bench.traps(lw(5, 10, 0), code_at + 0x80)) << "the fifth page is not mapped";
  }
};

TEST_P(EventsOfAHart, EqualTheStatistics) {
  HartBench bench(config());
  run_paged(bench);
  const char* const statistics[] = {"mmu.itlb.misses",   "mmu.dtlb.misses",  "mmu.l2tlb.misses",
                                    "mmu.walker.cycles", "mmu.walker.reads", "traps"};
  for (unsigned i = 0; i < 6; ++i)
    EXPECT_EQ(bench.csr(0xb03 + i), bench.stat(statistics[i])) << statistics[i];
  EXPECT_EQ(bench.csr(0xb0a), bench.stat("mmu.itlb.lookups"));
  EXPECT_EQ(bench.csr(0xb0b), bench.stat("mmu.dtlb.lookups"));
  EXPECT_EQ(bench.csr(0xb03), 1u) << "ITLB misses";
  EXPECT_EQ(bench.csr(0xb04), 5u) << "DTLB misses";
  EXPECT_EQ(bench.csr(0xb05), 6u) << "misses of the second level";
  EXPECT_EQ(bench.csr(0xb06), 18u * 6) << "each level is a step of 1 and a read of 5";
  EXPECT_EQ(bench.csr(0xb07), 18u) << "three levels each";
  EXPECT_EQ(bench.csr(0xb08), 1u) << "traps";
  EXPECT_EQ(bench.csr(0xb09), 1u) << "page faults";
  EXPECT_EQ(bench.csr(0xb0b), 6u) << "DTLB look-ups";
  EXPECT_EQ(bench.hart->reg(20), 4u) << "DTLB misses, as S mode read them";
  EXPECT_EQ(bench.hart->reg(21), 15u) << "PTE reads";
}

TEST_P(EventsOfAHart, InFunctionalModeNoTlbCounts) {
  riscv::HartConfig functional = config();
  functional.functional = true;
  HartBench bench(functional);
  run_paged(bench);
  for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(bench.csr(0xb03 + i), 0u) << i;
  EXPECT_EQ(bench.csr(0xb09), 1u) << "page faults occur there too";
  EXPECT_EQ(bench.csr(0xb0b), 0u);
}

TEST_P(EventsOfAHart, StandStillWhileInhibited) {
  HartBench bench(config());
  program(bench);
  bench.set_csr(0x320, 1u << 8);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0xb08), 0u);
  bench.set_csr(0x320, 0);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0xb08), 1u);
}

TEST_P(EventsOfAHart, HighHalvesOfRv32) {
  HartBench bench(config(32));
  bench.set_csr(0x323, 6);
  bench.set_csr(0xb03, 0xffffffff);
  bench.set_csr(0xb83, 7);
  EXPECT_EQ(bench.csr(0xc83), 7u);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0xb03), 0u);
  EXPECT_EQ(bench.csr(0xb83), 8u);
  EXPECT_EQ(bench.csr(0xc83), 8u);
}

TEST_P(EventsOfAHart, AResetKeepsTheValuesAndForgetsTheEvents) {
  HartBench bench(config());
  program(bench);
  bench.set_csr(0xb08, 40);
  EXPECT_TRUE(bench.traps(ecall));
  bench.hart->reset();
  EXPECT_EQ(bench.csr(0xb08), 41u);
  EXPECT_EQ(bench.csr(0x328), 0u);
}

TEST_P(EventsOfAHart, CachesCyclesAndInstructions) {
  riscv::HartConfig cached = config();
  cached.caches.l1i = {1024, 2, 64};
  cached.caches.l1d = {1024, 2, 64};
  cached.caches.l2 = {4096, 4, 64};
  HartBench bench(cached);
  for (unsigned event = 13; event <= 17; ++event) bench.set_csr(0x326 + event - 13, event);
  const std::uint64_t l1i = bench.stat("l1i.misses") - bench.csr(0xb06),
                      l1d = bench.stat("l1d.misses") - bench.csr(0xb07),
                      l2 = bench.stat("l2.misses") - bench.csr(0xb08),
                      cycles = bench.hart->now() - bench.csr(0xb09),
                      instructions = bench.hart->instructions() - bench.csr(0xb0a);
  bench.hart->set_reg(10, data_at);
  bench.execute({lw(5, 10, 0), lw(5, 10, 32), lw(5, 10, 64), sw(5, 10, 128), lw(5, 10, 1024), nop});
  EXPECT_EQ(bench.csr(0xb07), 4u) << "data: four lines";
  EXPECT_EQ(bench.csr(0xb06) + l1i, bench.stat("l1i.misses"));
  EXPECT_EQ(bench.csr(0xb07) + l1d, bench.stat("l1d.misses"));
  EXPECT_EQ(bench.csr(0xb08) + l2, bench.stat("l2.misses"));
  EXPECT_EQ(bench.csr(0xb09) + cycles, bench.hart->now());
  EXPECT_EQ(bench.csr(0xb0a) + instructions, bench.hart->instructions());
}

MEMIO_BOTH_ENGINES(EventsOfAHart);

/// Sscofpmf 1.0.
class Overflow : public EngineTest {
 protected:
  static constexpr std::uint64_t of = 1ull << 63, minh = 1ull << 62, sinh = 1ull << 61, uinh = 1ull << 60;
  static constexpr std::uint64_t lcofi = 1u << 13;
  static riscv::HartConfig sampling(unsigned xlen = 64) {
    riscv::HartConfig result = config(xlen);
    result.isa.sscofpmf = true;
    return result;
  }
};

TEST_P(Overflow, BitsOfTheEventExistWithTheExtensionOnly) {
  HartBench with(sampling()), without(config()), narrow(sampling(32));
  with.set_csr(0x323, ~0ull << 58 | 6);
  EXPECT_EQ(with.csr(0x323), of | minh | sinh | uinh | 6) << "there is no hypervisor";
  without.set_csr(0x323, of | 6);
  EXPECT_EQ(without.csr(0x323), 0u) << "no event has that number";
  narrow.set_csr(0x323, 6);
  narrow.set_csr(0x723, ~0ull);
  EXPECT_EQ(narrow.csr(0x323), 6u);
  EXPECT_EQ(narrow.csr(0x723), 0xf0000000u);
  with.set_csr(0x303, ~0ull);
  EXPECT_EQ(with.csr(0x303), 0x2222u);
  with.set_csr(0x304, ~0ull);
  EXPECT_EQ(with.csr(0x304), 0x2aaau);
}

TEST_P(Overflow, SetsOfAndThePendingBitOnce) {
  HartBench bench(sampling());
  bench.set_csr(0x323, 6);
  bench.set_csr(0xb03, ~0ull);
  EXPECT_EQ(bench.csr(0xda0), 0u);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0xb03), 0u);
  EXPECT_EQ(bench.csr(0x323), of | 6);
  EXPECT_EQ(bench.csr(0xda0), 8u);
  EXPECT_EQ(bench.csr(0x344), lcofi);
  bench.set_csr(0x344, 0);
  bench.set_csr(0xb03, ~0ull);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0x344), 0u) << "OF was set before: no interrupt";
  bench.set_csr(0x323, 6);
  bench.set_csr(0xb03, ~0ull - 1);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0x344), 0u);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0x344), lcofi);
}

TEST_P(Overflow, TheInterruptComesRightBehindTheInstruction) {
  for (const unsigned before : {1u, 100u, 5000u}) {
    HartBench bench(sampling());
    bench.set_csr(0x303, lcofi);
    bench.set_csr(0x304, lcofi);
    bench.set_csr(0x323, 17 | minh);
    bench.set_csr(0xb03, ~0ull - before);
    bench.enter(Privilege::user);
    bench.run(before + 1);  // the mret retired in U mode, too
    EXPECT_EQ(bench.csr(0x142), 1ull << 63 | 13) << before;
    EXPECT_EQ(bench.csr(0x141), code_at + 4 * before) << before << " nops in U mode";
    EXPECT_EQ(bench.hart->privilege(), Privilege::supervisor);
  }
}

TEST_P(Overflow, OnRv32TheBitsLieInTheUpperHalf) {
  constexpr std::uint32_t no_machine = 1u << 30;
  HartBench bench(sampling(32));
  bench.set_csr(0x306, 8);
  bench.set_csr(0x303, lcofi);
  bench.set_csr(0x304, lcofi);
  bench.set_csr(0x323, 17);
  bench.set_csr(0x723, no_machine);
  bench.set_csr(0xb03, 0xfffffffd);
  bench.set_csr(0xb83, 7);
  bench.enter(Privilege::user);
  bench.execute({nop, nop, nop});
  EXPECT_EQ(bench.csr(0xb03), 1u) << "the mret and three nops";
  EXPECT_EQ(bench.csr(0xb83), 8u);
  EXPECT_EQ(bench.csr(0x723), no_machine) << "the lower half alone is no overflow";
  EXPECT_TRUE(bench.traps(ecall));
  bench.set_csr(0xb03, 0xfffffffd);
  bench.set_csr(0xb83, 0xffffffff);
  bench.enter(Privilege::user);
  bench.hart->set_pc(code_at);
  bench.run(3);
  EXPECT_EQ(bench.csr(0x723), 1u << 31 | no_machine);
  EXPECT_EQ(bench.csr(0xda0), 8u);
  EXPECT_EQ(bench.csr(0x142), 1u << 31 | 13);
  EXPECT_EQ(bench.csr(0x141), code_at + 8);
  EXPECT_EQ(bench.csr(0xb83), 0u);
}

TEST_P(Overflow, ModesAreLeftOut) {
  const auto counted = [](std::uint64_t flags, Privilege privilege) {
    HartBench bench(sampling());
    bench.set_csr(0x324, 17 | flags | minh);
    bench.enter(privilege);
    bench.execute({nop, nop, nop, nop});
    return bench.csr(0xb04);
  };
  // The mret itself retires in the mode that it enters.
  EXPECT_EQ(counted(0, Privilege::user), 5u);
  EXPECT_EQ(counted(uinh, Privilege::user), 0u);
  EXPECT_EQ(counted(sinh, Privilege::user), 5u);
  EXPECT_EQ(counted(0, Privilege::supervisor), 5u);
  EXPECT_EQ(counted(sinh, Privilege::supervisor), 0u);
  EXPECT_EQ(counted(uinh, Privilege::supervisor), 5u);
  EXPECT_EQ(counted(0, Privilege::machine), 0u);
}

TEST_P(Overflow, ScountovfShowsSupervisorsWhatIsOpen) {
  HartBench bench(sampling());
  bench.set_csr(0x323, of);
  bench.set_csr(0x325, of);
  bench.set_csr(0x306, 0x20);
  EXPECT_EQ(bench.csr(0xda0), 0x28u);
  bench.enter(Privilege::supervisor);
  bench.execute({csrrs(5, 0xda0, 0)});
  EXPECT_EQ(bench.hart->reg(5), 0x20u);
}

MEMIO_BOTH_ENGINES(Overflow);

}  // namespace
}  // namespace memio::test
