// The reference engine: one instruction at a time, without memory of anything but the modelled state.
#include <cstring>

#include "cpu/riscv/decode.h"
#include "cpu/riscv/hart_impl.h"
#include "cpu/riscv/op_timing.h"

namespace memio::riscv {

template <class U>
void HartImpl<U>::step() {
  ++steps_;
  if (trace_cpu_) trace_->instruction({now_, config_.hart_id, pc_, privilege_});
  std::uint32_t bits = 0;
  if (breaks(pc_, 2, AccessKind::fetch) || !fetch(bits))
    return take_trap(static_cast<U>(fault_.cause), false, fault_.tval);
  instruction_bits_ = bits;
  const Op op = decode(bits, config_.isa, config_.port_space);
  issue(op);
  U next = static_cast<U>(pc_ + op.length);
  if (!execute(op, next)) return take_trap(static_cast<U>(fault_.cause), false, fault_.tval);
  pc_ = next;
  ++retired_;
}

/// Waits for the operands and charges the class.
template <class U>
void HartImpl<U>::issue(const Op& op) {
  const Issue issue = issue_of(op, config_.timing);
  const Scoreboard::Wait wait = scoreboard_.issue(issue, now_);
  stack_.operand += wait.operand;
  stack_.dcache += wait.arrival;
  stack_.base += issue.cycles;
  now_ += wait.operand + wait.arrival + issue.cycles;
}

/// Fetches the instruction at pc_: one translation, two if it straddles pages; a bus transaction for
/// each aligned word that is not in the fetch buffer.
template <class U>
bool HartImpl<U>::fetch(std::uint32_t& bits) {
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  if (!locate(pc_, 2, AccessKind::fetch, physical, entry)) return false;
  const std::uint64_t first_page = physical;
  std::uint32_t word = 0;
  if (!fetch_word(pc_, physical, word)) return false;
  if (!(pc_ & 2)) {
    bits = is_compressed(word) ? word & 0xffff : word;
  } else {
    bits = word >> 16;
    if (!is_compressed(bits)) {
      const U rest = static_cast<U>(pc_ + 2);
      physical += 2;
      if (!(rest & ~static_cast<U>(page_mask)) && !locate(rest, 2, AccessKind::fetch, physical, entry))
        return false;
      if (!fetch_word(rest, physical, word)) return false;
      bits |= word << 16;
    }
  }
  if ((physical & page_mask) == (first_page & page_mask)) fill_fetch_slot(pc_, first_page, entry);
  return true;
}

/// The four bytes that `physical` lies in, from the fetch word in the buffer.
template <class U>
bool HartImpl<U>::fetch_word(U va, std::uint64_t physical, std::uint32_t& word) {
  const unsigned width = config_.timing.fetch_width;
  const std::uint64_t address = physical & ~std::uint64_t{width - 1};
  if (fetched_word_ != address) {
    fetched_word_ = no_address;
    if (access(address, width, AccessKind::fetch, fetched_bytes_) != Status::ok)
      return fail(Cause::fetch_access, va);
    fetched_word_ = address;
  }
  std::memcpy(&word, fetched_bytes_ + (physical & (width - 1) & ~3u), 4);
  return true;
}

template <class U>
bool HartImpl<U>::jump(U target, U& next) {
  if (!config_.isa.c && (target & 2)) return fail(Cause::fetch_misaligned, target);
  next = target;
  return true;
}

/// Books what a division takes for the sake of its operands, and returns it.
template <class U>
Cycles HartImpl<U>::division(OpId id, U a, U b) {
  const Cycles cycles = division_cycles(id, a, b, config_.isa.xlen, config_.timing);
  stack_.base += cycles;
  return cycles;
}

template <class U>
bool HartImpl<U>::execute(const Op& op, U& next) {
  [[maybe_unused]] const auto w = [](auto value) { return extend_word<U>(value); };
  const U a = x_[op.rs1];
  const U imm = static_cast<U>(static_cast<S>(op.imm));
  switch (op.id) {
#define MEMIO_RR(name, class, expression)                                 \
  case OpId::name: {                                                      \
    const U b = x_[op.rs2];                                               \
    if constexpr (is_division(OpId::name)) now_ += division(op.id, a, b); \
    x_[op.rd] = static_cast<U>(expression);                               \
    return true;                                                          \
  }
#define MEMIO_RI(name, class, expression)   \
  case OpId::name: {                        \
    [[maybe_unused]] const U b = imm;       \
    x_[op.rd] = static_cast<U>(expression); \
    return true;                            \
  }
#define MEMIO_BRANCH(name, condition)                                            \
  case OpId::name: {                                                             \
    const U b = x_[op.rs2];                                                      \
    const bool taken = (condition);                                              \
    if (taken && !jump(static_cast<U>(pc_ + imm), next)) return false;           \
    branch(branch_cycles(BranchFacts::Kind::conditional, op, pc_, taken, next)); \
    return true;                                                                 \
  }
#define MEMIO_LOAD(name, type)                                             \
  case OpId::name: {                                                       \
    std::uint64_t value = 0;                                               \
    if (!load(static_cast<U>(a + imm), sizeof(type), value)) return false; \
    loaded(op, value);                                                     \
    return true;                                                           \
  }
#define MEMIO_STORE(name, type) \
  case OpId::name:              \
    return store(static_cast<U>(a + imm), sizeof(type), x_[op.rs2]);
#define MEMIO_FLOAD(name, type) case OpId::name:
#define MEMIO_FSTORE(name, type) case OpId::name:
#define MEMIO_FLOAT(name, class, operands, format, expression) case OpId::name:
#include "cpu/riscv/instructions.def"
    return execute_float(op);
    case OpId::auipc:
      x_[op.rd] = static_cast<U>(pc_ + imm);
      return true;
    case OpId::jal: {
      const U link = next;
      if (!jump(static_cast<U>(pc_ + imm), next)) return false;
      x_[op.rd] = link;
      branch(branch_cycles(BranchFacts::Kind::direct, op, pc_, true, next));
      return true;
    }
    case OpId::jalr: {
      const U link = next;
      if (!jump(static_cast<U>((a + imm) & ~U{1}), next)) return false;
      x_[op.rd] = link;
      branch(branch_cycles(BranchFacts::Kind::indirect, op, pc_, true, next));
      return true;
    }
    default:
      return execute_system(op, next);
  }
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
