// Zicbom and Zicboz (RISC-V CMO specification 1.0): when they are legal, what they may reach, what they do to
// caches and memory. Encodings from section 2.6.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr Word block_of_x10(Word operation) { return operation << 20 | 10 << 15 | 2 << 12 | 0x0f; }
constexpr Word cbo_inval = block_of_x10(0), cbo_clean = block_of_x10(1), cbo_flush = block_of_x10(2),
               cbo_zero = block_of_x10(4);
constexpr std::uint64_t menvcfg = 0x30a, senvcfg = 0x10a, cbcfe = 1u << 6, cbze = 1u << 7;

class CacheBlocks : public EngineTest {
 protected:
  static riscv::HartConfig with_blocks(bool caches) {
    riscv::HartConfig result = config();
    result.isa.zicbom = result.isa.zicboz = true;
    if (caches) {
      result.caches.l1d.size = 1024;
      result.caches.l1d.ways = 2;
      result.caches.l1d.line = 32;
    }
    return result;
  }
};

TEST_P(CacheBlocks, ExistByExtension) {
  HartBench without(config());
  for (const Word word : {cbo_inval, cbo_clean, cbo_flush, cbo_zero}) {
    without.hart->set_reg(10, data_at);
    EXPECT_TRUE(without.traps(word));
    EXPECT_EQ(without.csr(0x342), 2u);
  }
  HartBench with(with_blocks(false));
  for (const Word word : {cbo_inval, cbo_clean, cbo_flush, cbo_zero}) {
    with.hart->set_reg(10, data_at + 5);
    EXPECT_FALSE(with.traps(word));
  }
  EXPECT_TRUE(with.traps(block_of_x10(3)));
}

TEST_P(CacheBlocks, LowerModesNeedTheirBits) {
  struct Case {
    Word word;
    std::uint64_t machine, supervisor;  // bits that open it to S and to U
  };
  for (const Case& c :
       {Case{cbo_clean, cbcfe, cbcfe}, Case{cbo_flush, cbcfe, cbcfe}, Case{cbo_zero, cbze, cbze},
        Case{cbo_inval, 0x30, 0x10}, Case{cbo_inval, 0x10, 0x30}}) {
    for (const bool user : {false, true})
      for (const bool open : {false, true})
        for (const bool both : {false, true}) {
          HartBench bench(with_blocks(false));
          bench.set_csr(menvcfg, open ? c.machine : 0);
          bench.set_csr(senvcfg, both ? c.supervisor : 0);
          bench.enter(user ? Privilege::user : Privilege::supervisor);
          bench.hart->set_reg(10, data_at);
          EXPECT_EQ(bench.traps(c.word), !(open && (!user || both)));
        }
  }
}

TEST_P(CacheBlocks, ConfigurationFieldsAreWarl) {
  HartBench bench(with_blocks(false));
  bench.set_csr(menvcfg, 0xff);
  EXPECT_EQ(bench.csr(menvcfg), 0xf1u);
  bench.set_csr(menvcfg, 0x20);  // CBIE has no value 2
  EXPECT_EQ(bench.csr(menvcfg), 0u);
}

TEST_P(CacheBlocks, ZeroClearsOneBlockOnly) {
  for (const bool caches : {false, true}) {
    HartBench bench(with_blocks(caches));
    const std::uint64_t size = caches ? 32 : 64;
    for (std::uint64_t at = data_at; at < data_at + 256; at += 4) bench.port->put32(at, 0xffffffff);
    bench.hart->set_reg(10, data_at + size + 7);
    EXPECT_FALSE(bench.traps(cbo_zero));
    for (std::uint64_t at = 0; at < 256; at += 4)
      EXPECT_EQ(bench.port->get32(data_at + at), at >= size && at < 2 * size ? 0 : 0xffffffff) << at;
    if (caches) {
      EXPECT_EQ(bench.stat("l1d.allocations"), 1u);
    }
  }
}

TEST_P(CacheBlocks, FaultsAreThoseOfStores) {
  HartBench bench(with_blocks(true));
  PageTables tables(bench, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(data_at, data_at, pte_v | pte_r | pte_a);           // read only: managed, not zeroed
  tables.map(data_at + 0x1000, data_at, pte_v | pte_x | pte_a);  // neither
  bench.set_csr(menvcfg, 0xf0);
  bench.set_csr(0x180, tables.satp());
  bench.enter(Privilege::supervisor);
  bench.hart->set_reg(10, data_at + 3);
  EXPECT_FALSE(bench.traps(cbo_flush));
  EXPECT_TRUE(bench.traps(cbo_zero));
  EXPECT_EQ(bench.csr(0x342), 15u);
  EXPECT_EQ(bench.csr(0x343), data_at + 3);
  HartBench other(with_blocks(true));
  PageTables same(other, PageFormatId::sv39);
  same.map(code_at, code_at, pte_code);
  same.map(data_at + 0x1000, data_at, pte_v | pte_x | pte_a);
  other.set_csr(menvcfg, 0xf0);
  other.set_csr(0x180, same.satp());
  other.enter(Privilege::supervisor);
  other.hart->set_reg(10, data_at + 0x1003);
  EXPECT_TRUE(other.traps(cbo_clean));
  EXPECT_EQ(other.csr(0x342), 15u);
}

TEST_P(CacheBlocks, CleanFlushAndInvalidateMoveWhatTheyShould) {
  HartBench bench(with_blocks(true));
  bench.hart->set_reg(10, data_at);
  bench.execute({sw(11, 10, 0), cbo_clean, cbo_clean, sw(11, 10, 0), cbo_flush, sw(11, 10, 0), cbo_inval});
  EXPECT_EQ(bench.stat("l1d.fills"), 2u);
  EXPECT_EQ(bench.stat("l1d.write_backs"), 2u);
  EXPECT_EQ(bench.stat("l1d.bytes_below"), 64u);
  EXPECT_EQ(bench.stat("l1d.invalidations"), 2u);
}

MEMIO_BOTH_ENGINES(CacheBlocks);

}  // namespace
}  // namespace memio::test
