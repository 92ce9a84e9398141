// The text form of a signature.
#include "platform/signature.h"

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

}  // namespace
}  // namespace memio
