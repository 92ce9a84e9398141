// Calendar arithmetic on years that begin in March, so that the leap day is the last of its year.
#include "timers/calendar.h"

namespace memio {

namespace {

constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t days_per_400_years = 146'097;
constexpr std::int64_t days_to_1970 = 719'468;  ///< from 0000-03-01

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Days from 0000-03-01 to the first day of `month` (0 is March) of the March-based `year`.
std::int64_t days_to_month(std::int64_t year, std::int64_t month) {
  return 365 * year + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400) +
         (153 * month + 2) / 5;
}

}  // namespace

std::int64_t seconds_of(const CivilTime& time) {
  const std::int64_t months = 12 * time.year + time.month - 3;
  const std::int64_t year = floor_div(months, 12);
  const std::int64_t days = days_to_month(year, months - 12 * year) + time.day - 1 - days_to_1970;
  return seconds_per_day * days + 3600 * time.hour + 60 * time.minute + time.second;
}

CivilTime civil_of(std::int64_t seconds) {
  const std::int64_t days = floor_div(seconds, seconds_per_day);
  const std::int64_t rest = seconds - days * seconds_per_day;
  const std::int64_t from_zero = days + days_to_1970;
  const std::int64_t era = floor_div(from_zero, days_per_400_years);
  const std::int64_t day_of_era = from_zero - era * days_per_400_years;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t year = 400 * era + year_of_era;
  const std::int64_t day_of_year = from_zero - days_to_month(year, 0);
  const std::int64_t month = (5 * day_of_year + 2) / 153;  // 0 is March

  CivilTime time;
  time.year = month < 10 ? year : year + 1;
  time.month = month < 10 ? month + 3 : month - 9;
  time.day = day_of_year - (153 * month + 2) / 5 + 1;
  time.hour = rest / 3600;
  time.minute = rest / 60 % 60;
  time.second = rest % 60;
  const std::int64_t since_sunday = days + 4;  // 1970-01-01 was a Thursday
  time.weekday = since_sunday - 7 * floor_div(since_sunday, 7) + 1;
  return time;
}

}  // namespace memio
