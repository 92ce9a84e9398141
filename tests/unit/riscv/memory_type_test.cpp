// Page-based memory types (Svpbmt, privileged specification 20211203, chapter 6) in a hart: when the bits of
// a PTE count, and that each access tells its type.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t pbmte = 1ull << 62;

class MemoryTypes : public EngineTest {
 protected:
  static riscv::HartConfig typed_config() {
    riscv::HartConfig result = config();
    result.isa.svpbmt = true;
    return result;
  }

  /// Device pages of types PMA, NC, IO and 3 from `data_at` on, seen from S mode; x10 points to the first.
  static void map_pages(HartBench& bench) {
    PageTables tables(bench, PageFormatId::sv39);
    tables.map(code_at, code_at, pte_code);
    for (std::uint64_t type = 0; type < 4; ++type)
      tables.map(data_at + 0x1000 * type, device_base, pte_data | type << 61);
    bench.set_csr(0x180, tables.satp());
    bench.enter(Privilege::supervisor);
  }

  static bool loads(HartBench& bench, std::uint64_t va) {
    bench.hart->set_reg(10, va);
    return !bench.traps(lw(5, 10, 0));
  }
};

TEST_P(MemoryTypes, PbmteExistsWithSvpbmtOnly) {
  HartBench with(typed_config()), without(config()), narrow(config(32));
  with.set_csr(0x30a, ~0ull);
  EXPECT_EQ(with.csr(0x30a), pbmte | 1);
  without.set_csr(0x30a, ~0ull);
  EXPECT_EQ(without.csr(0x30a), 1u);
  narrow.set_csr(0x31a, ~0ull);
  EXPECT_EQ(narrow.csr(0x31a), 0u);
  riscv::HartConfig bare = typed_config();
  bare.has_mmu = false;
  HartBench flat(bare);
  flat.set_csr(0x30a, ~0ull);
  EXPECT_EQ(flat.csr(0x30a), 1u);
}

TEST_P(MemoryTypes, EachAccessTellsItsType) {
  HartBench bench(typed_config());
  bench.set_csr(0x30a, pbmte);
  map_pages(bench);
  EXPECT_TRUE(loads(bench, data_at + 0x1000));
  EXPECT_EQ(bench.port->memory_type, MemoryType::nc);
  EXPECT_TRUE(loads(bench, data_at + 0x2000));
  EXPECT_EQ(bench.port->memory_type, MemoryType::io);
  EXPECT_TRUE(loads(bench, data_at + 0x2000)) << "by a TLB hit";
  EXPECT_EQ(bench.port->memory_type, MemoryType::io);
  EXPECT_TRUE(loads(bench, data_at));
  EXPECT_EQ(bench.port->memory_type, MemoryType::pma);
  EXPECT_TRUE(loads(bench, data_at + 0x1ffe)) << "misaligned, from NC into IO";
  EXPECT_EQ(bench.port->memory_type, MemoryType::io);
}

TEST_P(MemoryTypes, TypeThreeIsAPageFault) {
  HartBench bench(typed_config());
  bench.set_csr(0x30a, pbmte);
  map_pages(bench);
  EXPECT_FALSE(loads(bench, data_at + 0x3000));
  EXPECT_EQ(bench.csr(0x342), 13u);
  EXPECT_EQ(bench.csr(0x343), data_at + 0x3000);
}

TEST_P(MemoryTypes, WithoutPbmteTheBitsAreReserved) {
  for (const bool functional : {false, true}) {
    riscv::HartConfig config = typed_config();
    config.functional = functional;
    HartBench bench(config);
    map_pages(bench);
    EXPECT_TRUE(loads(bench, data_at));
    EXPECT_FALSE(loads(bench, data_at + 0x1000));  // the trap leads to M mode
    EXPECT_EQ(bench.csr(0x342), 13u);
    bench.set_csr(0x30a, pbmte);
    bench.enter(Privilege::supervisor);
    EXPECT_TRUE(loads(bench, data_at + 0x1000)) << "a fault fills no TLB";
    EXPECT_EQ(bench.port->memory_type, MemoryType::nc);
  }
}

TEST_P(MemoryTypes, ATlbHoldsTheTypeItWasFilledWith) {
  HartBench bench(typed_config());
  bench.set_csr(0x30a, pbmte);
  map_pages(bench);
  EXPECT_TRUE(loads(bench, data_at + 0x2000));
  bench.execute({ecall});
  bench.set_csr(0x30a, 0);
  bench.enter(Privilege::supervisor);
  EXPECT_TRUE(loads(bench, data_at + 0x2000));
  EXPECT_EQ(bench.port->memory_type, MemoryType::io);
  bench.execute({sfence_vma_all});
  EXPECT_FALSE(loads(bench, data_at + 0x2000));
}

MEMIO_BOTH_ENGINES(MemoryTypes);

}  // namespace
}  // namespace memio::test
