// Prediction of branches: patterns whose mispredictions can be counted by hand.
#include "cpu/riscv/predictor.h"

#include <gtest/gtest.h>

#include <functional>

namespace memio::test {
namespace {

using riscv::BranchFacts;
using riscv::Predictor;
using riscv::PredictorConfig;
using riscv::PredictorKind;
using riscv::Redirect;
using Kind = BranchFacts::Kind;

constexpr std::uint64_t here = 0x1000;

PredictorConfig config(PredictorKind kind) {
  PredictorConfig c;
  c.kind = kind;
  return c;
}

BranchFacts conditional(bool taken, std::uint64_t pc = here, bool backward = true) {
  return {Kind::conditional, taken, backward, false, false, pc, backward ? pc - 64 : pc + 64, pc + 4};
}
BranchFacts call(std::uint64_t pc, std::uint64_t target) {
  return {Kind::direct, true, false, true, false, pc, target, pc + 4};
}
BranchFacts ret(std::uint64_t pc, std::uint64_t target) {
  return {Kind::indirect, true, false, false, true, pc, target, pc + 4};
}
BranchFacts indirect(std::uint64_t pc, std::uint64_t target) {
  return {Kind::indirect, true, false, false, false, pc, target, pc + 4};
}

std::uint64_t stat(const Predictor& predictor, const std::string& group, const std::string& name) {
  StatGroup root("root");
  predictor.register_stats(root);
  for (const Stat& s : (group.empty() ? root : root.child(group)).stats())
    if (s.name == name) return s.value();
  ADD_FAILURE() << group << '.' << name;
  return 0;
}

/// Mispredictions of `n` branches at one pc, of which number i is taken if outcome(i).
std::uint64_t misses(Predictor& predictor, unsigned n, const std::function<bool(unsigned)>& outcome) {
  const std::uint64_t before = *predictor.mispredictions();
  for (unsigned i = 0; i < n; ++i) predictor.resolve(conditional(outcome(i)));
  EXPECT_EQ(stat(predictor, "", "predictions"),
            stat(predictor, "", "correct") + stat(predictor, "", "mispredictions"));
  return *predictor.mispredictions() - before;
}

TEST(Predictor, StaticGoesByTheDirection) {
  Predictor p(config(PredictorKind::static_));
  EXPECT_EQ(p.resolve(conditional(true, here, true)), Redirect::at_decode);
  EXPECT_EQ(p.resolve(conditional(false, here, true)), Redirect::mispredicted);
  EXPECT_EQ(p.resolve(conditional(true, here, false)), Redirect::mispredicted);
  EXPECT_EQ(p.resolve(conditional(false, here, false)), Redirect::none);
  EXPECT_EQ(p.resolve(call(here, 0x2000)), Redirect::at_decode);
  EXPECT_EQ(p.resolve(indirect(here, 0x2000)), Redirect::at_execute);
  EXPECT_EQ(stat(p, "", "predictions"), 4u);
  EXPECT_EQ(stat(p, "", "correct"), 2u);
}

TEST(Predictor, BimodalPatterns) {
  // Counters begin at 1, weakly not taken.
  Predictor always(config(PredictorKind::bimodal));
  EXPECT_EQ(misses(always, 100, [](unsigned) { return true; }), 1u);
  Predictor never(config(PredictorKind::bimodal));
  EXPECT_EQ(misses(never, 100, [](unsigned) { return false; }), 0u);
  Predictor alternating(config(PredictorKind::bimodal));  // T N T N: 1 2 1 2, wrong each time
  EXPECT_EQ(misses(alternating, 100, [](unsigned i) { return i % 2 == 0; }), 100u);
  Predictor loop(config(PredictorKind::bimodal));  // nine times round and out, ten times
  EXPECT_EQ(misses(loop, 100, [](unsigned i) { return i % 10 != 9; }), 1u + 10);
}

TEST(Predictor, BimodalCountersAreSharedByTheirIndex) {
  PredictorConfig c = config(PredictorKind::bimodal);
  c.entries = 16;
  Predictor p(c);
  for (unsigned i = 0; i < 50; ++i) {  // 16 half-words apart: one counter, T N T N
    EXPECT_EQ(p.resolve(conditional(true, here)), Redirect::mispredicted);
    EXPECT_EQ(p.resolve(conditional(false, here + 32)), Redirect::mispredicted);
  }
  Predictor apart(c);
  apart.resolve(conditional(true, here));
  for (unsigned i = 0; i < 50; ++i) {
    EXPECT_EQ(apart.resolve(conditional(true, here)), Redirect::at_decode);
    EXPECT_EQ(apart.resolve(conditional(false, here + 2)), Redirect::none);
  }
}

TEST(Predictor, GshareLearnsPatterns) {
  PredictorConfig c = config(PredictorKind::gshare);
  c.history_bits = 1;
  // T N T N behind one bit of history: after a T comes N (counter 1, 0: right from the start), after an
  // N comes T (1, 2: wrong once).
  Predictor alternating(c);
  EXPECT_EQ(misses(alternating, 100, [](unsigned i) { return i % 2 == 0; }), 1u);
  // T T N with two bits: after TT comes N; after TN and NT comes T, each wrong once; the first two
  // branches are behind NN (wrong once) and NT.
  c.history_bits = 2;
  Predictor three(c);
  EXPECT_EQ(misses(three, 99, [](unsigned i) { return i % 3 != 2; }), 3u);
  Predictor with_one(config(PredictorKind::bimodal));  // 1 2 3 2 3 3 2 3 3: only the first and each N
  EXPECT_EQ(misses(with_one, 99, [](unsigned i) { return i % 3 != 2; }), 1u + 33);
}

TEST(Predictor, TheTargetBufferGivesTargetsAtTheFetch) {
  PredictorConfig c = config(PredictorKind::static_);
  c.btb_entries = 4;
  c.btb_ways = 2;
  Predictor p(c);
  EXPECT_EQ(p.resolve(conditional(true)), Redirect::at_decode);
  EXPECT_EQ(p.resolve(conditional(true)), Redirect::at_fetch);
  EXPECT_EQ(p.resolve(conditional(false)), Redirect::mispredicted);
  EXPECT_EQ(p.resolve(call(0x2002, 0x3000)), Redirect::at_decode);
  EXPECT_EQ(p.resolve(call(0x2002, 0x3000)), Redirect::at_fetch);
  EXPECT_EQ(p.resolve(indirect(0x2004, 0x3000)), Redirect::at_execute);
  EXPECT_EQ(p.resolve(indirect(0x2004, 0x3000)), Redirect::at_fetch);
  EXPECT_EQ(p.resolve(indirect(0x2004, 0x4000)), Redirect::mispredicted);
  EXPECT_EQ(p.resolve(indirect(0x2004, 0x4000)), Redirect::at_fetch);
  EXPECT_EQ(stat(p, "btb", "lookups"), 9u);
  EXPECT_EQ(stat(p, "btb", "hits"), 6u);
  EXPECT_EQ(stat(p, "btb", "misses"), 3u);
}

TEST(Predictor, TheTargetBufferReplacesTheLeastRecentlyUsed) {
  PredictorConfig c = config(PredictorKind::static_);
  c.btb_entries = 4;
  c.btb_ways = 2;  // two sets, by bit 1 of the pc
  Predictor p(c);
  const auto jump = [&p](std::uint64_t pc) { return p.resolve(call(pc, 0x8000)); };
  jump(0x100);
  jump(0x104);
  EXPECT_EQ(jump(0x100), Redirect::at_fetch);
  jump(0x108);  // in place of 0x104
  EXPECT_EQ(jump(0x100), Redirect::at_fetch);
  EXPECT_EQ(jump(0x104), Redirect::at_decode);
  jump(0x102);
  EXPECT_EQ(jump(0x100), Redirect::at_fetch) << "that was the other set";
  c.btb_ways = 0;
  Predictor full(c);
  for (unsigned round = 0; round < 3; ++round)
    for (unsigned i = 0; i < 4; ++i)
      EXPECT_EQ(full.resolve(call(0x100 + 4 * i, 0x8000)), round ? Redirect::at_fetch : Redirect::at_decode);
}

TEST(Predictor, TheReturnStackOverflowsAndRunsDry) {
  PredictorConfig c = config(PredictorKind::static_);
  c.return_depth = 2;
  Predictor p(c);
  for (std::uint64_t i = 0; i < 3; ++i) p.resolve(call(0x100 * i, 0x8000));
  EXPECT_EQ(p.resolve(ret(0x8010, 0x204)), Redirect::at_fetch);
  EXPECT_EQ(p.resolve(ret(0x8010, 0x104)), Redirect::at_fetch);
  EXPECT_EQ(p.resolve(ret(0x8010, 0x004)), Redirect::at_execute) << "overwritten";
  p.resolve(call(0x100, 0x8000));
  EXPECT_EQ(p.resolve(ret(0x8010, 0x108)), Redirect::mispredicted) << "the guest returned elsewhere";
  // A coroutine switch pops before it pushes.
  p.resolve(call(0x100, 0x8000));
  BranchFacts swap = ret(0x200, 0x104);
  swap.calls = true;
  EXPECT_EQ(p.resolve(swap), Redirect::at_fetch);
  EXPECT_EQ(p.resolve(ret(0x300, 0x204)), Redirect::at_fetch);
  EXPECT_EQ(stat(p, "returns", "lookups"), 6u);
  EXPECT_EQ(stat(p, "returns", "hits"), 4u);
  EXPECT_EQ(stat(p, "returns", "misses"), 2u);
  EXPECT_EQ(stat(p, "", "predictions"), 5u) << "an empty stack foretells nothing";
}

TEST(Predictor, ResetForgets) {
  PredictorConfig c = config(PredictorKind::gshare);
  c.btb_entries = c.return_depth = 2;
  Predictor p(c);
  for (unsigned i = 0; i < 20; ++i) p.resolve(conditional(true));
  p.resolve(call(0x100, 0x8000));
  p.reset();
  EXPECT_EQ(p.resolve(conditional(false)), Redirect::none);
  EXPECT_EQ(p.resolve(ret(0x8010, 0x104)), Redirect::at_execute);
  EXPECT_EQ(p.resolve(call(0x100, 0x8000)), Redirect::at_decode);
}

}  // namespace
}  // namespace memio::test
