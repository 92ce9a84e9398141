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

/// The settler's own notification must not pass for activity.
template <class Question>
auto Settler::ask(Question question) {
  if (polling_) poll_event_.cancel();
  const auto answer = question();
  if (polling_) poll_event_.notify(sc_core::SC_ZERO_TIME);
  return answer;
}

bool Settler::quiet() {
  return !ask([] { return sc_core::sc_pending_activity_at_current_time(); });
}

std::optional<sc_core::sc_time> Settler::next_event() {
  return ask([]() -> std::optional<sc_core::sc_time> {
    if (!sc_core::sc_pending_activity_at_future_time()) return std::nullopt;
    return sc_core::sc_time_stamp() + sc_core::sc_time_to_pending_activity();
  });
}

void Settler::settle(unsigned rank) {
  const auto first = first_waiting();
  if ((first == ranks_.end() || first->first > rank) && quiet()) return;
  Rank& mine = ranks_[rank];
  ++mine.waiting;
  poll_again();
  wait(mine.go);
}

bool Settler::waiting(unsigned harts) const {
  return std::any_of(ranks_.begin(), ranks_.end(), [harts](const auto& rank) {
    return rank.second.waiting > 0 && (rank.first == 0 || rank.first > harts);
  });
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
