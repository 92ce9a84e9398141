// Value syntax of options; see option_value.h. All arithmetic is exact: no floating point.
#include "platform/option_value.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace memio {
namespace {

struct Suffix {
  std::string_view name;
  std::uint64_t scale;
};

constexpr std::array<Suffix, 5> size_suffixes{
    {{"", 1}, {"K", 1ull << 10}, {"M", 1ull << 20}, {"G", 1ull << 30}, {"T", 1ull << 40}}};
constexpr std::array<Suffix, 5> time_suffixes{
    {{"ps", 1}, {"ns", 1'000}, {"us", 1'000'000}, {"ms", 1'000'000'000}, {"s", 1'000'000'000'000}}};
constexpr std::array<Suffix, 4> frequency_suffixes{
    {{"Hz", 1}, {"kHz", 1'000}, {"MHz", 1'000'000}, {"GHz", 1'000'000'000}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool multiply_add(std::uint64_t& value, std::uint64_t factor, std::uint64_t addend) {
  return !__builtin_mul_overflow(value, factor, &value) && !__builtin_add_overflow(value, addend, &value);
}

// digits [ "." digits ] suffix
template <std::size_t n>
std::optional<std::uint64_t> parse_scaled(std::string_view text, const std::array<Suffix, n>& suffixes) {
  std::size_t at = 0;
  std::uint64_t value = 0;
  while (at < text.size() && is_digit(text[at]))
    if (!multiply_add(value, 10, static_cast<std::uint64_t>(text[at++] - '0'))) return {};
  if (at == 0) return {};
  std::uint64_t fraction = 0, divisor = 1;
  if (at < text.size() && text[at] == '.') {
    const std::size_t point = at++;
    for (; at < text.size() && is_digit(text[at]); ++at)
      if (!multiply_add(fraction, 10, static_cast<std::uint64_t>(text[at] - '0')) ||
          !multiply_add(divisor, 10, 0))
        return {};
    if (at == point + 1) return {};
  }
  const std::string_view name = text.substr(at);
  const auto suffix =
      std::find_if(suffixes.begin(), suffixes.end(), [&](const Suffix& s) { return s.name == name; });
  if (suffix == suffixes.end() && !(value == 0 && fraction == 0 && name.empty())) return {};
  const std::uint64_t scale = suffix == suffixes.end() ? 1 : suffix->scale;
  if (!multiply_add(fraction, scale, 0) || fraction % divisor != 0) return {};
  if (!multiply_add(value, scale, fraction / divisor)) return {};
  return value;
}

template <std::size_t n>
std::string format_scaled(std::uint64_t value, const std::array<Suffix, n>& suffixes) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < n && value != 0; ++i)
    if (value % suffixes[i].scale == 0) best = i;
  return std::to_string(value / suffixes[best].scale) + std::string(suffixes[best].name);
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (const auto number = parse_number(text)) return number;
  return parse_scaled(text, size_suffixes);
}

std::optional<std::uint64_t> parse_time(std::string_view text) { return parse_scaled(text, time_suffixes); }

std::optional<std::uint64_t> parse_frequency(std::string_view text) {
  return parse_scaled(text, frequency_suffixes);
}

std::string format_size(std::uint64_t bytes) { return format_scaled(bytes, size_suffixes); }
std::string format_time(std::uint64_t picoseconds) { return format_scaled(picoseconds, time_suffixes); }
std::string format_frequency(std::uint64_t hertz) { return format_scaled(hertz, frequency_suffixes); }

std::string_view describe(OptionType type) {
  switch (type) {
    case OptionType::number:
      return "a number, decimal or 0x hexadecimal";
    case OptionType::size:
      return "a size such as 4096, 64K, 512M or 5G";
    case OptionType::time:
      return "a time such as 100ns, 10us or 1ms";
    case OptionType::frequency:
      return "a frequency such as 100MHz or 1GHz";
    case OptionType::toggle:
      return "on, off";
    case OptionType::choice:
      return "one of a list";
    case OptionType::isa:
      return "an instruction set such as rv64imac_zba; docs/isa.md lists the extensions";
    case OptionType::file:
      return "a file";
    case OptionType::text:
      return "text";
  }
  return "";
}

}  // namespace memio
