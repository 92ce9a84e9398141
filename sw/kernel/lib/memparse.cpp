// Sizes as they stand in kernel options.
#include <linux/kernel.h>

namespace {

// The value of `c` as a digit, at least 16 when it is none.
unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}

}  // namespace

extern "C" unsigned long long memparse(const char* text, char** end) {
  const bool hexadecimal = text[0] == '0' && (text[1] | 0x20) == 'x' && digit(text[2]) < 16;
  const unsigned base = hexadecimal ? 16 : 10;
  constexpr unsigned long long kMost = ~0ull;
  unsigned long long value = 0;
  const char* at = hexadecimal ? text + 2 : text;
  const char* const first = at;
  for (; digit(*at) < base; at++) {
    value = value > (kMost - digit(*at)) / base ? kMost : value * base + digit(*at);
  }
  unsigned shift = 0;
  if (at != first) {
    const char suffix = static_cast<char>(*at | 0x20);
    shift = suffix == 'k' ? 10 : suffix == 'm' ? 20 : suffix == 'g' ? 30 : 0;
    if (shift != 0) at++;
  }
  *end = const_cast<char*>(at);
  return value > kMost >> shift ? kMost : value << shift;
}
