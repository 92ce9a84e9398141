// The signature of a test program: what its memory holds between the symbols begin_signature and
// end_signature, as text. Follows RISC-V's architecture tests and Spike's `+signature`.
#pragma once

#include <cstdint>
#include <string>

namespace memio {

/// Lines of `granularity` bytes in lower-case hexadecimal, the byte at the highest address first; the last
/// line is filled with zeroes.
std::string format_signature(const std::uint8_t* bytes, std::uint64_t size, unsigned granularity);

}  // namespace memio
