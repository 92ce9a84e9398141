// Floating-point arithmetic against literal values: bit patterns and flags worked out by hand from
// IEEE 754-2008 and the RISC-V unprivileged specification, chapters 11 and 12.
#include "cpu/riscv/fp/soft_float.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace memio::riscv::fp {
namespace {

constexpr unsigned nx = 1, uf = 2, of = 4, dz = 8, nv = 16;
constexpr Rounding rne = Rounding::nearest_even, rtz = Rounding::to_zero, rdn = Rounding::down,
                   rup = Rounding::up, rmm = Rounding::nearest_away;
constexpr Rounding all_modes[] = {rne, rtz, rdn, rup, rmm};

/// A value and the flags raised with it.
template <class T>
struct Outcome {
  T value;
  unsigned flags;
  bool operator==(const Outcome& o) const { return value == o.value && flags == o.flags; }
  friend void PrintTo(const Outcome& o, std::ostream* out) {
    *out << std::hex << +o.value << " flags " << o.flags;
  }
};

template <class Function>
auto with(Rounding rounding, Function function) {
  Environment env{rounding, 0};
  const auto value = function(env);
  return Outcome<std::decay_t<decltype(value)>>{value, env.flags};
}

using Out16 = Outcome<std::uint16_t>;
using Out32 = Outcome<std::uint32_t>;
using Out64 = Outcome<std::uint64_t>;

Out32 add32(std::uint32_t a, std::uint32_t b, Rounding r = rne) {
  return with(r, [&](Environment& e) { return add<Single>(a, b, e); });
}
Out32 multiply32(std::uint32_t a, std::uint32_t b, Rounding r = rne) {
  return with(r, [&](Environment& e) { return multiply<Single>(a, b, e); });
}
Out32 fma32(std::uint32_t a, std::uint32_t b, std::uint32_t c, Rounding r = rne) {
  return with(r, [&](Environment& e) { return multiply_add<Single>(a, b, c, e); });
}
Out64 fma64(std::uint64_t a, std::uint64_t b, std::uint64_t c, Rounding r = rne) {
  return with(r, [&](Environment& e) { return multiply_add<Double>(a, b, c, e); });
}
Out32 divide32(std::uint32_t a, std::uint32_t b, Rounding r = rne) {
  return with(r, [&](Environment& e) { return divide<Single>(a, b, e); });
}
Out64 divide64(std::uint64_t a, std::uint64_t b, Rounding r = rne) {
  return with(r, [&](Environment& e) { return divide<Double>(a, b, e); });
}
Out32 root32(std::uint32_t a, Rounding r = rne) {
  return with(r, [&](Environment& e) { return square_root<Single>(a, e); });
}
Out64 root64(std::uint64_t a, Rounding r = rne) {
  return with(r, [&](Environment& e) { return square_root<Double>(a, e); });
}
template <class To, class From>
auto convert_in(Bits<From> a, Rounding r = rne) {
  return with(r, [&](Environment& e) { return convert<To, From>(a, e); });
}
template <class Integer, class F>
auto integer_of(Bits<F> a, Rounding r = rne) {
  return with(r, [&](Environment& e) { return to_integer<Integer, F>(a, e); });
}

constexpr std::uint32_t one = 0x3f800000, minus_one = 0xbf800000, inf = 0x7f800000, minus_inf = 0xff800000,
                        nan = 0x7fc00000, snan = 0x7f800001, most = 0x7f7fffff, least = 1,
                        least_normal = 0x00800000, minus_zero = 0x80000000;

TEST(SoftFloatAdd, RoundsATieInEachMode) {
  // 1 + 2^-24 lies halfway between 1 and its successor; 1.0000001 + 2^-24 between two others.
  const std::uint32_t half_ulp = 0x33800000;
  EXPECT_EQ(add32(one, half_ulp, rne), (Out32{one, nx}));
  EXPECT_EQ(add32(one, half_ulp, rtz), (Out32{one, nx}));
  EXPECT_EQ(add32(one, half_ulp, rdn), (Out32{one, nx}));
  EXPECT_EQ(add32(one, half_ulp, rup), (Out32{0x3f800001, nx}));
  EXPECT_EQ(add32(one, half_ulp, rmm), (Out32{0x3f800001, nx}));
  EXPECT_EQ(add32(0x3f800001, half_ulp, rne), (Out32{0x3f800002, nx}));
  EXPECT_EQ(add32(minus_one, half_ulp | minus_zero, rmm), (Out32{0xbf800001, nx}));
  EXPECT_EQ(add32(minus_one, half_ulp | minus_zero, rdn), (Out32{0xbf800001, nx}));
  EXPECT_EQ(add32(minus_one, half_ulp | minus_zero, rup), (Out32{minus_one, nx}));
}

TEST(SoftFloatAdd, KeepsWhatIsFarBelowTheLastBit) {
  EXPECT_EQ(add32(one, least, rne), (Out32{one, nx}));
  EXPECT_EQ(add32(one, least, rup), (Out32{0x3f800001, nx}));
  EXPECT_EQ(add32(one, least | minus_zero, rdn), (Out32{0x3f7fffff, nx}));
  EXPECT_EQ(add32(one, least | minus_zero, rtz), (Out32{0x3f7fffff, nx}));
  EXPECT_EQ(add32(one, least | minus_zero, rne), (Out32{one, nx}));
}

TEST(SoftFloatAdd, SignsOfZeroesFollowTheRoundingMode) {
  for (const Rounding r : all_modes) {
    const std::uint32_t zero = r == rdn ? minus_zero : 0;
    EXPECT_EQ(add32(one, minus_one, r), (Out32{zero, 0}));
    EXPECT_EQ(add32(0, minus_zero, r), (Out32{zero, 0}));
    EXPECT_EQ(add32(minus_zero, minus_zero, r), (Out32{minus_zero, 0}));
    EXPECT_EQ(fma32(one, one, minus_one, r), (Out32{zero, 0}));
  }
}

TEST(SoftFloatAdd, OverflowDependsOnTheDirection) {
  EXPECT_EQ(add32(most, most, rne), (Out32{inf, of | nx}));
  EXPECT_EQ(add32(most, most, rmm), (Out32{inf, of | nx}));
  EXPECT_EQ(add32(most, most, rtz), (Out32{most, of | nx}));
  EXPECT_EQ(add32(most, most, rdn), (Out32{most, of | nx}));
  EXPECT_EQ(add32(most | minus_zero, most | minus_zero, rdn), (Out32{minus_inf, of | nx}));
  EXPECT_EQ(add32(most | minus_zero, most | minus_zero, rup), (Out32{most | minus_zero, of | nx}));
  // Half an ulp of the largest number: a carry overflows, a shorter way does not.
  EXPECT_EQ(add32(most, 0x73000000, rne), (Out32{inf, of | nx}));
  EXPECT_EQ(add32(most, 0x72ffffff, rne), (Out32{most, nx}));
  EXPECT_EQ(add32(most, least, rup), (Out32{inf, of | nx}));
}

TEST(SoftFloatAdd, SpecialOperands) {
  EXPECT_EQ(add32(inf, minus_inf), (Out32{nan, nv}));
  EXPECT_EQ(add32(inf, one), (Out32{inf, 0}));
  EXPECT_EQ(add32(0x7fc12345, one), (Out32{nan, 0}));
  EXPECT_EQ(add32(one, 0xffc12345), (Out32{nan, 0}));
  EXPECT_EQ(add32(snan, one), (Out32{nan, nv}));
  EXPECT_EQ(add32(nan, snan), (Out32{nan, nv}));
  EXPECT_EQ(add32(least, least), (Out32{2, 0}));  // subnormal sums are exact: no underflow
}

TEST(SoftFloatMultiply, TininessIsDetectedAfterRounding) {
  // (1 - 2^-24) * 2^-126 has 24 bits, so it stays tiny; it is a tie of two subnormal places, and rounds up.
  EXPECT_EQ(multiply32(0x3f7fffff, least_normal), (Out32{least_normal, uf | nx}));
  // (1 - 2^-24)(1 + 2^-23) is 1 + 2^-24 - 2^-47: above the least normal number.
  EXPECT_EQ(multiply32(0x3f7fffff, 0x00800001), (Out32{least_normal, nx}));
  // (1 + 2^-23)(1 - 2^-23) is 1 - 2^-46: in 24 bits it rounds to 1, and is not tiny, or to less.
  EXPECT_EQ(multiply32(0x00800001, 0x3f7ffffe), (Out32{least_normal, nx}));
  EXPECT_EQ(multiply32(0x00800001, 0x3f7ffffe, rtz), (Out32{0x007fffff, uf | nx}));
  EXPECT_EQ(multiply32(0x00800001, 0x3f7ffffe, rup), (Out32{least_normal, nx}));
  EXPECT_EQ(multiply32(0x80800001, 0x3f7ffffe, rdn), (Out32{0x80800000, nx}));
}

TEST(SoftFloatMultiply, SubnormalResults) {
  EXPECT_EQ(multiply32(least, 0x3f000000, rne), (Out32{0, uf | nx}));  // half of the least number
  EXPECT_EQ(multiply32(least, 0x3f000000, rmm), (Out32{least, uf | nx}));
  EXPECT_EQ(multiply32(3, 0x3f000000, rne), (Out32{2, uf | nx}));  // 1.5 ulp
  EXPECT_EQ(multiply32(least, least, rup), (Out32{least, uf | nx}));
  EXPECT_EQ(multiply32(least, least | minus_zero, rup), (Out32{minus_zero, uf | nx}));
  EXPECT_EQ(multiply32(2, 0x3f000000), (Out32{1, 0}));  // exact: tiny but no flag
  EXPECT_EQ(multiply32(inf, 0), (Out32{nan, nv}));
  EXPECT_EQ(multiply32(minus_inf, one), (Out32{minus_inf, 0}));
  EXPECT_EQ(multiply32(minus_zero, one), (Out32{minus_zero, 0}));
}

TEST(SoftFloatFused, RoundsOnce) {
  // (1 + 2^-23)^2 - (1 + 2^-22) = 2^-46: lost if the product were rounded first.
  EXPECT_EQ(fma32(0x3f800001, 0x3f800001, 0xbf800002), (Out32{0x28800000, 0}));
  // In double: (1 + 2^-52)^2 - (1 + 2^-51) = 2^-104.
  EXPECT_EQ(fma64(0x3ff0000000000001, 0x3ff0000000000001, 0xbff0000000000002),
            (Out64{0x3970000000000000, 0}));
  // A product just beside a tie with the addend's sign deciding.
  EXPECT_EQ(fma32(one, one, least), (Out32{one, nx}));
  EXPECT_EQ(fma32(one, one, least | minus_zero, rtz), (Out32{0x3f7fffff, nx}));
  // Product 2^-200 below one: only its sign shows.
  EXPECT_EQ(fma64(0x3370000000000000, 0x3370000000000000, 0x3ff0000000000000, rup),
            (Out64{0x3ff0000000000001, nx}));
  EXPECT_EQ(fma64(0xb370000000000000, 0x3370000000000000, 0x3ff0000000000000, rdn),
            (Out64{0x3fefffffffffffff, nx}));
}

TEST(SoftFloatFused, SpecialOperands) {
  EXPECT_EQ(fma32(inf, 0, nan), (Out32{nan, nv}));  // invalid even beside a quiet NaN
  EXPECT_EQ(fma32(0, minus_inf, one), (Out32{nan, nv}));
  EXPECT_EQ(fma32(inf, one, minus_inf), (Out32{nan, nv}));
  EXPECT_EQ(fma32(inf, one, inf), (Out32{inf, 0}));
  EXPECT_EQ(fma32(nan, one, one), (Out32{nan, 0}));
  EXPECT_EQ(fma32(one, one, snan), (Out32{nan, nv}));
  EXPECT_EQ(fma32(most, most, minus_inf), (Out32{minus_inf, 0}));  // the product does not overflow alone
  EXPECT_EQ(fma32(0, one, minus_one), (Out32{minus_one, 0}));
  EXPECT_EQ(fma32(minus_zero, one, 0), (Out32{0, 0}));
  EXPECT_EQ(fma32(most, 0x40000000, most | minus_zero), (Out32{most, 0}));  // 2 most - most
}

TEST(SoftFloatDivide, QuotientsAndFlags) {
  EXPECT_EQ(divide32(one, 0x40400000, rne), (Out32{0x3eaaaaab, nx}));  // 1/3
  EXPECT_EQ(divide32(one, 0x40400000, rtz), (Out32{0x3eaaaaaa, nx}));
  EXPECT_EQ(divide64(0x3ff0000000000000, 0x4008000000000000), (Out64{0x3fd5555555555555, nx}));
  EXPECT_EQ(divide32(0x40c00000, 0x40400000), (Out32{0x40000000, 0}));
  EXPECT_EQ(divide32(one, 0), (Out32{inf, dz}));
  EXPECT_EQ(divide32(one, minus_zero), (Out32{minus_inf, dz}));
  EXPECT_EQ(divide32(0, 0), (Out32{nan, nv}));
  EXPECT_EQ(divide32(inf, inf), (Out32{nan, nv}));
  EXPECT_EQ(divide32(inf, 0), (Out32{inf, 0}));
  EXPECT_EQ(divide32(one, minus_inf), (Out32{minus_zero, 0}));
  EXPECT_EQ(divide32(least, most), (Out32{0, uf | nx}));
  EXPECT_EQ(divide32(most, least), (Out32{inf, of | nx}));
  EXPECT_EQ(divide32(0x00ffffff, 0x40000000), (Out32{0x00800000, uf | nx}));  // a tie that rounds to normal
}

TEST(SoftFloatRoot, RootsAndFlags) {
  EXPECT_EQ(root32(0x40000000), (Out32{0x3fb504f3, nx}));
  EXPECT_EQ(root64(0x4000000000000000), (Out64{0x3ff6a09e667f3bcd, nx}));
  EXPECT_EQ(root64(0x4000000000000000, rtz), (Out64{0x3ff6a09e667f3bcc, nx}));
  EXPECT_EQ(root64(0x4022000000000000), (Out64{0x4008000000000000, 0}));  // 9
  EXPECT_EQ(root64(0x7fefffffffffffff), (Out64{0x5fefffffffffffff, nx}));
  EXPECT_EQ(root64(0x0000000000000001), (Out64{0x1e60000000000000, 0}));  // 2^-1074
  EXPECT_EQ(root32(minus_zero), (Out32{minus_zero, 0}));
  EXPECT_EQ(root32(minus_one), (Out32{nan, nv}));
  EXPECT_EQ(root32(minus_inf), (Out32{nan, nv}));
  EXPECT_EQ(root32(inf), (Out32{inf, 0}));
  EXPECT_EQ(root32(snan), (Out32{nan, nv}));
}

TEST(SoftFloatCompare, MinimumAndMaximum) {
  const auto min = [](auto a, auto b) {
    return with(rne, [&](Environment& e) { return minimum<Single>(a, b, e); });
  };
  const auto max = [](auto a, auto b) {
    return with(rne, [&](Environment& e) { return maximum<Single>(a, b, e); });
  };
  EXPECT_EQ(min(0u, minus_zero), (Out32{minus_zero, 0}));
  EXPECT_EQ(max(minus_zero, 0u), (Out32{0, 0}));
  EXPECT_EQ(min(one, nan), (Out32{one, 0}));
  EXPECT_EQ(max(snan, one), (Out32{one, nv}));
  EXPECT_EQ(min(0xffc00001u, 0x7fc00002u), (Out32{nan, 0}));
  EXPECT_EQ(max(snan, nan), (Out32{nan, nv}));
  EXPECT_EQ(min(minus_inf, minus_one), (Out32{minus_inf, 0}));
  EXPECT_EQ(max(minus_one, 0xc0000000u), (Out32{minus_one, 0}));
}

TEST(SoftFloatCompare, QuietAndSignaling) {
  const auto eq = [](auto a, auto b) {
    return with(rne, [&](Environment& e) { return equal<Single>(a, b, e); });
  };
  const auto lt = [](auto a, auto b) {
    return with(rne, [&](Environment& e) { return less<Single>(a, b, e); });
  };
  const auto le = [](auto a, auto b) {
    return with(rne, [&](Environment& e) { return less_equal<Single>(a, b, e); });
  };
  using Out = Outcome<bool>;
  EXPECT_EQ(eq(0u, minus_zero), (Out{true, 0}));
  EXPECT_EQ(eq(nan, nan), (Out{false, 0}));
  EXPECT_EQ(eq(one, snan), (Out{false, nv}));
  EXPECT_EQ(lt(nan, one), (Out{false, nv}));
  EXPECT_EQ(le(one, nan), (Out{false, nv}));
  EXPECT_EQ(lt(minus_zero, 0u), (Out{false, 0}));
  EXPECT_EQ(le(0u, minus_zero), (Out{true, 0}));
  EXPECT_EQ(lt(minus_inf, minus_one), (Out{true, 0}));
  EXPECT_EQ(le(one, minus_one), (Out{false, 0}));
}

TEST(SoftFloatClassify, TenClasses) {
  const std::uint32_t operands[10] = {minus_inf,  minus_one,    0x80000001, minus_zero, 0,
                                      0x007fffff, least_normal, inf,        snan,       nan};
  for (unsigned i = 0; i < 10; ++i) EXPECT_EQ(classify<Single>(operands[i]), 1u << i) << i;
  EXPECT_EQ(classify<Half>(0x7e00), 1u << 9);
  EXPECT_EQ(classify<Half>(0x8001), 1u << 2);
  EXPECT_EQ(classify<Double>(0x7ff0000000000001), 1u << 8);
}

TEST(SoftFloatConvert, BetweenFormats) {
  EXPECT_EQ((convert_in<Half, Single>(0x477fe000)), (Out16{0x7bff, 0}));        // 65504
  EXPECT_EQ((convert_in<Half, Single>(0x477fefff)), (Out16{0x7bff, nx}));       // below 65520
  EXPECT_EQ((convert_in<Half, Single>(0x477ff000)), (Out16{0x7c00, of | nx}));  // 65520 rounds away
  EXPECT_EQ((convert_in<Half, Single>(0x477ff000, rdn)), (Out16{0x7bff, nx}));  // fits: no overflow
  EXPECT_EQ((convert_in<Half, Single>(0x33000000)), (Out16{0, uf | nx}));       // 2^-25: a tie with zero
  EXPECT_EQ((convert_in<Half, Single>(0x33000000, rmm)), (Out16{1, uf | nx}));
  EXPECT_EQ((convert_in<Half, Single>(0x33000001)), (Out16{1, uf | nx}));
  EXPECT_EQ((convert_in<Single, Half>(0x0001)), (Out32{0x33800000, 0}));
  EXPECT_EQ((convert_in<Single, Half>(0xfc00)), (Out32{minus_inf, 0}));
  EXPECT_EQ((convert_in<Double, Half>(0x7d00)), (Out64{0x7ff8000000000000, nv}));
  EXPECT_EQ((convert_in<Single, Double>(0xfff8000000000123)), (Out32{nan, 0}));
  EXPECT_EQ((convert_in<Single, Double>(0x36a0000000000000)), (Out32{1, 0}));  // 2^-149
  EXPECT_EQ((convert_in<Single, Double>(0x47efffffefffffff)), (Out32{most, nx}));
  EXPECT_EQ((convert_in<Single, Double>(0x47effffff0000000)), (Out32{inf, of | nx}));
  // 1 + 2^-11 + 2^-40 is above a tie of half; by way of single it would be the tie, and round to even.
  EXPECT_EQ((convert_in<Half, Double>(0x3ff0020000001000)), (Out16{0x3c01, nx}));
  EXPECT_EQ((convert_in<Half, Double>(0x3ff0020000000000)), (Out16{0x3c00, nx}));
}

TEST(SoftFloatConvert, ToIntegersAtTheLimits) {
  using I32 = Outcome<std::int32_t>;
  using U32 = Outcome<std::uint32_t>;
  using I64 = Outcome<std::int64_t>;
  using U64 = Outcome<std::uint64_t>;
  EXPECT_EQ((integer_of<std::int32_t, Single>(0x4f000000)), (I32{0x7fffffff, nv}));  // 2^31
  EXPECT_EQ((integer_of<std::int32_t, Single>(0xcf000000)), (I32{INT32_MIN, 0}));
  EXPECT_EQ((integer_of<std::int32_t, Double>(0x41dfffffffdfffff)),
            (I32{INT32_MAX, nx}));  // below 2^31 - 1/2
  EXPECT_EQ((integer_of<std::int32_t, Double>(0x41dfffffffe00000)), (I32{INT32_MAX, nv}));  // the tie
  EXPECT_EQ((integer_of<std::int32_t, Double>(0x41dfffffffe00000, rtz)), (I32{INT32_MAX, nx}));
  EXPECT_EQ((integer_of<std::int32_t, Double>(0xc1e0000000100000)), (I32{INT32_MIN, nx}));  // -2^31 - 1/2
  EXPECT_EQ((integer_of<std::int32_t, Double>(0xc1e0000000100000, rdn)), (I32{INT32_MIN, nv}));
  EXPECT_EQ((integer_of<std::uint32_t, Single>(0xbf000000)), (U32{0, nx}));  // -0.5
  EXPECT_EQ((integer_of<std::uint32_t, Single>(0xbf000000, rmm)), (U32{0, nv}));
  EXPECT_EQ((integer_of<std::uint32_t, Single>(0xbf000000, rdn)), (U32{0, nv}));
  EXPECT_EQ((integer_of<std::uint32_t, Single>(minus_one)), (U32{0, nv}));
  EXPECT_EQ((integer_of<std::uint32_t, Single>(minus_zero)), (U32{0, 0}));
  EXPECT_EQ((integer_of<std::uint32_t, Single>(nan)), (U32{UINT32_MAX, nv}));
  EXPECT_EQ((integer_of<std::int32_t, Single>(0xffc00000)), (I32{INT32_MAX, nv}));
  EXPECT_EQ((integer_of<std::int64_t, Single>(minus_inf)), (I64{INT64_MIN, nv}));
  EXPECT_EQ((integer_of<std::int64_t, Double>(0x43e0000000000000)), (I64{INT64_MAX, nv}));
  EXPECT_EQ((integer_of<std::int64_t, Double>(0xc3e0000000000000)), (I64{INT64_MIN, 0}));
  EXPECT_EQ((integer_of<std::uint64_t, Double>(0x43efffffffffffff)), (U64{0xfffffffffffff800, 0}));
  EXPECT_EQ((integer_of<std::uint64_t, Double>(0x43f0000000000000)), (U64{UINT64_MAX, nv}));
  EXPECT_EQ((integer_of<std::int32_t, Single>(0x3fc00000, rne)), (I32{2, nx}));  // 1.5
  EXPECT_EQ((integer_of<std::int32_t, Single>(0x40200000, rne)), (I32{2, nx}));  // 2.5
  EXPECT_EQ((integer_of<std::int32_t, Single>(0x40200000, rmm)), (I32{3, nx}));
  EXPECT_EQ((integer_of<std::int32_t, Single>(least, rup)), (I32{1, nx}));
  EXPECT_EQ((integer_of<std::int32_t, Half>(0x3800, rne)), (I32{0, nx}));  // 0.5
  EXPECT_EQ((integer_of<std::int32_t, Half>(0xfbff)), (I32{-65504, 0}));
}

TEST(SoftFloatConvert, FromIntegers) {
  const auto single = [](auto value, Rounding r) {
    return with(r, [&](Environment& e) { return from_integer<Single>(value, e); });
  };
  EXPECT_EQ(single(std::int32_t{16777217}, rne), (Out32{0x4b800000, nx}));
  EXPECT_EQ(single(std::int32_t{16777217}, rmm), (Out32{0x4b800001, nx}));
  EXPECT_EQ(single(INT32_MIN, rne), (Out32{0xcf000000, 0}));
  EXPECT_EQ(single(UINT64_MAX, rtz), (Out32{0x5f7fffff, nx}));
  EXPECT_EQ(single(UINT64_MAX, rne), (Out32{0x5f800000, nx}));
  EXPECT_EQ(single(INT64_MIN, rup), (Out32{0xdf000000, 0}));
  EXPECT_EQ(single(std::int32_t{0}, rdn), (Out32{0, 0}));
  EXPECT_EQ(with(rne, [](Environment& e) { return from_integer<Half>(std::int32_t{65520}, e); }),
            (Out16{0x7c00, of | nx}));
  EXPECT_EQ(with(rtz, [](Environment& e) { return from_integer<Half>(UINT64_MAX, e); }),
            (Out16{0x7bff, of | nx}));
  EXPECT_EQ(with(rne, [](Environment& e) { return from_integer<Double>(std::int64_t{9007199254740993}, e); }),
            (Out64{0x4340000000000000, nx}));
}

}  // namespace
}  // namespace memio::riscv::fp
