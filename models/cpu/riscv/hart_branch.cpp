// What branches and jumps cost beside their class: the predictor's verdict in cycles.
#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

/// The registers that calls link in (unprivileged specification, section 2.5).
constexpr bool is_link(unsigned reg) { return reg == 1 || reg == 5; }

}  // namespace

template <class U>
Cycles HartImpl<U>::foretold_cycles(BranchFacts::Kind kind, const Op& op, U pc, bool taken, U next) {
  using Kind = BranchFacts::Kind;
  BranchFacts branch;
  branch.kind = kind;
  branch.taken = taken;
  branch.backward = op.imm < 0;
  branch.calls = kind != Kind::conditional && is_link(op.rd);
  branch.returns = kind == Kind::indirect && is_link(op.rs1) && op.rd != op.rs1;
  branch.pc = pc;
  branch.target = next;
  branch.next = static_cast<U>(pc + op.length);
  switch (predictor_->resolve(branch)) {
    case Redirect::none:
      return 0;
    case Redirect::at_fetch:
      return config_.timing.early_redirect;
    case Redirect::at_decode:
    case Redirect::at_execute:
      return late_redirect(kind);
    case Redirect::mispredicted:
      break;
  }
  return config_.timing.mispredict;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
