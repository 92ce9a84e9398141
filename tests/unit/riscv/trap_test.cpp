// Traps: causes, values, delegation, vectors, the stacks of mstatus, interrupts, WFI (privileged
// specification 20211203, sections 3.1.6 to 3.1.9, 3.3, 4.1 and 4.2). Memory faults: memory_test.cpp.
#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

using riscv::Interrupt;
using riscv::StopReason;

constexpr std::uint64_t bit(unsigned n) { return 1ull << n; }
constexpr std::uint64_t interrupt_bit = bit(63);
// mstatus
constexpr std::uint64_t sie = bit(1), mie = bit(3), spie = bit(5), mpie = bit(7), spp = bit(8),
                        mpp = 3u << 11, mprv = bit(17), tvm = bit(20), tw = bit(21), tsr = bit(22);

class Trap : public EngineTest {
 protected:
  HartBench bench{config()};

  void expect_machine_trap(std::uint64_t cause, std::uint64_t epc, std::uint64_t tval) {
    EXPECT_EQ(bench.hart->privilege(), Privilege::machine);
    EXPECT_EQ(bench.hart->pc(), handler_at + 4);
    EXPECT_EQ(bench.csr(0x342), cause);
    EXPECT_EQ(bench.csr(0x341), epc);
    EXPECT_EQ(bench.csr(0x343), tval);
  }
};

TEST_P(Trap, EcallNamesTheMode) {
  EXPECT_TRUE(bench.traps(ecall));
  expect_machine_trap(11, code_at + 8, 0);
  bench.enter(Privilege::supervisor);
  EXPECT_TRUE(bench.traps(ecall));
  expect_machine_trap(9, code_at + 8, 0);
  bench.enter(Privilege::user);
  EXPECT_TRUE(bench.traps(ecall));
  expect_machine_trap(8, code_at + 8, 0);
}

TEST_P(Trap, EbreakGivesItsAddress) {
  EXPECT_TRUE(bench.traps(ebreak));
  expect_machine_trap(3, code_at + 8, code_at + 8);
  EXPECT_TRUE(bench.traps(0x00019002)) << "c.ebreak";
  expect_machine_trap(3, code_at + 8, code_at + 8);
}

TEST_P(Trap, AnIllegalInstructionGivesItsBits) {
  EXPECT_TRUE(bench.traps(0xffffffff));
  expect_machine_trap(2, code_at + 8, 0xffffffff);
  EXPECT_TRUE(bench.traps(0xabcd0000));
  expect_machine_trap(2, code_at + 8, 0);  // the 16 bits of a compressed one
  EXPECT_TRUE(bench.traps(0xabcd9c41));
  expect_machine_trap(2, code_at + 8, 0x9c41);
}

TEST_P(Trap, DelegatedExceptionsGoToSupervisorMode) {
  bench.set_csr(0x302, bit(8) | bit(2));
  bench.enter(Privilege::user, code_at, sie);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.hart->privilege(), Privilege::supervisor);
  EXPECT_EQ(bench.hart->pc(), supervisor_handler_at + 4);
  EXPECT_EQ(bench.csr(0x142), 8u);
  EXPECT_EQ(bench.csr(0x141), code_at + 8);
  EXPECT_EQ(bench.csr(0x143), 0u);
  EXPECT_EQ(bench.csr(0x342), 0u) << "mcause is untouched";
  EXPECT_EQ(bench.csr(0x100) & (sie | spie | spp), spie) << "from U mode, with interrupts on";
  EXPECT_TRUE(bench.traps(0xffffffff));
  EXPECT_EQ(bench.hart->privilege(), Privilege::supervisor) << "from S mode, too";
  EXPECT_EQ(bench.csr(0x100) & (sie | spie | spp), spp);
  EXPECT_TRUE(bench.traps(ecall));
  expect_machine_trap(9, code_at + 8, 0);
}

TEST_P(Trap, MachineModeDelegatesNothingOfItsOwn) {
  bench.set_csr(0x302, 0xb3ff);
  EXPECT_TRUE(bench.traps(0xffffffff));
  expect_machine_trap(2, code_at + 8, 0xffffffff);
}

TEST_P(Trap, TheStackOfMstatus) {
  bench.enter(Privilege::supervisor, code_at, mpie);
  EXPECT_EQ(bench.csr(0x300) & (mie | mpie | mpp), mie | mpie) << "mret: MIE from MPIE, MPIE 1, MPP U";
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.csr(0x300) & (mie | mpie | mpp), mpie | 1u << 11)
      << "the trap: MPIE from MIE, MIE 0, MPP S";
  bench.set_csr(0x300, 1u << 11);
  bench.set_csr(0x341, data_at);
  bench.execute({mret});
  EXPECT_EQ(bench.hart->pc(), data_at);
  EXPECT_EQ(bench.hart->privilege(), Privilege::supervisor);
  EXPECT_EQ(bench.csr(0x300) & (mie | mpie | mpp), mpie);
}

TEST_P(Trap, SretAndItsStack) {
  bench.set_csr(0x141, data_at);
  bench.enter(Privilege::supervisor, code_at, spie | spp);
  bench.execute({sret});
  EXPECT_EQ(bench.hart->pc(), data_at);
  EXPECT_EQ(bench.hart->privilege(), Privilege::supervisor);
  EXPECT_EQ(bench.csr(0x100) & (sie | spie | spp), sie | spie);
  bench.execute({sret});
  EXPECT_EQ(bench.hart->privilege(), Privilege::user) << "SPP was left at U";
}

TEST_P(Trap, ReturnsBelowMachineModeClearMprv) {
  bench.enter(Privilege::machine, code_at, mprv);
  EXPECT_EQ(bench.csr(0x300) & mprv, mprv);
  bench.enter(Privilege::supervisor, code_at, mprv);
  EXPECT_EQ(bench.csr(0x300) & mprv, 0u);
  EXPECT_TRUE(bench.traps(ecall));
  bench.set_csr(0x300, mprv | spp);
  bench.execute({sret});
  EXPECT_EQ(bench.csr(0x300) & mprv, 0u) << "SRET in M mode goes to S mode";
}

TEST_P(Trap, InstructionsOfAHigherMode) {
  struct {
    Privilege privilege;
    std::uint64_t status;
    Word word;
    bool legal;
  } const cases[] = {
      {Privilege::user, 0, mret, false},
      {Privilege::user, 0, sret, false},
      {Privilege::user, 0, wfi, false},
      {Privilege::user, 0, sfence_vma_all, false},
      {Privilege::supervisor, 0, mret, false},
      {Privilege::supervisor, 0, sfence_vma_all, true},
      {Privilege::supervisor, tvm, sfence_vma_all, false},
      {Privilege::supervisor, 0, csrrs(5, 0x180, 0), true},
      {Privilege::supervisor, tvm, csrrs(5, 0x180, 0), false},
      {Privilege::supervisor, tvm, csrrw(0, 0x180, 0), false},
      {Privilege::supervisor, tsr, sret, false},
      {Privilege::supervisor, tw, wfi, false},
      {Privilege::machine, tvm, sfence_vma_all, true},
      {Privilege::machine, tvm, csrrs(5, 0x180, 0), true},
  };
  for (const auto& c : cases) {
    HartBench b(config());
    b.enter(c.privilege, code_at, c.status);
    EXPECT_EQ(b.traps(c.word), !c.legal) << std::hex << c.word << " status " << c.status;
    if (c.legal) continue;
    EXPECT_EQ(b.csr(0x342), 2u);
    EXPECT_EQ(b.csr(0x343), c.word);
  }
  bench.set_csr(0x141, data_at);
  bench.enter(Privilege::machine, code_at, tsr);
  EXPECT_FALSE(bench.traps(sret)) << "TSR does not bind M mode";
}

TEST_P(Trap, JumpsToHalfWordsWithoutCompressedInstructions) {
  riscv::HartConfig plain = config();
  plain.isa.c = false;
  HartBench b(plain);
  b.hart->set_reg(5, 42);
  EXPECT_TRUE(b.traps(jal(5, 6)));
  EXPECT_EQ(b.csr(0x342), 0u);
  EXPECT_EQ(b.csr(0x341), code_at + 8) << "the jump's own address";
  EXPECT_EQ(b.csr(0x343), code_at + 14) << "the target";
  EXPECT_EQ(b.hart->reg(5), 42u) << "no link";
  b.hart->set_reg(6, code_at + 2);
  EXPECT_TRUE(b.traps(jalr(5, 6, 0)));
  EXPECT_EQ(b.csr(0x343), code_at + 2);
  EXPECT_FALSE(b.traps(jalr(5, 6, -1))) << "bit 0 of the sum is cleared";
  EXPECT_TRUE(b.traps(beq(0, 0, 6)));
  EXPECT_EQ(b.csr(0x343), code_at + 14);
  EXPECT_FALSE(b.traps(bne(0, 0, 6))) << "a branch that is not taken cannot trap";
}

TEST_P(Trap, VectorsAreForInterruptsOnly) {
  bench.set_csr(0x305, handler_at | 1);
  EXPECT_TRUE(bench.traps(ecall));
  EXPECT_EQ(bench.hart->pc(), handler_at + 4);
  bench.set_csr(0x304, bit(7));
  bench.hart->set_interrupt(Interrupt::machine_timer, true);
  bench.enter(Privilege::machine, code_at, mpie);
  bench.run(1);
  EXPECT_EQ(bench.hart->pc(), handler_at + 4 * 7 + 4);
  EXPECT_EQ(bench.csr(0x342), interrupt_bit | 7);
  EXPECT_EQ(bench.csr(0x341), code_at);
  EXPECT_EQ(bench.csr(0x343), 0u);
}

TEST_P(Trap, InterruptsByPriority) {
  bench.set_csr(0x304, 0xaaa);
  bench.set_csr(0x344, 0x222);
  for (const Interrupt line :
       {Interrupt::machine_software, Interrupt::machine_timer, Interrupt::machine_external})
    bench.hart->set_interrupt(line, true);
  const struct {
    unsigned cause;
    Interrupt line;
  } order[] = {{11, Interrupt::machine_external},   {3, Interrupt::machine_software},
               {7, Interrupt::machine_timer},       {9, Interrupt::supervisor_external},
               {1, Interrupt::supervisor_software}, {5, Interrupt::supervisor_timer}};
  for (const auto& expected : order) {
    bench.set_csr(0x300, mie | 3u << 11);  // the write itself still retires
    EXPECT_EQ(bench.hart->privilege(), Privilege::machine);
    bench.run(1);
    EXPECT_EQ(bench.csr(0x342), interrupt_bit | expected.cause);
    bench.hart->set_interrupt(expected.line, false);
    bench.set_csr(0x344, bench.csr(0x344) & 0x222 & ~bit(expected.cause));
  }
  bench.set_csr(0x300, mie);
  const std::uint64_t taken = bench.hart->last_trap().taken;
  bench.run(1);
  EXPECT_EQ(bench.hart->last_trap().taken, taken) << "none is left";
}

TEST_P(Trap, GlobalEnablesCountInTheirOwnModeOnly) {
  const auto taken = [](Privilege privilege, std::uint64_t status, std::uint64_t mideleg) {
    HartBench b(config());
    b.set_csr(0x303, mideleg);
    b.set_csr(0x304, bit(9));
    b.enter(privilege, code_at, status);
    b.hart->set_interrupt(Interrupt::supervisor_external, true);
    b.run(1);
    return b.hart->last_trap().taken == 1 ? static_cast<int>(b.hart->privilege()) : -1;
  };
  // Not delegated: in M mode by MIE (from MPIE), below M mode always.
  EXPECT_EQ(taken(Privilege::machine, 0, 0), -1);
  EXPECT_EQ(taken(Privilege::machine, mpie, 0), 3);
  EXPECT_EQ(taken(Privilege::supervisor, 0, 0), 3);
  EXPECT_EQ(taken(Privilege::user, 0, 0), 3);
  // Delegated: never in M mode, in S mode by SIE, in U mode always.
  EXPECT_EQ(taken(Privilege::machine, mpie | sie, bit(9)), -1);
  EXPECT_EQ(taken(Privilege::supervisor, mpie, bit(9)), -1);
  EXPECT_EQ(taken(Privilege::supervisor, sie, bit(9)), 1);
  EXPECT_EQ(taken(Privilege::user, 0, bit(9)), 1);
}

TEST_P(Trap, NotDelegatedInterruptsComeFirst) {
  bench.set_csr(0x303, bit(9));
  bench.set_csr(0x304, bit(9) | bit(5));
  bench.set_csr(0x344, bit(9) | bit(5));
  bench.enter(Privilege::user);
  bench.run(1);
  EXPECT_EQ(bench.csr(0x342), interrupt_bit | 5) << "STI to M mode, before SEI to S mode";
}

TEST_P(Trap, WfiWaitsForEnabledInterruptsWhateverTheGlobalEnable) {
  bench.put(code_at, {nop, wfi, nop});
  bench.hart->set_pc(code_at);
  EXPECT_EQ(bench.run(3), StopReason::wait_for_interrupt);
  EXPECT_EQ(bench.hart->pc(), code_at + 8) << "WFI has retired";
  EXPECT_EQ(bench.run(1), StopReason::wait_for_interrupt);
  bench.hart->set_interrupt(Interrupt::machine_timer, true);
  EXPECT_EQ(bench.run(1), StopReason::wait_for_interrupt) << "not enabled in mie";
  EXPECT_EQ(bench.hart->csr(0x344), 0x80u);
  EXPECT_FALSE(bench.hart->wakes());
}

TEST_P(Trap, WfiFallsThroughOrTraps) {
  bench.set_csr(0x304, bit(7));
  bench.put(code_at, {wfi, nop});
  bench.hart->set_pc(code_at);
  EXPECT_EQ(bench.run(2), StopReason::wait_for_interrupt);
  bench.hart->set_interrupt(Interrupt::machine_timer, true);
  EXPECT_TRUE(bench.hart->wakes());
  EXPECT_EQ(bench.run(1), StopReason::instruction_limit);
  EXPECT_EQ(bench.hart->pc(), code_at + 8) << "MIE is 0: no trap";
  bench.enter(Privilege::machine, code_at, mpie);
  bench.run(1);
  EXPECT_EQ(bench.csr(0x341), code_at) << "MIE is 1: the trap comes before WFI";
  bench.hart->set_interrupt(Interrupt::machine_timer, false);
  bench.enter(Privilege::machine, code_at, mpie);
  EXPECT_EQ(bench.run(5), StopReason::wait_for_interrupt);
  bench.hart->set_interrupt(Interrupt::machine_timer, true);
  bench.run(1);
  EXPECT_EQ(bench.csr(0x341), code_at + 4) << "behind WFI";
}

TEST_P(Trap, IdleTimeIsBooked) {
  bench.put(code_at, {wfi});
  bench.hart->set_pc(code_at);
  bench.run(1);
  const Cycles before = bench.hart->now();
  bench.hart->idle_until(before + 1000);
  EXPECT_EQ(bench.hart->now(), before + 1000);
  EXPECT_EQ(bench.stat("cycle_stack.idle"), 1000u);
  bench.hart->idle_until(before);
  EXPECT_EQ(bench.hart->now(), before + 1000) << "time does not go back";
}

TEST_P(Trap, AHandlerThatTrapsAtOnceIsStuck) {
  bench.set_csr(0x305, 0x40000000);  // nobody owns it
  bench.put(code_at, {ecall});
  bench.hart->set_pc(code_at);
  EXPECT_EQ(bench.run(100), StopReason::stuck);
  EXPECT_EQ(bench.hart->last_trap().cause, 1u);
  EXPECT_EQ(bench.hart->last_trap().epc, 0x40000000u);
  bench.hart->reset();
  bench.put(code_at, {nop});
  EXPECT_EQ(bench.run(1), StopReason::instruction_limit) << "a reset gets it out";
}

TEST_P(Trap, RepeatedTrapsThatRetireInstructionsAreNotStuck) {
  bench.put(code_at, {ecall});
  bench.put(handler_at, {nop, mret});
  bench.hart->set_pc(code_at);
  bench.set_csr(0x300, 3u << 11);
  EXPECT_EQ(bench.run(1000), StopReason::instruction_limit);
  EXPECT_EQ(bench.hart->last_trap().taken, 500u);
  EXPECT_EQ(bench.stat("traps"), 500u);
}

TEST_P(Trap, ResetReturnsToTheVectorInMachineMode) {
  bench.set_csr(0x180, 8ull << 60);
  bench.enter(Privilege::user, data_at);
  bench.hart->set_reg(5, 1);
  const std::uint64_t retired = bench.hart->instructions();
  bench.hart->reset();
  EXPECT_EQ(bench.hart->pc(), code_at);
  EXPECT_EQ(bench.hart->privilege(), Privilege::machine);
  EXPECT_EQ(bench.csr(0x180), 0u);
  EXPECT_EQ(bench.csr(0x300), 0xa00000000u);
  EXPECT_EQ(bench.csr(0x342), 0u);
  EXPECT_EQ(bench.hart->instructions(), retired) << "counts go on";
}

MEMIO_BOTH_ENGINES(Trap);

}  // namespace
}  // namespace memio::test
