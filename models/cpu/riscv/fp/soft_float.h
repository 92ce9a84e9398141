// Floating-point arithmetic of IEEE 754-2008 in integers, as RISC-V wants it (unprivileged specification,
// chapters 11 to 14): binary16, binary32 and binary64, results and flags exact on every host.
//
// Values are bit patterns. A NaN result is always the canonical NaN; tininess is detected after rounding.
// Traps on flags are not modelled: RISC-V has none.
#pragma once

#include <cstdint>

namespace memio::riscv::fp {

/// A binary interchange format by its fields, below the sign bit.
template <class BitsType, unsigned ExponentBits, unsigned FractionBits>
struct Format {
  using Bits = BitsType;
  static constexpr unsigned exponent_bits = ExponentBits;
  static constexpr unsigned fraction_bits = FractionBits;
  static constexpr int bias = (1 << (exponent_bits - 1)) - 1;  ///< also the largest exponent
  static constexpr int lowest = 1 - bias;                      ///< exponent of the least normal number
  static constexpr Bits sign = static_cast<Bits>(Bits{1} << (exponent_bits + fraction_bits));
  static constexpr Bits infinity = static_cast<Bits>(((Bits{1} << exponent_bits) - 1) << fraction_bits);
  static constexpr Bits quiet = static_cast<Bits>(Bits{1} << (fraction_bits - 1));
  static constexpr Bits canonical_nan = infinity | quiet;
};
using Half = Format<std::uint16_t, 5, 10>;
using Single = Format<std::uint32_t, 8, 23>;
using Double = Format<std::uint64_t, 11, 52>;

template <class F>
using Bits = typename F::Bits;

/// Rounding modes by their encoding in frm.
enum class Rounding : std::uint8_t { nearest_even, to_zero, down, up, nearest_away };

/// Exception flags as in fflags.
namespace flag {
inline constexpr unsigned inexact = 1, underflow = 2, overflow = 4, divide_by_zero = 8, invalid = 16;
}  // namespace flag

/// The rounding mode to obey, and the flags raised so far.
struct Environment {
  Rounding rounding = Rounding::nearest_even;
  unsigned flags = 0;

  void raise(unsigned raised) { flags |= raised; }
};

template <class F>
constexpr bool is_nan(Bits<F> a) {
  return (a & ~F::sign) > F::infinity;
}
template <class F>
constexpr bool is_signaling(Bits<F> a) {
  return is_nan<F>(a) && !(a & F::quiet);
}
template <class F>
constexpr Bits<F> negate(Bits<F> a) {
  return static_cast<Bits<F>>(a ^ F::sign);
}

template <class F>
Bits<F> add(Bits<F> a, Bits<F> b, Environment& env);
template <class F>
Bits<F> subtract(Bits<F> a, Bits<F> b, Environment& env) {
  return add<F>(a, negate<F>(b), env);
}
template <class F>
Bits<F> multiply(Bits<F> a, Bits<F> b, Environment& env);
/// a * b + c, rounded once. Infinity times zero is invalid, even if c is a quiet NaN.
template <class F>
Bits<F> multiply_add(Bits<F> a, Bits<F> b, Bits<F> c, Environment& env);
template <class F>
Bits<F> divide(Bits<F> a, Bits<F> b, Environment& env);
template <class F>
Bits<F> square_root(Bits<F> a, Environment& env);

/// minimumNumber and maximumNumber of IEEE 754-2019: a NaN counts only if both are; -0 is less than +0.
template <class F>
Bits<F> minimum(Bits<F> a, Bits<F> b, Environment& env);
template <class F>
Bits<F> maximum(Bits<F> a, Bits<F> b, Environment& env);

/// A quiet comparison: only a signaling NaN is invalid.
template <class F>
bool equal(Bits<F> a, Bits<F> b, Environment& env);
/// Signaling comparisons: any NaN is invalid.
template <class F>
bool less(Bits<F> a, Bits<F> b, Environment& env);
template <class F>
bool less_equal(Bits<F> a, Bits<F> b, Environment& env);

/// The mask that fclass gives: one bit of ten (unprivileged specification, table 11.5).
template <class F>
unsigned classify(Bits<F> a);

template <class To, class From>
Bits<To> convert(Bits<From> a, Environment& env);
/// To a 32- or 64-bit integer, signed or not. What has no place there is invalid, and gives the nearest
/// end of the range, a NaN the upper one.
template <class Integer, class F>
Integer to_integer(Bits<F> a, Environment& env);
template <class F, class Integer>
Bits<F> from_integer(Integer value, Environment& env);

}  // namespace memio::riscv::fp
