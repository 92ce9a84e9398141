// Address maps: look-up, and every kind of range that is refused.
#include "bus/address_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "bus/arbiter.h"

namespace memio {
namespace {

using ::testing::HasSubstr;

std::string refusal(AddressMap& map, const Range& range) {
  try {
    map.add(range);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(AddressMap, FindsTheOwnerOfAnAddress) {
  AddressMap map(Space::memory);
  map.add({0x80000000, 0x8000ffff, "ram", 1});
  map.add({0x1000, 0xffff, "rom", 0});
  EXPECT_EQ(map.find(0xfff), nullptr);
  EXPECT_EQ(map.find(0x1000)->target, "rom");
  EXPECT_EQ(map.find(0xffff)->target, "rom");
  EXPECT_EQ(map.find(0x10000), nullptr);
  EXPECT_EQ(map.find(0x80000000)->target, "ram");
  EXPECT_EQ(map.find(0x8000ffff)->target, "ram");
  EXPECT_EQ(map.find(0x80010000), nullptr);
}

TEST(AddressMap, ATransferBelongsToOneRangeOrToNobody) {
  AddressMap map(Space::memory);
  map.add({0x1000, 0x1fff, "a"});
  map.add({0x2000, 0x2fff, "b"});
  EXPECT_EQ(map.find(0x1ff8, 8)->target, "a");
  EXPECT_EQ(map.find(0x1ff9, 8), nullptr);
  EXPECT_EQ(map.find(0x2ffc, 4)->target, "b");
  EXPECT_EQ(map.find(0x2ffd, 4), nullptr);
}

TEST(AddressMap, ReachesTheEndOfTheAddressSpace) {
  AddressMap map(Space::memory);
  map.add({0xfffffffffffff000, 0xffffffffffffffff, "top"});
  EXPECT_EQ(map.find(0xfffffffffffffff8, 8)->target, "top");
  EXPECT_EQ(map.find(0xfffffffffffffff9, 8), nullptr);
}

TEST(AddressMap, RangesAreListedByAddress) {
  AddressMap map(Space::port);
  map.add({0x3f8, 0x3ff, "uart"});
  map.add({0x40, 0x43, "timer"});
  map.add({0x70, 0x71, "rtc"});
  ASSERT_EQ(map.ranges().size(), 3u);
  EXPECT_EQ(map.ranges()[0].target, "timer");
  EXPECT_EQ(map.ranges()[1].target, "rtc");
  EXPECT_EQ(map.ranges()[2].target, "uart");
}

TEST(AddressMap, AnOverlapNamesBothTargetsAndRanges) {
  AddressMap map(Space::memory);
  map.add({0x10000000, 0x100000ff, "uart"});
  const Range overlapping[] = {{0x10000000, 0x100000ff, "gpio"},    // the same
                               {0x100000ff, 0x10000fff, "gpio"},    // one byte at the end
                               {0xfffffff, 0x10000000, "gpio"},     // one byte at the start
                               {0x10000010, 0x1000001f, "gpio"},    // inside
                               {0x0, 0xffffffffffffffff, "gpio"}};  // around
  for (const Range& range : overlapping) {
    const std::string text = refusal(map, range);
    EXPECT_THAT(text, HasSubstr("uart (0x10000000..0x100000ff)"));
    EXPECT_THAT(text, HasSubstr("gpio (0x"));
    EXPECT_THAT(text, HasSubstr("overlap"));
  }
  EXPECT_EQ(map.ranges().size(), 1u);
  EXPECT_EQ(refusal(map, {0x10000100, 0x100001ff, "gpio"}), "accepted");
}

TEST(AddressMap, EmptyAndWrappingRangesAreRefused) {
  AddressMap map(Space::memory);
  EXPECT_THAT(refusal(map, {0x1000, 0xfff, "rom"}), HasSubstr("rom (0x1000..0xfff) is empty or wraps"));
  EXPECT_THAT(refusal(map, {0xfffffffffffff000, 0xfff, "rom"}), HasSubstr("empty or wraps"));
}

TEST(AddressMap, PortSpaceEndsAtPort0xffff) {
  AddressMap map(Space::port);
  EXPECT_THAT(refusal(map, {0xfff8, 0x10000, "uart"}), HasSubstr("uart (0xfff8..0x10000) lies outside"));
  EXPECT_THAT(refusal(map, {0x10000, 0x10007, "uart"}), HasSubstr("port space"));
  EXPECT_EQ(refusal(map, {0xfff8, 0xffff, "uart"}), "accepted");
}

TEST(Arbiter, TheEarlierRequestGoesFirstUnderEveryPolicy) {
  for (const Arbitration policy : {Arbitration::fixed, Arbitration::round_robin}) {
    const Arbiter arbiter(policy);
    EXPECT_TRUE(arbiter.before({2, 9, 10}, {0, 0, 11}));
    EXPECT_FALSE(arbiter.before({0, 0, 11}, {2, 9, 10}));
  }
}

TEST(Arbiter, FixedGoesByPriorityThenByOrder) {
  Arbiter arbiter(Arbitration::fixed);
  EXPECT_TRUE(arbiter.before({2, 1, 10}, {0, 2, 10}));
  EXPECT_TRUE(arbiter.before({0, 1, 10}, {2, 1, 10}));
  arbiter.served({0, 1, 10});
  EXPECT_TRUE(arbiter.before({0, 1, 11}, {2, 1, 11}));
}

TEST(Arbiter, RoundRobinBeginsAfterTheLastWinner) {
  Arbiter arbiter(Arbitration::round_robin);
  const Request a{0, 0, 5}, b{1, 0, 5}, c{2, 0, 5};
  const std::vector<const Request*> all = {&c, &a, &b};
  EXPECT_EQ(arbiter.choose(all), &a);
  arbiter.served(a);
  EXPECT_EQ(arbiter.choose(all), &b);
  arbiter.served(b);
  EXPECT_EQ(arbiter.choose(all), &c);
  arbiter.served(c);
  EXPECT_EQ(arbiter.choose(all), &a);
  arbiter.served(c);
  EXPECT_EQ(arbiter.choose({&c, &b}), &b);
}

}  // namespace
}  // namespace memio
