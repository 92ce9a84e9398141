// Branch prediction; see predictor.h.
#include "cpu/riscv/predictor.h"

#include <algorithm>

namespace memio::riscv {

namespace {

constexpr std::uint8_t weakly_not_taken = 1, weakly_taken = 2, strongly_taken = 3;

}  // namespace

Predictor::Predictor(const PredictorConfig& config)
    : config_(config),
      by_displacement_(config.kind == PredictorKind::static_ && !config.btb_entries && !config.return_depth) {
  reset();
}

void Predictor::reset() {
  const bool dynamic = config_.kind == PredictorKind::bimodal || config_.kind == PredictorKind::gshare;
  counters_.assign(dynamic ? config_.entries : 0, weakly_not_taken);
  history_ = 0;
  targets_.assign(config_.btb_entries, {});
  returns_.assign(config_.return_depth, 0);
  top_ = filled_ = 0;
}

Redirect Predictor::resolve(const BranchFacts& branch) {
  switch (branch.kind) {
    case BranchFacts::Kind::conditional:
      return resolve_conditional(branch);
    case BranchFacts::Kind::direct: {
      const bool known = target_known(branch);
      if (branch.calls) push_return(branch.next);
      return known ? Redirect::at_fetch : Redirect::at_decode;
    }
    case BranchFacts::Kind::indirect: {
      const Redirect redirect = resolve_indirect(branch);
      if (branch.calls) push_return(branch.next);
      return redirect;
    }
  }
  return Redirect::none;
}

Redirect Predictor::resolve_conditional(const BranchFacts& branch) {
  const bool foretold = foretold_taken(branch);
  const bool known = foretold && target_known(branch);
  if (branch.taken && !foretold) learn_target(branch);
  learn_direction(branch);
  ++predictions_;
  if (foretold != branch.taken) {
    ++mispredictions_;
    return Redirect::mispredicted;
  }
  ++correct_;
  return !branch.taken ? Redirect::none : known ? Redirect::at_fetch : Redirect::at_decode;
}

/// A return is foretold by the return stack if there is one, any other jalr by the target buffer.
Redirect Predictor::resolve_indirect(const BranchFacts& branch) {
  std::uint64_t foretold = 0;
  if (branch.returns && config_.return_depth) {
    ++return_lookups_;
    if (!filled_) {
      ++return_misses_;
      return Redirect::at_execute;
    }
    foretold = pop_return();
    ++(foretold == branch.target ? return_hits_ : return_misses_);
  } else {
    const Target* const known = look_up_target(branch);
    if (known) foretold = known->target;
    learn_target(branch);
    if (!known) return Redirect::at_execute;
  }
  ++predictions_;
  if (foretold != branch.target) {
    ++mispredictions_;
    return Redirect::mispredicted;
  }
  ++correct_;
  return Redirect::at_fetch;
}

bool Predictor::foretold_taken(const BranchFacts& branch) const {
  if (config_.kind == PredictorKind::static_) return branch.backward;
  return counters_[counter_index(branch.pc)] >= weakly_taken;
}

void Predictor::learn_direction(const BranchFacts& branch) {
  if (config_.kind == PredictorKind::static_) return;
  std::uint8_t& counter = counters_[counter_index(branch.pc)];
  if (branch.taken && counter < strongly_taken) ++counter;
  if (!branch.taken && counter > 0) --counter;
  history_ = history_ << 1 | (branch.taken ? 1u : 0u);
}

std::size_t Predictor::counter_index(std::uint64_t pc) const {
  const std::uint64_t mask = (std::uint64_t{1} << config_.history_bits) - 1;
  const std::uint64_t history = config_.kind == PredictorKind::gshare ? history_ & mask : 0;
  return static_cast<std::size_t>((pc >> config_.pc_shift ^ history) & (config_.entries - 1));
}

/// Looks the branch up in the target buffer, and puts it there: true if it had the right target.
bool Predictor::target_known(const BranchFacts& branch) {
  const Target* const known = look_up_target(branch);
  const bool right = known && known->target == branch.target;
  if (branch.taken) learn_target(branch);
  return right;
}

const Predictor::Target* Predictor::look_up_target(const BranchFacts& branch) {
  if (targets_.empty()) return nullptr;
  const Target* const known = find_target(branch.pc);
  ++btb_lookups_;
  ++(known ? btb_hits_ : btb_misses_);
  return known;
}

/// The set that the branch at `pc` belongs to.
Predictor::Set Predictor::set_of(std::uint64_t pc) {
  const std::size_t ways = config_.btb_ways ? config_.btb_ways : config_.btb_entries;
  const std::size_t set = (pc >> config_.pc_shift) % (config_.btb_entries / ways);
  return {targets_.data() + set * ways, targets_.data() + (set + 1) * ways};
}

Predictor::Target* Predictor::find_target(std::uint64_t pc) {
  const Set set = set_of(pc);
  const auto found =
      std::find_if(set.first, set.last, [pc](const Target& t) { return t.stamp && t.pc == pc; });
  return found == set.last ? nullptr : found;
}

/// An entry that was never used has the stamp 0, and so is the first to be replaced.
void Predictor::learn_target(const BranchFacts& branch) {
  if (targets_.empty()) return;
  Target* place = find_target(branch.pc);
  const Set set = set_of(branch.pc);
  if (!place)
    place = std::min_element(set.first, set.last,
                             [](const Target& a, const Target& b) { return a.stamp < b.stamp; });
  *place = {branch.pc, branch.target, ++stamp_};
}

void Predictor::push_return(std::uint64_t address) {
  if (returns_.empty()) return;
  top_ = (top_ + 1) % config_.return_depth;
  returns_[top_] = address;
  filled_ = std::min(filled_ + 1, config_.return_depth);
}

std::uint64_t Predictor::pop_return() {
  const std::uint64_t address = returns_[top_];
  top_ = (top_ + config_.return_depth - 1) % config_.return_depth;
  --filled_;
  return address;
}

void Predictor::register_stats(StatGroup& group) const {
  group.add("predictions", "branches",
            "conditional branches, and jumps to a register whose target was foretold", &predictions_);
  group.add("correct", "branches", "of these, those that went as foretold", &correct_);
  group.add("mispredictions", "branches", "of these, those that did not", &mispredictions_);
  if (config_.btb_entries) {
    StatGroup& btb = group.child("btb", "branch target buffer");
    btb.add("lookups", "accesses", "by branches foretold as taken, and jumps", &btb_lookups_);
    btb.add("hits", "accesses", "that found the branch", &btb_hits_);
    btb.add("misses", "accesses", "that did not", &btb_misses_);
  }
  if (config_.return_depth) {
    StatGroup& returns = group.child("returns", "return stack");
    returns.add("lookups", "accesses", "by returns", &return_lookups_);
    returns.add("hits", "accesses", "that had the right address on top", &return_hits_);
    returns.add("misses", "accesses", "with a wrong address, or with nothing on the stack", &return_misses_);
  }
}

}  // namespace memio::riscv
