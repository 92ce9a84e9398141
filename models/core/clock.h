// Conversion between counts of clock cycles and SystemC time.
//
// Models count in cycles; `sc_time` stays in the TLM modules. One rule converts between clocks: a time
// between two edges belongs to the later one.
#pragma once

#include <stdexcept>
#include <systemc>

#include "core/access.h"

namespace memio {

class Clock {
 public:
  /// `period` is any positive multiple of the simulation's time resolution; throws std::invalid_argument
  /// if it is zero.
  explicit Clock(const sc_core::sc_time& period) : units_(period.value()) {
    if (units_ == 0) throw std::invalid_argument("a clock needs a period above zero");
  }

  sc_core::sc_time period() const { return time(1); }

  /// The number of the first edge at or after `time`.
  Cycles cycles_up(const sc_core::sc_time& time) const {
    const Cycles whole = time.value() / units_;
    return time.value() % units_ ? whole + 1 : whole;
  }

  sc_core::sc_time time(Cycles cycles) const { return sc_core::sc_time::from_value(cycles * units_); }

 private:
  sc_dt::uint64 units_;
};

}  // namespace memio
