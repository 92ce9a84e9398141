// Classes, operands and data-dependent divisions; see op_timing.h.
#include "cpu/riscv/op_timing.h"

namespace memio::riscv {

namespace {

constexpr std::uint8_t reads_rs1 = 1, reads_rs2 = 2;

/// Which of its register fields an instruction reads; of some, these fields hold something else.
std::uint8_t reads(OpId id) {
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
  const std::uint8_t fields = reads(op.id);
  Issue issue;
  if (fields & reads_rs1) issue.rs1 = op.rs1;
  if (fields & reads_rs2) issue.rs2 = op.rs2;
  issue.rd = op.rd;
  issue.cycles = cost.cycles;
  issue.latency = op.rd == sink_register ? 0 : cost.latency;
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
