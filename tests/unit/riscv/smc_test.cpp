// Code that changes: by the hart's own stores, by others, with and without fence.i. The model's fetches
// see every store at once (fence.i only empties the fetch buffer), whatever the engine has decoded.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr Word sh(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 1); }
constexpr Word amoswap_w(Word rd, Word rs2, Word rs1) { return r_type(1 << 2, rs2, rs1, 2, rd, 0x2f); }
constexpr Word count_1 = addi(7, 7, 1), count_10 = addi(7, 7, 10);

class SelfModifying : public EngineTest {
 protected:
  HartBench bench{config()};

  std::uint64_t host_stat(const std::string& name) {
    StatGroup group("host");
    bench.hart->register_host_stats(group);
    for (const Stat& stat : group.stats())
      if (stat.name == name) return stat.value();
    ADD_FAILURE() << name;
    return 0;
  }

  /// Runs a loop that swaps x6 and x8, and begins with `patch` at each round, which is to put x6 at
  /// offset 16; x10 is the loop's address. Returns the cycles.
  Cycles alternate(std::initializer_list<Word> patch, unsigned rounds, HartBench& b) {
    EXPECT_EQ(patch.size(), 2u);
    b.hart->set_reg(6, count_10);
    b.hart->set_reg(8, count_1);
    b.hart->set_reg(7, 0);
    b.hart->set_reg(10, code_at);
    b.put(code_at, patch);
    b.put(code_at + 8, {add(9, 6, 0), add(6, 8, 0), count_1, add(8, 9, 0), jal(0, -24)});
    b.hart->set_pc(code_at);
    const Cycles before = b.hart->now();
    b.run(7 * rounds);
    return b.hart->now() - before;
  }
  Cycles alternate(std::initializer_list<Word> patch, unsigned rounds) {
    return alternate(patch, rounds, bench);
  }
};

TEST_P(SelfModifying, AStoreAheadInItsOwnBlock) {
  EXPECT_EQ(alternate({sw(6, 10, 16), nop}, 100), 100u * (13 + 5 * 6 + 7));
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
}

TEST_P(SelfModifying, WithFenceI) {
  EXPECT_EQ(alternate({sw(6, 10, 16), fence_i}, 100), 100u * (13 + 7 + 4 * 6 + 7));
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
}

TEST_P(SelfModifying, ByHalves) {
  // The upper half alone tells 10 from 1.
  alternate({i_type(16, 6, 5, 11, 0x13), sh(11, 10, 18)}, 100);
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
}

TEST_P(SelfModifying, ByAnAtomic) {
  bench.hart->set_reg(11, code_at + 16);
  alternate({amoswap_w(0, 6, 11), nop}, 100);
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
}

TEST_P(SelfModifying, ByAMisalignedStore) {
  // Shifted by a byte: its lowest byte falls on the last one of the word before, which is the 0 of an
  // add; its others are all in which the two instructions differ.
  alternate({i_type(8, 6, 1, 11, 0x13), sw(11, 10, 15)}, 100);
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
}

TEST_P(SelfModifying, TheFetchBufferSeesIt) {
  // c.sw x8,0(x9); c.addi x7,1 in one word, which the store replaces by one with c.addi x7,2.
  bench.put(code_at, {0x0385'c080, nop});
  bench.hart->set_reg(8, 0x0389'c080);
  bench.hart->set_reg(9, code_at);
  bench.hart->set_reg(7, 0);
  bench.hart->set_pc(code_at);
  const Cycles before = bench.hart->now();
  bench.run(2);
  EXPECT_EQ(bench.hart->reg(7), 2u);
  EXPECT_EQ(bench.hart->now() - before, (5 + 1 + 7) + (5 + 1u)) << "the word is fetched again";
}

TEST_P(SelfModifying, WrittenByOthers) {
  bench.put(code_at, {count_1, jal(0, -4)});
  bench.hart->set_reg(7, 0);
  bench.hart->set_pc(code_at);
  bench.run(100);
  EXPECT_EQ(bench.hart->reg(7), 50u);
  bench.port->put32(code_at, count_10);
  bench.hart->written(code_at, 4);
  bench.run(100);
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
  bench.port->put32(code_at, count_1);
  bench.hart->written(ram_base, bench.port->ram.size());
  bench.run(100);
  EXPECT_EQ(bench.hart->reg(7), 50u * 12);
  bench.hart->written(code_at, 0);
}

TEST_P(SelfModifying, CodeAndDataInOnePage) {
  bench.put(code_at, {sw(7, 10, 0x7f0), count_1, lw(8, 10, 0x7f0), jal(0, -12)});
  bench.hart->set_reg(10, code_at);
  bench.hart->set_reg(7, 0);
  bench.hart->set_pc(code_at);
  const std::uint64_t dropped = host_stat("code_invalidations");
  const Cycles before = bench.hart->now();
  bench.run(4000);
  EXPECT_EQ(bench.hart->now() - before, 1000u * (13 + 6 + 11 + 7));
  EXPECT_EQ(bench.hart->reg(8), 999u);
  EXPECT_EQ(bench.port->get32(code_at + 0x7f0), 999u);
  EXPECT_EQ(host_stat("code_invalidations"), dropped) << "data beside code drops no code";
}

TEST_P(SelfModifying, AnInstructionThatStraddlesPages) {
  constexpr std::uint64_t edge = code_at + 0x1000;
  // At edge - 2: count_1, whose upper half (the immediate) lies in the next page; then back.
  bench.put(edge - 12, {sh(6, 10, 0), add(9, 6, 0), (count_1 & 0xffff) << 16 | 0x0001,
                        (count_1 >> 16) | (add(6, 8, 0) & 0xffff) << 16,
                        (add(6, 8, 0) >> 16) | (add(8, 9, 0) & 0xffff) << 16,
                        (add(8, 9, 0) >> 16) | 0x0001'0000, jal(0, -24)});
  bench.hart->set_reg(6, count_10 >> 16);
  bench.hart->set_reg(8, count_1 >> 16);
  bench.hart->set_reg(7, 0);
  bench.hart->set_reg(10, edge);
  bench.hart->set_pc(edge - 12);
  bench.run(100 * 8);
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
}

TEST_P(SelfModifying, ThroughAnotherVirtualAddress) {
  PageTables tables(bench, PageFormatId::sv39);
  tables.map(0x100000, code_at, pte_code);
  tables.map(0x200000, code_at, pte_data);
  bench.set_csr(0x180, tables.satp());
  bench.put(code_at, {sw(6, 10, 16), nop, add(9, 6, 0), add(6, 8, 0), count_1, add(8, 9, 0), jal(0, -24)});
  bench.enter(Privilege::supervisor, 0x100000);
  bench.hart->set_reg(6, count_10);
  bench.hart->set_reg(8, count_1);
  bench.hart->set_reg(10, 0x200000);
  bench.hart->set_reg(7, 0);
  bench.run(700);
  EXPECT_EQ(bench.hart->reg(7), 50u * 11);
}

TEST_P(SelfModifying, DroppedCachesChangeNothing) {
  for (const std::uint64_t every : {1u, 3u, 20u}) {
    riscv::HartConfig dropping = config();
    dropping.drop_caches_every = every;
    HartBench b(dropping);
    EXPECT_EQ(alternate({sw(6, 10, 16), nop}, 100, b), 5000u) << every;
    EXPECT_EQ(b.hart->reg(7), 50u * 11) << every;
  }
}

TEST_P(SelfModifying, MoreCodePagesThanTheCacheHolds) {
  constexpr unsigned pages = 700;
  for (unsigned i = 0; i < pages; ++i) {
    const bool last = i + 1 == pages;
    bench.put(code_at + 4096 * i, {count_1, last ? jalr(0, 10, 0) : jal(0, 4092)});
  }
  bench.hart->set_reg(10, code_at);
  bench.hart->set_reg(7, 0);
  bench.hart->set_pc(code_at);
  const Cycles before = bench.hart->now();
  bench.run(2 * pages * 4);
  EXPECT_EQ(bench.hart->reg(7), 4u * pages);
  EXPECT_EQ(bench.hart->now() - before, 4u * pages * (6 + 7));
  bench.put(code_at + 4096 * 600, {count_10});
  bench.run(2 * pages);
  EXPECT_EQ(bench.hart->reg(7), 5u * pages + 9);
}

TEST_P(SelfModifying, RevokedGrants) {
  bench.put(code_at, {count_1, lw(5, 10, 0), jal(0, -8)});
  bench.hart->set_reg(10, data_at);
  bench.hart->set_reg(7, 0);
  bench.hart->set_pc(code_at);
  const Cycles before = bench.hart->now();
  bench.run(300);
  bench.hart->revoke(0, ~0ull);
  bench.run(300);
  EXPECT_EQ(bench.hart->reg(7), 200u);
  EXPECT_EQ(bench.hart->now() - before, 200u * (6 + 11 + 7));
  bench.hart->settle();
  EXPECT_GE(bench.port->route.reads(AccessKind::load), 200u) << "counts made before the revocation stay";
}

TEST_P(SelfModifying, GrantsRevokedInTheMidstOfAnAccess) {
  bench.put(code_at, {count_1, lw(6, 10, 0), lw(5, 11, 0), jal(0, -12)});
  bench.hart->set_reg(10, data_at);
  bench.hart->set_reg(11, device_base);
  bench.hart->set_pc(code_at);
  bench.hart->settle();
  const std::uint64_t loads = bench.port->route.reads(AccessKind::load),
                      fetches = bench.port->route.reads(AccessKind::fetch);
  bench.port->on_device = [this] {
    if (bench.port->device_accesses % 7 == 0) bench.hart->revoke(0, ~0ull);
  };
  bench.run(400);
  bench.hart->settle();
  EXPECT_EQ(bench.port->route.reads(AccessKind::load) - loads, 100u);
  EXPECT_EQ(bench.port->route.reads(AccessKind::fetch) - fetches, 400u);
}

MEMIO_BOTH_ENGINES(SelfModifying);

}  // namespace
}  // namespace memio::test
