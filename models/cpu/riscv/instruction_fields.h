// Fields and immediates of the 32-bit encodings (unprivileged specification, section 2.3).
#pragma once

#include <cstdint>

namespace memio::riscv {

constexpr std::uint32_t field(std::uint32_t bits, unsigned high, unsigned low) {
  return (bits >> low) & ((1u << (high - low + 1)) - 1);
}

constexpr std::int32_t imm_i(std::uint32_t b) { return static_cast<std::int32_t>(b) >> 20; }
constexpr std::int32_t imm_s(std::uint32_t b) {
  return (static_cast<std::int32_t>(b & 0xfe000000) >> 20) | static_cast<std::int32_t>(field(b, 11, 7));
}
constexpr std::int32_t imm_b(std::uint32_t b) {
  return (static_cast<std::int32_t>(b & 0x80000000) >> 19) |
         static_cast<std::int32_t>(field(b, 7, 7) << 11 | field(b, 30, 25) << 5 | field(b, 11, 8) << 1);
}
constexpr std::int32_t imm_u(std::uint32_t b) { return static_cast<std::int32_t>(b & 0xfffff000); }
constexpr std::int32_t imm_j(std::uint32_t b) {
  return (static_cast<std::int32_t>(b & 0x80000000) >> 11) |
         static_cast<std::int32_t>(field(b, 19, 12) << 12 | field(b, 20, 20) << 11 | field(b, 30, 21) << 1);
}

}  // namespace memio::riscv
