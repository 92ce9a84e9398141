// Prediction of branches: direction, target buffer and return stack, as textbooks have them.
//
// Look-up and update are one step, in program order: each branch is resolved before the next one is looked
// up. The direction of a conditional branch comes from its displacement (static), a table of two-bit counters
// by pc (bimodal), or one by pc XOR the outcomes of the last branches (gshare). The branch target buffer
// gives targets as early as the fetch; without it a branch foretold as taken, or a jal, is redirected when it
// has been decoded, a jalr when it is executed. Instructions that do not branch are never taken for branches.
#pragma once

#include <cstdint>
#include <vector>

#include "core/stats.h"

namespace memio::riscv {

enum class PredictorKind : std::uint8_t { none, static_, bimodal, gshare };

struct PredictorConfig {
  PredictorKind kind = PredictorKind::none;
  unsigned entries = 512;     ///< two-bit counters of bimodal and gshare: a power of two
  unsigned history_bits = 8;  ///< of gshare: 0..16
  unsigned btb_entries = 0;   ///< 0: no branch target buffer
  unsigned btb_ways = 1;      ///< a divisor of `btb_entries`; 0: fully associative
  unsigned return_depth = 0;  ///< 0: no return stack
  unsigned pc_shift = 1;      ///< bits of the pc that are always zero: 1 with compressed instructions, else 2
};

/// A branch or jump as it turned out.
struct BranchFacts {
  enum class Kind : std::uint8_t { conditional, direct, indirect };  ///< branches, jal, jalr
  Kind kind = Kind::conditional;
  bool taken = true;
  bool backward = false;     ///< the target lies before the instruction; static prediction goes by it
  bool calls = false;        ///< links in x1 or x5
  bool returns = false;      ///< jumps to x1 or x5, not to the register that it links in
  std::uint64_t pc = 0;      ///< virtual
  std::uint64_t target = 0;  ///< if taken
  std::uint64_t next = 0;    ///< address behind the instruction
};

/// When the fetch of the next instruction went where it should.
enum class Redirect : std::uint8_t {
  none,        ///< at once: not taken, as foretold
  at_fetch,    ///< the target buffer or the return stack had the target
  at_decode,   ///< foretold as taken, or a jal; no target at the fetch
  at_execute,  ///< a jalr without a prediction
  mispredicted
};

class Predictor {
 public:
  explicit Predictor(const PredictorConfig& config);

  /// Predicts, compares with what happened, and learns.
  Redirect resolve(const BranchFacts& branch);
  /// True if of conditional branches and of jal nothing is to be known but what `follows_displacement` asks:
  /// prediction is static, and nothing is remembered.
  bool by_displacement() const { return by_displacement_; }
  /// Resolves a conditional branch, if prediction is by displacement: false if it was mispredicted.
  bool follows_displacement(bool backward, bool taken) {
    ++predictions_;
    ++(backward == taken ? correct_ : mispredictions_);
    return backward == taken;
  }
  void reset();
  void register_stats(StatGroup& group) const;

  const std::uint64_t* predictions() const { return &predictions_; }
  const std::uint64_t* mispredictions() const { return &mispredictions_; }

 private:
  struct Target {
    std::uint64_t pc = 0, target = 0;
    std::uint64_t stamp = 0;  ///< of its last use, for LRU; 0: never used
  };
  struct Set {
    Target* first;
    Target* last;
  };

  Redirect resolve_conditional(const BranchFacts& branch);
  Redirect resolve_indirect(const BranchFacts& branch);
  bool foretold_taken(const BranchFacts& branch) const;
  void learn_direction(const BranchFacts& branch);
  std::size_t counter_index(std::uint64_t pc) const;
  bool target_known(const BranchFacts& branch);
  const Target* look_up_target(const BranchFacts& branch);
  Set set_of(std::uint64_t pc);
  Target* find_target(std::uint64_t pc);
  void learn_target(const BranchFacts& branch);
  void push_return(std::uint64_t address);
  std::uint64_t pop_return();

  PredictorConfig config_;
  bool by_displacement_;
  std::vector<std::uint8_t> counters_;  ///< 0, 1: not taken; 2, 3: taken
  std::uint64_t history_ = 0;           ///< the last outcome in bit 0
  std::vector<Target> targets_;         ///< set by set
  std::uint64_t stamp_ = 0;             ///< of the last use of a target
  std::vector<std::uint64_t> returns_;  ///< a ring: the newest overwrites the oldest
  unsigned top_ = 0, filled_ = 0;

  std::uint64_t predictions_ = 0, correct_ = 0, mispredictions_ = 0;
  std::uint64_t btb_lookups_ = 0, btb_hits_ = 0, btb_misses_ = 0;
  std::uint64_t return_lookups_ = 0, return_hits_ = 0, return_misses_ = 0;
};

}  // namespace memio::riscv
