// See signature.h.
#include "platform/signature.h"

namespace memio {

std::string format_signature(const std::uint8_t* bytes, std::uint64_t size, unsigned granularity) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::uint64_t line = 0; line < size; line += granularity) {
    for (std::uint64_t at = line + granularity; at-- > line;) {
      const unsigned byte = at < size ? bytes[at] : 0;
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
    text += '\n';
  }
  return text;
}

}  // namespace memio
