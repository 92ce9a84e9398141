// A write buffer: writes that their initiator does not wait for, made in order. Free of SystemC.
//
// An entry is taken until its transaction is done. A write that finds all entries taken waits for the
// oldest. Without entries each write is waited for. Writes are not merged.
#pragma once

#include <deque>

#include "cache/line_bus.h"
#include "core/stats.h"

namespace memio {

class WriteBuffer {
 public:
  /// An entry can be taken again `release` cycles after its transaction is done.
  WriteBuffer(unsigned entries, LineBus& bus, Cycles release = 0)
      : entries_(entries), release_(release), bus_(bus) {}

  /// Takes `access`; when its initiator goes on.
  Cycles write(const Access& access, Cycles now);
  /// When all that has been written is done; not before `now`.
  Cycles drain(Cycles now);
  bool empty() const { return pending_.empty(); }

  std::uint64_t writes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t full = 0;    ///< writes that found no free entry
  Cycles full_cycles = 0;    ///< that they waited
  std::uint64_t errors = 0;  ///< writes that the bus answered with an error
  void register_stats(StatGroup& group) const;

 private:
  Cycles retire_oldest();

  unsigned entries_;
  Cycles release_;
  LineBus& bus_;
  std::deque<Ticket> pending_;  ///< oldest first
};

}  // namespace memio
