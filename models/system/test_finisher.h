// Test finisher: ends or restarts the run by one store.
//
// Follows SiFive's test device as in QEMU's `virt` ("sifive,test1"): the low half of the word selects
// 0x5555 pass, 0x3333 fail with the exit code in the high half, 0x7777 reset. Other values are kept
// and do nothing. Unlike the original, the last value can be read back, and the word after it keeps what a
// program leaves there as its result, which the statistics show. Behind them reads give zero and writes do
// nothing.
#pragma once

#include "core/register_target.h"
#include "system/power_control.h"

namespace memio {

class TestFinisher : public RegisterTarget {
 public:
  /// `power` must outlive the device.
  TestFinisher(const sc_core::sc_module_name& name, PowerControl& power,
               const sc_core::sc_time& latency = sc_core::SC_ZERO_TIME);

  void register_stats(StatGroup& group) override;

 private:
  void finish(std::uint64_t value);

  PowerControl& power_;
  Register finisher_{registers_, {"FINISHER", 0x0, 4, 0, 0xFFFF'FFFF, 2 | 4}};
  Register result_{registers_, {"RESULT", 0x4}};
};

}  // namespace memio
