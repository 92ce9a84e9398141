// Functional mode has no TLBs: every access is translated anew, whatever an engine remembers. So a store
// to a page table acts at once, by the hart itself, by a DMA or debugger (`written`), in the middle of a
// block too. (With TLBs the old translation stays until a fence: translation_timing_test.cpp.)
#include <gtest/gtest.h>

#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t window = 0x40000000;

class Functional : public EngineTest {
 protected:
  static riscv::HartConfig functional() {
    riscv::HartConfig c = config();
    c.functional = true;
    return c;
  }

  Functional() : bench(functional()), tables(bench, PageFormatId::sv39) {
    bench.port->put32(data_at, 1);
    bench.port->put32(data_at + 0x1000, 2);
    tables.map(code_at, code_at, pte_code);
    tables.map(window, data_at, pte_data);
    for (std::uint64_t page = 0; page < 8; ++page)
      tables.map(tables_at + 0x1000 * page, tables_at + 0x1000 * page, pte_data);
    bench.hart->set_reg(10, window);
    bench.hart->set_reg(11, leaf_of(window));
    bench.hart->set_reg(12, (data_at + 0x1000) >> 12 << 10 | pte_data);
    bench.set_csr(0x180, tables.satp());
    bench.enter(Privilege::supervisor);
  }

  std::uint64_t leaf_of(std::uint64_t va) const {
    const PageFormat& format = page_format(PageFormatId::sv39);
    std::uint64_t table = tables_at;
    for (unsigned level = 2; level > 0; --level)
      table = std::uint64_t{bench.port->get32(table + format.index(va, level) * 8)} >> 10 << 12;
    return table + format.index(va, 0) * 8;
  }

  HartBench bench;
  PageTables tables;
};

TEST_P(Functional, AStoreToAPageTableActsAtOnce) {
  const Word store_pte = s_type(0, 12, 11, 3);
  bench.execute({lw(5, 10, 0), lw(6, 10, 0), store_pte, lw(7, 10, 0), lw(8, 10, 0)});
  EXPECT_EQ(bench.hart->reg(5), 1u);
  EXPECT_EQ(bench.hart->reg(6), 1u);
  EXPECT_EQ(bench.hart->reg(7), 2u);
  EXPECT_EQ(bench.hart->reg(8), 2u);
}

TEST_P(Functional, AWriteToAPageTableFromOutsideActsAtOnce) {
  bench.execute({lw(5, 10, 0), lw(6, 10, 0)});
  EXPECT_EQ(bench.hart->reg(6), 1u);
  const std::uint64_t pte = leaf_of(window);
  bench.port->put64(pte, (data_at + 0x1000) >> 12 << 10 | pte_data);
  bench.hart->written(pte, 8);
  bench.execute({lw(7, 10, 0)}, code_at + 0x100);
  EXPECT_EQ(bench.hart->reg(7), 2u);
}

TEST_P(Functional, NothingButInstructionsTakesTime) {
  const Cycles before = bench.hart->now();
  bench.execute({lw(5, 10, 0), s_type(8, 12, 10, 3), div_(6, 5, 5), jal(0, 4)});
  EXPECT_EQ(bench.hart->now() - before, 4u);
  bench.hart->settle();
  EXPECT_EQ(bench.port->route.counts().busy_cycles, 0u);
  EXPECT_EQ(bench.port->route.counts().wait_cycles, 0u);
}

MEMIO_BOTH_ENGINES(Functional);

}  // namespace
}  // namespace memio::test
