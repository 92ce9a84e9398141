// What messages show of text that is not fit for them.
#include "platform/printable.h"

#include <gtest/gtest.h>

namespace memio {
namespace {

TEST(Printable, WellFormedTextStays) {
  for (const char* text : {"", "stats.json",
                           "Gr\xc3\xb6\xc3\x9f"
                           "e",
                           "\xe2\x82\xac", "\xf0\x9f\x98\x80", "a\\x1b"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, ControlCharactersAreEscaped) {
  EXPECT_EQ(printable("a\x1b[31m\n\t\x7f"), "a\\x1b[31m\\x0a\\x09\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "1m"),
            "\\xc2\\x9b1m");  // the same sequence in one character
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("a\nb\r", "\n"), "a\nb\\x0d");
}

TEST(Printable, BytesThatAreNoUtf8AreEscaped) {
  EXPECT_EQ(printable("x\xc3"), "x\\xc3");         // cut off
  EXPECT_EQ(printable("\xa9!"), "\\xa9!");         // no beginning
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");  // longer than needed
  EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // half of a pair
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
  EXPECT_EQ(printable("\xff\xe2\x82"), "\\xff\\xe2\\x82");
}

}  // namespace
}  // namespace memio
