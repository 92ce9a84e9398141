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

void Settler::settle(unsigned rank) {
  Rank& mine = ranks_[rank];
  ++mine.waiting;
  poll_event_.notify(sc_core::SC_ZERO_TIME);
  wait(mine.go);
}

void Settler::poll() {
  const auto first =
      std::find_if(ranks_.begin(), ranks_.end(), [](const auto& rank) { return rank.second.waiting > 0; });
  if (first == ranks_.end()) return;
  if (!sc_core::sc_pending_activity_at_current_time()) {
    first->second.waiting = 0;
    first->second.go.notify();
  }
  poll_event_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace memio
