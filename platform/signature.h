// The signature of a test program: what its memory holds between the symbols begin_signature and
// end_signature, as text. Follows RISC-V's architecture tests and Spike's `+signature`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/elf_image.h"

namespace memio {

/// Physical addresses of a signature, or why there is none.
struct SignaturePlace {
  std::uint64_t first = 0, size = 0;
  std::string missing = "it has neither";  ///< empty if there is one
};

/// The place by the values of begin_signature and end_signature, which must be in this order and in one
/// segment.
SignaturePlace locate_signature(const ElfImage& image, std::optional<std::uint64_t> begin,
                                std::optional<std::uint64_t> end);

/// Lines of `granularity` bytes in lower-case hexadecimal, the byte at the highest address first; the last
/// line is filled with zeroes.
std::string format_signature(const std::uint8_t* bytes, std::uint64_t size, unsigned granularity);

}  // namespace memio
