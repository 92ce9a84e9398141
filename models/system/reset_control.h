// Reset control register, port 0xCF9.
//
// Follows the "Reset Control Register" (RST_CNT) of Intel's I/O controller hubs: a rise of bit 2
// (RST_CPU) resets, of the kind that bits 1 (SYS_RST) and 3 (FULL_RST) choose: 0x04 the harts only,
// 0x06 the machine, 0x0E with a power cycle. Bits 0 and 7:4 are reserved and read as 0.
#pragma once

#include "core/register_target.h"
#include "system/power_control.h"

namespace memio {

class ResetControl : public RegisterTarget {
 public:
  /// `power` must outlive the device.
  ResetControl(const sc_core::sc_module_name& name, PowerControl& power,
               const sc_core::sc_time& latency = sc_core::SC_ZERO_TIME);

 private:
  void control(std::uint64_t value);

  PowerControl& power_;
  Register control_{registers_, {"RST_CNT", 0x0, 1, 0x00, 0x0E}};
};

}  // namespace memio
