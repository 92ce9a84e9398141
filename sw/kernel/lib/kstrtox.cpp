// Numbers out of text: the kernel's kstrto*() with checks, simple_strtoul() without.
#include <linux/errno.h>
#include <linux/kernel.h>

namespace memio {
namespace {

constexpr unsigned kNoDigit = 99;

unsigned digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : kNoDigit;
}

// Behind the prefix that `*base`, if it is 0 or 16, allows; sets `*base`.
const char* skip_prefix(const char* text, unsigned* base) {
  const bool hex = text[0] == '0' && (text[1] | 0x20) == 'x' && digit_of(text[2]) < 16;
  if (*base == 0) *base = hex ? 16 : text[0] == '0' ? 8 : 10;
  return hex && *base == 16 ? text + 2 : text;
}

}  // namespace

extern "C" unsigned long simple_strtoul(const char* text, char** end, unsigned base) {
  text = skip_prefix(text, &base);
  unsigned long value = 0;
  for (; digit_of(*text) < base; text++) value = value * base + digit_of(*text);
  if (end != nullptr) *end = const_cast<char*>(text);
  return value;
}

extern "C" int kstrtoul(const char* text, unsigned base, unsigned long* result) {
  if (*text == '+') text++;
  text = skip_prefix(text, &base);
  unsigned long value = 0;
  bool fits = true;
  const char* at = text;
  for (; digit_of(*at) < base; at++) {
    const unsigned digit = digit_of(*at);
    if (value > (~0ul - digit) / base) fits = false;
    value = value * base + digit;
  }
  if (at == text) return -EINVAL;
  if (*at == '\n') at++;
  if (*at != 0) return -EINVAL;
  if (!fits) return -ERANGE;
  *result = value;
  return 0;
}

extern "C" int kstrtol(const char* text, unsigned base, long* result) {
  constexpr unsigned long kMost = ~0ul >> 1;
  const bool negative = *text == '-';
  if (negative && text[1] == '+') return -EINVAL;
  unsigned long value;
  const int error = kstrtoul(negative ? text + 1 : text, base, &value);
  if (error != 0) return error;
  if (value > kMost + (negative ? 1 : 0)) return -ERANGE;
  *result = static_cast<long>(negative ? 0 - value : value);
  return 0;
}

extern "C" int kstrtouint(const char* text, unsigned base, unsigned* result) {
  unsigned long value;
  const int error = kstrtoul(text, base, &value);
  if (error != 0) return error;
  if (value != static_cast<unsigned>(value)) return -ERANGE;
  *result = static_cast<unsigned>(value);
  return 0;
}

extern "C" int kstrtoint(const char* text, unsigned base, int* result) {
  long value;
  const int error = kstrtol(text, base, &value);
  if (error != 0) return error;
  if (value != static_cast<int>(value)) return -ERANGE;
  *result = static_cast<int>(value);
  return 0;
}

}  // namespace memio
