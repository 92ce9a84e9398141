// The scoreboard by itself, and the classes, operands and divisions that instructions are given.
#include "cpu/riscv/scoreboard.h"

#include <gtest/gtest.h>

#include "cpu/riscv/decode.h"
#include "cpu/riscv/op_timing.h"
#include "unit/riscv/assembler.h"

namespace memio::test {
namespace {

using riscv::Division;
using riscv::InstructionTiming;
using riscv::Issue;
using riscv::OpId;
using riscv::PendingSet;
using riscv::PendingSets;
using riscv::Scoreboard;

constexpr Issue writes(std::uint8_t rd, Cycles cycles, Cycles latency) {
  return {0, 0, rd, false, cycles, latency};
}
constexpr Issue reads(std::uint8_t rs1, std::uint8_t rs2 = 0) { return {rs1, rs2, 0, false, 1, 0}; }
constexpr Issue drain{0, 0, 0, true, 1, 0};

TEST(Scoreboard, AReaderWaitsForTheRestOfTheLatency) {
  for (Cycles between = 0; between < 6; ++between) {
    Scoreboard board;
    EXPECT_EQ(board.issue(writes(5, 1, 4)), 0u);
    for (Cycles i = 0; i < between; ++i) EXPECT_EQ(board.issue(reads(6)), 0u);
    EXPECT_EQ(board.issue(reads(6, 5)), between < 3 ? 3 - between : 0u) << between;
    EXPECT_EQ(board.issue(reads(5)), 0u) << "the wait has been served";
  }
}

TEST(Scoreboard, AWaitBringsAllResultsNearer) {
  Scoreboard board;
  board.issue(writes(5, 1, 4));
  board.issue(writes(6, 1, 9));             // issued at 1, there at 10
  EXPECT_EQ(board.issue(reads(5)), 2u);     // at 4
  EXPECT_EQ(board.issue(reads(6, 5)), 5u);  // at 10
}

TEST(Scoreboard, OfTwoWritesTheLaterCounts) {
  Scoreboard board;
  board.issue(writes(5, 1, 8));
  board.issue(writes(5, 1, 2));
  EXPECT_EQ(board.issue(reads(5)), 1u);
  EXPECT_EQ(board.issue(drain), 0u);
}

TEST(Scoreboard, ALatencyWithinTheOccupancyIsNeverSeen) {
  Scoreboard board;
  board.issue(writes(5, 20, 20));
  EXPECT_TRUE(board.nothing_pending());
  EXPECT_EQ(board.issue(reads(5)), 0u);
}

TEST(Scoreboard, DrainsAndPasses) {
  Scoreboard board;
  board.issue(writes(5, 1, 7));
  board.issue(writes(6, 1, 3));
  EXPECT_EQ(board.issue(drain), 5u);
  board.issue(writes(5, 1, 7));
  board.pass(4);
  EXPECT_EQ(board.issue(reads(5)), 2u);
}

TEST(Scoreboard, PendingSetsAreTakenUpElsewhere) {
  Scoreboard board;
  board.issue(writes(9, 1, 5));
  board.issue(writes(3, 1, 2));
  const PendingSet set = board.pending();
  ASSERT_EQ(set.size(), 2u);
  EXPECT_EQ(set[0].reg, 3u);
  EXPECT_EQ(set[0].remaining, 1u);
  EXPECT_EQ(set[1].reg, 9u);
  EXPECT_EQ(set[1].remaining, 3u);
  Scoreboard other;
  other.issue(writes(9, 1, 100));
  other.issue(writes(8, 1, 100));
  other.load(set);
  EXPECT_EQ(other.issue(reads(8)), 0u) << "forgotten";
  EXPECT_EQ(other.issue(reads(9)), 2u);
}

TEST(Scoreboard, PendingSetsHaveNumbers) {
  PendingSets sets;
  Scoreboard board;
  EXPECT_EQ(sets.number(board), 0u);
  board.issue(writes(5, 1, 4));
  EXPECT_EQ(sets.number(board), 1u);
  board.issue(reads(6));
  EXPECT_EQ(sets.number(board), 2u) << "the same register, a cycle nearer";
  Scoreboard alike;
  alike.issue(writes(5, 1, 4));
  EXPECT_EQ(sets.number(alike), 1u);
  alike.pass(3);
  EXPECT_EQ(sets.number(alike), 0u);
  EXPECT_EQ(sets.size(), 3u);
}

TEST(Scoreboard, ArrivalsAreTimesOfTheHart) {
  Scoreboard board;
  board.issue(writes(5, 1, 2), 100);
  board.arrives(5, 150);
  EXPECT_TRUE(board.outstanding(149));
  EXPECT_EQ(board.issue(reads(6), 110).arrival, 0u) << "a hit under the miss";
  EXPECT_EQ(board.issue(reads(5), 120).arrival, 30u);
  EXPECT_FALSE(board.outstanding(150));
  EXPECT_EQ(board.issue(reads(5), 150).arrival, 0u);
}

TEST(Scoreboard, ArrivalsHoldTheNextWriterAndDrains) {
  for (const Issue& waiting : {writes(5, 1, 1), drain}) {
    Scoreboard board;
    board.issue(writes(5, 1, 2), 0);
    board.arrives(5, 40);
    const Scoreboard::Wait wait = board.issue(waiting, 10);
    EXPECT_EQ(wait.operand + wait.arrival, 30u);
  }
}

TEST(Scoreboard, AnOperandWaitComesBeforeTheWaitForAnArrival) {
  Scoreboard board;
  board.issue(writes(6, 1, 9), 0);
  board.issue(writes(5, 1, 2), 1);
  board.arrives(5, 20);
  const Scoreboard::Wait wait = board.issue(reads(5, 6), 2);
  EXPECT_EQ(wait.operand, 7u) << "until 9";
  EXPECT_EQ(wait.arrival, 11u) << "until 20";
  board.arrives(0, 1000);
  EXPECT_FALSE(board.outstanding(20)) << "x0 never arrives";
}

/// What the instruction `bits` of RV64 asks of the pipeline with the default timing.
Issue issue_of(Word bits, const InstructionTiming& timing = {}) {
  return riscv::issue_of(riscv::decode(bits, {}, true), timing);
}

TEST(OpTiming, RegistersThatInstructionsReadAndWrite) {
  const auto check = [](Word bits, unsigned rs1, unsigned rs2, unsigned rd) {
    const Issue issue = issue_of(bits);
    EXPECT_EQ(issue.rs1, rs1) << std::hex << bits;
    EXPECT_EQ(issue.rs2, rs2) << std::hex << bits;
    EXPECT_EQ(issue.latency ? issue.rd : 0, rd) << std::hex << bits;
  };
  check(add(5, 6, 7), 6, 7, 5);
  check(add(0, 6, 7), 6, 7, 0);
  check(addi(5, 6, 7), 6, 0, 5);
  check(lui(5, 0xfffff), 0, 0, 5);
  check(lw(5, 6, 7), 6, 0, 5);
  check(sw(5, 6, 7), 6, 5, 0);
  check(beq(5, 6, 0x1e), 5, 6, 0);
  check(jal(1, 0xff00e), 0, 0, 1);
  check(jalr(1, 5, 7), 5, 0, 1);
  check(csrrs(5, 0x340, 6), 6, 0, 5);
  check(i_type(0x340, 9, 5, 5, 0x73), 0, 0, 5);         // csrrwi with immediate 9
  check(r_type(0x00, 7, 6, 2, 5, 0x2f), 6, 7, 5);       // amoadd.w
  check(r_type(0x02 << 2, 0, 6, 2, 5, 0x2f), 6, 0, 5);  // lr.w
  check(r_type(0x03 << 2, 7, 6, 2, 5, 0x2f), 6, 7, 5);  // sc.w
  check(sfence_vma_all | 6u << 15 | 7u << 20, 6, 7, 0);
  check(in_(0, 5, 6), 6, 0, 5);
  check(out_(0, 6, 7), 6, 7, 0);
  check(outi(0, 0x80, 7), 0, 7, 0);
  check(0x0ff3028f, 0, 0, 0);  // fence with its unused fields set
  check(ecall, 0, 0, 0);
}

TEST(OpTiming, OnlyTheSystemDrains) {
  InstructionTiming timing;
  EXPECT_FALSE(issue_of(csrrs(5, 0x340, 0)).drains);
  timing.serialise = true;
  for (const Word word : {csrrs(5, 0x340, 0), mret, fence_i, sfence_vma_all, Word{0x0ff0000f}})
    EXPECT_TRUE(issue_of(word, timing).drains);
  for (const Word word : {add(5, 6, 7), lw(5, 6, 7), jal(0, 8)}) EXPECT_FALSE(issue_of(word, timing).drains);
}

TEST(OpTiming, Divisions) {
  InstructionTiming timing;
  const auto cycles = [&timing](OpId id, std::uint64_t a, std::uint64_t b, unsigned xlen = 64) {
    return riscv::division_cycles(id, a, b, xlen, timing);
  };
  EXPECT_EQ(cycles(OpId::div, ~0ull, 1), 0u) << "fixed";
  timing.division = Division::width;
  timing.division_bits = 3;
  EXPECT_EQ(cycles(OpId::div, 1, 1), 22u) << "64 / 3, rounded up";
  EXPECT_EQ(cycles(OpId::remuw, 1, 1), 11u);
  EXPECT_EQ(cycles(OpId::rem, 1, 1, 32), 11u);
  timing.division = Division::quotient;
  timing.division_bits = 1;
  EXPECT_EQ(cycles(OpId::divu, 100, 7), 5u) << "7 bits by 3";
  EXPECT_EQ(cycles(OpId::divu, 6, 7), 1u);
  EXPECT_EQ(cycles(OpId::divu, 3, 7), 0u);
  EXPECT_EQ(cycles(OpId::divu, 0, 7), 0u);
  EXPECT_EQ(cycles(OpId::divu, ~0ull, 1), 64u);
  EXPECT_EQ(cycles(OpId::divu, ~0ull, 0), 64u) << "zero counts as one bit";
  EXPECT_EQ(cycles(OpId::div, ~0ull, 1), 1u) << "-1";
  EXPECT_EQ(cycles(OpId::div, static_cast<std::uint64_t>(-100), static_cast<std::uint64_t>(-7)), 5u);
  EXPECT_EQ(cycles(OpId::div, 1ull << 63, ~0ull), 64u) << "the least number";
  EXPECT_EQ(cycles(OpId::divw, 0xdeadbeef00000064, 7), 5u) << "the lower word";
  EXPECT_EQ(cycles(OpId::divuw, ~0ull, 1), 32u);
  EXPECT_EQ(cycles(OpId::div, 0xffffffff, 1, 32), 1u);
  timing.division_bits = 4;
  EXPECT_EQ(cycles(OpId::divu, 100, 7), 2u);
  EXPECT_EQ(riscv::longest_division(64, timing), 16u);
}

}  // namespace
}  // namespace memio::test
