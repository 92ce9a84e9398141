// Floating-point encodings against the GNU assembler (the text beside each word is its input), and those that
// a hart without one of F, D, Zfh and RV64 refuses.
#include <gtest/gtest.h>

#include <string>

#include "cpu/riscv/decode.h"
#include "cpu/riscv/op_timing.h"

namespace memio::riscv {
namespace {

Isa floating(unsigned xlen, bool d = true, bool zfh = true) {
  Isa isa;
  isa.xlen = xlen;
  isa.f = true;
  isa.d = d;
  isa.zfh = zfh;
  return isa;
}

struct Case {
  const char* text;
  std::uint32_t bits;
  OpId id;
  unsigned rd;
  int imm;  ///< rs3 << 3 | rounding mode (rs3 of those that are not fused is left out), or an offset
};

constexpr unsigned sink = sink_register;

constexpr Case both[] = {
    {"fadd.s f3,f17,f31,rne", 0x01f881d3, OpId::fadd_s, 3, 0},
    {"fsub.d f3,f17,f31,rtz", 0x0bf891d3, OpId::fsub_d, 3, 1},
    {"fmul.h f3,f17,f31,rdn", 0x15f8a1d3, OpId::fmul_h, 3, 2},
    {"fdiv.s f3,f17,f31,rup", 0x19f8b1d3, OpId::fdiv_s, 3, 3},
    {"fsqrt.d f3,f17,rmm", 0x5a08c1d3, OpId::fsqrt_d, 3, 4},
    {"fsqrt.h f0,f17,dyn", 0x5c08f053, OpId::fsqrt_h, 0, 7},
    {"fmadd.s f3,f17,f31,f9,rne", 0x49f881c3, OpId::fmadd_s, 3, 9 << 3},
    {"fmsub.d f0,f17,f31,f9,dyn", 0x4bf8f047, OpId::fmsub_d, 0, 9 << 3 | 7},
    {"fnmsub.h f3,f17,f31,f9,rtz", 0x4df891cb, OpId::fnmsub_h, 3, 9 << 3 | 1},
    {"fnmadd.d f3,f17,f31,f31,rup", 0xfbf8b1cf, OpId::fnmadd_d, 3, 31 << 3 | 3},
    {"fsgnj.s f0,f17,f31", 0x21f88053, OpId::fsgnj_s, 0, 0},
    {"fsgnjn.d f3,f17,f31", 0x23f891d3, OpId::fsgnjn_d, 3, 0},
    {"fsgnjx.h f3,f17,f31", 0x25f8a1d3, OpId::fsgnjx_h, 3, 0},
    {"fmin.s f3,f17,f31", 0x29f881d3, OpId::fmin_s, 3, 0},
    {"fmax.d f3,f17,f31", 0x2bf891d3, OpId::fmax_d, 3, 0},
    {"feq.h x3,f17,f31", 0xa5f8a1d3, OpId::feq_h, 3, 0},
    {"flt.s x3,f17,f31", 0xa1f891d3, OpId::flt_s, 3, 0},
    {"fle.d x0,f17,f31", 0xa3f88053, OpId::fle_d, sink, 0},
    {"fclass.s x3,f17", 0xe00891d3, OpId::fclass_s, 3, 0},
    {"fclass.h x3,f17", 0xe40891d3, OpId::fclass_h, 3, 0},
    {"fcvt.w.s x3,f17,rtz", 0xc00891d3, OpId::fcvt_w_s, 3, 1},
    {"fcvt.wu.d x3,f17,dyn", 0xc218f1d3, OpId::fcvt_wu_d, 3, 7},
    {"fcvt.s.w f0,x17,rne", 0xd0088053, OpId::fcvt_s_w, 0, 0},
    {"fcvt.h.wu f3,x17,rmm", 0xd418c1d3, OpId::fcvt_h_wu, 3, 4},
    {"fcvt.d.w f3,x17", 0xd20881d3, OpId::fcvt_d_w, 3, 0},
    {"fcvt.s.d f3,f17,rdn", 0x4018a1d3, OpId::fcvt_s_d, 3, 2},
    {"fcvt.d.s f3,f17", 0x420881d3, OpId::fcvt_d_s, 3, 0},
    {"fcvt.h.d f3,f17,rne", 0x441881d3, OpId::fcvt_h_d, 3, 0},
    {"fcvt.d.h f3,f17", 0x422881d3, OpId::fcvt_d_h, 3, 0},
    {"fcvt.s.h f3,f17", 0x402881d3, OpId::fcvt_s_h, 3, 0},
    {"fcvt.h.s f3,f17,rup", 0x4408b1d3, OpId::fcvt_h_s, 3, 3},
    {"fmv.x.w x3,f17", 0xe00881d3, OpId::fmv_x_s, 3, 0},
    {"fmv.w.x f0,x17", 0xf0088053, OpId::fmv_s_x, 0, 0},
    {"fmv.x.h x3,f17", 0xe40881d3, OpId::fmv_x_h, 3, 0},
    {"fmv.h.x f3,x17", 0xf40881d3, OpId::fmv_h_x, 3, 0},
    {"flh f0,-2(x17)", 0xffe89007, OpId::flh, 0, -2},
    {"flw f3,2047(x17)", 0x7ff8a187, OpId::flw, 3, 2047},
    {"fld f3,8(x17)", 0x0088b187, OpId::fld, 3, 8},
    {"fsh f31,-2(x17)", 0xfff89f27, OpId::fsh, 30, -2},
    {"fsw f0,2047(x17)", 0x7e08afa7, OpId::fsw, 31, 2047},
    {"fsd f31,8(x17)", 0x01f8b427, OpId::fsd, 8, 8},
};

constexpr Case rv64_only[] = {
    {"fcvt.l.s x3,f17,rtz", 0xc02891d3, OpId::fcvt_l_s, 3, 1},
    {"fcvt.lu.h x3,f17,rup", 0xc438b1d3, OpId::fcvt_lu_h, 3, 3},
    {"fcvt.d.l f3,x17,rne", 0xd22881d3, OpId::fcvt_d_l, 3, 0},
    {"fcvt.s.lu f3,x17,dyn", 0xd038f1d3, OpId::fcvt_s_lu, 3, 7},
    {"fmv.x.d x3,f17", 0xe20881d3, OpId::fmv_x_d, 3, 0},
    {"fmv.d.x f3,x17", 0xf20881d3, OpId::fmv_d_x, 3, 0},
};

void check(const Case& c, unsigned xlen) {
  const Op op = decode(c.bits, floating(xlen), true);
  EXPECT_EQ(static_cast<int>(op.id), static_cast<int>(c.id)) << c.text;
  EXPECT_EQ(op.rs1, 17) << c.text;
  EXPECT_EQ(op.rd, c.rd) << c.text;
  const bool memory = op.id >= OpId::flh && op.id <= OpId::fsd;
  const bool fused = (c.bits & 0x7f) != 0x53 && !memory;
  EXPECT_EQ(memory || fused ? op.imm : op.imm & 7, c.imm) << c.text;
}

TEST(FloatDecode, BothWidths) {
  for (const Case& c : both)
    for (const unsigned xlen : {32u, 64u}) check(c, xlen);
}

TEST(FloatDecode, SixtyFourBitOnly) {
  for (const Case& c : rv64_only) {
    check(c, 64);
    EXPECT_EQ(decode(c.bits, floating(32), true).id, OpId::illegal) << c.text;
  }
}

TEST(FloatDecode, WithoutTheExtension) {
  const auto has = [](const std::string& text, char format) {
    const std::string name = text.substr(0, text.find(' '));
    return name.find(std::string(".") + format) != std::string::npos;
  };
  for (const Case& c : both) {
    EXPECT_EQ(decode(c.bits, Isa{}, true).id, OpId::illegal) << c.text;
    if (has(c.text, 'd') || c.id == OpId::fld || c.id == OpId::fsd) {
      EXPECT_EQ(decode(c.bits, floating(64, false), true).id, OpId::illegal) << c.text;
    }
    if (has(c.text, 'h') || c.id == OpId::flh || c.id == OpId::fsh) {
      EXPECT_EQ(decode(c.bits, floating(64, true, false), true).id, OpId::illegal) << c.text;
    }
  }
  EXPECT_EQ(decode(0x2380, floating(64), true).id, OpId::fld) << "c.fld f8,0(x15)";
  EXPECT_EQ(decode(0x2380, floating(64, false), true).id, OpId::illegal);
  EXPECT_EQ(decode(0x7fe0, floating(32, false), true).id, OpId::flw) << "c.flw f8,124(x15)";
  EXPECT_EQ(decode(0x7fe0, Isa{32}, true).id, OpId::illegal);
  EXPECT_EQ(decode(0x7fe0, Isa{32}, true).imm, 0x7fe0);
}

TEST(FloatDecode, ZfhminMovesAndConvertsOnly) {
  Isa minimal = floating(64, true, false);
  minimal.zfhmin = true;
  for (const OpId id : {OpId::flh, OpId::fsh, OpId::fmv_x_h, OpId::fmv_h_x, OpId::fcvt_s_h, OpId::fcvt_h_s,
                        OpId::fcvt_d_h, OpId::fcvt_h_d})
    for (const Case& c : both)
      if (c.id == id) {
        EXPECT_EQ(decode(c.bits, minimal, true).id, id) << c.text;
      }
  for (const Case& c : both)
    for (const OpId id : {OpId::fmul_h, OpId::fsqrt_h, OpId::fnmsub_h, OpId::fsgnjx_h, OpId::feq_h,
                          OpId::fclass_h, OpId::fcvt_h_wu})
      if (c.id == id) {
        EXPECT_EQ(decode(c.bits, minimal, true).id, OpId::illegal) << c.text;
      }
  minimal.d = false;
  EXPECT_EQ(decode(0x422881d3, minimal, true).id, OpId::illegal) << "fcvt.d.h f3,f17";
}

TEST(FloatDecode, IllegalEncodings) {
  constexpr std::uint32_t illegal[] = {
      0x01f8d1d3,  // fadd.s with rounding mode 5
      0x01f8e1d3,  // and 6
      0x49f8d1c3,  // fmadd.s with 5
      0xd208d1d3,  // fcvt.d.w with 5, though it never rounds
      0x07f881d3,  // fadd.q
      0x5a18c1d3,  // fsqrt.d with rs2 1
      0x21f8b053,  // fsgnj.s with funct3 3
      0x29f8a1d3,  // fmin.s with funct3 2
      0xa1f8b1d3,  // fcmp.s with funct3 3
      0xe008a1d3,  // fclass.s with funct3 2
      0xe01881d3,  // fmv.x.w with rs2 1
      0xf00891d3,  // fmv.w.x with funct3 1
      0xc04891d3,  // fcvt.w.s with rs2 4
      0x400881d3,  // fcvt.s.s
      0x4038a1d3,  // fcvt.s.q
      0x00088007,  // load with funct3 0
      0x0008c187,  // flq
      0x01f8c427,  // fsq
      0x31f881d3,  // funct5 0x06
  };
  for (const std::uint32_t bits : illegal)
    for (const unsigned xlen : {32u, 64u})
      EXPECT_EQ(decode(bits, floating(xlen), true).id, OpId::illegal) << std::hex << bits;
}

// x registers are 1 to 31, f registers 32 to 63.
TEST(FloatDecode, RegistersInTheScoreboard) {
  const auto issue = [](std::uint32_t bits) { return issue_of(decode(bits, floating(64), true), {}); };
  const Issue fused = issue(0x49f881c3);  // fmadd.s f3,f17,f31,f9
  EXPECT_EQ(fused.rs1, 32 + 17);
  EXPECT_EQ(fused.rs2, 32 + 31);
  EXPECT_EQ(fused.rs3, 32 + 9);
  EXPECT_EQ(fused.rd, 32 + 3);
  const Issue load = issue(0xffe89007);  // flh f0,-2(x17)
  EXPECT_EQ(load.rs1, 17);
  EXPECT_EQ(load.rd, 32);
  EXPECT_EQ(load.latency, 2u);
  const Issue store = issue(0x01f8b427);  // fsd f31,8(x17)
  EXPECT_EQ(store.rs1, 17);
  EXPECT_EQ(store.rs2, 32 + 31);
  EXPECT_EQ(store.latency, 0u);
  const Issue compare = issue(0xa1f891d3);  // flt.s x3,f17,f31
  EXPECT_EQ(compare.rd, 3);
  EXPECT_EQ(compare.rs1, 32 + 17);
  EXPECT_EQ(compare.rs3, 0);
  EXPECT_EQ(issue(0xa3f88053).latency, 0u) << "fle.d x0: no result";
  const Issue convert = issue(0xd0088053);  // fcvt.s.w f0,x17
  EXPECT_EQ(convert.rs1, 17);
  EXPECT_EQ(convert.rd, 32);
}

}  // namespace
}  // namespace memio::riscv
