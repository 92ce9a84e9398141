// Floating point as programs see it, on both widths and engines: fcsr, mstatus.FS, rounding modes, NaN
// boxing, moves and conversions between the register files, loads and stores, costs. The arithmetic itself:
// soft_float_test.cpp.
#include <vector>

#include "unit/riscv/hart_bench.h"

namespace memio::test {
namespace {

using riscv::Engine;

constexpr std::uint64_t initial = 1u << 13, clean = 2u << 13, dirty = 3u << 13;
constexpr Word half = 2, single = 0, double_ = 1;  // formats
constexpr Word rne = 0, rtz = 1, rup = 3, dyn = 7;

constexpr Word op(Word funct5, Word format, Word rd, Word rs1, Word rs2, Word rm) {
  return r_type(funct5 << 2 | format, rs2, rs1, rm, rd, 0x53);
}
constexpr Word fadd(Word format, Word rd, Word rs1, Word rs2, Word rm = rne) {
  return op(0, format, rd, rs1, rs2, rm);
}
constexpr Word fdiv(Word format, Word rd, Word rs1, Word rs2, Word rm = rne) {
  return op(3, format, rd, rs1, rs2, rm);
}
constexpr Word fmadd(Word format, Word rd, Word rs1, Word rs2, Word rs3, Word rm = rne) {
  return r_type(rs3 << 2 | format, rs2, rs1, rm, rd, 0x43);
}
constexpr Word fsgnj(Word format, Word rd, Word rs1, Word rs2) { return op(4, format, rd, rs1, rs2, 0); }
constexpr Word feq(Word format, Word rd, Word rs1, Word rs2) { return op(0x14, format, rd, rs1, rs2, 2); }
constexpr Word to_int(Word format, Word rd, Word rs1, Word kind, Word rm = rtz) {
  return op(0x18, format, rd, rs1, kind, rm);
}
constexpr Word from_int(Word format, Word rd, Word rs1, Word kind, Word rm = rne) {
  return op(0x1a, format, rd, rs1, kind, rm);
}
constexpr Word fmv_x(Word format, Word rd, Word rs1) { return op(0x1c, format, rd, rs1, 0, 0); }
constexpr Word fclass(Word format, Word rd, Word rs1) { return op(0x1c, format, rd, rs1, 0, 1); }
constexpr Word fmv_f(Word format, Word rd, Word rs1) { return op(0x1e, format, rd, rs1, 0, 0); }
constexpr Word width_of(Word format) { return format == half ? 1 : format == single ? 2 : 3; }
constexpr Word load(Word format, Word rd, Word rs1, std::int32_t imm) {
  return i_type(imm, rs1, width_of(format), rd, 0x07);
}
constexpr Word store(Word format, Word rs2, Word rs1, std::int32_t imm) {
  return s_type(imm, rs2, rs1, width_of(format), 0x27);
}

struct Shape {
  unsigned xlen;
  Engine engine;
};

riscv::HartConfig floating(const Shape& shape) {
  riscv::HartConfig config = hart_config(shape.xlen, shape.engine);
  config.isa.f = config.isa.d = config.isa.zfh = true;
  return config;
}

class Float : public ::testing::TestWithParam<Shape> {
 protected:
  Float() {
    set_status(initial);
    bench.hart->set_reg(10, data_at);
  }

  void set_status(std::uint64_t fs) { bench.set_csr(0x300, fs); }
  std::uint64_t fs() const { return bench.csr(0x300) & dirty; }
  /// Puts a bit pattern into an f register by way of memory.
  void set(Word reg, std::uint64_t value) {
    bench.port->put64(data_at + 0x800 - 8, value);
    bench.execute({load(double_, reg, 10, 0x800 - 8)}, scratch_at);
  }
  std::uint64_t f(unsigned reg) const { return bench.hart->float_reg(reg); }
  std::uint64_t x(unsigned reg) const { return bench.hart->reg(reg); }
  bool illegal(Word word) {
    if (!bench.traps(word)) return false;
    EXPECT_EQ(bench.csr(0x342), 2u);
    EXPECT_EQ(bench.csr(0x343), word);
    EXPECT_EQ(bench.csr(0x341), code_at + 8);
    return true;
  }
  bool wide() const { return GetParam().xlen == 64; }
  /// `value` as an x register holds it.
  std::uint64_t in_x(std::uint64_t value) const { return wide() ? value : value & 0xffffffff; }

  HartBench bench{floating(GetParam())};
};

constexpr std::uint64_t boxed_one = 0xffffffff3f800000, boxed_two = 0xffffffff40000000,
                        boxed_nan = 0xffffffff7fc00000;

TEST_P(Float, IsIllegalWhileOff) {
  set_status(0);
  const Word words[] = {fadd(single, 1, 2, 3),  fmadd(double_, 1, 2, 3, 4),
                        load(single, 1, 10, 0), store(half, 1, 10, 0),
                        fmv_x(single, 5, 1),    fmv_f(single, 1, 5),
                        feq(double_, 5, 1, 2),  fclass(half, 5, 1),
                        csrrs(5, 1, 0),         csrrs(5, 2, 0),
                        csrrw(0, 3, 5)};
  for (const Word word : words) EXPECT_TRUE(illegal(word)) << std::hex << word;
  set_status(clean);
  for (const Word word : words) EXPECT_FALSE(bench.traps(word)) << std::hex << word;
}

TEST_P(Float, StatusHoldsAllFourValuesAndSaysWhenDirty) {
  const std::uint64_t sd = wide() ? 1ull << 63 : 1ull << 31;
  for (const std::uint64_t value : {std::uint64_t{0}, initial, clean, dirty}) {
    set_status(value);
    for (const unsigned csr : {0x300u, 0x100u}) {
      EXPECT_EQ(bench.csr(csr) & dirty, value);
      EXPECT_EQ(bench.csr(csr) & sd, value == dirty ? sd : 0);
    }
  }
  EXPECT_EQ(bench.csr(0x301) & 0x28, 0x28u) << "misa: F and D";
}

TEST_P(Float, WhatMakesItDirty) {
  const auto after = [this](Word word) {
    set_status(clean);
    bench.execute({word});
    return fs();
  };
  set(1, boxed_one);
  set(2, 0xffffffff7f800001);  // signaling
  EXPECT_EQ(after(fadd(single, 3, 1, 1)), dirty);
  EXPECT_EQ(after(load(half, 3, 10, 0)), dirty);
  EXPECT_EQ(after(fmv_f(single, 3, 5)), dirty);
  EXPECT_EQ(after(csrrw(0, 1, 0)), dirty);
  EXPECT_EQ(after(feq(single, 5, 1, 2)), dirty) << "raises a flag";
  EXPECT_EQ(after(feq(single, 5, 1, 1)), clean);
  EXPECT_EQ(after(store(single, 1, 10, 0)), clean);
  EXPECT_EQ(after(fmv_x(single, 5, 2)), clean);
  EXPECT_EQ(after(to_int(single, 5, 1, 0)), clean);
  EXPECT_EQ(after(csrrs(5, 3, 0)), clean);
}

TEST_P(Float, ControlRegisterFields) {
  bench.set_csr(3, ~0ull);
  EXPECT_EQ(bench.csr(3), 0xffu);
  EXPECT_EQ(bench.csr(2), 7u);
  EXPECT_EQ(bench.csr(1), 0x1fu);
  bench.set_csr(2, 0xa);
  EXPECT_EQ(bench.csr(3), 0x5fu);
  bench.set_csr(1, 0x64);
  EXPECT_EQ(bench.csr(3), 0x44u);
}

TEST_P(Float, FlagsAreSticky) {
  set(1, boxed_one);
  set(2, 0xffffffff00000000);
  bench.execute({fdiv(single, 3, 1, 2)});
  EXPECT_EQ(f(3), 0xffffffff7f800000);
  EXPECT_EQ(bench.csr(1), 8u) << "DZ";
  set(4, 0xffffffff40400000);
  bench.execute({fdiv(single, 3, 1, 4), fadd(single, 5, 1, 1)});
  EXPECT_EQ(f(3), 0xffffffff3eaaaaab) << "1/3";
  EXPECT_EQ(f(5), boxed_two);
  EXPECT_EQ(bench.csr(1), 9u) << "DZ and NX";
}

TEST_P(Float, StaticAndDynamicRounding) {
  set(1, boxed_one);
  set(2, 0xffffffff33800000);  // half an ulp of 1
  bench.set_csr(2, rup);
  bench.execute({fadd(single, 3, 1, 2, dyn), fadd(single, 4, 1, 2, rtz), fadd(single, 5, 1, 2, 4)});
  EXPECT_EQ(f(3), 0xffffffff3f800001);
  EXPECT_EQ(f(4), boxed_one);
  EXPECT_EQ(f(5), 0xffffffff3f800001) << "RMM";
  for (const Word reserved : {5u, 6u}) EXPECT_TRUE(illegal(fadd(single, 3, 1, 2, reserved)));
  for (const Word reserved : {5u, 6u, 7u}) {
    bench.set_csr(2, reserved);
    EXPECT_EQ(bench.csr(2), reserved);
    EXPECT_TRUE(illegal(fadd(single, 3, 1, 2, dyn)));
    EXPECT_TRUE(illegal(from_int(double_, 3, 5, 0, dyn))) << "though it is exact";
    EXPECT_FALSE(bench.traps(fadd(single, 3, 1, 2, rne)));
    EXPECT_FALSE(bench.traps(feq(single, 5, 1, 2)));
    EXPECT_FALSE(bench.traps(load(single, 6, 10, 0)));
  }
}

TEST_P(Float, NarrowValuesAreBoxed) {
  bench.port->put64(data_at, 0x123456783fc0bc00);
  bench.execute({load(single, 1, 10, 0), load(half, 2, 10, 0), load(double_, 3, 10, 0),
                 store(double_, 2, 10, 8), store(half, 3, 10, 16), fadd(half, 4, 2, 2)});
  EXPECT_EQ(f(1), 0xffffffff3fc0bc00);
  EXPECT_EQ(f(2), 0xffffffffffffbc00);
  EXPECT_EQ(f(3), 0x123456783fc0bc00u);
  EXPECT_EQ(bench.port->get32(data_at + 12), 0xffffffffu);
  EXPECT_EQ(bench.port->get32(data_at + 16) & 0xffff, 0xbc00u) << "stores take the low bits as they are";
  EXPECT_EQ(f(4), 0xffffffffffffc000) << "-1 + -1";
}

TEST_P(Float, WhatIsNotBoxedIsTheCanonicalNan) {
  set(1, boxed_one);
  set(2, 0xfffffffe3f800000);
  set(3, 0xffffffff00003c00);  // boxed for single, but not for half
  bench.execute({fadd(single, 4, 1, 2), fsgnj(single, 5, 2, 1), fmv_x(single, 6, 2), fclass(single, 7, 2),
                 fadd(half, 8, 3, 3), fclass(half, 9, 3), feq(single, 11, 2, 2)});
  EXPECT_EQ(f(4), boxed_nan);
  EXPECT_EQ(f(5), boxed_nan);
  EXPECT_EQ(x(6), 0x3f800000u) << "moves take the bits as they are";
  EXPECT_EQ(x(7), 1u << 9);
  EXPECT_EQ(f(8), 0xffffffffffff7e00);
  EXPECT_EQ(x(9), 1u << 9);
  EXPECT_EQ(x(11), 0u);
  EXPECT_EQ(bench.csr(1), 0u) << "a quiet NaN raises nothing";
}

TEST_P(Float, MovesSignExtend) {
  set(1, 0x00000000bf800000);
  set(2, 0x0000000000008001);
  bench.hart->set_reg(5, 0x1234c000);
  bench.execute({fmv_x(single, 6, 1), fmv_x(half, 7, 2), fmv_f(single, 3, 5), fmv_f(half, 4, 5)});
  EXPECT_EQ(x(6), in_x(0xffffffffbf800000));
  EXPECT_EQ(x(7), in_x(0xffffffffffff8001));
  EXPECT_EQ(f(3), 0xffffffff1234c000);
  EXPECT_EQ(f(4), 0xffffffffffffc000);
}

TEST_P(Float, Conversions) {
  set(1, 0xffffffff4f800000);  // 2^32
  set(2, 0xc1e0000000000000);  // -2^31
  bench.hart->set_reg(5, ~0ull);
  bench.execute({to_int(single, 6, 1, 1), to_int(single, 7, 1, 0), to_int(double_, 8, 2, 0),
                 from_int(double_, 3, 5, 0), from_int(double_, 4, 5, 1), op(8, single, 9, 2, double_, rne),
                 op(8, half, 11, 1, single, rtz)});
  EXPECT_EQ(x(6), in_x(~0ull)) << "fcvt.wu saturates, and sign-extends its 32 bits";
  EXPECT_EQ(x(7), 0x7fffffffu);
  EXPECT_EQ(x(8), in_x(0xffffffff80000000));
  EXPECT_EQ(f(3), 0xbff0000000000000u);
  EXPECT_EQ(f(4), 0x41efffffffe00000u) << "2^32 - 1";
  EXPECT_EQ(f(9), 0xffffffffcf000000);
  EXPECT_EQ(f(11), 0xffffffffffff7bff);
  EXPECT_EQ(bench.csr(1), 0x15u) << "NV, OF, NX";
  if (!wide()) return;
  bench.execute({to_int(single, 6, 1, 2), from_int(single, 3, 5, 3)});
  EXPECT_EQ(x(6), 1ull << 32);
  EXPECT_EQ(f(3), 0xffffffff5f800000) << "2^64";
}

TEST_P(Float, FusedTakesThreeRegisters) {
  set(1, boxed_two);
  set(2, 0xffffffff40400000);  // 3
  set(31, boxed_one);
  bench.execute({fmadd(single, 0, 1, 2, 31), r_type(31 << 2, 2, 1, rne, 5, 0x47),
                 r_type(31 << 2, 2, 1, rne, 6, 0x4b), r_type(31 << 2, 2, 1, rne, 7, 0x4f)});
  EXPECT_EQ(f(0), 0xffffffff40e00000) << "2 * 3 + 1";
  EXPECT_EQ(f(5), 0xffffffff40a00000) << "2 * 3 - 1";
  EXPECT_EQ(f(6), 0xffffffffc0a00000) << "-(2 * 3) + 1";
  EXPECT_EQ(f(7), 0xffffffffc0e00000) << "-(2 * 3) - 1";
}

TEST_P(Float, LoadsAndStoresFaultAsTheOthersDo) {
  bench.hart->set_reg(11, 0x70000000);  // nobody's
  EXPECT_TRUE(bench.traps(load(double_, 1, 11, 0)));
  EXPECT_EQ(bench.csr(0x342), 5u);
  EXPECT_EQ(bench.csr(0x343), 0x70000000u);
  EXPECT_TRUE(bench.traps(store(single, 1, 11, 4)));
  EXPECT_EQ(bench.csr(0x342), 7u);
  set(1, 0x0123456789abcdef);
  set_status(clean);
  bench.execute({store(double_, 1, 10, 3), store(double_, 1, 10, 0), load(double_, 2, 10, 1)});
  EXPECT_EQ(f(2), 0x450123456789abcdu) << "byte 8 is left from the store at 3";
}

TEST_P(Float, CompressedForms) {
  bench.hart->set_reg(2, data_at);
  bench.port->put64(data_at + 8, 0x3ff0000000000000);
  // c.fldsp f8,8(x2); c.fsd f8,16(x10)
  bench.put(code_at, {0xa9002422});
  bench.hart->set_pc(code_at);
  bench.run(2);
  EXPECT_EQ(f(8), 0x3ff0000000000000u);
  EXPECT_EQ(bench.port->get32(data_at + 20), 0x3ff00000u);
}

/// A nop costs a fetch of 5 and 1; what is beyond is the class.
TEST_P(Float, ClassesCostWhatTheirOptionsSay) {
  riscv::HartConfig config = floating(GetParam());
  config.timing.fp_add = {7, 1};
  HartBench slow(config);
  slow.set_csr(0x300, initial);
  const auto cycles = [](HartBench& b, Word word) {
    b.put(code_at, {nop, nop, word, nop});
    b.hart->set_pc(code_at);
    const Cycles before = b.hart->now();
    b.run(3);
    return b.hart->now() - before - 17;
  };
  cycles(bench, nop);
  EXPECT_EQ(cycles(bench, nop), 1u);
  EXPECT_EQ(cycles(bench, fadd(single, 1, 2, 3)), 3u);
  EXPECT_EQ(cycles(bench, op(2, single, 1, 2, 3, rne)), 4u);
  EXPECT_EQ(cycles(bench, fmadd(half, 1, 2, 3, 4)), 5u);
  EXPECT_EQ(cycles(bench, fdiv(single, 1, 2, 3)), 15u);
  EXPECT_EQ(cycles(bench, fdiv(double_, 1, 2, 3)), 25u);
  EXPECT_EQ(cycles(bench, op(11, half, 1, 2, 0, rne)), 15u);
  EXPECT_EQ(cycles(bench, op(11, double_, 1, 2, 0, rne)), 25u);
  EXPECT_EQ(cycles(bench, feq(single, 5, 2, 3)), 1u);
  EXPECT_EQ(cycles(bench, to_int(single, 5, 2, 0)), 2u);
  EXPECT_EQ(cycles(bench, fmv_x(single, 5, 2)), 1u);
  cycles(slow, nop);
  EXPECT_EQ(cycles(slow, fadd(single, 1, 2, 3)), 7u);
}

TEST_P(Float, ResultsAreWaitedFor) {
  riscv::HartConfig config = floating(GetParam());
  config.timing.fp_fma = {1, 4};
  config.timing.fp_move = {1, 3};
  HartBench b(config);
  b.set_csr(0x300, initial);
  const auto waited = [&b](std::initializer_list<Word> words) {
    const std::uint64_t before = b.stat("cycle_stack.operand");
    b.execute(words);
    return b.stat("cycle_stack.operand") - before;
  };
  EXPECT_EQ(waited({fmadd(single, 1, 2, 3, 4), fmadd(single, 5, 6, 7, 1), nop, nop, nop, nop}), 3u) << "rs3";
  EXPECT_EQ(waited({fmadd(single, 1, 2, 3, 4), fmadd(single, 5, 1, 7, 8), nop, nop, nop, nop}), 3u) << "rs1";
  EXPECT_EQ(waited({fmadd(single, 1, 2, 3, 4), add(5, 1, 1), nop, nop, nop}), 0u) << "x1 is not f1";
  EXPECT_EQ(waited({fmadd(single, 1, 2, 3, 4), store(single, 1, 10, 0), nop, nop, nop}), 3u);
  EXPECT_EQ(waited({fmv_x(single, 1, 4), nop, add(5, 1, 1), nop, nop}), 1u);
}

std::vector<Shape> shapes() {
  return {{32, Engine::reference}, {32, Engine::fast}, {64, Engine::reference}, {64, Engine::fast}};
}
INSTANTIATE_TEST_SUITE_P(Shapes, Float, ::testing::ValuesIn(shapes()), [](const auto& shape) {
  return "Rv" + std::to_string(shape.param.xlen) +
         (shape.param.engine == Engine::fast ? "Fast" : "Reference");
});

TEST(FloatAbsent, NothingOfItExists) {
  HartBench bench;
  bench.set_csr(0x300, dirty);
  EXPECT_EQ(bench.csr(0x300) & dirty, 0u);
  EXPECT_FALSE(bench.hart->csr(3).has_value());
  EXPECT_TRUE(bench.traps(fadd(single, 1, 2, 3)));
  EXPECT_TRUE(bench.traps(csrrs(5, 3, 0)));
  EXPECT_EQ(bench.csr(0x301) & 0x28, 0u);
}

}  // namespace
}  // namespace memio::test
