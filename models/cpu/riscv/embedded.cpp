// The bases RV32E and RV64E (unprivileged specification, chapter on E, version 2.0): x16 to x31 do not exist.
#include "cpu/riscv/decode.h"
#include "cpu/riscv/instruction_fields.h"

namespace memio::riscv {

bool names_upper_register(std::uint32_t bits) {
  const std::uint32_t funct3 = field(bits, 14, 12), funct5 = field(bits, 31, 27);
  bool rd = false, rs1 = false, rs2 = false;  // which fields are x registers
  switch (bits & 0x7f) {
    case 0x37:  // lui, auipc, jal
    case 0x17:
    case 0x6f:
      rd = true;
      break;
    case 0x67:  // jalr, loads, immediates
    case 0x03:
    case 0x13:
    case 0x1b:
      rd = rs1 = true;
      break;
    case 0x63:  // branches, stores
    case 0x23:
      rs1 = rs2 = true;
      break;
    case 0x33:  // register-register, atomics
    case 0x3b:
    case 0x2f:
      rd = rs1 = rs2 = true;
      break;
    case 0x0f:  // cache blocks; the fields of fences are ignored
      rs1 = funct3 == 2;
      break;
    case 0x73:  // CSR instructions, those of the immediate forms from 4 on; sfence.vma
      rd = funct3 != 0;
      rs1 = funct3 < 4;
      rs2 = funct3 == 0;
      break;
    case 0x07:  // floating-point loads and stores: the address
    case 0x27:
      rs1 = true;
      break;
    case 0x53:  // comparisons, conversions and moves to integers and from them
      rd = funct5 == 0x14 || funct5 == 0x18 || funct5 == 0x1c;
      rs1 = funct5 == 0x1a || funct5 == 0x1e;
      break;
    case 0x0b:  // port instructions
      rd = funct3 < 7;
      rs1 = funct3 < 3;
      rs2 = funct3 < 3 || funct3 == 7;  // of the others, a number has these bits
      break;
    default:
      break;
  }
  return (rd && (bits >> 11 & 1)) || (rs1 && (bits >> 19 & 1)) || (rs2 && (bits >> 24 & 1));
}

}  // namespace memio::riscv
