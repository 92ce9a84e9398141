// The expansion of compressed instructions against the GNU assembler: examples of every form, the
// reserved encodings, and a checksum over all 49152 encodings whose two sides (each halfword, and the
// 32-bit instruction that it stands for) were made with objdump and as. One reserved encoding that
// objdump disassembles, c.addi16sp with immediate 0, was left out by hand (section 16.5).
#include <gtest/gtest.h>

#include "cpu/riscv/decode.h"

namespace memio::riscv {
namespace {

struct Case {
  const char* text;
  std::uint16_t half;
  std::uint32_t full;
};

constexpr Case both[] = {
    {"c.addi4spn x8,x2,1020", 0x1fe0, 0x3fc10413},
    {"c.addi4spn x15,x2,4", 0x005c, 0x00410793},
    {"c.lw x9,124(x10)", 0x5d64, 0x07c52483},
    {"c.sw x9,64(x10)", 0xc124, 0x04952023},
    {"c.addi x1,-32", 0x1081, 0xfe008093},
    {"c.nop", 0x0001, 0x00000013},
    {"c.li x31,-1", 0x5ffd, 0xfff00f93},
    {"c.addi16sp x2,-512", 0x7101, 0xe0010113},
    {"c.addi16sp x2,496", 0x617d, 0x1f010113},
    {"c.lui x3,0x1f", 0x61fd, 0x0001f1b7},
    {"c.lui x3,0xfffe0", 0x7181, 0xfffe01b7},
    {"c.srli x8,31", 0x807d, 0x01f45413},
    {"c.srai x9,1", 0x8485, 0x4014d493},
    {"c.andi x10,-32", 0x9901, 0xfe057513},
    {"c.sub x8,x15", 0x8c1d, 0x40f40433},
    {"c.xor x8,x15", 0x8c3d, 0x00f44433},
    {"c.or x8,x15", 0x8c5d, 0x00f46433},
    {"c.and x8,x15", 0x8c7d, 0x00f47433},
    {"c.j .-2048", 0xb001, 0x801ff06f},
    {"c.j .+2046", 0xaffd, 0x7fe0006f},
    {"c.beqz x8,.-256", 0xd001, 0xf00400e3},
    {"c.bnez x15,.+254", 0xeffd, 0x0e079f63},
    {"c.slli x31,31", 0x0ffe, 0x01ff9f93},
    {"c.lwsp x1,252(x2)", 0x50fe, 0x0fc12083},
    {"c.jr x1", 0x8082, 0x00008067},
    {"c.mv x10,x11", 0x852e, 0x00b00533},
    {"c.ebreak", 0x9002, 0x00100073},
    {"c.jalr x5", 0x9282, 0x000280e7},
    {"c.add x10,x11", 0x952e, 0x00b50533},
    {"c.swsp x31,252(x2)", 0xdffe, 0x0ff12e23},
    {"c.fld f8,0(x15)", 0x2380, 0x0007b407},
    {"c.fld f15,248(x8)", 0x3c7c, 0x0f843787},
    {"c.fsd f9,136(x10)", 0xa544, 0x08953427},
    {"c.fldsp f0,504(x2)", 0x307e, 0x1f813007},
    {"c.fldsp f31,8(x2)", 0x2fa2, 0x00813f87},
    {"c.fsdsp f17,504(x2)", 0xbfc6, 0x1f113c27},
};

constexpr Case rv32_only[] = {
    {"c.flw f8,124(x15)", 0x7fe0, 0x07c7a407},   {"c.flw f15,4(x8)", 0x605c, 0x00442787},
    {"c.fsw f9,68(x10)", 0xe164, 0x04952227},    {"c.flwsp f0,252(x2)", 0x707e, 0x0fc12007},
    {"c.fswsp f17,132(x2)", 0xe346, 0x09112227}, {"c.jal .-2", 0x3ffd, 0xfffff0ef},
    {"c.jal .+2046", 0x2ffd, 0x7fe000ef},
};

constexpr Case rv64_only[] = {
    {"c.ld x8,248(x9)", 0x7ce0, 0x0f84b403},   {"c.sd x8,192(x9)", 0xe0e0, 0x0c84b023},
    {"c.addiw x5,-32", 0x3281, 0xfe02829b},    {"c.subw x8,x9", 0x9c05, 0x4094043b},
    {"c.addw x8,x9", 0x9c25, 0x0094043b},      {"c.ldsp x1,504(x2)", 0x70fe, 0x1f813083},
    {"c.sdsp x1,504(x2)", 0xff86, 0x1e113c23}, {"c.slli x1,63", 0x10fe, 0x03f09093},
    {"c.srli x8,63", 0x907d, 0x03f45413},      {"c.srai x8,32", 0x9401, 0x42045413},
};

TEST(Compressed, BothWidths) {
  for (const Case& c : both) {
    EXPECT_EQ(expand_compressed(c.half, 32), c.full) << c.text;
    EXPECT_EQ(expand_compressed(c.half, 64), c.full) << c.text;
  }
}

TEST(Compressed, FormsOfOneWidth) {
  for (const Case& c : rv32_only) EXPECT_EQ(expand_compressed(c.half, 32), c.full) << c.text;
  for (const Case& c : rv64_only) EXPECT_EQ(expand_compressed(c.half, 64), c.full) << c.text;
}

TEST(Compressed, ReservedEncodings) {
  constexpr std::uint16_t illegal[] = {
      0x0000,  // defined as illegal
      0x0004,  // c.addi4spn with immediate 0
      0x8000,  // quadrant 0, funct3 4
      0x6081,  // c.lui x1 with immediate 0
      0x6101,  // c.addi16sp with immediate 0
      0x9c41,  // quadrant 1, funct2 2 of the word forms
      0x9c61,  // funct2 3
      0x4002,  // c.lwsp to x0
      0x8002,  // c.jr x0
  };
  for (const std::uint16_t half : illegal) {
    EXPECT_EQ(expand_compressed(half, 32), 0u) << std::hex << half;
    EXPECT_EQ(expand_compressed(half, 64), 0u) << std::hex << half;
  }
  EXPECT_EQ(expand_compressed(0x2001, 64), 0u) << "c.addiw x0";
  EXPECT_EQ(expand_compressed(0x6002, 64), 0u) << "c.ldsp to x0";
  EXPECT_EQ(expand_compressed(0x9c01, 32), 0u) << "c.subw";
  EXPECT_EQ(expand_compressed(0x1082, 32), 0u) << "c.slli by 32";
  EXPECT_EQ(expand_compressed(0x9001, 32), 0u) << "c.srli by 32";
  EXPECT_EQ(expand_compressed(0x9401, 32), 0u) << "c.srai by 32";
}

TEST(Compressed, HintsAreLegal) {
  EXPECT_NE(expand_compressed(0x0005, 64), 0u) << "c.nop with an immediate";
  EXPECT_NE(expand_compressed(0x0081, 64), 0u) << "c.addi x1, 0";
  EXPECT_NE(expand_compressed(0x4005, 64), 0u) << "c.li x0";
  EXPECT_NE(expand_compressed(0x6005, 64), 0u) << "c.lui x0";
  EXPECT_NE(expand_compressed(0x8006, 64), 0u) << "c.mv x0";
  EXPECT_NE(expand_compressed(0x0002, 64), 0u) << "c.slli x0, 0";
}

struct Sum {
  unsigned legal = 0;
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over the bytes of all expansions, 0 if illegal
};

Sum sum_of_all(unsigned xlen) {
  Sum sum;
  for (unsigned half = 0; half < 0x10000; ++half) {
    if ((half & 3) == 3) continue;
    const std::uint32_t full = expand_compressed(static_cast<std::uint16_t>(half), xlen);
    sum.legal += full != 0;
    for (unsigned byte = 0; byte < 4; ++byte)
      sum.hash = (sum.hash ^ (full >> (8 * byte) & 0xff)) * 0x100000001b3;
  }
  return sum;
}

TEST(Compressed, AllEncodings) {
  const Sum rv32 = sum_of_all(32), rv64 = sum_of_all(64);
  EXPECT_EQ(rv32.legal, 45207u);
  EXPECT_EQ(rv32.hash, 0xaa81a0b22087841bu);
  EXPECT_EQ(rv64.legal, 46743u);
  EXPECT_EQ(rv64.hash, 0xc21543e88a619c33u);
}

TEST(Compressed, DecodeTakesTheLowHalf) {
  Isa isa;
  const Op op = decode(0xffff952e, isa, true);
  EXPECT_EQ(op.id, OpId::add);
  EXPECT_EQ(op.length, 2);
  EXPECT_EQ(op.rd, 10);
  const Op reserved = decode(0xffff0000, isa, true);
  EXPECT_EQ(reserved.id, OpId::illegal);
  EXPECT_EQ(reserved.imm, 0);
  EXPECT_EQ(reserved.length, 2);
}

}  // namespace
}  // namespace memio::riscv
