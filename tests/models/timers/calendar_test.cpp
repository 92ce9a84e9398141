// Calendar arithmetic against literal dates.
#include "timers/calendar.h"

#include <gtest/gtest.h>

namespace memio {
namespace {

TEST(Calendar, KnownDates) {
  const struct {
    std::int64_t seconds, year, month, day, hour, minute, second, weekday;
  } cases[] = {{0, 1970, 1, 1, 0, 0, 0, 5},
               {951'782'400, 2000, 2, 29, 0, 0, 0, 3},
               {951'868'800, 2000, 3, 1, 0, 0, 0, 4},
               {1'234'567'890, 2009, 2, 13, 23, 31, 30, 6},
               {2'147'483'647, 2038, 1, 19, 3, 14, 7, 3},
               {4'107'542'400, 2100, 3, 1, 0, 0, 0, 2},
               {-1, 1969, 12, 31, 23, 59, 59, 4}};
  for (const auto& c : cases) {
    const CivilTime time = civil_of(c.seconds);
    EXPECT_EQ(time.year, c.year) << c.seconds;
    EXPECT_EQ(time.month, c.month) << c.seconds;
    EXPECT_EQ(time.day, c.day) << c.seconds;
    EXPECT_EQ(time.hour, c.hour) << c.seconds;
    EXPECT_EQ(time.minute, c.minute) << c.seconds;
    EXPECT_EQ(time.second, c.second) << c.seconds;
    EXPECT_EQ(time.weekday, c.weekday) << c.seconds;
    EXPECT_EQ(seconds_of(time), c.seconds);
  }
}

TEST(Calendar, EveryDayOfFourCenturiesGoesBothWays) {
  std::int64_t weekday = 5;
  for (std::int64_t day = 0; day < 146'097; ++day) {
    const CivilTime time = civil_of(day * 86'400);
    ASSERT_EQ(seconds_of(time), day * 86'400);
    ASSERT_EQ(time.weekday, weekday);
    weekday = weekday % 7 + 1;
  }
}

TEST(Calendar, OutOfRangeFieldsCarry) {
  CivilTime time;
  time.year = 2023;
  time.month = 14;
  time.day = 30;
  const CivilTime carried = civil_of(seconds_of(time));
  EXPECT_EQ(carried.year, 2024);
  EXPECT_EQ(carried.month, 3);
  EXPECT_EQ(carried.day, 1);
}

}  // namespace
}  // namespace memio
