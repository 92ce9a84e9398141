// Cycle counts in closed form, both engines alike. The bench's memory takes 5 cycles a read (bus hop 1,
// memory 4) and 7 a write (1 + 6); a device 20, a port 10, a refusal 1. Instruction classes have
// their defaults. Translation: translation_timing_test.cpp.
#include <tuple>
#include <vector>

#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

constexpr Word c_nops = 0x00010001;  // two
constexpr Word ld(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 3, rd, 0x03); }
constexpr Word sd(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 3); }
constexpr Word sh(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 1); }
constexpr Word amo(Word funct5, Word rd, Word rs2, Word rs1) {
  return r_type(funct5 << 2, rs2, rs1, 2, rd, 0x2f);
}

class Timing : public EngineTest {
 protected:
  HartBench bench{config()};

  /// Cycles of `n` instructions from `at`.
  Cycles run(std::uint64_t n, std::uint64_t at = code_at) {
    bench.hart->set_pc(at);
    const Cycles before = bench.hart->now();
    bench.run(n);
    return bench.hart->now() - before;
  }
  /// Cycles of one instruction whose word is not in the fetch buffer, with nops before it in its block.
  Cycles one(Word word) {
    bench.put(code_at, {nop, nop, word, nop});
    return run(3) - 12;
  }
  void fill(std::uint64_t at, unsigned n, Word word) {
    for (unsigned i = 0; i < n; ++i) bench.put(at + 4 * i, {word});
  }
};

TEST_P(Timing, StraightLineCode) {
  EXPECT_EQ(run(1), 6u);
  EXPECT_EQ(run(100), 595u) << "its first word is in the fetch buffer";
  EXPECT_EQ(run(100), 600u) << "n * (hop + read + base)";
  EXPECT_EQ(run(1000), 6000u);
}

TEST_P(Timing, CompressedPairsShareAFetch) {
  fill(code_at, 200, c_nops);
  EXPECT_EQ(run(100), 350u) << "100 + 50 * 5";
  EXPECT_EQ(run(101), 356u);
  EXPECT_EQ(run(100, code_at + 2), 355u) << "51 words";
}

TEST_P(Timing, WordsAtHalfWordAddresses) {
  bench.put(code_at, {nop << 16 | 1});
  fill(code_at + 4, 200, nop << 16 | nop >> 16);
  EXPECT_EQ(run(100, code_at + 2), 605u)
      << "100 + 101 * 5: each starts in the word that the last one ended in";
}

TEST_P(Timing, BranchesAndJumps) {
  EXPECT_EQ(one(bne(0, 0, 8)), 6u);
  EXPECT_EQ(one(beq(0, 0, 8)), 8u);
  EXPECT_EQ(one(jal(0, 8)), 7u);
  EXPECT_EQ(one(jalr(0, 5, 8)), 7u);
}

TEST_P(Timing, ALoopInTheFetchBuffer) {
  bench.put(code_at, {jal(0, 0)});
  EXPECT_EQ(run(1000), 2005u) << "one fetch";
  bench.put(code_at, {beq(0, 0, 0)});
  EXPECT_EQ(run(1000), 3005u);
  bench.put(code_at, {0xbffd0001});  // c.nop; c.j .-2
  EXPECT_EQ(run(1000), 1505u);
}

TEST_P(Timing, ALoopOfTwoWords) {
  bench.put(code_at, {addi(5, 5, 1), jal(0, -4)});
  EXPECT_EQ(run(1000), 500u * (6 + 7));
  EXPECT_EQ(bench.hart->reg(5), 500u);
}

TEST_P(Timing, Classes) {
  bench.hart->set_reg(10, data_at);
  EXPECT_EQ(one(add(5, 6, 7)), 6u);
  EXPECT_EQ(one(mul_(5, 6, 7)), 8u);
  EXPECT_EQ(one(div_(5, 6, 7)), 25u);
  EXPECT_EQ(one(csrrs(5, 0x340, 0)), 6u);
  EXPECT_EQ(one(fence_i), 7u);
  EXPECT_EQ(one(0x0ff0000f), 7u) << "fence";
  EXPECT_EQ(one(sfence_vma_all), 7u);
  EXPECT_EQ(one(lw(5, 10, 0)), 11u);
  EXPECT_EQ(one(sw(5, 10, 0)), 13u);
  EXPECT_EQ(one(ld(5, 10, 8)), 11u);
  EXPECT_EQ(one(sd(5, 10, 8)), 13u);
  EXPECT_EQ(one(amo(0, 5, 6, 10)), 19u) << "amoadd: a read and a write";
  EXPECT_EQ(one(amo(2, 5, 0, 10)), 12u) << "lr";
  EXPECT_EQ(one(amo(3, 5, 6, 10)), 14u) << "sc";
  EXPECT_EQ(one(amo(3, 5, 6, 10)), 7u) << "an sc that fails makes no transaction";
}

TEST_P(Timing, ConfiguredClasses) {
  riscv::HartConfig slow = config();
  slow.timing.alu.cycles = 3;
  slow.timing.load.cycles = 7;
  slow.timing.branch_taken = 11;
  HartBench b(slow);
  b.hart->set_reg(10, data_at);
  b.put(code_at, {nop, lw(5, 10, 0), beq(0, 0, -8)});
  b.hart->set_pc(code_at);
  const Cycles before = b.hart->now();
  b.run(300);
  EXPECT_EQ(b.hart->now() - before, 100u * ((5 + 3) + (5 + 7 + 5) + (5 + 1 + 11)));
}

TEST_P(Timing, LoadReservedAndStoreConditional) {
  riscv::HartConfig slow = config();
  slow.timing.amo = {9, 9};
  slow.timing.lrsc = {3, 8};
  HartBench b(slow);
  b.hart->set_reg(10, data_at);
  b.put(code_at, {amo(2, 5, 0, 10), amo(3, 6, 5, 10), nop, add(7, 6, 6)});
  b.hart->set_pc(code_at);
  const Cycles before = b.hart->now();
  b.run(4);
  EXPECT_EQ(b.hart->now() - before, (5 + 3 + 5) + (5 + 5 + 3 + 7) + (5 + 1) + (5 + 4 + 1))
      << "sc waits for 5 cycles, add for 4 of 8 - 3 - 1";
}

TEST_P(Timing, Reset) {
  riscv::HartConfig slow = config();
  slow.timing.reset = 100;
  HartBench b(slow);
  const Cycles before = b.hart->now();
  EXPECT_EQ(b.stat("cycle_stack.reset"), 100u);
  b.hart->reset();
  EXPECT_EQ(b.hart->now() - before, 100u);
  b.run(1);
  EXPECT_EQ(b.hart->now() - before, 106u);
  EXPECT_EQ(stack_sum(*b.hart), b.hart->now());
}

TEST_P(Timing, FetchWidth) {
  // A burst's further beat of 8 bytes takes a cycle.
  for (const auto& [width, nops, pairs] : {std::tuple{4u, 600u, 350u}, {8u, 350u, 225u}, {16u, 250u, 178u}}) {
    riscv::HartConfig wide = config();
    wide.timing.fetch_width = width;
    HartBench b(wide);
    const auto cycles = [&b] {
      b.hart->set_pc(code_at);
      const Cycles before = b.hart->now();
      b.run(100);
      return b.hart->now() - before;
    };
    EXPECT_EQ(cycles(), nops) << "100 + 100 * 5, 50 * 5, 25 * 6";
    for (unsigned i = 0; i < 200; ++i) b.put(code_at + 4 * i, {c_nops});
    EXPECT_EQ(cycles(), pairs) << "100 + 50 * 5, 25 * 5, 13 * 6";
    b.hart->settle();
    EXPECT_EQ(b.port->route.bytes_read(), width * b.port->route.reads(AccessKind::fetch));
  }
}

TEST_P(Timing, FetchWidthWithAnInstructionCache) {
  for (const unsigned xlen : {32u, 64u})
    for (const auto& [width, words] : {std::pair{4u, 50u}, {8u, 25u}, {16u, 13u}}) {
      riscv::HartConfig wide = config(xlen);
      wide.timing.fetch_width = width;
      wide.caches.l1i.size = 4096;
      wide.caches.l1i.hit_latency = 2;
      HartBench b(wide);
      for (unsigned i = 0; i < 200; ++i) b.put(code_at + 4 * i, {c_nops});
      for (const Cycles missed : {4u * (1 + 5 + 7), 0u}) {  // lines in 8 beats
        const std::uint64_t lookups = b.stat("l1i.lookups");
        b.hart->set_pc(code_at);
        const Cycles before = b.hart->now();
        b.run(100);
        EXPECT_EQ(b.hart->now() - before, 100 + 2 * words + missed) << "width " << width;
        EXPECT_EQ(b.stat("l1i.lookups") - lookups, words);
      }
    }
}

TEST_P(Timing, LoadUse) {
  bench.hart->set_reg(10, data_at);
  const auto pair = [this](Word first, Word second) {
    bench.put(code_at, {nop, first, second, nop});
    run(2);
    const Cycles cycles = run(2, bench.hart->pc());
    EXPECT_EQ(bench.hart->pc(), code_at + 16);
    return cycles - 12;
  };
  EXPECT_EQ(pair(lw(5, 10, 0), add(6, 5, 7)), 1u);
  EXPECT_EQ(pair(lw(5, 10, 0), add(6, 7, 5)), 1u);
  EXPECT_EQ(pair(lw(5, 10, 0), add(5, 6, 7)), 0u);
  EXPECT_EQ(pair(lw(0, 10, 0), add(6, 0, 7)), 0u) << "x0 is never waited for";
  EXPECT_EQ(pair(lw(5, 10, 0), beq(5, 5, 4)), 3u) << "and the branch is taken";
  EXPECT_EQ(pair(lw(5, 10, 0), csrrs(6, 0x340, 5)), 1u);
  EXPECT_EQ(bench.stat("cycle_stack.operand"), 4u);
}

TEST_P(Timing, ResultLatencies) {
  riscv::HartConfig slow = config();
  slow.timing.load.latency = 4;
  slow.timing.narrow_load.latency = 5;
  slow.timing.shift = {1, 2};
  slow.timing.mul = {1, 3};
  slow.timing.mulh = {2, 6};
  slow.timing.div = {1, 8};
  slow.timing.amo.latency = 7;
  slow.timing.csr.latency = 3;
  HartBench b(slow);
  // Cycles that `add x6, x5, x5` waits, right behind `first` and with `between` nops between.
  const auto wait = [&b](Word first, unsigned between) {
    b.hart->set_reg(10, data_at);
    b.put(code_at, {nop, first, nop, nop, nop, nop, nop, nop, nop, nop, nop});
    b.put(code_at + 8 + 4 * between, {add(6, 5, 5)});
    const Cycles before = b.stat("cycle_stack.operand");
    b.hart->set_pc(code_at);
    b.run(10);
    return b.stat("cycle_stack.operand") - before;
  };
  EXPECT_EQ(wait(lw(5, 10, 0), 0), 3u);
  EXPECT_EQ(wait(lw(5, 10, 0), 1), 2u);
  EXPECT_EQ(wait(lw(5, 10, 0), 3), 0u);
  EXPECT_EQ(wait(i_type(0, 10, 4, 5, 0x03), 0), 4u) << "lbu";
  EXPECT_EQ(wait(ld(5, 10, 0), 0), 3u);
  EXPECT_EQ(wait(i_type(3, 6, 1, 5, 0x13), 0), 1u) << "slli";
  EXPECT_EQ(wait(mul_(5, 6, 7), 0), 2u);
  EXPECT_EQ(wait(r_type(1, 7, 6, 3, 5, 0x33), 0), 4u) << "mulhu: 6 after its issue, 2 of them its own";
  EXPECT_EQ(wait(div_(5, 6, 7), 0), 7u);
  EXPECT_EQ(wait(div_(5, 6, 7), 5), 2u);
  EXPECT_EQ(wait(amo(0, 5, 0, 10), 0), 5u);
  EXPECT_EQ(wait(csrrs(5, 0x340, 0), 1), 1u);
  EXPECT_EQ(wait(addi(5, 5, 1), 0), 0u);
}

TEST_P(Timing, WhatIsPendingStaysSoAcrossJumpsAndTraps) {
  riscv::HartConfig slow = config();
  slow.timing.div = {1, 30};
  HartBench b(slow);
  const auto operand = [&b] { return b.stat("cycle_stack.operand"); };
  b.put(code_at, {div_(5, 6, 7), jal(0, 8), nop, add(6, 5, 5), nop});
  b.hart->set_pc(code_at);
  b.run(3);
  EXPECT_EQ(operand(), 30u - 1 - 2) << "whatever the fetches take";
  b.put(code_at, {div_(5, 6, 7), ecall});
  b.put(handler_at, {add(6, 5, 5)});
  b.hart->set_pc(code_at);
  b.run(2);
  EXPECT_EQ(operand(), 27u + 30 - 1 - 2 - 4);
  b.put(code_at, {div_(5, 6, 7), lw(8, 0, 0)});
  b.hart->set_pc(code_at);
  b.run(2);
  EXPECT_EQ(operand(), 50u + 30 - 1 - 1 - 4) << "the load traps, and has been issued";
}

TEST_P(Timing, TheSameCodeBehindDifferentResults) {
  riscv::HartConfig slow = config();
  slow.timing.mul = {1, 5};
  HartBench b(slow);
  // At +16 the loop's head is entered behind the mul of +0 or that of +8, of other registers.
  b.put(code_at, {mul_(5, 1, 1), jal(0, 12), mul_(6, 1, 1), nop, add(7, 5, 6), jal(0, -12)});
  b.hart->set_pc(code_at);
  b.run(2);
  Cycles before = b.hart->now();
  b.run(1);
  EXPECT_EQ(b.hart->now() - before, 5u + 2 + 1) << "5 - 1 - 2 for x5";
  b.run(100 * 4 - 2);
  EXPECT_EQ(b.stat("cycle_stack.operand"), 2u + 99 * 3) << "5 - 1 - 1 for x6";
}

TEST_P(Timing, SerialisingInstructionsWaitForAllResults) {
  riscv::HartConfig slow = config();
  slow.timing.mul = {1, 9};
  for (const bool serialise : {false, true}) {
    slow.timing.serialise = serialise;
    HartBench b(slow);
    Cycles expected = 0;
    for (const Word word : {csrrs(6, 0x340, 0), fence_i, Word{0x0ff0000f}, sfence_vma_all, add(6, 7, 7)}) {
      b.put(code_at, {nop, mul_(5, 1, 1), word, nop, nop, nop, nop, nop, nop, nop, nop, nop});
      b.hart->set_pc(code_at);
      b.run(12);
      if (serialise && word != add(6, 7, 7)) expected += 8;
      EXPECT_EQ(b.stat("cycle_stack.operand"), expected) << std::hex << word;
    }
  }
}

TEST_P(Timing, RedirectionsWithoutAPredictor) {
  riscv::HartConfig slow = config();
  slow.timing.branch_taken = 3;
  slow.timing.jal_redirect = 4;
  slow.timing.jalr_redirect = 5;
  HartBench b(slow);
  b.hart->set_reg(9, code_at);
  b.put(code_at, {beq(0, 0, 4), bne(0, 0, 8), jal(0, 4), jalr(0, 9, 0)});
  b.hart->set_pc(code_at);
  b.run(400);
  EXPECT_EQ(b.stat("cycle_stack.branch"), 100u * (3 + 0 + 4 + 5));
}

TEST_P(Timing, PredictedBranches) {
  riscv::HartConfig slow = config();
  slow.timing.branch_taken = 1;
  slow.timing.jal_redirect = 2;
  slow.timing.jalr_redirect = 4;
  slow.timing.mispredict = 7;
  slow.predictor.kind = riscv::PredictorKind::static_;
  // A loop of ten rounds, a call and a return, and round again.
  const auto run = [&slow](unsigned rounds) {
    auto b = std::make_unique<HartBench>(slow);
    b->hart->set_reg(9, code_at);
    b->put(code_at, {addi(5, 0, 10), addi(5, 5, -1), bne(5, 0, -4), jal(1, 8), jal(0, -16), jalr(0, 1, 0)});
    b->hart->set_pc(code_at);
    b->run(rounds * 24);
    EXPECT_EQ(b->hart->pc(), code_at);
    return b;
  };
  EXPECT_EQ(run(50)->stat("cycle_stack.branch"), 50u * (9 * 1 + 7 + 2 + 4 + 2));
  slow.predictor.btb_entries = 16;
  EXPECT_EQ(run(50)->stat("cycle_stack.branch"), 50u * 7 + (1 + 2 + 4 + 2)) << "each target is missed once";
  slow.predictor.btb_entries = 0;
  slow.predictor.return_depth = 1;
  const auto b = run(50);
  EXPECT_EQ(b->stat("cycle_stack.branch"), 50u * (9 * 1 + 7 + 2 + 0 + 2));
  EXPECT_EQ(b->stat("branch.predictions"), 50u * 11);
  EXPECT_EQ(b->stat("branch.mispredictions"), 50u);
  EXPECT_EQ(b->stat("branch.returns.hits"), 50u);
}

TEST_P(Timing, DivisionsByTheirOperands) {
  riscv::HartConfig slow = config();
  slow.timing.div = {2, 1};
  slow.timing.division = riscv::Division::quotient;
  HartBench b(slow);
  const auto cycles = [&b](std::uint64_t dividend, std::uint64_t divisor) {
    b.hart->set_reg(6, dividend);
    b.hart->set_reg(7, divisor);
    b.put(code_at, {nop, nop, div_(5, 6, 7), nop});
    b.hart->set_pc(code_at);
    b.run(2);
    const Cycles before = b.hart->now();
    b.run(1);
    return b.hart->now() - before - 5;
  };
  EXPECT_EQ(cycles(100, 7), 2u + 5) << "7 bits by 3 bits";
  EXPECT_EQ(cycles(7, 100), 2u);
  EXPECT_EQ(cycles(1000000, 1), 2u + 20);
  EXPECT_EQ(cycles(1, 0), 2u + 1);
  b.put(code_at, {div_(5, 6, 7), div_(5, 6, 7), add(8, 5, 5), jal(0, -12)});
  b.hart->set_reg(6, 1000000);
  b.hart->set_reg(7, 1);
  b.hart->set_pc(code_at);
  const Cycles before = b.hart->now();
  b.run(400);
  EXPECT_EQ(b.hart->now() - before, 100u * (4 * 5 + 22 + 22 + 1 + 2));
}

TEST_P(Timing, FenceIEmptiesTheFetchBuffer) {
  // A nop in two bytes, four bytes across the words, two bytes.
  bench.put(code_at, {addi(0, 0, 1) << 16 | 1, 0x0001u << 16 | addi(0, 0, 1) >> 16});
  EXPECT_EQ(run(3), 13u);
  bench.put(code_at, {fence_i << 16 | 1, 0x0001u << 16 | fence_i >> 16});
  EXPECT_EQ(run(3), 19u) << "one cycle dearer, and the second word once more";
}

TEST_P(Timing, RepeatedAccesses) {
  bench.hart->set_reg(10, data_at);
  for (unsigned i = 0; i < 100; ++i) bench.put(code_at + 8 * i, {lw(5, 10, 4), sw(5, 10, 8)});
  EXPECT_EQ(run(200), 100u * (11 + 1 + 13)) << "each store needs what was just loaded";
}

TEST_P(Timing, MisalignedAccessesAreSplit) {
  bench.hart->set_reg(10, data_at);
  EXPECT_EQ(one(lw(5, 10, 2)), 6 + 2 * 5u) << "2 + 2";
  EXPECT_EQ(one(lw(5, 10, 1)), 6 + 3 * 5u) << "1 + 2 + 1";
  EXPECT_EQ(one(ld(5, 10, 4)), 6 + 2 * 5u) << "4 + 4";
  EXPECT_EQ(one(ld(5, 10, 1)), 6 + 4 * 5u) << "1 + 2 + 4 + 1";
  EXPECT_EQ(one(sh(5, 10, 1)), 6 + 2 * 7u) << "1 + 1";
  EXPECT_EQ(one(sd(5, 10, 1)), 6 + 4 * 7u);
  EXPECT_EQ(one(sd(5, 10, 0xffc)), 6 + 2 * 7u) << "across pages";
}

TEST_P(Timing, DevicesAndPorts) {
  bench.hart->set_reg(10, device_base);
  EXPECT_EQ(one(lw(5, 10, 0)), 26u);
  EXPECT_EQ(one(sw(5, 10, 0)), 26u);
  bench.hart->set_reg(10, 0x80);
  EXPECT_EQ(one(in_(0, 5, 10)), 16u);
  EXPECT_EQ(one(out_(0, 10, 5)), 16u);
  EXPECT_EQ(bench.stat("cycle_stack.device"), 60u);
}

TEST_P(Timing, Traps) {
  // Each with the first instruction of the handler, 6 cycles.
  EXPECT_EQ(one(ecall), 5 + 2 + 4 + 6u);
  EXPECT_EQ(one(0xffffffff), 5 + 2 + 4 + 6u);
  bench.hart->set_reg(10, 0x40000000);
  EXPECT_EQ(one(lw(5, 10, 0)), 5 + 1 + 1 + 4 + 6u) << "the bus's refusal takes 1";
  EXPECT_EQ(run(1, 0x40000000), 1 + 4 + 6u);
  EXPECT_EQ(bench.stat("cycle_stack.trap"), 16u);
}

TEST_P(Timing, Interrupts) {
  bench.set_csr(0x304, 1u << 7);
  bench.enter(Privilege::supervisor);
  bench.hart->set_interrupt(riscv::Interrupt::machine_timer, true);
  EXPECT_EQ(run(1), 4 + 6u);
  EXPECT_EQ(bench.stat("interrupts"), 1u);
}

TEST_P(Timing, ABusyTargetIsWaitedFor) {
  fill(code_at, 100, nop);
  bench.port->occupancy.busy_until = bench.hart->now() + 50;
  EXPECT_EQ(run(10), 50 + 60u);
  EXPECT_EQ(bench.stat("cycle_stack.bus_wait"), 50u);
  EXPECT_EQ(bench.port->route.counts().wait_cycles, 50u);
}

TEST_P(Timing, TheHorizonEndsTheRunBeforeTheNextInstruction) {
  bench.hart->set_pc(code_at);
  for (const Cycles ahead : {1u, 6u, 7u, 12u, 600u, 601u}) {
    const Cycles begin = bench.hart->now();
    bench.port->horizon_at = begin + ahead;
    EXPECT_EQ(bench.hart->run(), riscv::StopReason::horizon);
    EXPECT_EQ(bench.hart->now() - begin, (ahead + 5) / 6 * 6) << ahead;
  }
  EXPECT_EQ(bench.hart->pc(), code_at + 4 * (1 + 1 + 2 + 2 + 100 + 101));
}

TEST_P(Timing, TheStackAddsUp) {
  bench.hart->set_reg(10, data_at);
  bench.hart->set_reg(11, device_base);
  for (const Word word : {lw(5, 10, 0), lw(5, 11, 0), ecall, div_(5, 6, 7), beq(0, 0, 8), outi(0, 0x80, 5)})
    one(word);
  bench.hart->settle();
  EXPECT_EQ(stack_sum(*bench.hart), bench.hart->now());
  EXPECT_EQ(bench.stat("cycles"), bench.hart->now());
}

TEST_P(Timing, FunctionalModeTakesACycleAnInstruction) {
  riscv::HartConfig functional = config();
  functional.functional = true;
  HartBench b(functional);
  PageTables tables(b, PageFormatId::sv39);
  tables.map(code_at, code_at, pte_code);
  tables.map(0x100000, data_at, pte_data);
  b.set_csr(0x180, tables.satp());
  b.enter(Privilege::supervisor);
  b.hart->set_reg(10, 0x100000);
  b.put(code_at, {lw(5, 10, 0), sd(5, 10, 1), div_(5, 6, 7), beq(0, 0, 4), amo(0, 5, 6, 10), jal(0, -20)});
  EXPECT_EQ(b.hart->now(), b.hart->instructions());
  b.run(6000);
  EXPECT_EQ(b.hart->now(), b.hart->instructions());
  b.execute({ecall, nop});
  EXPECT_EQ(b.hart->now(), b.hart->instructions() + 1) << "the ecall does not retire";
  StatGroup root("root");
  b.hart->register_stats(root);
  for (const auto& child : root.children()) EXPECT_NE(child->name(), "mmu") << "absent, not zero";
}

MEMIO_BOTH_ENGINES(Timing);

}  // namespace
}  // namespace memio::test
