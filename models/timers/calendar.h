// Seconds since 1970-01-01 00:00 to calendar fields and back, in the proleptic Gregorian calendar.
//
// Own code, because a run must not depend on the host's time zone or locale.
#pragma once

#include <cstdint>

namespace memio {

struct CivilTime {
  std::int64_t year = 1970;
  std::int64_t month = 1;  ///< 1 to 12
  std::int64_t day = 1;    ///< 1 to 31
  std::int64_t hour = 0, minute = 0, second = 0;
  std::int64_t weekday = 5;  ///< 1 is Sunday
};

CivilTime civil_of(std::int64_t seconds);

/// Out-of-range fields carry into the next; `weekday` is ignored.
std::int64_t seconds_of(const CivilTime& time);

}  // namespace memio
