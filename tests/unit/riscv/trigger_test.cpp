// Debug triggers (debug specification 0.13.2, chapter 5): registers, matches, modes, and that a breakpoint
// comes before the access it names.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr unsigned tselect = 0x7a0, tdata1 = 0x7a1, tdata2 = 0x7a2, tdata3 = 0x7a3, tinfo = 0x7a4;
constexpr std::uint64_t type2 = 2ull << 60, on_load = 1, on_store = 2, on_execute = 4, in_u = 8, in_s = 16,
                        in_m = 64, at_least = 2 << 7, below = 3 << 7, hit = 1u << 20;

class Triggers : public EngineTest {
 protected:
  /// Trigger 0 of a bench in `privilege`, whose instructions run from `code_at` on.
  static std::unique_ptr<HartBench> armed(std::uint64_t control, std::uint64_t address,
                                          Privilege privilege = Privilege::user) {
    auto bench = std::make_unique<HartBench>(config());
    bench->set_csr(tdata2, address);
    bench->set_csr(tdata1, control);
    bench->enter(privilege);
    bench->hart->set_reg(10, data_at);
    return bench;
  }
  static bool breaks(HartBench& bench, Word word, std::uint64_t tval) {
    if (!bench.traps(word)) return false;
    EXPECT_EQ(bench.csr(0x342), 3u) << "breakpoint";
    EXPECT_EQ(bench.csr(0x343), tval);
    EXPECT_EQ(bench.csr(0x341), code_at + 8);
    return true;
  }
};

TEST_P(Triggers, FieldsOfTheRegisters) {
  for (const unsigned xlen : {32u, 64u}) {
    HartBench bench(config(xlen));
    const std::uint64_t type = xlen == 64 ? type2 : 2u << 28, all = xlen == 64 ? ~0ull : 0xffffffff;
    EXPECT_EQ(bench.csr(tdata1), type);
    EXPECT_EQ(bench.csr(tinfo), 4u) << "type 2 only";
    bench.set_csr(tdata1, type | ((1u << 27) - 1));
    EXPECT_EQ(bench.csr(tdata1), type | hit | 0x5f) << "an unknown match is equal; no chain, no other action";
    bench.set_csr(tdata1, at_least | in_u);
    EXPECT_EQ(bench.csr(tdata1), type | at_least | in_u);
    for (const unsigned other : {1u, 3u, 5u, 6u, 15u}) {
      bench.set_csr(tdata1, std::uint64_t{other} << (xlen - 4) | on_load | in_u);
      EXPECT_EQ(bench.csr(tdata1), type) << other;
    }
    bench.set_csr(tdata2, ~0ull);
    EXPECT_EQ(bench.csr(tdata2), all);
    bench.set_csr(tdata3, ~0ull);
    EXPECT_EQ(bench.csr(tdata3), 0u);
    bench.set_csr(tselect, 1);
    EXPECT_EQ(bench.csr(tdata2), 0u) << "the second has its own";
    bench.set_csr(tselect, 2);
    EXPECT_EQ(bench.csr(tselect), 1u) << "there are two";
  }
}

TEST_P(Triggers, LoadsAndStoresOfAnyByte) {
  EXPECT_TRUE(breaks(*armed(on_load | in_u, data_at + 2), lw(5, 10, 0), data_at));
  EXPECT_FALSE(breaks(*armed(on_load | in_u, data_at + 4), lw(5, 10, 0), 0));
  EXPECT_FALSE(breaks(*armed(on_load | in_u, data_at - 1), lw(5, 10, 0), 0));
  EXPECT_FALSE(breaks(*armed(on_load | in_u, data_at), sw(5, 10, 0), 0));
  const auto store = armed(on_store | in_u, data_at);
  store->hart->set_reg(5, 7);
  EXPECT_TRUE(breaks(*store, sw(5, 10, 0), data_at));
  EXPECT_EQ(store->port->get32(data_at), nop) << "nothing was stored";
  EXPECT_EQ(store->csr(tdata1), type2 | on_store | in_u | hit);
  EXPECT_FALSE(breaks(*armed(on_store | in_u, data_at), lw(5, 10, 0), 0));
}

TEST_P(Triggers, AtomicsAreLoadsAndStores) {
  constexpr Word amo = 0x005522af, lr = 0x100522af, sc = 0x185522af;  // .w x5, x5, (x10)
  EXPECT_TRUE(breaks(*armed(on_load | in_u, data_at), amo, data_at));
  EXPECT_TRUE(breaks(*armed(on_store | in_u, data_at), amo, data_at));
  EXPECT_TRUE(breaks(*armed(on_load | in_u, data_at), lr, data_at));
  EXPECT_FALSE(breaks(*armed(on_store | in_u, data_at), lr, data_at));
  EXPECT_TRUE(breaks(*armed(on_store | in_u, data_at), sc, data_at));
}

TEST_P(Triggers, FetchesOfThePc) {
  EXPECT_TRUE(breaks(*armed(on_execute | in_u, code_at + 8), nop, code_at + 8));
  EXPECT_FALSE(breaks(*armed(on_execute | in_u, code_at + 10), nop, 0)) << "inside an instruction";
}

TEST_P(Triggers, AtLeastAndBelow) {
  EXPECT_TRUE(breaks(*armed(on_load | in_u | at_least, data_at), lw(5, 10, 0), data_at));
  EXPECT_TRUE(breaks(*armed(on_load | in_u | at_least, data_at), lw(5, 10, 64), data_at + 64));
  EXPECT_FALSE(breaks(*armed(on_load | in_u | at_least, data_at), lw(5, 10, -4), 0));
  EXPECT_TRUE(breaks(*armed(on_load | in_u | below, data_at), lw(5, 10, -4), data_at - 4));
  EXPECT_FALSE(breaks(*armed(on_load | in_u | below, data_at), lw(5, 10, 0), 0));
}

TEST_P(Triggers, OfOneModeOnly) {
  for (const Privilege privilege : {Privilege::user, Privilege::supervisor, Privilege::machine})
    for (const std::uint64_t mode : {in_u, in_s, in_m}) {
      HartBench bench(config());
      bench.set_csr(tdata2, data_at);
      bench.set_csr(tdata1, on_load | mode);
      bench.enter(privilege, code_at, 1u << 7);  // MPIE: M mode has its interrupts on
      bench.hart->set_reg(10, data_at);
      const bool same = mode == (privilege == Privilege::user         ? in_u
                                 : privilege == Privilege::supervisor ? in_s
                                                                      : in_m);
      EXPECT_EQ(breaks(bench, lw(5, 10, 0), data_at), same);
    }
}

TEST_P(Triggers, HandlersAreSafe) {
  const auto machine = armed(on_load | in_m, data_at, Privilege::machine);
  EXPECT_FALSE(breaks(*machine, lw(5, 10, 0), 0)) << "MIE is clear";
  HartBench bench(config());
  bench.set_csr(0x302, 1u << 3);
  bench.set_csr(tdata2, data_at);
  bench.set_csr(tdata1, on_load | in_s);
  bench.enter(Privilege::supervisor);
  bench.hart->set_reg(10, data_at);
  EXPECT_FALSE(bench.traps(lw(5, 10, 0))) << "breakpoints are delegated and SIE is clear";
  bench.execute({csrrs(0, 0x100, 11)});
  bench.hart->set_reg(11, 2);
  bench.execute({csrrs(0, 0x100, 11)});
  EXPECT_TRUE(bench.traps(lw(5, 10, 0)));
  EXPECT_EQ(bench.csr(0x142), 3u);
}

TEST_P(Triggers, ComeBeforeOtherFaults) {
  riscv::HartConfig strict = config();
  strict.misaligned = riscv::Misaligned::trap;
  HartBench bench(strict);
  bench.set_csr(tdata2, data_at + 1);
  bench.set_csr(tdata1, on_load | in_u);
  bench.enter(Privilege::user);
  bench.hart->set_reg(10, data_at);
  EXPECT_TRUE(breaks(bench, lw(5, 10, 1), data_at + 1)) << "not load address misaligned";
}

TEST_P(Triggers, AreGoneAfterAReset) {
  const auto bench = armed(on_load | in_u, data_at);
  bench->hart->reset();
  EXPECT_EQ(bench->csr(tdata1), type2);
  EXPECT_EQ(bench->csr(tdata2), 0u);
}

MEMIO_BOTH_ENGINES(Triggers);

}  // namespace
}  // namespace memio::test
