// From instruction bits to Op.
#pragma once

#include <cstdint>

#include "cpu/riscv/hart_config.h"
#include "cpu/riscv/op.h"

namespace memio::riscv {

/// The 32-bit instruction that the compressed `bits` stand for, 0 if they are illegal or reserved.
/// Unprivileged specification, chapter 16. Whether the hart has that instruction is for `decode` to say.
std::uint32_t expand_compressed(std::uint16_t bits, unsigned xlen);

/// Whether the 32-bit `bits` name one of x16 to x31, which the base E lacks.
bool names_upper_register(std::uint32_t bits);

/// Decodes one instruction: 32 bits, or 16 in the low half if `bits` ends in anything but 11.
/// What `isa` lacks, and the port instructions without `ports`, decode to OpId::illegal, with the
/// bits in `imm`. Immediates of CSR instructions: CSR number in `imm`, the 5-bit operand in `rs1`.
/// Floating-point arithmetic: `imm` is rs3 << 3 | rounding mode (0 where there is none), `rd` of those that
/// write an f register its number, 0 included.
/// Port instructions: `imm` is port << 2 | log2(size), with port 0 in the register forms.
Op decode(std::uint32_t bits, const Isa& isa, bool ports);

inline bool is_compressed(std::uint32_t bits) { return (bits & 3) != 3; }

}  // namespace memio::riscv
