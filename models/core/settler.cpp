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
  const Rank* const first = first_waiting();
  if ((!first || first->number > rank) && quiet()) return;
  Rank& mine = rank_of(rank);
  ++mine.waiting;
  poll_again();
  wait(mine.go);
}

bool Settler::waiting(unsigned harts) const {
  return std::any_of(ranks_.begin(), ranks_.end(), [harts](const auto& rank) {
    return rank->waiting > 0 && (rank->number == 0 || rank->number > harts);
  });
}

Settler::Rank& Settler::rank_of(unsigned number) {
  const auto place = std::find_if(ranks_.begin(), ranks_.end(),
                                  [number](const auto& rank) { return rank->number >= number; });
  if (place != ranks_.end() && (*place)->number == number) return **place;
  return **ranks_.insert(place, std::make_unique<Rank>(number));
}

/// The lowest rank that threads wait in; null if none do.
Settler::Rank* Settler::first_waiting() {
  for (const auto& rank : ranks_)
    if (rank->waiting > 0) return rank.get();
  return nullptr;
}

void Settler::poll_again() {
  polling_ = true;
  poll_event_.notify(sc_core::SC_ZERO_TIME);
}

void Settler::poll() {
  polling_ = false;
  if (quiet()) {
    Rank& first = *first_waiting();
    first.waiting = 0;
    first.go.notify();
  }
  if (first_waiting()) poll_again();
}

}  // namespace memio
