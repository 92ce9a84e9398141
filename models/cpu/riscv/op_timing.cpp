// Classes, operands and data-dependent divisions; see op_timing.h.
#include "cpu/riscv/op_timing.h"

namespace memio::riscv {

namespace {

constexpr std::uint8_t reads_rs1 = 1, reads_rs2 = 2, reads_f1 = 4, reads_f2 = 8, reads_f3 = 16, writes_f = 32;

// The operands of floating-point instructions by their names in the table: destination, sources.
constexpr std::uint8_t f_f = writes_f | reads_f1, f_ff = f_f | reads_f2, f_fff = f_ff | reads_f3,
                       f_x = writes_f | reads_rs1, x_f = reads_f1, x_ff = x_f | reads_f2;

/// Which of its register fields an instruction reads, in which file, and if it writes an f register; of some,
/// these fields hold something else.
std::uint8_t operands(OpId id) {
  switch (id) {
#define MEMIO_RI(name, class, expression) case OpId::name:
#define MEMIO_LOAD(name, type) case OpId::name:
#include "cpu/riscv/instructions.def"
    case OpId::jalr:
    case OpId::lr_w:
    case OpId::lr_d:
    case OpId::csrrw:
    case OpId::csrrs:
    case OpId::csrrc:
    case OpId::in:
      return reads_rs1;
#define MEMIO_FLOAD(name, type) case OpId::name:
#include "cpu/riscv/instructions.def"
      return reads_rs1 | writes_f;
#define MEMIO_FSTORE(name, type) case OpId::name:
#include "cpu/riscv/instructions.def"
      return reads_rs1 | reads_f2;
#define MEMIO_FLOAT(name, class, operands, format, expression) \
  case OpId::name:                                             \
    return operands;
#include "cpu/riscv/instructions.def"
#define MEMIO_RR(name, class, expression) case OpId::name:
#define MEMIO_BRANCH(name, condition) case OpId::name:
#define MEMIO_STORE(name, type) case OpId::name:
#define MEMIO_AMO(name, type, expression) case OpId::name:
#include "cpu/riscv/instructions.def"
    case OpId::sc_w:
    case OpId::sc_d:
    case OpId::sfence_vma:
    case OpId::out:
      return reads_rs1 | reads_rs2;
    case OpId::outi:
      return reads_rs2;
    default:
      return 0;
  }
}

unsigned significant_bits(std::uint64_t value) {
  unsigned bits = 0;
  for (; value; value >>= 1) ++bits;
  return bits;
}

/// The magnitude of the lowest `width` bits of `value`.
std::uint64_t magnitude(std::uint64_t value, unsigned width, bool is_signed) {
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - width);
  const bool negative = is_signed && (value >> (width - 1) & 1);
  return (negative ? ~value + 1 : value) & mask;
}

constexpr Cycles divided_up(unsigned bits, unsigned by) { return (bits + by - 1) / by; }

}  // namespace

const ClassCost& class_cost(OpId id, const InstructionTiming& timing) {
  switch (id) {
#define MEMIO_RR(name, class, expression) \
  case OpId::name:                        \
    return timing.class;
#define MEMIO_RI(name, class, expression) \
  case OpId::name:                        \
    return timing.class;
#define MEMIO_BRANCH(name, condition) \
  case OpId::name:                    \
    return timing.branch;
#define MEMIO_LOAD(name, type) \
  case OpId::name:             \
    return sizeof(type) < 4 ? timing.narrow_load : timing.load;
#define MEMIO_STORE(name, type) \
  case OpId::name:              \
    return timing.store;
#define MEMIO_AMO(name, type, expression) \
  case OpId::name:                        \
    return timing.amo;
#define MEMIO_FLOAD(name, type) \
  case OpId::name:              \
    return sizeof(type) < 4 ? timing.narrow_load : timing.load;
#define MEMIO_FSTORE(name, type) \
  case OpId::name:               \
    return timing.store;
#define MEMIO_FLOAT(name, class, operands, format, expression) \
  case OpId::name:                                             \
    return timing.class;
#define MEMIO_OTHER(name, class) \
  case OpId::name:               \
    return timing.class;
#include "cpu/riscv/instructions.def"
    case OpId::block_end:
      break;
  }
  return timing.system;
}

Issue issue_of(const Op& op, const InstructionTiming& timing) {
  const ClassCost& cost = class_cost(op.id, timing);
  const std::uint8_t fields = operands(op.id);
  const auto float_register = [](unsigned number) { return static_cast<std::uint8_t>(first_float + number); };
  Issue issue;
  if (fields & reads_rs1) issue.rs1 = op.rs1;
  if (fields & reads_rs2) issue.rs2 = op.rs2;
  if (fields & reads_f1) issue.rs1 = float_register(op.rs1);
  if (fields & reads_f2) issue.rs2 = float_register(op.rs2);
  if (fields & reads_f3) issue.rs3 = float_register(static_cast<std::uint32_t>(op.imm) >> 3);
  issue.cycles = cost.cycles;
  if (fields & writes_f) {
    issue.rd = float_register(op.rd);
    issue.latency = cost.latency;
  } else if (op.rd != sink_register) {
    issue.rd = op.rd;
    issue.latency = cost.latency;
  }
  issue.drains =
      timing.serialise && (&cost == &timing.csr || &cost == &timing.fence || &cost == &timing.system);
  return issue;
}

Cycles division_cycles(OpId id, std::uint64_t a, std::uint64_t b, unsigned xlen,
                       const InstructionTiming& timing) {
  const bool word = id == OpId::divw || id == OpId::divuw || id == OpId::remw || id == OpId::remuw;
  const unsigned width = word ? 32 : xlen;
  if (timing.division == Division::width) return divided_up(width, timing.division_bits);
  if (timing.division != Division::quotient) return 0;
  const bool is_signed = id == OpId::div || id == OpId::rem || id == OpId::divw || id == OpId::remw;
  const unsigned dividend = significant_bits(magnitude(a, width, is_signed));
  const unsigned divisor = std::max(1u, significant_bits(magnitude(b, width, is_signed)));
  return dividend < divisor ? 0 : divided_up(dividend - divisor + 1, timing.division_bits);
}

Cycles longest_division(unsigned xlen, const InstructionTiming& timing) {
  return timing.division == Division::fixed ? 0 : divided_up(xlen, timing.division_bits);
}

}  // namespace memio::riscv
