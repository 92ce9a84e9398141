// See signature.h.
#include "platform/signature.h"

#include <fmt/format.h>

namespace memio {

SignaturePlace locate_signature(const ElfImage& image, std::optional<std::uint64_t> begin,
                                std::optional<std::uint64_t> end) {
  SignaturePlace place;
  if (!begin && !end) return place;
  const auto missing = [&place](std::string reason) {
    place.missing = std::move(reason);
    return place;
  };
  if (!begin || !end)
    return missing(fmt::format("it has {} only", begin ? "begin_signature" : "end_signature"));
  const std::string both = fmt::format("begin_signature {:#x} and end_signature {:#x}", *begin, *end);
  if (*end < *begin) return missing("it has them reversed: " + both);
  if (*end == *begin) return {image.first_physical(), 0, {}};
  // An end may be the end of a segment as well.
  const auto first = image.to_physical(*begin), last = image.to_physical(*end - 1);
  if (!first || !last || *last - *first != *end - 1 - *begin)
    return missing("it has them outside its segments, or in two: " + both);
  return {*first, *end - *begin, {}};
}

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
