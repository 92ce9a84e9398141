// Programmable interval timer 8254, ports 0x40 to 0x43 of a PC.
//
// Follows Intel's 8254 data sheet: three counters of 16 bits, modes 0 to 5, counter latch and
// read-back commands, binary and BCD. The clock input (1.193182 MHz) is derived from modelled time;
// the gates are tied high. `irq` is OUT of counter 0 itself, so an interrupt controller should take
// its rising edge.
#pragma once

#include <array>
#include <cstdint>

#include "core/irq_ports.h"
#include "core/register_target.h"
#include "core/tick_rate.h"
#include "timers/pit_counter.h"

namespace memio {

struct PitConfig {
  std::uint64_t clock = 1'193'182;  ///< Hz
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;
};

class Pit : public RegisterTarget {
 public:
  IrqOutput irq{"irq"};

  explicit Pit(const sc_core::sc_module_name& name, const PitConfig& config = {});

  /// Stops all counters: mode 0 without a count, OUT low.
  void reset() override;

 private:
  PitCounter::Tick tick() const { return static_cast<PitCounter::Tick>(rate_.tick_at(now())); }
  void control(std::uint64_t word);
  void read_back(std::uint64_t word);
  void update();

  TickRate rate_;
  std::array<PitCounter, 3> counters_;
  Register counter_registers_[3] = {{registers_, {"COUNTER0", 0x0, 1, 0, 0xFF, 1 | 2 | 4}},
                                    {registers_, {"COUNTER1", 0x1, 1, 0, 0xFF, 1 | 2 | 4}},
                                    {registers_, {"COUNTER2", 0x2, 1, 0, 0xFF, 1 | 2 | 4}}};
  Register control_{registers_, {"CONTROL", 0x3, 1, 0xFF, 0xFF, 1 | 2 | 4}};
  sc_core::sc_event change_;
};

}  // namespace memio
