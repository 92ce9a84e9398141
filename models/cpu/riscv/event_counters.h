// Hardware performance counters 3 to 31 (privileged specification 20211203, section 3.1.10; Zihpm).
//
// Each counts one event of memio's, by the number in its mhpmevent. The events are counts that the hart
// keeps anyway: a counter is a distance from one, so that it costs nothing while it runs and is as exact
// as the statistics. Not modelled: overflow interrupts and counting by mode (Sscofpmf).
#pragma once

#include <array>
#include <cstdint>

namespace memio::riscv {

/// The numbers that mhpmevent takes; any other reads as `none`.
enum class HpmEvent : unsigned {
  none,
  itlb_miss,          ///< ITLB misses
  dtlb_miss,          ///< DTLB misses
  l2tlb_miss,         ///< misses of the second-level TLB
  walk_cycles,        ///< cycles of page-table walks
  pte_reads,          ///< PTE reads of walks
  traps,              ///< traps taken, interrupts included
  page_faults,        ///< page-fault exceptions taken
  itlb_lookup,        ///< ITLB look-ups
  dtlb_lookup,        ///< DTLB look-ups
  branch_prediction,  ///< branches foretold
  misprediction,      ///< of these, wrongly
  operand_wait,       ///< cycles of waiting for operands
  count
};

class EventCounters {
 public:
  static constexpr unsigned first = 3, end = 32;  ///< their numbers, as in the CSRs and in mcountinhibit

  /// Where the count of `event` stands; an event without one never happens.
  void connect(HpmEvent event, const std::uint64_t* source) {
    sources_[static_cast<unsigned>(event)] = source;
  }

  std::uint64_t value(unsigned counter) const { return at(counter).held + source(at(counter)); }
  void set_value(unsigned counter, std::uint64_t value);
  unsigned event(unsigned counter) const { return at(counter).event; }
  void set_event(unsigned counter, std::uint64_t event);
  /// mcountinhibit: a counter whose bit is set stands still.
  void inhibit(std::uint32_t mask);
  /// No events, nothing inhibited; the values stay.
  void reset();

 private:
  struct Counter {
    unsigned event = 0;
    bool inhibited = false;
    std::uint64_t held = 0;  ///< the value less that of its source, if it runs
  };

  Counter& at(unsigned counter) { return counters_[counter - first]; }
  const Counter& at(unsigned counter) const { return counters_[counter - first]; }
  std::uint64_t source(const Counter& counter) const {
    const std::uint64_t* count = counter.inhibited ? nullptr : sources_[counter.event];
    return count ? *count : 0;
  }

  std::array<const std::uint64_t*, static_cast<unsigned>(HpmEvent::count)> sources_{};
  std::array<Counter, end - first> counters_{};
};

}  // namespace memio::riscv
