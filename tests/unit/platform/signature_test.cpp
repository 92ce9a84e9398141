// The text form of a signature.
#include "platform/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace memio {
namespace {

constexpr std::uint8_t bytes[] = {1, 2, 3, 4, 0xaa, 0xbb, 0xcc, 0xdd, 0x99};

TEST(Signature, LinesAreWordsOfTheGranularity) {
  EXPECT_EQ(format_signature(bytes, 8, 4), "04030201\nddccbbaa\n");
  EXPECT_EQ(format_signature(bytes, 8, 8), "ddccbbaa04030201\n");
}

TEST(Signature, TheLastLineIsFilledWithZeroes) {
  EXPECT_EQ(format_signature(bytes, 9, 4), "04030201\nddccbbaa\n00000099\n");
  EXPECT_EQ(format_signature(bytes, 9, 16), "0000000000000099ddccbbaa04030201\n");
  EXPECT_EQ(format_signature(bytes, 0, 4), "");
}

ElfImage image_of_two_segments() {
  ElfImage image;
  image.segments.push_back({0xc0000000, 0x80000000, 0, 0x100, 0x200});
  image.segments.push_back({0xc0000200, 0x80400000, 0, 0x100, 0x200});
  return image;
}

SignaturePlace place(std::optional<std::uint64_t> begin, std::optional<std::uint64_t> end) {
  return locate_signature(image_of_two_segments(), begin, end);
}

TEST(Signature, ItsPlaceIsPhysicalAndMayEndWithItsSegment) {
  const SignaturePlace inner = place(0xc0000010, 0xc0000020), whole = place(0xc0000200, 0xc0000400);
  EXPECT_EQ(inner.missing, "");
  EXPECT_EQ(inner.first, 0x80000010u);
  EXPECT_EQ(inner.size, 0x10u);
  EXPECT_EQ(whole.missing, "");
  EXPECT_EQ(whole.first, 0x80400000u);
  EXPECT_EQ(whole.size, 0x200u);
}

TEST(Signature, AnEmptyOneMayLieAnywhere) {
  const SignaturePlace empty = place(0xc0000400, 0xc0000400);
  EXPECT_EQ(empty.missing, "");
  EXPECT_EQ(empty.size, 0u);
}

TEST(Signature, SymbolsThatMakeNoRangeAreNamedWithTheirValues) {
  EXPECT_EQ(place({}, {}).missing, "it has neither");
  EXPECT_EQ(place(0xc0000000, {}).missing, "it has begin_signature only");
  EXPECT_EQ(place({}, 0xc0000000).missing, "it has end_signature only");
  EXPECT_EQ(place(0xc0000020, 0xc0000010).missing,
            "it has them reversed: begin_signature 0xc0000020 and end_signature 0xc0000010");
  for (const auto& [begin, end] : {std::pair{0xc0000010, 0xc0000210},  // from one segment into the other
                                   {0xc0000390, 0xc0000410},           // beyond the last
                                   {0x10, 0x20}})
    EXPECT_THAT(place(begin, end).missing,
                testing::HasSubstr("outside its segments, or in two: begin_signature 0x"));
}

}  // namespace
}  // namespace memio
