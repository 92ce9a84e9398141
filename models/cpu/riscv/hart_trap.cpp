// Trap entry and return (privileged specification, sections 3.1.6, 3.1.7, 3.3.2, 4.1.1).
#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

constexpr bool is_page_fault(Cause cause) {
  return cause == Cause::fetch_page || cause == Cause::load_page || cause == Cause::store_page;
}

}  // namespace

template <class U>
void HartImpl<U>::take_trap(U cause, bool interrupt, U tval) {
  const U delegated = interrupt ? csr_.mideleg : csr_.medeleg;
  const bool to_supervisor = privilege_ != Privilege::machine && (delegated >> cause & 1);
  const U code = interrupt ? (top_bit | cause) : cause;
  const U vector = to_supervisor ? csr_.stvec : csr_.mtvec;

  traps_in_a_row_ = retired_ == retired_at_trap_ ? traps_in_a_row_ + 1 : 1;
  retired_at_trap_ = retired_;
  if (!interrupt && is_page_fault(static_cast<Cause>(cause))) ++page_faults_;
  last_trap_ = {cause, pc_, tval, last_trap_.taken + 1, interrupt};
  if (trace_trap_) trace_->trap({now_, config_.hart_id, cause, interrupt, pc_, tval});

  std::uint64_t& status = csr_.status;
  const auto move = [&status](std::uint64_t from, std::uint64_t to) {
    status = status & from ? status | to : status & ~to;
  };
  if (to_supervisor) {
    csr_.scause = code;
    csr_.sepc = pc_;
    csr_.stval = tval;
    move(mstatus::sie, mstatus::spie);
    status &= ~(mstatus::sie | mstatus::spp);
    if (privilege_ == Privilege::supervisor) status |= mstatus::spp;
    privilege_ = Privilege::supervisor;
  } else {
    csr_.mcause = code;
    csr_.mepc = pc_;
    csr_.mtval = tval;
    move(mstatus::mie, mstatus::mpie);
    status &= ~(mstatus::mie | mstatus::mpp);
    status |= static_cast<std::uint64_t>(privilege_) << mstatus::mpp_shift;
    privilege_ = Privilege::machine;
  }
  const bool vectored = interrupt && (vector & 1);
  pc_ = static_cast<U>((vector & ~U{3}) + (vectored ? 4 * cause : 0));
  now_ += config_.timing.trap;
  stack_.trap += config_.timing.trap;
  scoreboard_.pass(config_.timing.trap);
  update_contexts();
  attention_ = true;
}

/// mret or sret; the caller has checked that it is allowed.
template <class U>
void HartImpl<U>::return_from(Privilege level, U& next) {
  std::uint64_t& status = csr_.status;
  const bool machine = level == Privilege::machine;
  const std::uint64_t enable = machine ? mstatus::mie : mstatus::sie;
  const std::uint64_t previous_enable = machine ? mstatus::mpie : mstatus::spie;
  if (machine)
    privilege_ = static_cast<Privilege>((status & mstatus::mpp) >> mstatus::mpp_shift);
  else
    privilege_ = status & mstatus::spp ? Privilege::supervisor : Privilege::user;
  status = status & previous_enable ? status | enable : status & ~enable;
  status |= previous_enable;
  status &= ~(machine ? mstatus::mpp : mstatus::spp);
  if (privilege_ != Privilege::machine) status &= ~mstatus::mprv;
  next = machine ? csr_.mepc : csr_.sepc;
  if (!config_.isa.c) next &= ~U{3};
  update_contexts();
  attention_ = true;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
