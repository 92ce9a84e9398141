// RAM that is seen at two addresses: a store to either is a store to both, for code, reservations and the
// fetch buffer.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t alias_at = 0x40000000;
constexpr Word count_1 = addi(7, 7, 1), count_10 = addi(7, 7, 10);
constexpr Word lr_w(Word rd, Word rs1) { return r_type(2 << 2, 0, rs1, 2, rd, 0x2f); }
constexpr Word sc_w(Word rd, Word rs2, Word rs1) { return r_type(3 << 2, rs2, rs1, 2, rd, 0x2f); }

class Alias : public EngineTest {
 protected:
  static riscv::HartConfig aliased(riscv::HartConfig config) {
    config.alias = {alias_at, 1 << 22, ram_base};
    return config;
  }
  Alias() { bench.port->alias = alias_at; }

  /// A loop run at `at` that swaps x6 and x8, and first stores x6 over one of its own instructions, through
  /// `through`. Returns the cycles of a round.
  Cycles alternate(std::uint64_t at, std::uint64_t through) {
    bench.put(code_at, {sw(6, 10, 16), nop, add(9, 6, 0), add(6, 8, 0), count_1, add(8, 9, 0), jal(0, -24)});
    bench.hart->set_reg(6, count_10);
    bench.hart->set_reg(8, count_1);
    bench.hart->set_reg(10, through);
    bench.hart->set_pc(at);
    const Cycles before = bench.hart->now();
    bench.run(7 * 100);
    EXPECT_EQ(bench.hart->reg(7), 50u * 11);
    return (bench.hart->now() - before) / 100;
  }

  HartBench bench{aliased(config())};
};

TEST_P(Alias, AStoreThroughItChangesCode) { EXPECT_EQ(alternate(code_at, alias_at), 13u + 5 * 6 + 7); }

TEST_P(Alias, CodeRunsInItAndIsChangedByAStoreElsewhere) {
  EXPECT_EQ(alternate(alias_at, code_at), 13u + 5 * 6 + 7);
}

TEST_P(Alias, CodeInItChangesItself) { EXPECT_EQ(alternate(alias_at, alias_at), 13u + 5 * 6 + 7); }

TEST_P(Alias, AReservationIsOfTheBytes) {
  bench.hart->set_reg(10, data_at);
  bench.hart->set_reg(11, alias_at + (data_at - ram_base));
  bench.hart->set_reg(12, 42);
  bench.execute({lr_w(5, 10), sc_w(6, 12, 11)});
  EXPECT_EQ(bench.hart->reg(6), 0u);
  EXPECT_EQ(bench.port->get32(data_at), 42u);
  bench.execute({lr_w(5, 11)});
  EXPECT_EQ(bench.hart->reg(5), 42u);
  bench.hart->written(data_at, 4);
  bench.execute({sc_w(6, 12, 11)});
  EXPECT_EQ(bench.hart->reg(6), 1u);
}

MEMIO_BOTH_ENGINES(Alias);

}  // namespace
}  // namespace memio::test
