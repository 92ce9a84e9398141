// General-purpose I/O: 32 lines with direction, edge interrupts and loopback.
//
// memio's own device ("memio,gpio"); docs/devices.md is its data sheet. Bit n of each register
// belongs to line n. An input line is what its pin is, or, where LOOPBACK is set, the line's bit in
// DATA_OUT whatever its direction. A pin that is not an output is driven low.
#pragma once

#include <cstdint>

#include "core/irq_ports.h"
#include "core/register_target.h"

namespace memio {

class Gpio : public RegisterTarget {
 public:
  /// Pins from outside; unbound, they are low.
  sc_core::sc_port<sc_core::sc_signal_in_if<std::uint32_t>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> pins_in{
      "pins_in"};
  /// DATA_OUT where DIR is 1, else 0; join it with a PinSignal.
  sc_core::sc_port<sc_core::sc_signal_inout_if<std::uint32_t>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> pins_out{
      "pins_out"};
  using PinSignal = sc_core::sc_signal<std::uint32_t, sc_core::SC_UNCHECKED_WRITERS>;

  IrqOutput irq{"irq"};

  explicit Gpio(const sc_core::sc_module_name& name, const sc_core::sc_time& latency = sc_core::SC_ZERO_TIME);

  void reset() override;

 private:
  std::uint64_t inputs() const;
  void update();

  Register data_in_{registers_, {"DATA_IN", 0x00, 4, 0, 0}};
  Register data_out_{registers_, {"DATA_OUT", 0x04, 4}};
  Register dir_{registers_, {"DIR", 0x08, 4}};
  Register irq_enable_{registers_, {"IRQ_ENABLE", 0x0C, 4}};
  Register irq_status_{registers_, {"IRQ_STATUS", 0x10, 4}};
  Register irq_edge_rise_{registers_, {"IRQ_EDGE_RISE", 0x14, 4}};
  Register irq_edge_fall_{registers_, {"IRQ_EDGE_FALL", 0x18, 4}};
  Register loopback_{registers_, {"LOOPBACK", 0x1C, 4}};

  std::uint64_t seen_ = 0;  ///< inputs at the last look, for the edges
};

}  // namespace memio
