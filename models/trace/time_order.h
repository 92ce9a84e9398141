// Records that arrive in any order of time, taken out by (cycle, source, sequence).
//
// A source is one scope or track, ranked as it was declared; the sequence is the order of arrival. So
// what is written does not depend on how an engine interleaves its harts, walks and transactions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/access.h"

namespace memio {

/// A place in the order of the records of one cycle.
using TraceSource = std::uint64_t;

/// A record is a run of `Item`s: actions of a VCD, characters of a text.
template <class Item>
class TimeOrder {
 public:
  /// The next source; at most 65536.
  TraceSource add_source() { return sources_++ << 48; }

  template <class Items>
  void add(Cycles time, TraceSource source, const Items& items) {
    records_.push_back({time, source | sequence_++, items_.size(), items.size()});
    items_.insert(items_.end(), items.begin(), items.end());
  }

  /// Takes out what lies before `limit`: calls write(time, first item, number of items) for each record.
  template <class Write>
  void take_before(Cycles limit, Write write) {
    std::sort(records_.begin(), records_.end(), [](const Record& a, const Record& b) {
      return a.time != b.time ? a.time < b.time : a.order < b.order;
    });
    auto next = records_.begin();
    for (; next != records_.end() && next->time < limit; ++next)
      write(next->time, items_.data() + next->first, next->count);
    records_.erase(records_.begin(), next);
    kept_.clear();
    for (Record& record : records_) {
      const auto first = items_.begin() + static_cast<std::ptrdiff_t>(record.first);
      record.first = kept_.size();
      kept_.insert(kept_.end(), first, first + static_cast<std::ptrdiff_t>(record.count));
    }
    items_.swap(kept_);
  }

 private:
  struct Record {
    Cycles time;
    std::uint64_t order;  ///< the source above the sequence
    std::size_t first, count;
  };

  std::vector<Record> records_;
  std::vector<Item> items_, kept_;  ///< of the records; those that survive a taking
  std::uint64_t sources_ = 0, sequence_ = 0;
};

}  // namespace memio
