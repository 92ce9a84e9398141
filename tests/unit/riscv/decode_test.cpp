// The decoder against encodings from the GNU assembler (the text beside each word is its input).
#include "cpu/riscv/decode.h"

#include <gtest/gtest.h>

#include "cpu/riscv/op_timing.h"

namespace memio::riscv {
namespace {

Isa isa(unsigned xlen) {
  Isa i;
  i.xlen = xlen;
  return i;
}

struct Case {
  const char* text;
  std::uint32_t bits;
  OpId id;
  unsigned rd, rs1, rs2;
  std::int32_t imm;
};

/// Fields that an instruction does not have are not compared: 99.
constexpr unsigned any = 99;
constexpr std::int32_t any_imm = 0x7eadbeef;

void check(const Case& c, unsigned xlen) {
  const Op op = decode(c.bits, isa(xlen), true);
  EXPECT_EQ(static_cast<int>(op.id), static_cast<int>(c.id)) << c.text;
  if (c.rd != any) {
    EXPECT_EQ(op.rd, c.rd == 0 ? unsigned{sink_register} : c.rd) << c.text;
  }
  if (c.rs1 != any) {
    EXPECT_EQ(op.rs1, c.rs1) << c.text;
  }
  if (c.rs2 != any) {
    EXPECT_EQ(op.rs2, c.rs2) << c.text;
  }
  if (c.imm != any_imm) {
    EXPECT_EQ(op.imm, c.imm) << c.text;
  }
  EXPECT_EQ(op.length, 4) << c.text;
}

constexpr Case both[] = {
    {"add x3,x17,x31", 0x01f881b3, OpId::add, 3, 17, 31, any_imm},
    {"sub x3,x17,x31", 0x41f881b3, OpId::sub, 3, 17, 31, any_imm},
    {"sll x3,x17,x31", 0x01f891b3, OpId::sll, 3, 17, 31, any_imm},
    {"slt x3,x17,x31", 0x01f8a1b3, OpId::slt, 3, 17, 31, any_imm},
    {"sltu x3,x17,x31", 0x01f8b1b3, OpId::sltu, 3, 17, 31, any_imm},
    {"xor x3,x17,x31", 0x01f8c1b3, OpId::xor_, 3, 17, 31, any_imm},
    {"srl x3,x17,x31", 0x01f8d1b3, OpId::srl, 3, 17, 31, any_imm},
    {"sra x3,x17,x31", 0x41f8d1b3, OpId::sra, 3, 17, 31, any_imm},
    {"or x3,x17,x31", 0x01f8e1b3, OpId::or_, 3, 17, 31, any_imm},
    {"and x3,x17,x31", 0x01f8f1b3, OpId::and_, 3, 17, 31, any_imm},
    {"mul x3,x17,x31", 0x03f881b3, OpId::mul, 3, 17, 31, any_imm},
    {"mulh x3,x17,x31", 0x03f891b3, OpId::mulh, 3, 17, 31, any_imm},
    {"mulhsu x3,x17,x31", 0x03f8a1b3, OpId::mulhsu, 3, 17, 31, any_imm},
    {"mulhu x3,x17,x31", 0x03f8b1b3, OpId::mulhu, 3, 17, 31, any_imm},
    {"div x3,x17,x31", 0x03f8c1b3, OpId::div, 3, 17, 31, any_imm},
    {"divu x3,x17,x31", 0x03f8d1b3, OpId::divu, 3, 17, 31, any_imm},
    {"rem x3,x17,x31", 0x03f8e1b3, OpId::rem, 3, 17, 31, any_imm},
    {"remu x3,x17,x31", 0x03f8f1b3, OpId::remu, 3, 17, 31, any_imm},
    {"addi x5,x6,-2048", 0x80030293, OpId::addi, 5, 6, any, -2048},
    {"slti x5,x6,-2048", 0x80032293, OpId::slti, 5, 6, any, -2048},
    {"sltiu x5,x6,-2048", 0x80033293, OpId::sltiu, 5, 6, any, -2048},
    {"xori x5,x6,-2048", 0x80034293, OpId::xori, 5, 6, any, -2048},
    {"ori x5,x6,-2048", 0x80036293, OpId::ori, 5, 6, any, -2048},
    {"andi x5,x6,-2048", 0x80037293, OpId::andi, 5, 6, any, -2048},
    {"addi x0,x1,2047", 0x7ff08013, OpId::addi, 0, 1, any, 2047},
    {"slli x8,x9,31", 0x01f49413, OpId::slli, 8, 9, any, 31},
    {"srli x8,x9,31", 0x01f4d413, OpId::srli, 8, 9, any, 31},
    {"srai x8,x9,31", 0x41f4d413, OpId::srai, 8, 9, any, 31},
    {"lui x10,0xfffff", 0xfffff537, OpId::lui, 10, 0, any, -4096},
    {"auipc x11,0x12345", 0x12345597, OpId::auipc, 11, any, any, 305418240},
    {"jal x1,.-1048576", 0x800000ef, OpId::jal, 1, any, any, -1048576},
    {"jal x0,.+1048574", 0x7ffff06f, OpId::jal, 0, any, any, 1048574},
    {"jal x5,.+2048", 0x001002ef, OpId::jal, 5, any, any, 2048},
    {"jalr x1,-4(x2)", 0xffc100e7, OpId::jalr, 1, 2, any, -4},
    {"beq x12,x13,.-4096", 0x80d60063, OpId::beq, any, 12, 13, -4096},
    {"bne x12,x13,.+4094", 0x7ed61fe3, OpId::bne, any, 12, 13, 4094},
    {"blt x12,x13,.+2048", 0x00d640e3, OpId::blt, any, 12, 13, 2048},
    {"bge x12,x13,.-2", 0xfed65fe3, OpId::bge, any, 12, 13, -2},
    {"bltu x12,x13,.+30", 0x00d66f63, OpId::bltu, any, 12, 13, 30},
    {"bgeu x12,x13,.+1024", 0x40d67063, OpId::bgeu, any, 12, 13, 1024},
    {"lb x14,-1(x15)", 0xfff78703, OpId::lb, 14, 15, any, -1},
    {"lh x14,-1(x15)", 0xfff79703, OpId::lh, 14, 15, any, -1},
    {"lw x14,-1(x15)", 0xfff7a703, OpId::lw, 14, 15, any, -1},
    {"lbu x14,-1(x15)", 0xfff7c703, OpId::lbu, 14, 15, any, -1},
    {"lhu x14,-1(x15)", 0xfff7d703, OpId::lhu, 14, 15, any, -1},
    {"sb x16,-33(x18)", 0xfd090fa3, OpId::sb, any, 18, 16, -33},
    {"sh x16,-33(x18)", 0xfd091fa3, OpId::sh, any, 18, 16, -33},
    {"sw x16,-33(x18)", 0xfd092fa3, OpId::sw, any, 18, 16, -33},
    {"sw x16,2047(x18)", 0x7f092fa3, OpId::sw, any, 18, 16, 2047},
    {"lr.w.aqrl x19,(x20)", 0x160a29af, OpId::lr_w, 19, 20, any, any_imm},
    {"sc.w.rl x19,x21,(x20)", 0x1b5a29af, OpId::sc_w, 19, 20, 21, any_imm},
    {"amoswap.w.aq x22,x23,(x24)", 0x0d7c2b2f, OpId::amoswap_w, 22, 24, 23, any_imm},
    {"amoadd.w.aq x22,x23,(x24)", 0x057c2b2f, OpId::amoadd_w, 22, 24, 23, any_imm},
    {"amoxor.w.aq x22,x23,(x24)", 0x257c2b2f, OpId::amoxor_w, 22, 24, 23, any_imm},
    {"amoand.w.aq x22,x23,(x24)", 0x657c2b2f, OpId::amoand_w, 22, 24, 23, any_imm},
    {"amoor.w.aq x22,x23,(x24)", 0x457c2b2f, OpId::amoor_w, 22, 24, 23, any_imm},
    {"amomin.w.aq x22,x23,(x24)", 0x857c2b2f, OpId::amomin_w, 22, 24, 23, any_imm},
    {"amomax.w.aq x22,x23,(x24)", 0xa57c2b2f, OpId::amomax_w, 22, 24, 23, any_imm},
    {"amominu.w.aq x22,x23,(x24)", 0xc57c2b2f, OpId::amominu_w, 22, 24, 23, any_imm},
    {"amomaxu.w.aq x22,x23,(x24)", 0xe57c2b2f, OpId::amomaxu_w, 22, 24, 23, any_imm},
    {"fence rw,w", 0x0310000f, OpId::fence, any, any, any, any_imm},
    {"fence.i", 0x0000100f, OpId::fence_i, any, any, any, any_imm},
    {"ecall", 0x00000073, OpId::ecall, any, any, any, any_imm},
    {"ebreak", 0x00100073, OpId::ebreak, any, any, any, any_imm},
    {"mret", 0x30200073, OpId::mret, any, any, any, any_imm},
    {"sret", 0x10200073, OpId::sret, any, any, any, any_imm},
    {"wfi", 0x10500073, OpId::wfi, any, any, any, any_imm},
    {"sfence.vma x25,x26", 0x13ac8073, OpId::sfence_vma, any, 25, 26, any_imm},
    {"csrrw x27,mstatus,x28", 0x300e1df3, OpId::csrrw, 27, 28, any, 768},
    {"csrrs x27,mstatus,x28", 0x300e2df3, OpId::csrrs, 27, 28, any, 768},
    {"csrrc x27,mstatus,x28", 0x300e3df3, OpId::csrrc, 27, 28, any, 768},
    {"csrrwi x29,0xfff,31", 0xffffdef3, OpId::csrrwi, 29, 31, any, 4095},
    {"csrrsi x29,0xfff,31", 0xffffeef3, OpId::csrrsi, 29, 31, any, 4095},
    {"csrrci x29,0xfff,31", 0xfffffef3, OpId::csrrci, 29, 31, any, 4095},
};

constexpr Case rv64_only[] = {
    {"addw x3,x17,x31", 0x01f881bb, OpId::addw, 3, 17, 31, any_imm},
    {"subw x3,x17,x31", 0x41f881bb, OpId::subw, 3, 17, 31, any_imm},
    {"sllw x3,x17,x31", 0x01f891bb, OpId::sllw, 3, 17, 31, any_imm},
    {"srlw x3,x17,x31", 0x01f8d1bb, OpId::srlw, 3, 17, 31, any_imm},
    {"sraw x3,x17,x31", 0x41f8d1bb, OpId::sraw, 3, 17, 31, any_imm},
    {"mulw x3,x17,x31", 0x03f881bb, OpId::mulw, 3, 17, 31, any_imm},
    {"divw x3,x17,x31", 0x03f8c1bb, OpId::divw, 3, 17, 31, any_imm},
    {"divuw x3,x17,x31", 0x03f8d1bb, OpId::divuw, 3, 17, 31, any_imm},
    {"remw x3,x17,x31", 0x03f8e1bb, OpId::remw, 3, 17, 31, any_imm},
    {"remuw x3,x17,x31", 0x03f8f1bb, OpId::remuw, 3, 17, 31, any_imm},
    {"addiw x4,x5,-1", 0xfff2821b, OpId::addiw, 4, 5, any, -1},
    {"slliw x6,x7,31", 0x01f3931b, OpId::slliw, 6, 7, any, 31},
    {"srliw x6,x7,31", 0x01f3d31b, OpId::srliw, 6, 7, any, 31},
    {"sraiw x6,x7,31", 0x41f3d31b, OpId::sraiw, 6, 7, any, 31},
    {"slli x8,x9,32", 0x02049413, OpId::slli, 8, 9, any, 32},
    {"srli x8,x9,32", 0x0204d413, OpId::srli, 8, 9, any, 32},
    {"srai x8,x9,32", 0x4204d413, OpId::srai, 8, 9, any, 32},
    {"ld x10,-8(x11)", 0xff85b503, OpId::ld, 10, 11, any, -8},
    {"lwu x10,8(x11)", 0x0085e503, OpId::lwu, 10, 11, any, 8},
    {"sd x12,-8(x13)", 0xfec6bc23, OpId::sd, any, 13, 12, -8},
    {"lr.d x14,(x15)", 0x1007b72f, OpId::lr_d, 14, 15, any, any_imm},
    {"sc.d x14,x16,(x15)", 0x1907b72f, OpId::sc_d, 14, 15, 16, any_imm},
    {"amoswap.d x22,x23,(x24)", 0x097c3b2f, OpId::amoswap_d, 22, 24, 23, any_imm},
    {"amoadd.d x22,x23,(x24)", 0x017c3b2f, OpId::amoadd_d, 22, 24, 23, any_imm},
    {"amoxor.d x22,x23,(x24)", 0x217c3b2f, OpId::amoxor_d, 22, 24, 23, any_imm},
    {"amoand.d x22,x23,(x24)", 0x617c3b2f, OpId::amoand_d, 22, 24, 23, any_imm},
    {"amoor.d x22,x23,(x24)", 0x417c3b2f, OpId::amoor_d, 22, 24, 23, any_imm},
    {"amomin.d x22,x23,(x24)", 0x817c3b2f, OpId::amomin_d, 22, 24, 23, any_imm},
    {"amomax.d x22,x23,(x24)", 0xa17c3b2f, OpId::amomax_d, 22, 24, 23, any_imm},
    {"amominu.d x22,x23,(x24)", 0xc17c3b2f, OpId::amominu_d, 22, 24, 23, any_imm},
    {"amomaxu.d x22,x23,(x24)", 0xe17c3b2f, OpId::amomaxu_d, 22, 24, 23, any_imm},
};

TEST(Decode, BothWidths) {
  for (const Case& c : both) {
    check(c, 32);
    check(c, 64);
  }
}

TEST(Decode, SixtyFourBitOnly) {
  for (const Case& c : rv64_only) {
    check(c, 64);
    EXPECT_EQ(decode(c.bits, isa(32), true).id, OpId::illegal) << c.text;
  }
}

TEST(Decode, ExtensionsThatAreNotThere) {
  Isa bare = isa(64);
  bare.m = bare.a = bare.c = false;
  EXPECT_EQ(decode(0x02c58533, bare, true).id, OpId::illegal) << "mul a0,a1,a2";
  EXPECT_EQ(decode(0x02c5c53b, bare, true).id, OpId::illegal) << "divw a0,a1,a2";
  EXPECT_EQ(decode(0x1005a52f, bare, true).id, OpId::illegal) << "lr.w a0,(a1)";
  EXPECT_EQ(decode(0x00c5a52f, bare, true).id, OpId::illegal) << "amoadd.w a0,a2,(a1)";
  const Op nop = decode(0x0001, bare, true);
  EXPECT_EQ(nop.id, OpId::illegal) << "c.nop";
  EXPECT_EQ(nop.imm, 1);
}

TEST(Decode, TheBaseEHasSixteenRegisters) {
  Isa embedded = isa(32);
  embedded.e = embedded.f = embedded.zicboz = embedded.svinval = true;
  constexpr std::uint32_t legal[] = {
      0x00f787b3,            // add x15,x15,x15
      0x80078793,            // addi x15,x15,-2048
      0xfff00793,            // li x15,-1: bits 20 to 24 are an immediate
      0x80f7a823,            // sw x15,-2032(x15): so is bit 11 here
      0x80f788e3,            // beq x15,x15,.-2032
      0x000f8073 | 5 << 12,  // csrrwi x0,0,31
      0x01f787d3,            // fadd.s f15,f15,f31
      0xf0078fd3,            // fmv.w.x f31,x15
      0xe00f87d3,            // fmv.x.w x15,f31
      0x0007af87,            // flw f31,0(x15)
      0x0ff0000f,
      0x30200073,
      0x12f78073,
      0x3f80478b,  // ini x15 from port 0x3f8: bit 24 is the port's
      0x000f8f8f,  // fence with its reserved fields set
      0x87be,      // c.mv x15,x15
  };
  constexpr std::uint32_t illegal[] = {
      0x00f78833,  // add x16,x15,x15
      0x00f807b3,  // add x15,x16,x15
      0x010787b3,  // add x15,x15,x16
      0x00078813, 0x00080793, 0x00000837, 0x0000086f, 0x00080067,
      0x00082783, 0x0107a023, 0x00f82023, 0x01078063, 0x00f80063,
      0x0107a7af,  // amoadd.w x15,x16,(x15)
      0xc0002873,  // csrr x16,cycle
      0x34081073,  // csrw mscratch,x16
      0x13078073,  // sfence.vma x15,x16
      0x0048200f,  // cbo.zero 0(x16)
      0xf0080053,  // fmv.w.x f0,x16
      0xe0000853,  // fmv.x.w x16,f0
      0x00082007,  // flw f0,0(x16)
      0x883e,      // c.mv x16,x15
      0x87c2,      // c.mv x15,x16
  };
  for (const std::uint32_t bits : legal)
    EXPECT_NE(decode(bits, embedded, true).id, OpId::illegal) << std::hex << bits;
  for (const std::uint32_t bits : illegal) {
    EXPECT_EQ(decode(bits, embedded, true).id, OpId::illegal) << std::hex << bits;
    embedded.e = false;
    EXPECT_NE(decode(bits, embedded, true).id, OpId::illegal) << std::hex << bits;
    embedded.e = true;
  }
}

TEST(Decode, IllegalEncodings) {
  constexpr std::uint32_t illegal[] = {
      0xffffffff,  // all ones
      0x00003067,  // jalr with funct3 3
      0x00002063,  // branch with funct3 2
      0x00007003,  // load with funct3 7
      0x00004023,  // store with funct3 4
      0x40001013,  // slli with bit 30
      0x20005013,  // srli with bit 29
      0x40001033,  // sll with bit 30
      0x04000033,  // OP with funct7 2
      0x0000200f,  // MISC-MEM with funct3 2
      0x1015a52f,  // lr.w with rs2 1
      0x2805a52f,  // AMO with funct5 5
      0x0000052f,  // AMO with funct3 0
      0x00200073,  // uret is not implemented
      0x7b200073,  // dret is not implemented
      0x00000173,  // ecall with rd 2
      0x30208073,  // mret with rs1 1
      0x12000173,  // sfence.vma with rd 2
      0x00004073,  // SYSTEM with funct3 4
      0x0000001f,  // longer than 32 bits
      0x00002007,  // flw
      0x00000053,  // fadd.s
  };
  for (const std::uint32_t bits : illegal)
    for (const unsigned xlen : {32u, 64u}) {
      const Op op = decode(bits, isa(xlen), true);
      EXPECT_EQ(op.id, OpId::illegal) << std::hex << bits;
      EXPECT_EQ(static_cast<std::uint32_t>(op.imm), bits) << std::hex << bits;
    }
}

TEST(Decode, ShiftAmountsOf64BitsAreIllegalOn32) {
  EXPECT_EQ(decode(0x03f51513, isa(64), true).id, OpId::slli) << "slli a0,a0,63";
  EXPECT_EQ(decode(0x03f51513, isa(64), true).imm, 63);
  EXPECT_EQ(decode(0x03f51513, isa(32), true).id, OpId::illegal);
  EXPECT_EQ(decode(0x43f55513, isa(64), true).id, OpId::srai) << "srai a0,a0,63";
  EXPECT_EQ(decode(0x43f55513, isa(32), true).id, OpId::illegal);
  EXPECT_EQ(decode(0x0205151b, isa(64), true).id, OpId::illegal) << "slliw by 32";
}

TEST(Decode, FenceIgnoresItsFields) {
  EXPECT_EQ(decode(0x0ff0000f, isa(64), true).id, OpId::fence) << "fence";
  EXPECT_EQ(decode(0x8330000f, isa(64), true).id, OpId::fence) << "fence.tso";
  EXPECT_EQ(decode(0x0ff5858f, isa(64), true).id, OpId::fence) << "reserved fields are ignored";
}

// custom-0 (0x0b): funct3 0..2 register forms, 4..6 in with an immediate, 7 out with an immediate.
TEST(Decode, PortInstructions) {
  const auto port = [](std::uint32_t bits) { return decode(bits, isa(64), true); };
  const Op in = port(0x0005958b);  // in.h a1,(a1)
  EXPECT_EQ(in.id, OpId::in);
  EXPECT_EQ(in.rd, 11);
  EXPECT_EQ(in.rs1, 11);
  EXPECT_EQ(in.imm, 1) << "log2 of 2 bytes";
  const Op out = port(0x02a5a00b);  // out.w a0 to (a1)
  EXPECT_EQ(out.id, OpId::out);
  EXPECT_EQ(out.rs1, 11);
  EXPECT_EQ(out.rs2, 10);
  EXPECT_EQ(out.imm, 2);
  const Op ini = port(0xfff0450b);  // in.b a0 from 4095
  EXPECT_EQ(ini.id, OpId::ini);
  EXPECT_EQ(ini.rd, 10);
  EXPECT_EQ(ini.imm, 4095 << 2);
  const Op outi = port(0x3ea07c0b);  // out.b a0 to 0x3f8
  EXPECT_EQ(outi.id, OpId::outi);
  EXPECT_EQ(outi.rs2, 10);
  EXPECT_EQ(outi.imm, 0x3f8 << 2);
  const Op outi32 = port(0xfea17f8b);  // out.w a0 to 4095
  EXPECT_EQ(outi32.id, OpId::outi);
  EXPECT_EQ(outi32.imm, 4095 << 2 | 2);
}

TEST(Decode, OtherCustom0EncodingsAreIllegal) {
  constexpr std::uint32_t illegal[] = {
      0x0015950b,  // in with rs2 1
      0x02a5a08b,  // out with rd 1
      0x04a5a00b,  // funct7 2
      0x0005b50b,  // funct3 3
      0x0030c50b,  // in immediate with rs1 1
      0x3ea1fc0b,  // out immediate with size 3
  };
  for (const std::uint32_t bits : illegal)
    EXPECT_EQ(decode(bits, isa(64), true).id, OpId::illegal) << std::hex << bits;
  EXPECT_EQ(decode(0x0005958b, isa(64), false).id, OpId::illegal) << "a machine without port space";
}

TEST(Decode, ClassesOfInstructionsTakeTheirCycles) {
  EXPECT_EQ(class_cost(OpId::add, {}).cycles, 1u);
  EXPECT_EQ(class_cost(OpId::mul, {}).cycles, 3u);
  EXPECT_EQ(class_cost(OpId::divuw, {}).cycles, 20u);
  EXPECT_EQ(class_cost(OpId::jal, {}).cycles, 2u);
  EXPECT_EQ(class_cost(OpId::sc_d, {}).cycles, 2u);
  EXPECT_EQ(class_cost(OpId::illegal, {}).cycles, 2u);
}

}  // namespace
}  // namespace memio::riscv
