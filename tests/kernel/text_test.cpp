// Formatting and number parsing of the kernel, and the shell's line editor.
#include <gtest/gtest.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include <cstdarg>
#include <string>
#include <vector>

#include "format.h"
#include "line_editor.h"

namespace memio {
namespace {

std::string format(const char* text, ...) {
  char out[128];
  va_list arguments;
  va_start(arguments, text);
  format_text(out, sizeof out, text, arguments);
  va_end(arguments);
  return out;
}

size_t length_of(size_t room, char* out, const char* text, ...) {
  va_list arguments;
  va_start(arguments, text);
  const size_t length = format_text_length(out, room, text, arguments);
  va_end(arguments);
  return length;
}

TEST(Format, WidthsPrecisionsAndLengths) {
  EXPECT_EQ(format("[%5d|%-5d|%05d]", -42, -42, -42), "[  -42|-42  |-0042]");
  EXPECT_EQ(format("[%*d|%-*d|%*d]", 4, 7, 4, 7, -4, 7), "[   7|7   |7   ]");
  EXPECT_EQ(format("[%.3s|%.*s]", "abcdef", 2, "abcdef"), "[abc|ab]");
  EXPECT_EQ(format("%x %X %#x %#010x", 0xbeefu, 0xbeefu, 0xbeefu, 0xbeefu), "beef BEEF 0xbeef 0x0000beef");
  EXPECT_EQ(format("%hhx %hx %hhd %hd", 0x12345u, 0x12345u, 0x180, 0x18000), "45 2345 -128 -32768");
  EXPECT_EQ(format("%llu %lld", ~0ull, -1ll), "18446744073709551615 -1");
  EXPECT_EQ(format("100%% %c %s", 'x', static_cast<const char*>(nullptr)), "100% x (null)");
}

TEST(Format, LengthIsThatOfTheWholeText) {
  char out[4];
  EXPECT_EQ(length_of(sizeof out, out, "%d", 123456), 6u);
  EXPECT_STREQ(out, "123");
  EXPECT_EQ(length_of(0, nullptr, "%s!", "abc"), 4u);
}

TEST(Numbers, WholeTextsOnly) {
  unsigned long value = 0;
  EXPECT_EQ(kstrtoul("4096", 0, &value), 0);
  EXPECT_EQ(value, 4096u);
  EXPECT_EQ(kstrtoul("0xC0de\n", 0, &value), 0);
  EXPECT_EQ(value, 0xc0deu);
  EXPECT_EQ(kstrtoul("017", 0, &value), 0);
  EXPECT_EQ(value, 15u);
  EXPECT_EQ(kstrtoul("ff", 16, &value), 0);
  EXPECT_EQ(value, 255u);
  for (const char* bad : {"", "x", "12x", "0x", "-1", "1 2", "089"}) {
    EXPECT_EQ(kstrtoul(bad, 0, &value), -EINVAL) << bad;
  }
  EXPECT_EQ(value, 255u);
}

TEST(Numbers, LimitsOfTheType) {
  unsigned long word = 0;
  EXPECT_EQ(kstrtoul("18446744073709551615", 10, &word), 0);
  EXPECT_EQ(word, ~0ul);
  EXPECT_EQ(kstrtoul("18446744073709551616", 10, &word), -ERANGE);
  long signed_word = 0;
  EXPECT_EQ(kstrtol("-9223372036854775808", 10, &signed_word), 0);
  EXPECT_EQ(signed_word, -9223372036854775807L - 1);
  EXPECT_EQ(kstrtol("9223372036854775808", 10, &signed_word), -ERANGE);
  EXPECT_EQ(kstrtol("-+1", 10, &signed_word), -EINVAL);
  int small = 0;
  EXPECT_EQ(kstrtoint("-2147483648", 10, &small), 0);
  EXPECT_EQ(small, -2147483647 - 1);
  EXPECT_EQ(kstrtoint("2147483648", 10, &small), -ERANGE);
  unsigned positive = 0;
  EXPECT_EQ(kstrtouint("4294967296", 10, &positive), -ERANGE);
}

TEST(Numbers, SimpleFormStopsAtTheFirstOtherCharacter) {
  char* end = nullptr;
  EXPECT_EQ(simple_strtoul("64M", &end, 0), 64u);
  EXPECT_STREQ(end, "M");
  EXPECT_EQ(simple_strtoul("0x10,", &end, 16), 16u);
  EXPECT_STREQ(end, ",");
}

std::string echoed;

// The lines and other events that `input` makes, and in `echoed` what the terminal shows.
std::vector<std::string> type(const std::string& input) {
  echoed.clear();
  LineEditor editor([](const char* text, unsigned long length) { echoed.append(text, length); });
  std::vector<std::string> events;
  for (const char c : input) {
    switch (editor.feed(c)) {
      case LineEditor::Event::kNone:
        break;
      case LineEditor::Event::kLine:
        events.push_back(editor.text());
        break;
      case LineEditor::Event::kTooLong:
        events.push_back("<too long>");
        break;
      case LineEditor::Event::kAbandoned:
        events.push_back("<abandoned>");
        break;
      case LineEditor::Event::kEnd:
        events.push_back("<end>");
        break;
    }
  }
  return events;
}

using Events = std::vector<std::string>;

TEST(LineEditor, EndsOfLines) {
  EXPECT_EQ(type("ls\n\rps\r\nx\n\n"), (Events{"ls", "", "ps", "x", ""}));
  EXPECT_EQ(echoed, "ls\n\nps\nx\n\n");
}

TEST(LineEditor, Erases) {
  EXPECT_EQ(type("lx\bs\n"), Events{"ls"});
  EXPECT_EQ(echoed, "lx\b \bs\n");
  EXPECT_EQ(type("\x7f\x7f"
                 "a\x7f\x7f"
                 "b\n"),
            Events{"b"});
  EXPECT_EQ(type("abc\x15"
                 "d\n"),
            Events{"d"});
  EXPECT_EQ(echoed, "abc\b \b\b \b\b \bd\n");
}

TEST(LineEditor, AbandonsAndEnds) {
  EXPECT_EQ(type("abc\x03"
                 "d\n"),
            (Events{"<abandoned>", "d"}));
  EXPECT_EQ(type("ab\x04"
                 "c\n\x04"),
            (Events{"ab", "c", "<end>"}));
  EXPECT_EQ(echoed, "ab\nc\n");
  EXPECT_EQ(type(std::string(256, 'x') + "\x04"), Events{"<too long>"});
}

TEST(LineEditor, SwallowsCursorKeysAndControlCharacters) {
  EXPECT_EQ(type("a\x1b[A\x1b[1;5C\x01"
                 "b\tc\n"),
            Events{"ab c"});
  EXPECT_EQ(echoed, "ab c\n");
}

TEST(LineEditor, RefusesLongLines) {
  const std::string longest(255, 'x');
  EXPECT_EQ(type(longest + "\n" + longest + "y\nls\n"), (Events{longest, "<too long>", "ls"}));
  EXPECT_EQ(type(longest + "y\x15ls\n"), Events{"ls"});
}

}  // namespace
}  // namespace memio
