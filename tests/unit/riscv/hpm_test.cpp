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
  for (const std::uint64_t event : {13ull, 1ull << 32 | 1, ~0ull}) {
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

MEMIO_BOTH_ENGINES(EventsOfAHart);

}  // namespace
}  // namespace memio::test
