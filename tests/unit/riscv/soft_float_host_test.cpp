// Floating-point arithmetic against the host's own (IEEE 754 in hardware): random and awkward operands in
// single and double precision, four rounding modes, result and flags. Half precision against a search in
// the table of all its numbers, every mode. Tininess of x86 and RISC-V is the same: after rounding.
#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "cpu/riscv/fp/soft_float.h"

namespace memio::riscv::fp {
namespace {

#if defined(__x86_64__)
constexpr bool tiny_after_rounding = true;
#else
constexpr bool tiny_after_rounding = false;
#endif

struct Mode {
  Rounding soft;
  int host;
};
constexpr Mode modes[] = {{Rounding::nearest_even, FE_TONEAREST},
                          {Rounding::to_zero, FE_TOWARDZERO},
                          {Rounding::down, FE_DOWNWARD},
                          {Rounding::up, FE_UPWARD}};

unsigned host_flags() {
  const int raised = std::fetestexcept(FE_ALL_EXCEPT);
  return (raised & FE_INEXACT ? flag::inexact : 0) | (raised & FE_UNDERFLOW ? flag::underflow : 0) |
         (raised & FE_OVERFLOW ? flag::overflow : 0) | (raised & FE_DIVBYZERO ? flag::divide_by_zero : 0) |
         (raised & FE_INVALID ? flag::invalid : 0);
}

template <class To, class From>
To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

template <class F, class Float>
class HostTest {
 public:
  /// An operand: its exponent is often near that of `near`, its fraction often almost all ones or zeroes.
  Bits<F> operand(Bits<F> near = 0x3a5a) {
    const std::uint64_t r = random_();
    auto fraction = static_cast<Bits<F>>(random_() & (F::quiet * 2 - 1));
    if (r & 1) fraction = static_cast<Bits<F>>(fraction & (fraction << 7) & (fraction << 19));
    if (r & 2) fraction = static_cast<Bits<F>>(~fraction & (F::quiet * 2 - 1));
    auto exponent = static_cast<Bits<F>>(random_() & (F::infinity >> F::fraction_bits));
    if (r & 4) exponent = static_cast<Bits<F>>(((near & F::infinity) >> F::fraction_bits) + (r >> 8) % 5 - 2);
    if ((r & 0xf0) == 0) exponent = 0;
    if ((r & 0x1f0) == 0x10) exponent = F::infinity >> F::fraction_bits;
    return static_cast<Bits<F>>((r >> 20 & 1 ? F::sign : 0) | ((exponent << F::fraction_bits) & F::infinity) |
                                fraction);
  }

  /// Compares one operation in all of the host's modes.
  template <class Soft, class Host>
  void check(const char* name, Bits<F> a, Bits<F> b, Bits<F> c, Soft soft, Host host) {
    for (const Mode& mode : modes) {
      Environment env{mode.soft, 0};
      const Bits<F> mine = soft(a, b, c, env);
      volatile Float x = bit_cast<Float>(a), y = bit_cast<Float>(b), z = bit_cast<Float>(c);
      std::fesetround(mode.host);
      std::feclearexcept(FE_ALL_EXCEPT);
      volatile Float result = host(x, y, z);
      const unsigned flags = host_flags();
      std::fesetround(FE_TONEAREST);
      const Float value = result;
      Bits<F> theirs = bit_cast<Bits<F>>(value);
      if (is_nan<F>(theirs)) theirs = F::canonical_nan;
      ASSERT_EQ(mine, theirs) << name << std::hex << " of " << a << ", " << b << ", " << c << " mode "
                              << static_cast<int>(mode.soft);
      ASSERT_EQ(env.flags, flags) << name << std::hex << " of " << a << ", " << b << ", " << c << " mode "
                                  << static_cast<int>(mode.soft);
    }
  }

  void run(unsigned rounds) {
    using E = Environment;
    using B = Bits<F>;
    for (unsigned i = 0; i < rounds && !testing::Test::HasFatalFailure(); ++i) {
      const B a = operand(), b = operand(a), c = operand(a), d = operand();
      check(
          "add", a, b, 0, [](B x, B y, B, E& e) { return add<F>(x, y, e); },
          [](Float x, Float y, Float) { return x + y; });
      check(
          "subtract", a, b, 0, [](B x, B y, B, E& e) { return subtract<F>(x, y, e); },
          [](Float x, Float y, Float) { return x - y; });
      check(
          "multiply", a, d, 0, [](B x, B y, B, E& e) { return multiply<F>(x, y, e); },
          [](Float x, Float y, Float) { return x * y; });
      check(
          "divide", a, d, 0, [](B x, B y, B, E& e) { return divide<F>(x, y, e); },
          [](Float x, Float y, Float) { return x / y; });
      check(
          "root", a, 0, 0, [](B x, B, B, E& e) { return square_root<F>(x, e); },
          [](Float x, Float, Float) { return std::sqrt(x); });
      // An addend near the product: its exponent is the sum of theirs.
      const B near = static_cast<B>((a & F::infinity) + (d & F::infinity) - (B{F::bias} << F::fraction_bits));
      for (const B addend : {operand(near), c})
        if (!quiet_beside_invalid(a, d, addend))
          check(
              "multiply_add", a, d, addend, [](B x, B y, B z, E& e) { return multiply_add<F>(x, y, z, e); },
              [](Float x, Float y, Float z) { return std::fma(x, y, z); });
    }
  }

 private:
  /// Infinity times zero plus a quiet NaN: IEEE 754 leaves it open, and hosts differ.
  static bool quiet_beside_invalid(Bits<F> a, Bits<F> b, Bits<F> c) {
    const auto magnitude = [](Bits<F> v) { return static_cast<Bits<F>>(v & ~F::sign); };
    const bool product = (magnitude(a) == 0 && magnitude(b) == F::infinity) ||
                         (magnitude(b) == 0 && magnitude(a) == F::infinity);
    return product && is_nan<F>(c);
  }

  std::mt19937_64 random_{F::fraction_bits};
};

TEST(SoftFloatHost, Single) {
  if (!tiny_after_rounding) GTEST_SKIP() << "this host's underflow flag may differ";
  HostTest<Single, float>().run(20000);
}

TEST(SoftFloatHost, Double) {
  if (!tiny_after_rounding) GTEST_SKIP() << "this host's underflow flag may differ";
  HostTest<Double, double>().run(20000);
}

/// All finite magnitudes of half precision, and 65536 where infinity stands.
class HalfTable {
 public:
  HalfTable() {
    for (unsigned bits = 0; bits <= 0x7c00; ++bits) {
      const unsigned exponent = bits >> 10, fraction = bits & 0x3ff;
      values_.push_back(exponent ? std::ldexp(1024 + fraction, static_cast<int>(exponent) - 25)
                                 : std::ldexp(fraction, -24));
    }
  }

  double value(unsigned bits) const { return values_[bits]; }

  /// The half nearest to `x`, and flags, for each rounding mode.
  std::uint16_t round(double x, Rounding rounding, unsigned& flags) const {
    const double magnitude = std::fabs(x);
    const bool negative = std::signbit(x);
    const auto sign = static_cast<std::uint16_t>(negative ? 0x8000 : 0);
    const auto above = std::lower_bound(values_.begin(), values_.end(), magnitude);
    auto high = static_cast<unsigned>(std::min<std::ptrdiff_t>(above - values_.begin(), 0x7c00));
    if (high < 0x7c00 && values_[high] == magnitude) return static_cast<std::uint16_t>(sign | high);
    const unsigned low = high - 1;
    const double to_low = magnitude - values_[low], to_high = values_[high] - magnitude;
    bool up = false;
    if (rounding == Rounding::up || rounding == Rounding::down) up = (rounding == Rounding::down) == negative;
    if (rounding == Rounding::nearest_even) up = to_high < to_low || (to_high == to_low && (low & 1));
    if (rounding == Rounding::nearest_away) up = to_high <= to_low;
    flags = flag::inexact;
    if (magnitude >= 65536 || (up && high == 0x7c00)) flags |= flag::overflow;
    if (magnitude < values_[0x400] && !(up && rounds_to_normal(magnitude, rounding)))
      flags |= flag::underflow;
    return static_cast<std::uint16_t>(sign | (up ? high : low));
  }

 private:
  /// Whether 11 bits without bounds of the exponent would round `magnitude` up to 2^-14 in a mode that rounds
  /// up here.
  static bool rounds_to_normal(double magnitude, Rounding rounding) {
    const double ulp = std::ldexp(1, -25), distance = std::ldexp(1, -14) - magnitude;
    const bool nearest = rounding == Rounding::nearest_even || rounding == Rounding::nearest_away;
    return nearest ? distance <= ulp / 2 : distance < ulp;
  }

  std::vector<double> values_;
};

constexpr Rounding all_modes[] = {Rounding::nearest_even, Rounding::to_zero, Rounding::down, Rounding::up,
                                  Rounding::nearest_away};

TEST(SoftFloatHost, HalfConversionsAtAndBetweenAllNumbers) {
  const HalfTable table;
  for (unsigned bits = 0; bits < 0x7c00 && !HasFailure(); ++bits) {
    const double low = table.value(bits), high = table.value(bits + 1), middle = (low + high) / 2;
    for (const double x : {low, std::nextafter(low, 1e9), std::nextafter(middle, 0), middle,
                           std::nextafter(middle, 1e9), std::nextafter(high, 0)})
      for (const double value : {x, -x})
        for (const Rounding rounding : all_modes) {
          Environment env{rounding, 0};
          unsigned flags = 0;
          const std::uint16_t want = table.round(value, rounding, flags);
          EXPECT_EQ((convert<Half, Double>(bit_cast<std::uint64_t>(value), env)), want) << value;
          EXPECT_EQ(env.flags, flags) << value << " mode " << static_cast<int>(rounding);
        }
  }
}

TEST(SoftFloatHost, HalfSumsAndProducts) {
  const HalfTable table;
  std::mt19937 random(11);
  for (unsigned i = 0; i < 200000 && !HasFailure(); ++i) {
    const auto r = static_cast<std::uint32_t>(random());
    const auto a = static_cast<std::uint16_t>(r), b = static_cast<std::uint16_t>(r >> 16);
    if ((a & 0x7c00) == 0x7c00 || (b & 0x7c00) == 0x7c00) continue;
    const auto value = [&](std::uint16_t h) {
      return std::copysign(table.value(h & 0x7fff), h & 0x8000 ? -1. : 1.);
    };
    const Rounding rounding = all_modes[i % 5];
    // Both are exact in double precision; the sign of a zero sum is the one thing it does not tell.
    const double sum = value(a) + value(b), product = value(a) * value(b);
    Environment env{rounding, 0};
    unsigned flags = 0;
    if (sum != 0) {
      const std::uint16_t want = table.round(sum, rounding, flags);
      EXPECT_EQ(add<Half>(a, b, env), want) << std::hex << r;
      EXPECT_EQ(env.flags, flags) << std::hex << r;
    }
    env.flags = flags = 0;
    const std::uint16_t want = table.round(product, rounding, flags);
    EXPECT_EQ(multiply<Half>(a, b, env), want) << std::hex << r;
    EXPECT_EQ(env.flags, flags) << std::hex << r;
  }
}

TEST(SoftFloatHost, IntegersRoundAsTheHostDoes) {
  std::mt19937_64 random(64);
  for (unsigned i = 0; i < 100000 && !HasFailure(); ++i) {
    const auto integer = static_cast<std::int64_t>(random()) >> (random() & 63);
    const Mode& mode = modes[i % 4];
    std::fesetround(mode.host);
    std::feclearexcept(FE_ALL_EXCEPT);
    volatile std::int64_t source = integer;
    volatile double there = static_cast<double>(source);
    const unsigned flags_there = host_flags();
    // Around an integer, so that fractions come up as well.
    volatile double scaled = std::ldexp(there, -static_cast<int>(i % 70));
    std::feclearexcept(FE_ALL_EXCEPT);
    volatile double back = std::rint(scaled);
    const unsigned flags_back = host_flags();
    std::fesetround(FE_TONEAREST);
    Environment env{mode.soft, 0};
    EXPECT_EQ(from_integer<Double>(integer, env), bit_cast<std::uint64_t>(double{there})) << integer;
    EXPECT_EQ(env.flags, flags_there) << integer;
    if (std::fabs(back) >= 0x1p63) continue;
    env.flags = 0;
    const auto mine = to_integer<std::int64_t, Double>(bit_cast<std::uint64_t>(double{scaled}), env);
    EXPECT_EQ(mine, static_cast<std::int64_t>(double{back})) << double{scaled};
    EXPECT_EQ(env.flags, flags_back) << double{scaled};
  }
}

}  // namespace
}  // namespace memio::riscv::fp
