// Goldfish real-time clock: nanoseconds since the epoch, with an alarm.
//
// Follows the "Goldfish RTC" description in Android's emulator documentation (goldfish virtual
// hardware) and QEMU's `virt`. The time is a configured epoch plus modelled time, never the host's
// clock. A write of either half of the time replaces that half; it outlives a reset.
#pragma once

#include <cstdint>

#include "core/irq_ports.h"
#include "core/register_target.h"

namespace memio {

struct GoldfishRtcConfig {
  std::uint64_t epoch = 0;  ///< time at the start of the run, seconds since 1970-01-01 00:00 UTC
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;
};

class GoldfishRtc : public RegisterTarget {
 public:
  IrqOutput irq{"irq"};

  explicit GoldfishRtc(const sc_core::sc_module_name& name, const GoldfishRtcConfig& config = {});

  /// Disarms the alarm; the time goes on.
  void reset() override;

 private:
  std::uint64_t nanoseconds() const { return now() / 1000 + offset_; }
  void set_time(std::uint64_t nanoseconds);
  void arm();
  void schedule();
  void update_irq();

  std::uint64_t offset_;  ///< nanoseconds: the time less modelled time
  bool pending_ = false;  ///< alarm interrupt

  Register time_low_{registers_, {"TIME_LOW", 0x00, 4}};
  Register time_high_{registers_, {"TIME_HIGH", 0x04, 4}};
  Register alarm_low_{registers_, {"ALARM_LOW", 0x08, 4}};
  Register alarm_high_{registers_, {"ALARM_HIGH", 0x0C, 4}};
  Register irq_enabled_{registers_, {"IRQ_ENABLED", 0x10, 4, 0, 1}};
  Register clear_alarm_{registers_, {"CLEAR_ALARM", 0x14, 4}};
  Register alarm_status_{registers_, {"ALARM_STATUS", 0x18, 4, 0, 0}};
  Register clear_interrupt_{registers_, {"CLEAR_INTERRUPT", 0x1C, 4}};
  sc_core::sc_event alarm_;
};

}  // namespace memio
