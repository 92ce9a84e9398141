// The arithmetic of the bit-manipulation instructions (extensions Zba, Zbb, Zbc, Zbs, version 1.0.0) that
// takes more than an operator. `U` is the register type, or 32 bits for the forms on words.
#pragma once

#include <cstdint>

namespace memio::riscv {

template <class U>
inline constexpr unsigned bits_of = 8 * sizeof(U);

template <class U>
constexpr U low_word(U value) {
  return static_cast<std::uint32_t>(value);
}

/// Only the lowest log2(width) bits of `by` count; a rotation to the right is one by -`by`.
template <class U>
constexpr U rotate_left(U value, std::uint64_t by) {
  const unsigned left = by & (bits_of<U> - 1), right = (bits_of<U> - left) & (bits_of<U> - 1);
  return static_cast<U>(value << left | value >> right);
}

/// The width of `U` if `value` is 0, as of `trailing_zeros`.
template <class U>
constexpr U leading_zeros(U value) {
  if (value == 0) return bits_of<U>;
  return static_cast<U>(__builtin_clzll(value)) - (64 - bits_of<U>);
}

template <class U>
constexpr U trailing_zeros(U value) {
  return value == 0 ? bits_of<U> : static_cast<U>(__builtin_ctzll(value));
}

template <class U>
constexpr U set_bits(U value) {
  return static_cast<U>(__builtin_popcountll(value));
}

/// Each byte becomes all ones if any of its bits is set.
template <class U>
constexpr U or_within_bytes(U value) {
  U result = 0;
  for (U byte = 0xff; byte != 0; byte = static_cast<U>(byte << 8))
    if (value & byte) result |= byte;
  return result;
}

template <class U>
constexpr U reverse_bytes(U value) {
  if constexpr (sizeof(U) == 8) return __builtin_bswap64(value);
  return static_cast<U>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
}

/// Bits width - 1..0 of the product of two polynomials over GF(2).
template <class U>
constexpr U carryless_product(U a, U b) {
  U result = 0;
  for (unsigned i = 0; i < bits_of<U>; ++i)
    if (b >> i & 1) result ^= static_cast<U>(a << i);
  return result;
}

/// Bits 2 * width - 2 .. width - 1 of that product.
template <class U>
constexpr U carryless_product_reversed(U a, U b) {
  U result = 0;
  for (unsigned i = 0; i < bits_of<U>; ++i)
    if (b >> i & 1) result ^= static_cast<U>(a >> (bits_of<U> - 1 - i));
  return result;
}

/// Bits 2 * width - 1 .. width of that product.
template <class U>
constexpr U carryless_product_high(U a, U b) {
  return static_cast<U>(carryless_product_reversed(a, b) >> 1);
}

}  // namespace memio::riscv
