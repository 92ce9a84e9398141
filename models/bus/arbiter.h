// Which of several requests to one target is served next. Free of SystemC.
//
// The earlier request goes first. Requests of the same cycle are ordered by the policy:
//   fixed        the lower priority number, then the initiator that was added first;
//   round robin  the first initiator, in the order they were added, after the one that won last at this
//                target; at the start, the one that was added first.
#pragma once

#include <vector>

#include "core/access.h"

namespace memio {

enum class Arbitration : std::uint8_t { fixed, round_robin };

/// A request that waits for its turn.
struct Request {
  unsigned initiator = 0;
  unsigned priority = 0;
  Cycles at = 0;
};

class Arbiter {
 public:
  explicit Arbiter(Arbitration policy) : policy_(policy) {}

  /// True if `a` is to be served before `b`.
  bool before(const Request& a, const Request& b) const;

  /// The request to be served next; `waiting` is not empty.
  const Request* choose(const std::vector<const Request*>& waiting) const;

  /// `winner` is being served.
  void served(const Request& winner);

 private:
  unsigned turn(unsigned initiator) const;

  Arbitration policy_;
  unsigned next_ = 0;
};

}  // namespace memio
