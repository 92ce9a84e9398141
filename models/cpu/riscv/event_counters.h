// Hardware performance counters 3 to 31 (privileged specification 20211203, section 3.1.10; Zihpm), with
// overflow and counting by mode (Sscofpmf 1.0).
//
// Each counts one event of memio's, by the number in its mhpmevent. The events are counts that the hart
// keeps anyway: a counter is a distance from one, so that it costs nothing while it runs and is as exact
// as the statistics. An overflow is seen when it is asked for.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/access.h"

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
  l1i_miss,           ///< instruction-cache misses
  l1d_miss,           ///< data-cache misses, those of walks included
  l2_miss,            ///< misses of the second-level cache
  cycles,             ///< cycles, as mcycle
  instructions,       ///< instructions retired, as minstret
  count
};

class EventCounters {
 public:
  static constexpr unsigned first = 3, end = 32;  ///< their numbers, as in the CSRs and in mcountinhibit
  /// Bits of mhpmevent above the number of the event; all read as zero without Sscofpmf.
  static constexpr std::uint64_t overflow_bit = std::uint64_t{1} << 63, not_machine = std::uint64_t{1} << 62,
                                 not_supervisor = std::uint64_t{1} << 61, not_user = std::uint64_t{1} << 60;

  explicit EventCounters(bool sscofpmf = false) : sscofpmf_(sscofpmf) {}

  /// `source` is a count that is part of the count of `event`; an event without one never happens.
  void connect(HpmEvent event, const std::uint64_t* source) {
    sources_[static_cast<unsigned>(event)].push_back(source);
  }

  std::uint64_t value(unsigned counter) const { return at(counter).start + since(at(counter)); }
  void set_value(unsigned counter, std::uint64_t value);
  /// mhpmevent as a whole.
  std::uint64_t event(unsigned counter) const { return at(counter).event | at(counter).flags; }
  void set_event(unsigned counter, std::uint64_t value);
  /// mcountinhibit: a counter whose bit is set stands still.
  void inhibit(std::uint32_t mask);
  /// The hart is in that mode: counters that do not count in it stand still.
  void set_mode(Privilege mode);
  /// No events, nothing inhibited; the values stay.
  void reset();

  /// Sets OF of the counters that have overflown; true if one of them was not set before: an interrupt.
  bool collect_overflows();
  /// No interrupt can come before an event has been counted that often.
  std::uint64_t room() const;
  /// scountovf: OF by counter.
  std::uint32_t overflown() const;

 private:
  struct Counter {
    unsigned event = 0;
    std::uint64_t flags = 0;
    bool inhibited = false, out_of_mode = false;
    std::uint64_t start = 0, base = 0;  ///< its value when its source stood at `base`
  };

  Counter& at(unsigned counter) { return counters_[counter - first]; }
  const Counter& at(unsigned counter) const { return counters_[counter - first]; }
  std::uint64_t source(const Counter& counter) const {
    std::uint64_t count = 0;
    for (const std::uint64_t* source : sources_[counter.event]) count += *source;
    return count;
  }
  bool runs(const Counter& counter) const {
    return counter.event != 0 && !counter.inhibited && !counter.out_of_mode;
  }
  std::uint64_t since(const Counter& counter) const {
    return runs(counter) ? source(counter) - counter.base : 0;
  }
  bool leaves_out(const Counter& counter, Privilege mode) const;
  template <class Change>
  void change(Counter& counter, Change change);
  void settle(Counter& counter);

  bool sscofpmf_;
  bool unseen_ = false;  ///< an overflow that has not been collected yet
  Privilege mode_ = Privilege::machine;
  std::array<std::vector<const std::uint64_t*>, static_cast<unsigned>(HpmEvent::count)> sources_;
  std::array<Counter, end - first> counters_{};
};

}  // namespace memio::riscv
