// The end of a time's delta cycles; see settler.h.
#include "core/settler.h"

#include <algorithm>

namespace memio {

Settler::Settler(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
  SC_HAS_PROCESS(Settler);
  SC_METHOD(poll);
  sensitive << poll_event_;
  dont_initialize();
}

bool Settler::quiet() {
  // The settler's own notification must not pass for activity.
  if (polling_) poll_event_.cancel();
  const bool busy = sc_core::sc_pending_activity_at_current_time();
  if (polling_) poll_event_.notify(sc_core::SC_ZERO_TIME);
  return !busy;
}

void Settler::settle(unsigned rank) {
  const auto first = first_waiting();
  if ((first == ranks_.end() || first->first > rank) && quiet()) return;
  Rank& mine = ranks_[rank];
  ++mine.waiting;
  poll_again();
  wait(mine.go);
}

bool Settler::waiting() const {
  return std::any_of(ranks_.begin(), ranks_.end(), [](const auto& rank) { return rank.second.waiting > 0; });
}

Settler::Ranks::iterator Settler::first_waiting() {
  return std::find_if(ranks_.begin(), ranks_.end(), [](const auto& rank) { return rank.second.waiting > 0; });
}

void Settler::poll_again() {
  polling_ = true;
  poll_event_.notify(sc_core::SC_ZERO_TIME);
}

void Settler::poll() {
  polling_ = false;
  if (quiet()) {
    const auto first = first_waiting();
    first->second.waiting = 0;
    first->second.go.notify();
  }
  if (first_waiting() != ranks_.end()) poll_again();
}

}  // namespace memio
