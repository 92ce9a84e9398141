// When results of earlier instructions are there: the scoreboard of an in-order pipeline (design rule 6).
//
// It has a clock of its own, which advances only while an instruction waits for an operand or occupies
// the pipeline. Whatever else delays the hart (a miss, a store buffer, a misprediction) freezes it, so what
// is pending depends on the instructions alone and blocks of them have static costs. The exception is a
// result that `arrives` at a cycle of the hart's own time: while one is outstanding, instructions are issued
// one by one. Results are forwarded as soon as they are there; of two writes of a register the later one
// counts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "core/access.h"

namespace memio::riscv {

/// What an instruction asks of the pipeline. Registers are numbered 1 to 31 (x) and from `first_float` on
/// (f).
inline constexpr unsigned first_float = 32;
struct Issue {
  std::uint8_t rs1 = 0;  ///< registers it reads, 0: none
  std::uint8_t rs2 = 0;
  std::uint8_t rd = 0;  ///< register it writes, if it has a latency
  bool drains = false;  ///< waits for all pending results
  Cycles cycles = 1;    ///< until the next instruction can be issued
  Cycles latency = 0;   ///< from issue until an instruction that needs the result can be issued; 0: no result
  std::uint8_t rs3 = 0;
};

/// A result that is there in `remaining` cycles of the scoreboard's clock.
struct Pending {
  std::uint8_t reg = 0;
  Cycles remaining = 0;
  bool operator<(const Pending& other) const {
    return reg != other.reg ? reg < other.reg : remaining < other.remaining;
  }
};

/// All pending results by register number.
using PendingSet = std::vector<Pending>;

class Scoreboard {
 public:
  /// Cycles that an instruction waited before it was issued.
  struct Wait {
    Cycles operand = 0;  ///< for results of the pipeline
    Cycles arrival = 0;  ///< beyond that, for results that arrive from outside
  };

  /// Issues an instruction at `now` of the hart's time, after the wait that is returned.
  Wait issue(const Issue& issue, Cycles now);
  /// The same without regard to arrivals; returns the operand wait.
  Cycles issue(const Issue& issue) {
    const Cycles wait = operand_wait(issue);
    occupy(issue, wait);
    return wait;
  }
  /// The pipeline is busy with something else (trap entry, waiting for an interrupt) for `cycles`.
  void pass(Cycles cycles) { clock_ += cycles; }

  /// The result in `reg` comes at `cycle` of the hart's time: called after the issue of the instruction that
  /// writes it. Readers of the register, its next writer and draining instructions wait for it.
  void arrives(unsigned reg, Cycles cycle);
  /// True while a result is still to arrive after `now`.
  bool outstanding(Cycles now) { return arrivals_ != 0 && still_outstanding(now); }

  PendingSet pending() const;
  bool nothing_pending() const { return latest_ <= clock_; }
  /// Forgets what was pending in the pipeline, and has `set` pending; arrivals stay.
  void load(const PendingSet& set);

 private:
  static constexpr unsigned registers = first_float + 32;

  Cycles operand_wait(const Issue& issue) const;
  Cycles arrival(const Issue& issue) const;
  bool still_outstanding(Cycles now);
  void occupy(const Issue& issue, Cycles wait);

  Cycles clock_ = 0;
  Cycles latest_ = 0;  ///< no result is there later than this
  std::array<Cycles, registers> ready_{};
  std::array<Cycles, registers> arrival_{};
  std::uint64_t arrivals_ = 0;  ///< registers whose `arrival_` may lie ahead
};

/// Pending sets by small numbers, for blocks to be keyed by: host state. Number 0 is the empty set.
class PendingSets {
 public:
  PendingSets() { clear(); }

  unsigned number(const Scoreboard& scoreboard) {
    return scoreboard.nothing_pending() ? 0 : number(scoreboard.pending());
  }
  const PendingSet& operator[](unsigned number) const { return *sets_[number]; }
  std::size_t size() const { return sets_.size(); }
  void clear();

 private:
  unsigned number(const PendingSet& set);

  std::map<PendingSet, unsigned> numbers_;
  std::vector<const PendingSet*> sets_;
};

}  // namespace memio::riscv
