// Arithmetic and conversions; see soft_float.h for the rules and unpacked.h for the representation.
#include "cpu/riscv/fp/soft_float.h"

#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>

#include "cpu/riscv/fp/unpacked.h"

namespace memio::riscv::fp {

namespace {

/// A finite number with room for a carry: significand * 2^(exponent + 2 - bits of T), its highest bit clear.
/// With 128 bits it holds any product exactly; with 64 any operand, and enough below it to round a sum.
template <class T>
struct Scaled {
  static constexpr int bits = 8 * sizeof(T);
  bool sign = false;
  int exponent = 0;
  T significand = 0;
};

template <class T>
Scaled<T> scaled(const Unpacked& u) {
  if constexpr (sizeof(T) == 8)
    return {u.sign, u.exponent, u.significand >> 1};
  else
    return {u.sign, u.exponent, T{u.significand} << 63};
}

Scaled<u128> product(const Unpacked& a, const Unpacked& b) {
  return {a.sign != b.sign, a.exponent + b.exponent + 1, (u128{a.significand} * b.significand) >> 1};
}

template <class F>
Bits<F> round_scaled(const Scaled<std::uint64_t>& s, Environment& env) {
  const unsigned shift = leading_zeros(s.significand);
  return round<F>(s.sign, s.exponent + 1 - static_cast<int>(shift), s.significand << shift, env);
}

template <class F>
Bits<F> round_scaled(const Scaled<u128>& s, Environment& env) {
  const auto top = static_cast<std::uint64_t>(s.significand >> 64);
  const unsigned shift =
      top ? leading_zeros(top) : 64 + leading_zeros(static_cast<std::uint64_t>(s.significand));
  return round<F>(s.sign, s.exponent + 1 - static_cast<int>(shift), upper_sticky(s.significand << shift),
                  env);
}

/// Exact zeroes that are sums of numbers of opposite sign are positive, but if rounding goes down.
template <class F>
Bits<F> zero_sum(bool a_sign, bool b_sign, const Environment& env) {
  return signed_bits<F>(a_sign == b_sign ? a_sign : env.rounding == Rounding::down, 0);
}

template <class F, class T>
Bits<F> sum(Scaled<T> a, Scaled<T> b, Environment& env) {
  if (a.exponent < b.exponent) std::swap(a, b);
  b.significand = shift_right_sticky(b.significand, static_cast<unsigned>(a.exponent - b.exponent));
  if (a.sign == b.sign) {
    a.significand += b.significand;
  } else {
    if (a.significand == b.significand) return zero_sum<F>(a.sign, b.sign, env);
    if (a.significand < b.significand) std::swap(a.significand, b.significand), a.sign = b.sign;
    a.significand -= b.significand;
  }
  return round_scaled<F>(a, env);
}

template <class F>
Bits<F> invalid(Environment& env) {
  env.raise(flag::invalid);
  return F::canonical_nan;
}

/// The result of an operation with a NaN among its operands.
template <class F, class... Operands>
Bits<F> nan_of(Environment& env, Operands... operands) {
  if ((is_signaling<F>(operands) || ...)) env.raise(flag::invalid);
  return F::canonical_nan;
}

/// The order of numbers with -0 below +0, as one of integers.
template <class F>
constexpr std::int64_t order(Bits<F> a) {
  const auto magnitude = static_cast<std::int64_t>(static_cast<Bits<F>>(a & ~F::sign));
  return a & F::sign ? ~magnitude : magnitude;
}

template <class F>
constexpr bool both_zero(Bits<F> a, Bits<F> b) {
  return static_cast<Bits<F>>((a | b) & ~F::sign) == 0;
}

/// floor(sqrt(n)) for n of 2^126 and above. The host's root is only where the search begins.
std::uint64_t integer_root(u128 n) {
  u128 root = static_cast<u128>(std::sqrt(static_cast<double>(n)));
  root = (root + n / root) / 2;
  while (root > std::numeric_limits<std::uint64_t>::max() || root * root > n) --root;
  while (root < std::numeric_limits<std::uint64_t>::max() && (root + 1) * (root + 1) <= n) ++root;
  return static_cast<std::uint64_t>(root);
}

}  // namespace

template <class F>
Bits<F> add(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) return nan_of<F>(env, a, b);
  const Unpacked x = unpack<F>(a), y = unpack<F>(b);
  if (x.kind == Kind::infinite) return y.kind == Kind::infinite && x.sign != y.sign ? invalid<F>(env) : a;
  if (y.kind == Kind::infinite) return b;
  if (x.kind == Kind::zero) return y.kind == Kind::zero ? zero_sum<F>(x.sign, y.sign, env) : b;
  if (y.kind == Kind::zero) return a;
  return sum<F>(scaled<std::uint64_t>(x), scaled<std::uint64_t>(y), env);
}

template <class F>
Bits<F> multiply(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) return nan_of<F>(env, a, b);
  const Unpacked x = unpack<F>(a), y = unpack<F>(b);
  const bool sign = x.sign != y.sign, zero = x.kind == Kind::zero || y.kind == Kind::zero;
  if (x.kind == Kind::infinite || y.kind == Kind::infinite)
    return zero ? invalid<F>(env) : signed_bits<F>(sign, F::infinity);
  return zero ? signed_bits<F>(sign, 0) : round_scaled<F>(product(x, y), env);
}

template <class F>
Bits<F> multiply_add(Bits<F> a, Bits<F> b, Bits<F> c, Environment& env) {
  const Unpacked x = unpack<F>(a), y = unpack<F>(b), z = unpack<F>(c);
  const bool sign = x.sign != y.sign, zero = x.kind == Kind::zero || y.kind == Kind::zero;
  const bool infinite = x.kind == Kind::infinite || y.kind == Kind::infinite;
  if (infinite && zero) return invalid<F>(env);
  if (x.kind == Kind::nan || y.kind == Kind::nan || z.kind == Kind::nan) return nan_of<F>(env, a, b, c);
  if (infinite && z.kind == Kind::infinite && z.sign != sign) return invalid<F>(env);
  if (infinite) return signed_bits<F>(sign, F::infinity);
  if (z.kind == Kind::infinite) return c;
  if (zero) return z.kind == Kind::zero ? zero_sum<F>(sign, z.sign, env) : c;
  return z.kind == Kind::zero ? round_scaled<F>(product(x, y), env)
                              : sum<F>(product(x, y), scaled<u128>(z), env);
}

template <class F>
Bits<F> divide(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) return nan_of<F>(env, a, b);
  const Unpacked x = unpack<F>(a), y = unpack<F>(b);
  const bool sign = x.sign != y.sign;
  if (x.kind == y.kind && x.kind != Kind::finite) return invalid<F>(env);
  if (x.kind == Kind::zero || y.kind == Kind::infinite) return signed_bits<F>(sign, 0);
  if (y.kind == Kind::zero && x.kind == Kind::finite) env.raise(flag::divide_by_zero);
  if (y.kind == Kind::zero || x.kind == Kind::infinite) return signed_bits<F>(sign, F::infinity);
  const bool below = x.significand < y.significand;  // the quotient of significands is below one
  const u128 dividend = u128{x.significand} << (below ? 64 : 63);
  const auto quotient = static_cast<std::uint64_t>(dividend / y.significand);
  const bool rest = u128{quotient} * y.significand != dividend;
  return round<F>(sign, x.exponent - y.exponent - (below ? 1 : 0), quotient | rest, env);
}

template <class F>
Bits<F> square_root(Bits<F> a, Environment& env) {
  if (is_nan<F>(a)) return nan_of<F>(env, a);
  const Unpacked x = unpack<F>(a);
  if (x.kind == Kind::zero) return a;
  if (x.sign) return invalid<F>(env);
  if (x.kind == Kind::infinite) return a;
  const bool odd = x.exponent & 1;
  const u128 square = u128{x.significand} << (odd ? 64 : 63);
  const std::uint64_t root = integer_root(square);
  const bool rest = u128{root} * root != square;
  return round<F>(false, (x.exponent - (odd ? 1 : 0)) / 2, root | rest, env);
}

template <class F>
Bits<F> minimum(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) {
    const Bits<F> nan = nan_of<F>(env, a, b);
    return !is_nan<F>(a) ? a : !is_nan<F>(b) ? b : nan;
  }
  return order<F>(a) < order<F>(b) ? a : b;
}

template <class F>
Bits<F> maximum(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) return minimum<F>(a, b, env);
  return order<F>(a) < order<F>(b) ? b : a;
}

template <class F>
bool equal(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) return nan_of<F>(env, a, b), false;
  return a == b || both_zero<F>(a, b);
}

template <class F>
bool less(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) return invalid<F>(env), false;
  return order<F>(a) < order<F>(b) && !both_zero<F>(a, b);
}

template <class F>
bool less_equal(Bits<F> a, Bits<F> b, Environment& env) {
  if (is_nan<F>(a) || is_nan<F>(b)) return invalid<F>(env), false;
  return order<F>(a) <= order<F>(b) || both_zero<F>(a, b);
}

template <class F>
unsigned classify(Bits<F> a) {
  const auto magnitude = static_cast<Bits<F>>(a & ~F::sign);
  if (magnitude > F::infinity) return a & F::quiet ? 1u << 9 : 1u << 8;
  const unsigned distance = magnitude == F::infinity             ? 3
                            : magnitude >> F::fraction_bits != 0 ? 2
                            : magnitude != 0                     ? 1
                                                                 : 0;
  return a & F::sign ? 1u << (3 - distance) : 1u << (4 + distance);
}

template <class To, class From>
Bits<To> convert(Bits<From> a, Environment& env) {
  if (is_signaling<From>(a)) env.raise(flag::invalid);
  return pack<To>(unpack<From>(a), env);
}

template <class Integer, class F>
Integer to_integer(Bits<F> a, Environment& env) {
  using Limits = std::numeric_limits<Integer>;
  using Unsigned = std::make_unsigned_t<Integer>;
  const Unpacked u = unpack<F>(a);
  const bool negative = u.sign && u.kind != Kind::nan;
  const std::uint64_t most = negative ? Unsigned{0} - static_cast<Unsigned>(Limits::min()) : Limits::max();
  std::uint64_t magnitude = 0;
  bool inexact = false, fits = u.kind == Kind::zero;
  if (u.kind == Kind::finite && u.exponent <= 63) {
    magnitude = u.significand;
    if (unsigned fraction = static_cast<unsigned>(63 - u.exponent)) {
      if (fraction > 62) magnitude = shift_right_sticky(magnitude, fraction - 62), fraction = 62;
      std::tie(magnitude, inexact) = round_off(u.sign, magnitude, fraction, env.rounding);
    }
    fits = magnitude <= most;
  }
  env.raise(!fits ? flag::invalid : inexact ? flag::inexact : 0);
  if (!fits) return negative ? Limits::min() : Limits::max();
  return static_cast<Integer>(negative ? Unsigned{0} - static_cast<Unsigned>(magnitude)
                                       : static_cast<Unsigned>(magnitude));
}

template <class F, class Integer>
Bits<F> from_integer(Integer value, Environment& env) {
  if (value == 0) return 0;
  const bool negative = value < 0;
  const auto extended = static_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = negative ? 0 - extended : extended;
  const unsigned shift = leading_zeros(magnitude);
  return round<F>(negative, 63 - static_cast<int>(shift), magnitude << shift, env);
}

#define MEMIO_CONVERSIONS(F, Integer)                             \
  template Integer to_integer<Integer, F>(Bits<F>, Environment&); \
  template Bits<F> from_integer<F, Integer>(Integer, Environment&);
#define MEMIO_FORMAT(F)                                                      \
  template Bits<F> add<F>(Bits<F>, Bits<F>, Environment&);                   \
  template Bits<F> multiply<F>(Bits<F>, Bits<F>, Environment&);              \
  template Bits<F> multiply_add<F>(Bits<F>, Bits<F>, Bits<F>, Environment&); \
  template Bits<F> divide<F>(Bits<F>, Bits<F>, Environment&);                \
  template Bits<F> square_root<F>(Bits<F>, Environment&);                    \
  template Bits<F> minimum<F>(Bits<F>, Bits<F>, Environment&);               \
  template Bits<F> maximum<F>(Bits<F>, Bits<F>, Environment&);               \
  template bool equal<F>(Bits<F>, Bits<F>, Environment&);                    \
  template bool less<F>(Bits<F>, Bits<F>, Environment&);                     \
  template bool less_equal<F>(Bits<F>, Bits<F>, Environment&);               \
  template unsigned classify<F>(Bits<F>);                                    \
  MEMIO_CONVERSIONS(F, std::int32_t)                                         \
  MEMIO_CONVERSIONS(F, std::uint32_t)                                        \
  MEMIO_CONVERSIONS(F, std::int64_t)                                         \
  MEMIO_CONVERSIONS(F, std::uint64_t)
MEMIO_FORMAT(Half)
MEMIO_FORMAT(Single)
MEMIO_FORMAT(Double)
#undef MEMIO_FORMAT
#undef MEMIO_CONVERSIONS

template Bits<Half> convert<Half, Single>(Bits<Single>, Environment&);
template Bits<Half> convert<Half, Double>(Bits<Double>, Environment&);
template Bits<Single> convert<Single, Half>(Bits<Half>, Environment&);
template Bits<Single> convert<Single, Double>(Bits<Double>, Environment&);
template Bits<Double> convert<Double, Half>(Bits<Half>, Environment&);
template Bits<Double> convert<Double, Single>(Bits<Single>, Environment&);

}  // namespace memio::riscv::fp
