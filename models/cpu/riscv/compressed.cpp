// Compressed instructions as the 32-bit instructions they stand for (unprivileged specification,
// chapter 16).
#include "cpu/riscv/decode.h"

namespace memio::riscv {

namespace {

using u32 = std::uint32_t;

constexpr u32 op_load = 0x03, op_float_load = 0x07, op_imm = 0x13, op_imm32 = 0x1b, op_store = 0x23,
              op_float_store = 0x27, op_reg = 0x33, op_lui = 0x37, op_reg32 = 0x3b, op_branch = 0x63,
              op_jalr = 0x67, op_jal = 0x6f;

constexpr u32 i_type(u32 imm, u32 rs1, u32 funct3, u32 rd, u32 opcode) {
  return (imm & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr u32 s_type(u32 imm, u32 rs2, u32 rs1, u32 funct3, u32 opcode = op_store) {
  return (imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 0x1f) << 7 | opcode;
}
constexpr u32 r_type(u32 funct7, u32 rs2, u32 rs1, u32 funct3, u32 rd, u32 opcode) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr u32 b_type(u32 imm, u32 rs1, u32 funct3) {
  return (imm >> 12 & 1) << 31 | (imm >> 5 & 0x3f) << 25 | rs1 << 15 | funct3 << 12 | (imm >> 1 & 0xf) << 8 |
         (imm >> 11 & 1) << 7 | op_branch;
}
constexpr u32 j_type(u32 imm, u32 rd) {
  return (imm >> 20 & 1) << 31 | (imm >> 1 & 0x3ff) << 21 | (imm >> 11 & 1) << 20 | (imm >> 12 & 0xff) << 12 |
         rd << 7 | op_jal;
}
constexpr u32 sign_extend(u32 value, unsigned bit) { return (value ^ (1u << bit)) - (1u << bit); }

/// The fields of a compressed instruction.
class Compressed {
 public:
  Compressed(std::uint16_t bits, unsigned xlen) : b_(bits), rv64_(xlen == 64) {}

  u32 expand() const {
    if (b_ == 0) return 0;
    switch ((b_ & 3) << 3 | (b_ >> 13)) {
      case 0 << 3 | 0:
        return addi4spn();
      case 0 << 3 | 1:
        return i_type(offset_d(), rs1s(), 3, rs2s(), op_float_load);
      case 0 << 3 | 2:
        return i_type(offset_w(), rs1s(), 2, rs2s(), op_load);
      case 0 << 3 | 3:
        return rv64_ ? i_type(offset_d(), rs1s(), 3, rs2s(), op_load)
                     : i_type(offset_w(), rs1s(), 2, rs2s(), op_float_load);
      case 0 << 3 | 5:
        return s_type(offset_d(), rs2s(), rs1s(), 3, op_float_store);
      case 0 << 3 | 6:
        return s_type(offset_w(), rs2s(), rs1s(), 2);
      case 0 << 3 | 7:
        return rv64_ ? s_type(offset_d(), rs2s(), rs1s(), 3)
                     : s_type(offset_w(), rs2s(), rs1s(), 2, op_float_store);
      case 1 << 3 | 0:
        return i_type(imm6(), rd(), 0, rd(), op_imm);
      case 1 << 3 | 1:
        return rv64_ ? (rd() ? i_type(imm6(), rd(), 0, rd(), op_imm32) : 0) : j_type(jump(), 1);
      case 1 << 3 | 2:
        return i_type(imm6(), 0, 0, rd(), op_imm);
      case 1 << 3 | 3:
        return lui_or_addi16sp();
      case 1 << 3 | 4:
        return arithmetic();
      case 1 << 3 | 5:
        return j_type(jump(), 0);
      case 1 << 3 | 6:
        return b_type(branch(), rs1s(), 0);
      case 1 << 3 | 7:
        return b_type(branch(), rs1s(), 1);
      case 2 << 3 | 0:
        return shift_ok() ? i_type(shamt(), rd(), 1, rd(), op_imm) : 0;
      case 2 << 3 | 1:
        return i_type(stack_load_d(), 2, 3, rd(), op_float_load);
      case 2 << 3 | 2:
        return rd() ? i_type(stack_load_w(), 2, 2, rd(), op_load) : 0;
      case 2 << 3 | 3:
        if (!rv64_) return i_type(stack_load_w(), 2, 2, rd(), op_float_load);
        return rd() ? i_type(stack_load_d(), 2, 3, rd(), op_load) : 0;
      case 2 << 3 | 4:
        return jump_move_add();
      case 2 << 3 | 5:
        return s_type(stack_store_d(), rs2(), 2, 3, op_float_store);
      case 2 << 3 | 6:
        return s_type(stack_store_w(), rs2(), 2, 2);
      case 2 << 3 | 7:
        return rv64_ ? s_type(stack_store_d(), rs2(), 2, 3)
                     : s_type(stack_store_w(), rs2(), 2, 2, op_float_store);
      default:
        return 0;
    }
  }

 private:
  u32 bits(unsigned high, unsigned low) const { return (b_ >> low) & ((1u << (high - low + 1)) - 1); }
  u32 bit(unsigned n) const { return b_ >> n & 1; }
  u32 rd() const { return bits(11, 7); }
  u32 rs2() const { return bits(6, 2); }
  u32 rs1s() const { return 8 + bits(9, 7); }
  u32 rs2s() const { return 8 + bits(4, 2); }
  u32 imm6() const { return sign_extend(bit(12) << 5 | bits(6, 2), 5); }
  u32 shamt() const { return bit(12) << 5 | bits(6, 2); }
  bool shift_ok() const { return rv64_ || !bit(12); }
  u32 offset_w() const { return bits(12, 10) << 3 | bit(6) << 2 | bit(5) << 6; }
  u32 offset_d() const { return bits(12, 10) << 3 | bits(6, 5) << 6; }
  u32 stack_load_w() const { return bit(12) << 5 | bits(6, 4) << 2 | bits(3, 2) << 6; }
  u32 stack_load_d() const { return bit(12) << 5 | bits(6, 5) << 3 | bits(4, 2) << 6; }
  u32 stack_store_w() const { return bits(12, 9) << 2 | bits(8, 7) << 6; }
  u32 stack_store_d() const { return bits(12, 10) << 3 | bits(9, 7) << 6; }
  u32 jump() const {
    return sign_extend(bit(12) << 11 | bit(11) << 4 | bits(10, 9) << 8 | bit(8) << 10 | bit(7) << 6 |
                           bit(6) << 7 | bits(5, 3) << 1 | bit(2) << 5,
                       11);
  }
  u32 branch() const {
    return sign_extend(bit(12) << 8 | bits(11, 10) << 3 | bits(6, 5) << 6 | bits(4, 3) << 1 | bit(2) << 5, 8);
  }

  u32 addi4spn() const {
    const u32 imm = bits(12, 11) << 4 | bits(10, 7) << 6 | bit(6) << 2 | bit(5) << 3;
    return imm ? i_type(imm, 2, 0, rs2s(), op_imm) : 0;
  }

  u32 lui_or_addi16sp() const {
    if (rd() == 2) {
      const u32 imm =
          sign_extend(bit(12) << 9 | bit(6) << 4 | bit(5) << 6 | bits(4, 3) << 7 | bit(2) << 5, 9);
      return imm ? i_type(imm, 2, 0, 2, op_imm) : 0;
    }
    return imm6() ? (imm6() << 12 | rd() << 7 | op_lui) : 0;
  }

  u32 arithmetic() const {
    const u32 r = rs1s();
    switch (bits(11, 10)) {
      case 0:
        return shift_ok() ? i_type(shamt(), r, 5, r, op_imm) : 0;
      case 1:
        return shift_ok() ? i_type(0x400 | shamt(), r, 5, r, op_imm) : 0;
      case 2:
        return i_type(imm6(), r, 7, r, op_imm);
      default:
        break;
    }
    constexpr u32 funct3[4] = {0, 4, 6, 7};
    const u32 which = bits(6, 5);
    if (!bit(12)) return r_type(which == 0 ? 0x20 : 0, rs2s(), r, funct3[which], r, op_reg);
    if (!rv64_ || which > 1) return 0;
    return r_type(which == 0 ? 0x20 : 0, rs2s(), r, 0, r, op_reg32);
  }

  u32 jump_move_add() const {
    if (rs2() != 0) return r_type(0, rs2(), bit(12) ? rd() : 0, 0, rd(), op_reg);
    if (rd() != 0) return i_type(0, rd(), 0, bit(12), op_jalr);
    return bit(12) ? 0x00100073 : 0;
  }

  u32 b_;
  bool rv64_;
};

}  // namespace

std::uint32_t expand_compressed(std::uint16_t bits, unsigned xlen) { return Compressed(bits, xlen).expand(); }

}  // namespace memio::riscv
