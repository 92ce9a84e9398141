// Encodings by hand, from the tables of the unprivileged specification (chapter 24).
#pragma once

#include <cstdint>

namespace memio::test {

using Word = std::uint32_t;

constexpr Word r_type(Word f7, Word rs2, Word rs1, Word f3, Word rd, Word op) {
  return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
}
constexpr Word i_type(std::int32_t imm, Word rs1, Word f3, Word rd, Word op) {
  return static_cast<Word>(imm) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
}
constexpr Word s_type(std::int32_t imm, Word rs2, Word rs1, Word f3, Word op = 0x23) {
  const Word i = static_cast<Word>(imm);
  return (i >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | (i & 31) << 7 | op;
}
constexpr Word b_type(std::int32_t imm, Word rs2, Word rs1, Word f3) {
  const Word i = static_cast<Word>(imm);
  return (i >> 12 & 1) << 31 | (i >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | (i >> 1 & 15) << 8 |
         (i >> 11 & 1) << 7 | 0x63;
}
constexpr Word j_type(std::int32_t imm, Word rd) {
  const Word i = static_cast<Word>(imm);
  return (i >> 20 & 1) << 31 | (i >> 1 & 0x3ff) << 21 | (i >> 11 & 1) << 20 | (i >> 12 & 0xff) << 12 |
         rd << 7 | 0x6f;
}

constexpr Word addi(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 0, rd, 0x13); }
constexpr Word add(Word rd, Word rs1, Word rs2) { return r_type(0, rs2, rs1, 0, rd, 0x33); }
constexpr Word lui(Word rd, Word imm20) { return imm20 << 12 | rd << 7 | 0x37; }
constexpr Word lw(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 2, rd, 0x03); }
constexpr Word sw(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 2); }
constexpr Word beq(Word rs1, Word rs2, std::int32_t imm) { return b_type(imm, rs2, rs1, 0); }
constexpr Word bne(Word rs1, Word rs2, std::int32_t imm) { return b_type(imm, rs2, rs1, 1); }
constexpr Word jal(Word rd, std::int32_t imm) { return j_type(imm, rd); }
constexpr Word jalr(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 0, rd, 0x67); }
constexpr Word csrrw(Word rd, Word csr, Word rs1) {
  return csr << 20 | rs1 << 15 | 1u << 12 | rd << 7 | 0x73;
}
constexpr Word csrrs(Word rd, Word csr, Word rs1) {
  return csr << 20 | rs1 << 15 | 2u << 12 | rd << 7 | 0x73;
}
constexpr Word div_(Word rd, Word rs1, Word rs2) { return r_type(1, rs2, rs1, 4, rd, 0x33); }
constexpr Word mul_(Word rd, Word rs1, Word rs2) { return r_type(1, rs2, rs1, 0, rd, 0x33); }
constexpr Word in_(Word size, Word rd, Word rs1) { return r_type(0, 0, rs1, size, rd, 0x0b); }
constexpr Word out_(Word size, Word rs1, Word rs2) { return r_type(1, rs2, rs1, size, 0, 0x0b); }
constexpr Word ini(Word size, Word rd, std::int32_t port) { return i_type(port, 0, 4 | size, rd, 0x0b); }
constexpr Word outi(Word size, std::int32_t port, Word rs2) { return s_type(port, rs2, size, 7, 0x0b); }
constexpr Word nop = 0x00000013, ecall = 0x00000073, ebreak = 0x00100073, mret = 0x30200073,
               sret = 0x10200073, wfi = 0x10500073, fence_i = 0x0000100f, sfence_vma_all = 0x12000073;

}  // namespace memio::test
