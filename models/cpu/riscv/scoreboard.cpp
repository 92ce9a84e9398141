// Operand waits; see scoreboard.h.
#include "cpu/riscv/scoreboard.h"

#include <algorithm>

namespace memio::riscv {

Cycles Scoreboard::operand_wait(const Issue& issue) const {
  const Cycles ready = issue.drains ? *std::max_element(ready_.begin(), ready_.end())
                                    : std::max({ready_[issue.rs1], ready_[issue.rs2], ready_[issue.rs3]});
  return ready > clock_ ? ready - clock_ : 0;
}

void Scoreboard::occupy(const Issue& issue, Cycles wait) {
  const Cycles at = clock_ + wait;
  clock_ = at + issue.cycles;
  if (!issue.latency) return;
  ready_[issue.rd] = at + issue.latency;
  latest_ = std::max(latest_, ready_[issue.rd]);
}

Scoreboard::Wait Scoreboard::issue(const Issue& issue, Cycles now) {
  Wait wait{operand_wait(issue), 0};
  if (outstanding(now)) {
    const Cycles ready = arrival(issue);
    if (ready > now + wait.operand) wait.arrival = ready - now - wait.operand;
  }
  occupy(issue, wait.operand + wait.arrival);
  return wait;
}

Cycles Scoreboard::arrival(const Issue& issue) const {
  Cycles latest = 0;
  for (unsigned reg = 1; reg < registers; ++reg) {
    const bool needed = issue.drains || reg == issue.rs1 || reg == issue.rs2 || reg == issue.rs3 ||
                        (issue.latency && reg == issue.rd);
    if (needed && (arrivals_ >> reg & 1)) latest = std::max(latest, arrival_[reg]);
  }
  return latest;
}

void Scoreboard::arrives(unsigned reg, Cycles cycle) {
  if (reg == 0 || reg >= registers) return;
  arrival_[reg] = cycle;
  arrivals_ |= std::uint64_t{1} << reg;
}

bool Scoreboard::still_outstanding(Cycles now) {
  for (unsigned reg = 1; reg < registers; ++reg)
    if (arrival_[reg] <= now) arrivals_ &= ~(std::uint64_t{1} << reg);
  return arrivals_ != 0;
}

PendingSet Scoreboard::pending() const {
  PendingSet set;
  for (unsigned reg = 1; reg < registers; ++reg)
    if (ready_[reg] > clock_) set.push_back({static_cast<std::uint8_t>(reg), ready_[reg] - clock_});
  return set;
}

void Scoreboard::load(const PendingSet& set) {
  clock_ = std::max(clock_, latest_);
  for (const Pending& result : set) {
    ready_[result.reg] = clock_ + result.remaining;
    latest_ = std::max(latest_, ready_[result.reg]);
  }
}

void PendingSets::clear() {
  numbers_.clear();
  sets_.clear();
  number(PendingSet{});
}

unsigned PendingSets::number(const PendingSet& set) {
  const auto [place, is_new] = numbers_.emplace(set, static_cast<unsigned>(sets_.size()));
  if (is_new) sets_.push_back(&place->first);
  return place->second;
}

}  // namespace memio::riscv
