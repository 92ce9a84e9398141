// The syntax of option values.
#include "platform/option_value.h"

#include <gtest/gtest.h>

namespace memio {
namespace {

TEST(OptionValue, NumbersAreDecimalOrHexadecimal) {
  EXPECT_EQ(parse_number("0"), 0u);
  EXPECT_EQ(parse_number("18446744073709551615"), 0xffffffffffffffffu);
  EXPECT_EQ(parse_number("0x80000000"), 0x80000000u);
  EXPECT_EQ(parse_number("0XfF"), 255u);
}

TEST(OptionValue, NumbersRefuseSignsBlanksRestsAndOverflow) {
  for (const char* text :
       {"", "-1", "+1", " 1", "1 ", "1x", "0x", "x", "0x-1", "18446744073709551616", "1.5"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(OptionValue, SizesArePowersOf1024) {
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("64K"), 65536u);
  EXPECT_EQ(parse_size("512M"), 536870912u);
  EXPECT_EQ(parse_size("5G"), 5368709120u);
  EXPECT_EQ(parse_size("1.5G"), 1610612736u);
  EXPECT_EQ(parse_size("0x1000"), 4096u);
  for (const char* text : {"", "M", "-1M", "1m", "1MB", "1 M", "1.M", ".5M", "0.3K", "16777216T"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(OptionValue, TimesArePicoseconds) {
  EXPECT_EQ(parse_time("1ps"), 1u);
  EXPECT_EQ(parse_time("100ns"), 100'000u);
  EXPECT_EQ(parse_time("10us"), 10'000'000u);
  EXPECT_EQ(parse_time("1ms"), 1'000'000'000u);
  EXPECT_EQ(parse_time("2.5us"), 2'500'000u);
  EXPECT_EQ(parse_time("1s"), 1'000'000'000'000u);
  EXPECT_EQ(parse_time("0"), 0u);
  for (const char* text : {"", "1", "ns", "-1ns", "0.5ps", "1 ns", "1NS", "18446745s"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(OptionValue, FrequenciesAreHertz) {
  EXPECT_EQ(parse_frequency("1GHz"), 1'000'000'000u);
  EXPECT_EQ(parse_frequency("1.5MHz"), 1'500'000u);
  EXPECT_EQ(parse_frequency("50kHz"), 50'000u);
  for (const char* text : {"1", "1G", "1ghz", "-1GHz"}) EXPECT_FALSE(parse_frequency(text)) << text;
}

TEST(OptionValue, FormatsAreTheShortestExactOnes) {
  EXPECT_EQ(format_size(536870912), "512M");
  EXPECT_EQ(format_size(4097), "4097");
  EXPECT_EQ(format_time(100'000), "100ns");
  EXPECT_EQ(format_frequency(1'000'000'000), "1GHz");
}

}  // namespace
}  // namespace memio
