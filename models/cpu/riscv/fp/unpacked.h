// A floating-point number taken apart, the same for all formats, and its way back; for soft_float.cpp.
//
// A finite number is significand * 2^(exponent - 63), with bit 63 of the significand set. Whatever falls off
// the low end of a significand is kept as its lowest bit ("sticky"), which is enough to round rightly once,
// since no format has more than 53 bits.
#pragma once

#include <utility>

#include "cpu/riscv/fp/soft_float.h"

namespace memio::riscv::fp {

using u128 = unsigned __int128;

enum class Kind : std::uint8_t { zero, finite, infinite, nan };

struct Unpacked {
  Kind kind = Kind::zero;
  bool sign = false;
  int exponent = 0;
  std::uint64_t significand = 0;
};

inline unsigned leading_zeros(std::uint64_t value) { return static_cast<unsigned>(__builtin_clzll(value)); }

inline std::uint64_t shift_right_sticky(std::uint64_t value, unsigned by) {
  if (by > 63) return value != 0;
  return value >> by | ((value & ((std::uint64_t{1} << by) - 1)) != 0);
}

inline u128 shift_right_sticky(u128 value, unsigned by) {
  if (by > 127) return value != 0;
  return value >> by | ((value & ((u128{1} << by) - 1)) != 0);
}

/// The upper half of `value`, sticky.
inline std::uint64_t upper_sticky(u128 value) {
  return static_cast<std::uint64_t>(value >> 64) | (static_cast<std::uint64_t>(value) != 0);
}

template <class F>
Unpacked unpack(Bits<F> bits) {
  constexpr unsigned spare = 63 - F::fraction_bits;
  Unpacked u;
  u.sign = (bits & F::sign) != 0;
  const auto fraction = static_cast<std::uint64_t>(bits & (F::quiet * 2u - 1));
  const auto biased = static_cast<int>((bits & F::infinity) >> F::fraction_bits);
  if (biased == 2 * F::bias + 1) {
    u.kind = fraction ? Kind::nan : Kind::infinite;
  } else if (biased != 0) {
    u.kind = Kind::finite;
    u.exponent = biased - F::bias;
    u.significand = std::uint64_t{1} << 63 | fraction << spare;
  } else if (fraction != 0) {
    const unsigned shift = leading_zeros(fraction);
    u.kind = Kind::finite;
    u.exponent = F::lowest + static_cast<int>(spare) - static_cast<int>(shift);
    u.significand = fraction << shift;
  }
  return u;
}

/// `value` without its lowest `dropped` bits (1..63), rounded, and whether that was inexact.
inline std::pair<std::uint64_t, bool> round_off(bool sign, std::uint64_t value, unsigned dropped,
                                                Rounding rounding) {
  const std::uint64_t kept = value >> dropped;
  const std::uint64_t rest = value & ((std::uint64_t{1} << dropped) - 1);
  const std::uint64_t half = std::uint64_t{1} << (dropped - 1);
  bool up = false;
  switch (rounding) {
    case Rounding::nearest_even:
      up = rest > half || (rest == half && (kept & 1));
      break;
    case Rounding::nearest_away:
      up = rest >= half;
      break;
    case Rounding::down:
      up = sign && rest;
      break;
    case Rounding::up:
      up = !sign && rest;
      break;
    case Rounding::to_zero:
      break;
  }
  return {kept + up, rest != 0};
}

template <class F>
constexpr Bits<F> signed_bits(bool sign, Bits<F> magnitude) {
  return static_cast<Bits<F>>(sign ? magnitude | F::sign : magnitude);
}

/// What an overflow gives: infinity, or the largest finite number if the rounding mode points away from it.
template <class F>
Bits<F> overflow(bool sign, Environment& env) {
  env.raise(flag::overflow | flag::inexact);
  const bool inwards =
      env.rounding == Rounding::to_zero || env.rounding == (sign ? Rounding::up : Rounding::down);
  return signed_bits<F>(sign, static_cast<Bits<F>>(F::infinity - (inwards ? 1 : 0)));
}

/// The nearest number of the format, by the rounding mode, to significand * 2^(exponent - 63).
template <class F>
Bits<F> round(bool sign, int exponent, std::uint64_t significand, Environment& env) {
  constexpr unsigned dropped = 63 - F::fraction_bits;
  if (exponent > F::bias) return overflow<F>(sign, env);
  bool tiny = false;
  if (exponent < F::lowest) {
    // Tiny, unless it would round up to the least normal number if the exponent had no end.
    const std::uint64_t unbounded = round_off(sign, significand, dropped, env.rounding).first;
    tiny = exponent < F::lowest - 1 || !(unbounded >> (F::fraction_bits + 1));
    significand = shift_right_sticky(significand, static_cast<unsigned>(F::lowest - exponent));
    exponent = F::lowest;
  }
  const auto [kept, inexact] = round_off(sign, significand, dropped, env.rounding);
  // The leading bit of `kept` adds one to the exponent field: none in a subnormal number, two after a carry.
  const auto field = static_cast<std::uint64_t>(exponent - F::lowest);
  const std::uint64_t magnitude = (field << F::fraction_bits) + kept;
  if (magnitude >= F::infinity) return overflow<F>(sign, env);
  if (inexact) env.raise(tiny ? flag::underflow | flag::inexact : flag::inexact);
  return signed_bits<F>(sign, static_cast<Bits<F>>(magnitude));
}

/// The same for a number that may be zero, infinite or NaN; the NaN's signal is not looked at.
template <class F>
Bits<F> pack(const Unpacked& u, Environment& env) {
  switch (u.kind) {
    case Kind::zero:
      return signed_bits<F>(u.sign, 0);
    case Kind::infinite:
      return signed_bits<F>(u.sign, F::infinity);
    case Kind::nan:
      return F::canonical_nan;
    case Kind::finite:
      break;
  }
  return round<F>(u.sign, u.exponent, u.significand, env);
}

}  // namespace memio::riscv::fp
