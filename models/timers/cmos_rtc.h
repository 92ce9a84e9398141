// CMOS real-time clock MC146818: index port 0x70, data port 0x71.
//
// Follows Motorola's MC146818 data sheet: time in BCD or binary, 12 or 24 hours, status registers A to
// D, alarm, periodic and update-ended interrupts, 114 bytes of RAM. The time is a configured epoch
// plus modelled time. Time and RAM are kept by a battery: a reset clears only interrupts.
// Not modelled: the divider control (the clock always runs, its seconds are the modelled ones),
// daylight saving, the square-wave output, and a century register (its usual place, 0x32, is RAM).
// Bit 7 of the index, which masks the NMI on a PC, is kept without effect.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/irq_ports.h"
#include "core/register_target.h"
#include "timers/calendar.h"

namespace memio {

struct CmosRtcConfig {
  std::uint64_t epoch = 0;  ///< time at the start of the run, seconds since 1970-01-01 00:00 UTC
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;
};

class CmosRtc : public RegisterTarget {
 public:
  IrqOutput irq{"irq"};

  explicit CmosRtc(const sc_core::sc_module_name& name, const CmosRtcConfig& config = {});

  void reset() override;

 private:
  using Field = std::int64_t CivilTime::*;

  void add_field(const char* name, std::uint64_t index, Field field);
  std::uint64_t encode(Field field, std::int64_t value) const;
  std::int64_t decode(Field field, std::uint64_t value) const;
  CivilTime time() const;
  void set_time(const CivilTime& time);
  void write_field(Field field, std::uint64_t value);

  std::uint64_t read_a() const;
  std::uint64_t read_c();
  void write_b(std::uint64_t value);
  std::uint64_t flags() const;
  bool alarm_between(std::int64_t after, std::int64_t until) const;
  std::uint64_t next_event() const;
  void update();

  Register index_{registers_, {"INDEX", 0x0, 1, 0, 0xFF, 1 | 2 | 4}};
  Register data_{registers_, {"DATA", 0x1, 1, 0, 0xFF, 1 | 2 | 4}};

  /// What lies behind index and data: 14 registers of the clock, then RAM.
  RegisterBank cmos_;
  std::vector<std::unique_ptr<Register>> fields_, ram_;
  Register seconds_alarm_{cmos_, {"SECONDS_ALARM", 0x01, 1}};
  Register minutes_alarm_{cmos_, {"MINUTES_ALARM", 0x03, 1}};
  Register hours_alarm_{cmos_, {"HOURS_ALARM", 0x05, 1}};
  Register a_{cmos_, {"A", 0x0A, 1, 0x26, 0x7F}};
  Register b_{cmos_, {"B", 0x0B, 1, 0x02}};
  Register c_{cmos_, {"C", 0x0C, 1, 0x00, 0x00}};
  Register d_{cmos_, {"D", 0x0D, 1, 0x80, 0x00}};

  std::int64_t offset_;               ///< seconds: the time less whole modelled seconds
  std::int64_t weekday_shift_ = 0;    ///< the weekday is a counter of its own, set by the guest
  std::optional<CivilTime> setting_;  ///< the fields while bit SET holds the clock
  std::uint64_t flagged_until_ = 0;   ///< picoseconds up to which C has its flags
  sc_core::sc_event tick_;
};

}  // namespace memio
