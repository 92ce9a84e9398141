// What branches and jumps cost beside their class: the predictor's verdict in cycles.
#include <algorithm>
#include <cstring>

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
    case Redirect::at_execute:
      stray(static_cast<U>(branch.next));
      return late_redirect(kind);
    case Redirect::at_decode:
      return late_redirect(kind);
    case Redirect::mispredicted:
      break;
  }
  return kind == Kind::conditional ? mispredicted(op, pc, taken) : config_.timing.mispredict;
}

/// Fetches from the wrong path until the branch in hand is resolved, for `redirected`. A line that misses is
/// filled before the fetch can be redirected.
template <class U>
void HartImpl<U>::follow_astray(Cycles redirected) {
  const Cycles begin = now_;
  line_wait_ = 0;
  const unsigned width = config_.timing.fetch_width;
  U va = *astray_ & ~U{3};
  for (unsigned i = 0; i < config_.timing.wrong_path; ++i, va = (va & ~U{width - 1}) + width) {
    now_ = begin + i;
    if (!fetch_astray(va)) break;
  }
  astray_.reset();
  now_ = std::max(now_, redirected);
  const Cycles more = now_ - redirected;
  const Cycles waited = std::min(more, line_wait_);
  stack_.bus_wait += waited;
  stack_.icache += more - waited;
}

/// Looks for the fetch word of a wrong path that `va` lies in. False if the fetch stops there: a page that
/// the ITLB does not hold, no right to fetch, memory that is not cached, a miss, which moves `now_` on, or
/// zeroes at `va`, which are no instruction.
template <class U>
bool HartImpl<U>::fetch_astray(U va) {
  std::uint64_t physical = va;
  memory_type_ = MemoryType::pma;
  if (fetch_context_.format != PageFormatId::bare) {
    const TlbEntry* const entry = mmu_.itlb().probe(va, fetch_context_.asid);
    if (!entry || !permits(*entry, AccessKind::fetch, fetch_context_)) return false;
    physical = entry->physical(va);
    memory_type_ = entry->memory_type;
  }
  if (!pmp_.allows(physical, 4, PmpAccess::execute, privilege_)) return false;
  const GrantRecord* const record = cached(physical, 4, AccessKind::fetch);
  if (!record) return false;
  std::uint32_t word = 0;
  std::memcpy(&word, record->grant.storage(physical), sizeof word);
  const std::optional<Cycles> filled = caches_->fetch_astray(physical, now_);
  if (filled) now_ = *filled;
  return !filled && word != 0;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
