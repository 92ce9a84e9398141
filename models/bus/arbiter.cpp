// Order of requests; see arbiter.h.
#include "bus/arbiter.h"

#include <algorithm>
#include <tuple>

namespace memio {

unsigned Arbiter::turn(unsigned initiator) const {
  // Unsigned distance from the next in turn: those before it wrap to the end of the order.
  return initiator - next_;
}

bool Arbiter::before(const Request& a, const Request& b) const {
  if (policy_ == Arbitration::round_robin)
    return std::make_tuple(a.at, turn(a.initiator)) < std::make_tuple(b.at, turn(b.initiator));
  return std::make_tuple(a.at, a.priority, a.initiator) < std::make_tuple(b.at, b.priority, b.initiator);
}

const Request* Arbiter::choose(const std::vector<const Request*>& waiting) const {
  return *std::min_element(waiting.begin(), waiting.end(),
                           [this](const Request* a, const Request* b) { return before(*a, *b); });
}

void Arbiter::served(const Request& winner) { next_ = winner.initiator + 1; }

}  // namespace memio
