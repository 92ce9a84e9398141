// Cycles of translation in closed form: TLB look-ups, walks, the walk cache, A/D updates. The bench's
// memory takes 5 cycles a read and 7 a write; a walk step takes 1 of its own.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

using riscv::HartConfig;

constexpr std::uint64_t pages_at = 0x400000;  // virtual
constexpr Cycles lookup = 2;                  // of the DTLB

class TranslationTiming : public EngineTest {
 protected:
  static HartConfig plain(unsigned entries, unsigned xlen = 64) {
    HartConfig c = config(xlen);
    c.mmu.dtlb = {entries, 0, TlbPolicy::lru, lookup, 1};
    c.mmu.l2tlb.entries = 0;
    return c;
  }
};

/// A machine in S mode whose program loads a word of each of `pages` pages in turn.
struct Rounds {
  HartBench bench;
  PageTables tables;
  unsigned pages;

  Rounds(const HartConfig& config, PageFormatId format, unsigned count)
      : bench(config), tables(bench, format), pages(count) {
    tables.map(code_at, code_at, pte_code);
    for (unsigned i = 0; i < pages; ++i) {
      tables.map(pages_at + 4096 * i, data_at + 4096 * i, pte_data);
      bench.put(code_at + 8 * i, {lw(5, 10, 0), add(10, 10, 11)});
    }
    bench.set_csr(0x180, tables.satp());
    bench.enter(Privilege::supervisor);
    bench.hart->set_reg(11, 4096);
  }

  /// Cycles of one round.
  Cycles run() {
    bench.hart->set_reg(10, pages_at);
    bench.hart->set_pc(code_at);
    const Cycles before = bench.hart->now();
    bench.run(2 * pages);
    return bench.hart->now() - before;
  }
  std::uint64_t misses() { return bench.stat("mmu.dtlb.misses"); }
};

// A load and an add without translation: (5 + 1 + 5) + (5 + 1) = 17.
TEST_P(TranslationTiming, PagesInTurnThroughALruTlb) {
  constexpr unsigned entries = 8;
  for (const unsigned pages : {1u, 7u, 8u, 9u, 16u}) {
    Rounds rounds(plain(entries), PageFormatId::sv39, pages);
    const Cycles hit = 17 + lookup, walk = 3 * (1 + 5);
    EXPECT_EQ(rounds.run(), walk + pages * (hit + walk)) << "first round, and the walk of the code page";
    EXPECT_EQ(rounds.misses(), pages);
    const bool fits = pages <= entries;
    for (unsigned round = 1; round <= 5; ++round) {
      EXPECT_EQ(rounds.run(), pages * (hit + (fits ? 0 : walk))) << pages << " pages";
      EXPECT_EQ(rounds.misses(), fits ? pages : pages * (round + 1)) << pages << " pages";
    }
    EXPECT_EQ(rounds.bench.stat("mmu.dtlb.lookups"), 6u * pages);
    EXPECT_EQ(rounds.bench.stat("mmu.dtlb.hits"), fits ? 5u * pages : 0u);
    EXPECT_EQ(rounds.bench.stat("mmu.dtlb.evictions"), fits ? 0u : 6u * pages - entries);
    EXPECT_EQ(rounds.bench.stat("mmu.itlb.misses"), 1u);
    EXPECT_EQ(rounds.bench.stat("mmu.itlb.lookups"), 12u * pages);
    EXPECT_EQ(rounds.bench.stat("mmu.walker.walks"), rounds.misses() + 1);
    EXPECT_EQ(rounds.bench.stat("mmu.walker.reads"), 3 * (rounds.misses() + 1));
    EXPECT_EQ(rounds.bench.stat("cycle_stack.dtlb_lookup"), 6u * pages * lookup);
    EXPECT_EQ(rounds.bench.stat("cycle_stack.dtlb_walk"), rounds.misses() * walk);
    EXPECT_EQ(rounds.bench.stat("cycle_stack.itlb_walk"), walk);
  }
}

TEST_P(TranslationTiming, AWalkCostsItsLevels) {
  const struct {
    PageFormatId format;
    unsigned xlen;
    Cycles levels;
  } formats[] = {{PageFormatId::sv32, 32, 2},
                 {PageFormatId::sv39, 64, 3},
                 {PageFormatId::sv48, 64, 4},
                 {PageFormatId::sv57, 64, 5}};
  for (const auto& f : formats) {
    Rounds rounds(plain(2, f.xlen), f.format, 3);
    rounds.run();
    EXPECT_EQ(rounds.run(), 3 * (17 + lookup + f.levels * (1 + 5))) << f.levels;
    EXPECT_EQ(rounds.bench.stat("mmu.walker.cycles"), 7 * 6 * f.levels);
    EXPECT_EQ(rounds.bench.port->route.reads(AccessKind::walk), 7 * f.levels) << "they are bus transactions";
  }
}

TEST_P(TranslationTiming, WalkStepsAreConfigured) {
  HartConfig c = plain(2);
  c.mmu.walk_step_latency = 10;
  Rounds rounds(c, PageFormatId::sv39, 3);
  rounds.run();
  EXPECT_EQ(rounds.run(), 3u * (17 + lookup + 3 * (10 + 5)));
}

TEST_P(TranslationTiming, ASuperpageIsOneEntryAndAShorterWalk) {
  HartBench bench(plain(2));
  PageTables tables(bench, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(0x600000, ram_base + 0x200000, pte_data, 1);
  bench.set_csr(0x180, tables.satp());
  bench.put(code_at, {lw(5, 10, 0), lw(6, 12, 0), lw(7, 13, 0)});
  bench.enter(Privilege::supervisor);
  bench.hart->set_reg(10, 0x600000);
  bench.hart->set_reg(12, 0x680000);
  bench.hart->set_reg(13, 0x6ffffc);
  const Cycles before = bench.hart->now();
  bench.run(3);
  EXPECT_EQ(bench.hart->now() - before, 18 + 3 * (11 + lookup) + 2 * (1 + 5)) << "two levels, once";
  EXPECT_EQ(bench.stat("mmu.dtlb.misses"), 1u);
}

TEST_P(TranslationTiming, AnL2HitCostsItsLatency) {
  HartConfig c = plain(8);
  c.mmu.l2tlb = {16, 4, TlbPolicy::lru, 4, 3};
  Rounds rounds(c, PageFormatId::sv39, 9);
  EXPECT_EQ(rounds.run(), 4 + 18 + 9u * (17 + lookup + 4 + 18)) << "the L2 misses on the way";
  EXPECT_EQ(rounds.run(), 9u * (17 + lookup + 4));
  EXPECT_EQ(rounds.bench.stat("mmu.l2tlb.lookups"), 19u);
  EXPECT_EQ(rounds.bench.stat("mmu.l2tlb.hits"), 9u);
  EXPECT_EQ(rounds.bench.stat("mmu.walker.walks"), 10u);
}

TEST_P(TranslationTiming, AWalkCacheSkipsLevels) {
  HartConfig c = plain(2);
  c.mmu.pwc_entries = 8;
  c.mmu.pwc_hit_latency = 2;
  Rounds rounds(c, PageFormatId::sv39, 3);
  rounds.run();
  EXPECT_EQ(rounds.run(), 3u * (17 + lookup + 2 + (1 + 5))) << "only the last level is read";
  EXPECT_EQ(rounds.bench.stat("mmu.walker.levels"),
            rounds.bench.stat("mmu.walker.reads") + rounds.bench.stat("mmu.walker.skipped"));
}

TEST_P(TranslationTiming, TheItlbIsAskedOnceAnInstruction) {
  HartConfig c = plain(8);
  c.mmu.itlb.hit_latency = 3;
  HartBench bench(c);
  PageTables tables(bench, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(code_at + 0x1000, code_at + 0x1000, pte_code);
  bench.set_csr(0x180, tables.satp());
  bench.enter(Privilege::supervisor);
  const Cycles start = bench.hart->now();
  bench.run(100);
  EXPECT_EQ(bench.hart->now() - start, 18 + 100u * (3 + 5 + 1));
  EXPECT_EQ(bench.stat("cycle_stack.itlb_lookup"), 300u);
  // An instruction that straddles pages asks twice.
  bench.put(code_at + 0xffc, {nop << 16 | 1, nop << 16 | nop >> 16});
  bench.hart->set_pc(code_at + 0xffe);
  const Cycles before = bench.hart->now();
  bench.run(1);
  EXPECT_EQ(bench.hart->now() - before, (3 + 5) + (3 + 18 + 5) + 1u);
  EXPECT_EQ(bench.stat("mmu.itlb.lookups"), 102u);
}

TEST_P(TranslationTiming, AnAccessThatCrossesPagesAsksTwice) {
  Rounds rounds(plain(8), PageFormatId::sv39, 2);
  rounds.run();
  rounds.bench.put(code_at, {lw(5, 10, -2)});
  rounds.bench.hart->set_reg(10, pages_at + 4096);
  rounds.bench.hart->set_pc(code_at);
  const Cycles before = rounds.bench.hart->now();
  rounds.bench.run(1);
  EXPECT_EQ(rounds.bench.hart->now() - before, 6 + 2 * lookup + 2 * 5);
  EXPECT_EQ(rounds.bench.stat("mmu.dtlb.lookups"), 4u);
}

TEST_P(TranslationTiming, SvaduSetsDirtyByAWalkOfItsOwn) {
  HartConfig c = plain(8);
  c.isa.svadu = true;
  HartBench bench(c);
  PageTables tables(bench, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(pages_at, data_at, pte_v | pte_r | pte_w);
  bench.set_csr(0x180, tables.satp());
  bench.enter(Privilege::supervisor);
  bench.put(code_at, {nop, lw(5, 10, 0), sw(5, 10, 0), sw(5, 10, 0)});
  bench.hart->set_reg(10, pages_at);
  bench.run(1);
  const auto next = [&] {
    const Cycles before = bench.hart->now();
    bench.run(1);
    return bench.hart->now() - before;
  };
  const Cycles update = 5 + 7;  // an atomic read and write
  EXPECT_EQ(next(), 11 + lookup + 18 + update) << "sets A";
  EXPECT_EQ(next(), 1 + 13 + lookup + 18 + update)
      << "waits for the loaded value; a hit, then a walk that sets D";
  EXPECT_EQ(next(), 13 + lookup);
  EXPECT_EQ(bench.stat("mmu.walker.ad_updates"), 2u);
  EXPECT_EQ(bench.stat("mmu.walker.dirty_walks"), 1u);
  EXPECT_EQ(bench.stat("mmu.dtlb.hits"), 2u);
}

TEST_P(TranslationTiming, AStaleEntryServesUntilItIsFenced) {
  Rounds rounds(plain(8), PageFormatId::sv39, 1);
  rounds.bench.port->put32(data_at, 1);
  rounds.bench.port->put32(data_at + 0x4000, 2);
  rounds.run();
  EXPECT_EQ(rounds.bench.hart->reg(5), 1u);
  rounds.tables.map(pages_at, data_at + 0x4000, pte_data);
  EXPECT_EQ(rounds.run(), 17 + lookup);
  EXPECT_EQ(rounds.bench.hart->reg(5), 1u);
  rounds.bench.execute({sfence_vma_all}, code_at + 0x100);
  EXPECT_EQ(rounds.run(), 18 + 17 + lookup + 18);
  EXPECT_EQ(rounds.bench.hart->reg(5), 2u);
}

MEMIO_BOTH_ENGINES(TranslationTiming);

}  // namespace
}  // namespace memio::test
