// UTF-8 by RFC 3629; see printable.h.
#include "platform/printable.h"

#include <fmt/format.h>

#include <cstdio>

namespace memio {
namespace {

/// Bytes of the character that begins `text`; 0 if that is not well-formed UTF-8.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || size > text.size()) return 0;
  for (std::size_t at = 1; at < size; ++at)
    if ((byte(at) & 0xc0) != 0x80) return 0;
  // Longer than needed, halves of UTF-16 pairs, and what lies beyond Unicode.
  const unsigned second = byte(1);
  const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return wrong ? 0 : size;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (first < 0x20 || first == 0x7f) return true;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string printable(std::string_view text, std::string_view kept) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_size(text.substr(at));
    const std::string_view character = text.substr(at, size == 0 ? 1 : size);
    at += character.size();
    if (kept.find(character) != std::string_view::npos || (size != 0 && !is_control(character)))
      out += character;
    else
      for (const char byte : character) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
  return out;
}

void tell(std::string_view message) {
  // Not fmt::print, which throws when standard error cannot be written.
  std::fputs(printable(message, "\n").c_str(), stderr);
}

}  // namespace memio
