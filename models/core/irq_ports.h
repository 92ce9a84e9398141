// Interrupt lines: ports that may stay unbound, and the signal to join them with.
//
// A device changes its line inside b_transport, in whatever process the initiator runs, as well as
// in its own timed methods; so a line is an IrqSignal, which does not check who writes. A level
// written in one delta cycle is seen by the other end in the next.
#pragma once

#include <systemc>

namespace memio {

using IrqSignal = sc_core::sc_signal<bool, sc_core::SC_UNCHECKED_WRITERS>;

/// A level-sensitive, active-high output.
class IrqOutput
    : public sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> {
 public:
  using sc_port::sc_port;

  bool level() const { return level_; }

  void set(bool level) {
    if (level == level_) return;
    level_ = level;
    if (size() > 0) (*this)->write(level);
  }

 private:
  bool level_ = false;
};

/// An input; unbound, it is low. `sensitive << input` makes a method run at each change.
class IrqInput : public sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> {
 public:
  using sc_port::sc_port;

  bool level() const { return size() > 0 && (*this)->read(); }
};

}  // namespace memio
