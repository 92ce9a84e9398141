// Loads, stores, atomics and fetches that misalign, cross pages or fault: causes, tval, and what is
// left untouched (privileged specification 20211203, sections 3.1.15, 3.1.16, 3.7.1 and 4.3).
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t nowhere = 0x40000000;  // no target owns it
constexpr std::uint64_t page = 0x100000;       // virtual
constexpr std::uint64_t sum = 1u << 18, mxr = 1u << 19, mprv = 1u << 17;

constexpr Word ld(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 3, rd, 0x03); }
constexpr Word sd(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 3); }
constexpr Word amoadd_w(Word rd, Word rs2, Word rs1) { return r_type(0, rs2, rs1, 2, rd, 0x2f); }
constexpr Word lr_w(Word rd, Word rs1) { return r_type(2 << 2, 0, rs1, 2, rd, 0x2f); }
constexpr Word sc_w(Word rd, Word rs2, Word rs1) { return r_type(3 << 2, rs2, rs1, 2, rd, 0x2f); }
constexpr Word sc_d(Word rd, Word rs2, Word rs1) { return r_type(3 << 2, rs2, rs1, 3, rd, 0x2f); }

class MemoryFault : public EngineTest {
 protected:
  HartBench bench{config()};
  PageTables tables{bench, PageFormatId::sv39};

  /// `word` with x10 = `address` traps with this cause and tval (in M mode's CSRs).
  void expect_fault(HartBench& b, Word word, std::uint64_t address, std::uint64_t cause, std::uint64_t tval) {
    b.hart->set_reg(10, address);
    EXPECT_TRUE(b.traps(word)) << std::hex << word << " at " << address;
    EXPECT_EQ(b.csr(0x342), cause) << std::hex << word << " at " << address;
    EXPECT_EQ(b.csr(0x343), tval) << std::hex << word << " at " << address;
    EXPECT_EQ(b.csr(0x341), code_at + 8);
  }
  void expect_fault(Word word, std::uint64_t address, std::uint64_t cause, std::uint64_t tval) {
    expect_fault(bench, word, address, cause, tval);
  }
  bool succeeds(Word word, std::uint64_t address) {
    bench.hart->set_reg(10, address);
    return !bench.traps(word);
  }

  /// To S mode with paging on; the code is mapped to itself, and `page` to data.
  void paged(std::uint64_t status = 0, std::uint64_t flags = pte_data) {
    tables.map(code_at, code_at, pte_code);
    tables.map(page, data_at, flags);
    bench.set_csr(0x180, tables.satp());
    bench.enter(Privilege::supervisor, code_at, status);
  }
};

TEST_P(MemoryFault, AccessFaultsOfEveryKind) {
  expect_fault(lw(5, 10, 0), nowhere, 5, nowhere);
  expect_fault(sw(5, 10, -4), nowhere + 8, 7, nowhere + 4);
  expect_fault(amoadd_w(5, 6, 10), nowhere, 7, nowhere);
  expect_fault(lr_w(5, 10), nowhere, 5, nowhere);
  bench.execute({lr_w(5, 10)}, code_at);
  bench.hart->set_reg(10, nowhere);
  bench.hart->set_pc(nowhere);
  bench.run(1);
  EXPECT_EQ(bench.csr(0x342), 1u);
  EXPECT_EQ(bench.csr(0x343), nowhere);
  EXPECT_EQ(bench.csr(0x341), nowhere);
}

TEST_P(MemoryFault, PortsThatNobodyOwns) {
  expect_fault(in_(0, 5, 10), 0x12345, 5, 0x2345);
  expect_fault(out_(2, 10, 5), 0x60, 7, 0x60);
  expect_fault(ini(1, 5, 0xfff), 0, 5, 0xfff);
  expect_fault(outi(1, 0x3f8, 5), 0, 7, 0x3f8);
  EXPECT_TRUE(succeeds(outi(0, 0x80, 10), 0xffffff42));
  EXPECT_EQ(bench.port->device_value, 0x42u);
  bench.port->device_value = 0x1122334455667788;
  EXPECT_TRUE(succeeds(ini(0, 5, 0x80), 0));
  EXPECT_EQ(bench.hart->reg(5), 0x88u);
  EXPECT_TRUE(succeeds(in_(1, 6, 10), 0x80));
  EXPECT_EQ(bench.hart->reg(6), 0x7788u);
  EXPECT_TRUE(succeeds(in_(2, 7, 10), 0x10080)) << "the port number has 16 bits";
  EXPECT_EQ(bench.hart->reg(7), 0x55667788u) << "zero-extended";
}

TEST_P(MemoryFault, AFaultingLoadLeavesItsRegister) {
  bench.hart->set_reg(5, 0x1234);
  expect_fault(lw(5, 10, 0), nowhere, 5, nowhere);
  EXPECT_EQ(bench.hart->reg(5), 0x1234u);
}

TEST_P(MemoryFault, MisalignedInHardware) {
  bench.port->put64(data_at, 0x8877665544332211);
  bench.port->put64(data_at + 8, 0xffeeddccbbaa9988);
  EXPECT_TRUE(succeeds(lw(5, 10, 0), data_at + 5));
  EXPECT_EQ(bench.hart->reg(5), 0xffffffff88887766u);
  EXPECT_TRUE(succeeds(ld(5, 10, 0), data_at + 1));
  EXPECT_EQ(bench.hart->reg(5), 0x8888776655443322u);
  bench.hart->set_reg(6, 0xa1a2a3a4a5a6a7a8);
  EXPECT_TRUE(succeeds(sd(6, 10, 0), data_at + 3));
  EXPECT_EQ(bench.port->get32(data_at), 0xa8332211u);
  EXPECT_EQ(bench.port->get32(data_at + 4), 0xa4a5a6a7u);
  EXPECT_EQ(bench.port->get32(data_at + 8), 0xbba1a2a3u);
}

TEST_P(MemoryFault, MisalignedByTrap) {
  riscv::HartConfig strict = config();
  strict.misaligned = riscv::Misaligned::trap;
  HartBench b(strict);
  expect_fault(b, lw(5, 10, 0), data_at + 2, 4, data_at + 2);
  expect_fault(b, i_type(1, 10, 1, 5, 0x03), data_at, 4, data_at + 1);  // lh
  expect_fault(b, ld(5, 10, 0), data_at + 4, 4, data_at + 4);
  expect_fault(b, sw(5, 10, 0), data_at + 1, 6, data_at + 1);
  expect_fault(b, sd(5, 10, 0), data_at + 4, 6, data_at + 4);
}

TEST_P(MemoryFault, AtomicsMustBeAligned) {
  expect_fault(lr_w(5, 10), data_at + 2, 4, data_at + 2);
  expect_fault(sc_w(5, 6, 10), data_at + 2, 6, data_at + 2);
  expect_fault(sc_d(5, 6, 10), data_at + 4, 6, data_at + 4);
  expect_fault(amoadd_w(5, 6, 10), data_at + 1, 6, data_at + 1);
}

TEST_P(MemoryFault, LoadReservedAndStoreConditional) {
  bench.hart->set_reg(10, data_at);
  bench.hart->set_reg(11, data_at + 8);
  bench.hart->set_reg(6, 7);
  bench.execute({lr_w(5, 10), sc_w(7, 6, 10), sc_w(8, 6, 10)});
  EXPECT_EQ(bench.hart->reg(7), 0u);
  EXPECT_EQ(bench.hart->reg(8), 1u) << "a reservation serves once";
  EXPECT_EQ(bench.port->get32(data_at), 7u);
  bench.execute({lr_w(5, 10), sc_w(7, 6, 11), sc_w(8, 6, 10)});
  EXPECT_EQ(bench.hart->reg(7), 1u) << "another address";
  EXPECT_EQ(bench.hart->reg(8), 1u) << "a failed SC ends the reservation";
  bench.execute({lr_w(5, 10), sc_d(7, 6, 10)});
  EXPECT_EQ(bench.hart->reg(7), 1u) << "another size";
  bench.execute({lr_w(5, 10)});
  bench.hart->written(data_at, 4);
  bench.execute({sc_w(7, 6, 10)});
  EXPECT_EQ(bench.hart->reg(7), 1u) << "another agent has written";
  bench.execute({lr_w(5, 10)});
  bench.hart->written(data_at + 4, 4);
  bench.execute({sc_w(7, 6, 10)});
  EXPECT_EQ(bench.hart->reg(7), 0u) << "beside it";
}

TEST_P(MemoryFault, AReservationOutlivesTrapsAndOwnStores) {
  bench.hart->set_reg(10, data_at);
  bench.hart->set_reg(6, 7);
  const auto kept = [&] {
    bench.hart->set_reg(7, 9);
    bench.execute({sc_w(7, 6, 10)}, code_at + 0x100);
    return bench.hart->reg(7) == 0;
  };
  bench.execute({lr_w(5, 10), sw(6, 10, 0)});
  EXPECT_TRUE(kept()) << "a store of its own";
  bench.execute({lr_w(5, 10), ecall});
  EXPECT_EQ(bench.csr(0x342), 11u);
  EXPECT_TRUE(kept()) << "a trap";
  bench.execute({lr_w(5, 10)});
  bench.enter(Privilege::supervisor);
  EXPECT_TRUE(kept()) << "mret to S mode";
  bench.execute({lr_w(5, 10), 0x10200073}, code_at + 0x200);
  EXPECT_TRUE(kept()) << "sret";
}

TEST_P(MemoryFault, PageFaultsOfEveryKind) {
  paged();
  expect_fault(lw(5, 10, 0), 0x200000, 13, 0x200000);
  bench.enter(Privilege::supervisor);
  expect_fault(sw(5, 10, 4), 0x200000, 15, 0x200004);
  bench.enter(Privilege::supervisor);
  expect_fault(amoadd_w(5, 6, 10), 0x200000, 15, 0x200000);
  bench.enter(Privilege::supervisor);
  expect_fault(lr_w(5, 10), 0x200000, 13, 0x200000);
  bench.enter(Privilege::supervisor, 0x200000);
  bench.run(1);
  EXPECT_EQ(bench.csr(0x342), 12u);
  EXPECT_EQ(bench.csr(0x343), 0x200000u);
  EXPECT_EQ(bench.csr(0x341), 0x200000u);
}

TEST_P(MemoryFault, AddressesThatAreNotCanonical) {
  paged();
  expect_fault(lw(5, 10, 0), 0x4000000000, 13, 0x4000000000);
  EXPECT_EQ(bench.stat("mmu.walker.walks"), 1u) << "the code's; none for a bad address";
}

TEST_P(MemoryFault, PermissionsOfThePage) {
  struct {
    std::uint64_t flags, status;
    bool load, store;
  } const cases[] = {
      {pte_data, 0, true, true},
      {pte_v | pte_r | pte_a, 0, true, false},
      {pte_v | pte_r | pte_w | pte_a, 0, true, false},   // Svade: D is clear
      {pte_v | pte_r | pte_w | pte_d, 0, false, false},  // Svade: A is clear
      {pte_v | pte_x | pte_a, 0, false, false},
      {pte_v | pte_x | pte_a, mxr, true, false},
      {pte_data | pte_u, 0, false, false},
      {pte_data | pte_u, sum, true, true},
      {pte_v | pte_w | pte_a | pte_d, 0, false, false},  // W without R is reserved
      {pte_data | 1ull << 54, 0, false, false},          // a reserved bit
  };
  for (const auto& c : cases) {
    bench.set_csr(0x180, 0);
    paged(c.status, c.flags);
    EXPECT_EQ(succeeds(lw(5, 10, 0), page), c.load) << std::hex << c.flags;
    if (!c.load) {
      EXPECT_EQ(bench.csr(0x342), 13u);
      bench.enter(Privilege::supervisor, code_at, c.status);
    }
    EXPECT_EQ(succeeds(sw(5, 10, 0), page), c.store) << std::hex << c.flags;
    if (c.store) bench.execute({ecall, nop});
    bench.execute({sfence_vma_all});
  }
}

TEST_P(MemoryFault, ModifiedPrivilege) {
  tables.map(page, data_at, pte_data);
  bench.set_csr(0x180, tables.satp());
  bench.port->put32(data_at, 0x12345678);
  bench.set_csr(0x300, mprv | 1u << 11);
  bench.hart->set_reg(10, page);
  bench.execute({lw(5, 10, 0)});
  EXPECT_EQ(bench.hart->reg(5), 0x12345678u) << "loads translate as in S mode, fetches do not";
  EXPECT_EQ(bench.hart->debug_translate(page + 8), data_at + 8);
  bench.hart->set_reg(10, page);
  bench.set_csr(0x300, mprv);
  EXPECT_TRUE(bench.traps(lw(5, 10, 0))) << "U mode may not use the page";
}

TEST_P(MemoryFault, ALoadThatCrossesPages) {
  tables.map(page + 0x1000, data_at + 0x5000, pte_data);
  bench.port->put32(data_at + 0xffc, 0x44332211);
  bench.port->put32(data_at + 0x5000, 0x88776655);
  paged();
  EXPECT_TRUE(succeeds(lw(5, 10, 0), page + 0xffe));
  EXPECT_EQ(bench.hart->reg(5), 0x66554433u);
  bench.hart->set_reg(6, 0xd4d3d2d1);
  EXPECT_TRUE(succeeds(sw(6, 10, 0), page + 0xfff));
  EXPECT_EQ(bench.port->get32(data_at + 0xffc), 0xd1332211u);
  EXPECT_EQ(bench.port->get32(data_at + 0x5000), 0x88d4d3d2u);
}

TEST_P(MemoryFault, AFaultOfTheSecondPageIsNamedByThatPage) {
  paged();
  bench.port->put32(data_at + 0xffc, 0x44332211);
  bench.hart->set_reg(5, 0xffffffff);
  expect_fault(lw(5, 10, 0), page + 0xffd, 13, page + 0x1000);
  bench.enter(Privilege::supervisor);
  expect_fault(sw(5, 10, 0), page + 0xffd, 15, page + 0x1000);
  EXPECT_EQ(bench.port->get32(data_at + 0xffc), 0x44332211u) << "nothing of it is stored";
  bench.enter(Privilege::supervisor);
  expect_fault(lw(5, 10, 0), page - 2, 13, page - 2);
}

TEST_P(MemoryFault, AnInstructionThatCrossesPages) {
  tables.map(page + 0x1000, data_at + 0x5000, pte_code);
  paged(0, pte_code);
  const Word instruction = addi(5, 0, 0x123);
  bench.port->put32(data_at + 0xffc, instruction << 16 | 0x0001);
  bench.port->put32(data_at + 0x5000, nop << 16 | instruction >> 16);
  bench.hart->set_pc(page + 0xffc);
  bench.run(2);
  EXPECT_EQ(bench.hart->reg(5), 0x123u);
  EXPECT_EQ(bench.hart->pc(), page + 0x1002);
}

TEST_P(MemoryFault, AnInstructionWhoseSecondPageIsMissing) {
  paged(0, pte_code);
  bench.port->put32(data_at + 0xffc, nop << 16 | 0x0001);
  bench.hart->set_pc(page + 0xffc);
  bench.run(2);
  EXPECT_EQ(bench.csr(0x342), 12u);
  EXPECT_EQ(bench.csr(0x341), page + 0xffe) << "mepc is the instruction";
  EXPECT_EQ(bench.csr(0x343), page + 0x1000) << "mtval the part that faults";
}

TEST_P(MemoryFault, PmpRefusesWithAnAccessFault) {
  bench.set_csr(0x3b0, data_at >> 2 | 0x1ff);  // 4 KiB without any permission
  bench.set_csr(0x3b1, ~0ull);
  bench.set_csr(0x3a0, 0x1f18);
  bench.enter(Privilege::supervisor);
  expect_fault(lw(5, 10, 0), data_at, 5, data_at);
  bench.enter(Privilege::supervisor);
  expect_fault(sw(5, 10, 0), data_at + 0xffc, 7, data_at + 0xffc);
  bench.enter(Privilege::supervisor);
  EXPECT_TRUE(succeeds(sw(5, 10, 0), data_at + 0x1000));
  bench.hart->set_pc(data_at);
  bench.run(1);
  EXPECT_EQ(bench.csr(0x342), 1u);
  EXPECT_EQ(bench.csr(0x343), data_at);
}

TEST_P(MemoryFault, PmpOnPageTablesIsAnAccessFaultOfTheOriginalKind) {
  tables.map(code_at, code_at, pte_code);
  tables.map(0x40000000, data_at, pte_data);  // in a branch of its own: tables 4 and 5
  bench.set_csr(0x3b0, (tables_at + 0x3000) >> 2 | 0x1ff);
  bench.set_csr(0x3b1, ~0ull);
  bench.set_csr(0x3a0, 0x1f18);
  bench.set_csr(0x180, tables.satp());
  bench.enter(Privilege::supervisor);
  expect_fault(lw(5, 10, 0), 0x40000000, 5, 0x40000000);
  bench.enter(Privilege::supervisor);
  expect_fault(sw(5, 10, 0), 0x40000010, 7, 0x40000010);
  EXPECT_EQ(bench.stat("mmu.walker.refused"), 2u);
}

/// An access that touches the edge of a region matches it in part: it fails, whatever the bytes may be used
/// for.
TEST_P(MemoryFault, MisalignedAccessesAcrossTheEdgesOfPmpRegions) {
  const auto protect = [this] {
    if (bench.hart->privilege() != Privilege::machine) {
      EXPECT_TRUE(bench.traps(ecall));
    }
    bench.set_csr(0x3b0, (data_at + 16) >> 2 | 1);  // 16 bytes, readable
    bench.set_csr(0x3b1, ~0ull);
    bench.set_csr(0x3a0, 0x1f19);
    bench.enter(Privilege::supervisor);
  };
  protect();
  EXPECT_TRUE(succeeds(lw(5, 10, 0), data_at + 12)) << "ends before the region";
  EXPECT_TRUE(succeeds(lw(5, 10, 0), data_at + 17)) << "lies in the region";
  EXPECT_TRUE(succeeds(lw(5, 10, 0), data_at + 28));
  EXPECT_TRUE(succeeds(sw(5, 10, 0), data_at + 32));
  for (const std::uint64_t at : {data_at + 13, data_at + 15, data_at + 29, data_at + 31}) {
    protect();
    expect_fault(lw(5, 10, 0), at, 5, at);
    protect();
    expect_fault(sw(5, 10, 0), at, 7, at);
  }
  protect();
  expect_fault(ld(5, 10, 0), data_at + 12, 5, data_at + 12);
  protect();
  expect_fault(sw(5, 10, 0), data_at + 20, 7, data_at + 20);
}

TEST_P(MemoryFault, MisalignedAccessesAcrossPagesAreTwo) {
  tables.map(page + 0x1000, data_at + 0x5000, pte_data);
  bench.set_csr(0x3b0, (data_at + 0x5000) >> 2 | 0x1ff);  // the second page is refused
  bench.set_csr(0x3b1, ~0ull);
  bench.set_csr(0x3a0, 0x1f18);
  bench.port->put32(data_at + 0xffc, 0x44332211);
  paged();
  expect_fault(lw(5, 10, 0), page + 0xffe, 5, page + 0x1000);
  paged();
  expect_fault(sw(5, 10, 0), page + 0xffe, 7, page + 0x1000);
  EXPECT_EQ(bench.port->get32(data_at + 0xffc), 0x44332211u) << "nothing of it is stored";
}

TEST_P(MemoryFault, WalksToNobodysAddressAreAccessFaultsOfTheOriginalKind) {
  paged();
  const std::uint64_t lost = 5ull << 30;
  bench.port->put64(tables_at + 8 * 5, nowhere >> 12 << 10 | pte_v);
  expect_fault(lw(5, 10, 0), lost + 8, 5, lost + 8);
  paged();
  expect_fault(sw(5, 10, 0), lost + 8, 7, lost + 8);
  paged();
  expect_fault(amoadd_w(5, 6, 10), lost + 8, 7, lost + 8);
  paged();
  bench.hart->set_pc(lost);
  bench.run(1);
  EXPECT_EQ(bench.csr(0x342), 1u);
  EXPECT_EQ(bench.csr(0x343), lost);
}

TEST_P(MemoryFault, PteUpdatesNeedAWritableTable) {
  riscv::HartConfig updating = config();
  updating.isa.svadu = true;
  HartBench b(updating);
  PageTables table(b, PageFormatId::sv39);
  table.map(code_at, code_at, pte_code);
  table.map(page, data_at, pte_data & ~pte_d);
  table.map(page + 0x1000, data_at, pte_data & ~(pte_a | pte_d));
  b.set_csr(0x3b0, tables_at >> 2 | 0xfff);  // 32 KiB, to be read only
  b.set_csr(0x3b1, ~0ull);
  b.set_csr(0x3a0, 0x1f19);
  b.set_csr(0x180, table.satp());
  b.enter(Privilege::supervisor);
  b.hart->set_reg(10, page);
  EXPECT_FALSE(b.traps(lw(5, 10, 0))) << "nothing to update";
  expect_fault(b, sw(5, 10, 0), page, 7, page);
  b.enter(Privilege::supervisor);
  expect_fault(b, lw(5, 10, 0), page + 0x1000, 5, page + 0x1000);
  b.set_csr(0x3a0, 0x1f1b);
  b.enter(Privilege::supervisor);
  b.hart->set_reg(10, page);
  EXPECT_FALSE(b.traps(sw(5, 10, 0)));
}

MEMIO_BOTH_ENGINES(MemoryFault);

}  // namespace
}  // namespace memio::test
