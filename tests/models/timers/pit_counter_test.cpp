// One 8254 counter, tick by tick as in the timing diagrams of the data sheet.
#include "timers/pit_counter.h"

#include <gtest/gtest.h>

#include <string>

namespace memio {
namespace {

/// Control words: low byte only, low then high.
constexpr std::uint8_t low_byte = 0x10, both_bytes = 0x30;

std::uint8_t mode(unsigned number) { return static_cast<std::uint8_t>(number << 1); }

/// OUT at ticks first to last, as 0 and 1.
std::string wave(const PitCounter& counter, PitCounter::Tick first, PitCounter::Tick last) {
  std::string levels;
  for (PitCounter::Tick t = first; t <= last; ++t) levels += counter.out(t) ? '1' : '0';
  return levels;
}

PitCounter programmed(std::uint8_t word, std::uint8_t low, PitCounter::Tick at = 0) {
  PitCounter counter;
  counter.control(word, at);
  counter.write(low, at);
  return counter;
}

TEST(PitCounter, Mode0RisesNPlusOneTicksAfterTheCount) {
  PitCounter counter = programmed(low_byte | mode(0), 4);
  EXPECT_EQ(wave(counter, 0, 7), "00000111");
  EXPECT_EQ(counter.count(1), 4);
  EXPECT_EQ(counter.count(4), 1);
  EXPECT_EQ(counter.count(5), 0);
  EXPECT_EQ(counter.count(6), 0xFFFF) << "it goes on counting";
  counter.write(2, 6);
  EXPECT_EQ(wave(counter, 6, 10), "00011");
}

TEST(PitCounter, Mode0StopsBetweenTheBytes) {
  PitCounter counter;
  counter.control(both_bytes | mode(0), 0);
  counter.write(10, 0);
  counter.write(0, 0);
  EXPECT_EQ(counter.count(4), 7);
  counter.write(3, 4);
  EXPECT_EQ(counter.count(9), 7);
  EXPECT_FALSE(counter.out(100));
  counter.write(0, 20);
  EXPECT_EQ(wave(counter, 20, 25), "000011");
}

TEST(PitCounter, Mode2IsLowForTheLastTickOfEachPeriod) {
  PitCounter counter = programmed(low_byte | mode(2), 4);
  EXPECT_EQ(wave(counter, 0, 12), "1111011101110");
  EXPECT_EQ(counter.count(1), 4);
  EXPECT_EQ(counter.count(4), 1);
  EXPECT_EQ(counter.count(5), 4);
}

TEST(PitCounter, Mode2TakesANewCountAtTheEndOfThePeriod) {
  PitCounter counter = programmed(low_byte | mode(2), 4);
  counter.write(3, 2);
  EXPECT_EQ(wave(counter, 2, 11), "1101101101");
}

TEST(PitCounter, Mode3IsSquareForEvenAndOddCounts) {
  EXPECT_EQ(wave(programmed(low_byte | mode(3), 4), 1, 12), "110011001100");
  EXPECT_EQ(wave(programmed(low_byte | mode(3), 5), 1, 15), "111001110011100");
  const PitCounter even = programmed(low_byte | mode(3), 4), odd = programmed(low_byte | mode(3), 5);
  const unsigned even_counts[] = {4, 2, 4, 2, 4}, odd_counts[] = {4, 2, 0, 4, 2, 4};
  for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(even.count(1 + i), even_counts[i]);
  for (unsigned i = 0; i < 6; ++i) EXPECT_EQ(odd.count(1 + i), odd_counts[i]);
}

TEST(PitCounter, Mode3TakesANewCountAtTheEndOfTheHalf) {
  PitCounter counter = programmed(low_byte | mode(3), 8);
  counter.write(4, 2);
  EXPECT_EQ(wave(counter, 1, 12), "111100110011");
}

TEST(PitCounter, Mode4StrobesForOneTick) {
  PitCounter counter = programmed(low_byte | mode(4), 3);
  EXPECT_EQ(wave(counter, 0, 7), "11110111");
  EXPECT_EQ(counter.count(5), 0xFFFF);
}

TEST(PitCounter, GateTriggeredModesNeverCount) {
  for (unsigned number : {1u, 5u}) {
    PitCounter counter = programmed(static_cast<std::uint8_t>(low_byte | mode(number)), 3);
    EXPECT_EQ(wave(counter, 0, 8), "111111111");
    EXPECT_EQ(counter.next_change(0), PitCounter::never);
  }
}

TEST(PitCounter, ZeroIsTheLargestCount) {
  PitCounter binary;
  binary.control(both_bytes | mode(0), 0);
  binary.write(0, 0);
  binary.write(0, 0);
  EXPECT_FALSE(binary.out(65'536));
  EXPECT_TRUE(binary.out(65'537));
  PitCounter bcd;
  bcd.control(both_bytes | mode(0) | 1, 0);
  bcd.write(0, 0);
  bcd.write(0, 0);
  EXPECT_FALSE(bcd.out(10'000));
  EXPECT_TRUE(bcd.out(10'001));
  EXPECT_EQ(bcd.count(2), 0x9999);
}

TEST(PitCounter, BcdCounts) {
  PitCounter counter;
  counter.control(both_bytes | mode(2) | 1, 0);
  counter.write(0x00, 0);
  counter.write(0x12, 0);
  EXPECT_EQ(counter.count(1), 0x1200);
  EXPECT_EQ(counter.count(2), 0x1199);
  EXPECT_EQ(counter.count(1 + 1200), 0x1200);
}

TEST(PitCounter, ReadsLowThenHighAndLatches) {
  PitCounter counter;
  counter.control(both_bytes | mode(0), 0);
  counter.write(0x34, 0);
  counter.write(0x12, 0);
  counter.latch_count(1);
  counter.latch_count(5);
  EXPECT_EQ(counter.peek(100), 0x34);
  EXPECT_EQ(counter.read(100), 0x34);
  EXPECT_EQ(counter.read(200), 0x12) << "the first latch counts, and holds over both reads";
  EXPECT_EQ(counter.read(0x35), 0x00) << "live again: 0x1234 - 0x34";
}

TEST(PitCounter, StatusLatch) {
  PitCounter counter;
  counter.control(both_bytes | mode(3), 0);
  counter.latch_status(0);
  EXPECT_EQ(counter.read(0), 0x80 | 0x40 | 0x36) << "OUT high, null count, the control word";
  counter.write(4, 0);
  counter.write(0, 0);
  counter.latch_count(4);
  counter.latch_status(4);
  EXPECT_EQ(counter.read(9), 0x36) << "status first; OUT low, count loaded";
  EXPECT_EQ(counter.read(9), 2);
  EXPECT_EQ(counter.read(9), 0);
}

TEST(PitCounter, NoChangeBetweenNowAndNextChange) {
  for (unsigned number = 0; number < 8; ++number)
    for (std::uint8_t count = 1; count < 12; ++count) {
      PitCounter counter = programmed(static_cast<std::uint8_t>(low_byte | mode(number)), count);
      counter.write(static_cast<std::uint8_t>(13 - count), count);
      for (PitCounter::Tick t = count; t < 80; ++t) {
        const PitCounter::Tick next = counter.next_change(t);
        ASSERT_GT(next, t);
        for (PitCounter::Tick u = t; u < next && u < 80; ++u)
          ASSERT_EQ(counter.out(u), counter.out(t))
              << number << " " << unsigned{count} << " " << t << " " << u;
      }
    }
}

}  // namespace
}  // namespace memio
