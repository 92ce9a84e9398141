// System, atomic and port instructions: what the block engine leaves to `step`.
#include <cstring>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

template <class U>
bool HartImpl<U>::illegal() {
  return fail(Cause::illegal_instruction, static_cast<U>(instruction_bits_));
}

template <class U>
bool HartImpl<U>::execute_system(const Op& op, U& next) {
  const std::uint64_t status = csr_.status;
  const bool supervisor = privilege_ == Privilege::supervisor;
  switch (op.id) {
    case OpId::fence:
      drain_buffers();
      return true;
    case OpId::fence_i:
      drain_buffers();
      if (caches_) caches_->invalidate_instructions();
      fetched_word_ = no_address;
      return true;
    case OpId::cbo_inval:
    case OpId::cbo_clean:
    case OpId::cbo_flush:
    case OpId::cbo_zero:
      return block_operation(op);
    case OpId::ecall:
      return fail(privilege_ == Privilege::machine ? Cause::ecall_machine
                  : supervisor                     ? Cause::ecall_supervisor
                                                   : Cause::ecall_user,
                  0);
    case OpId::ebreak:
      return fail(Cause::breakpoint, pc_);
    case OpId::mret:
      if (privilege_ != Privilege::machine) return illegal();
      return_from(Privilege::machine, next);
      return true;
    case OpId::sret:
      if (privilege_ == Privilege::user || (supervisor && (status & mstatus::tsr))) return illegal();
      return_from(Privilege::supervisor, next);
      return true;
    case OpId::wfi:
      if (privilege_ == Privilege::user || (supervisor && (status & mstatus::tw))) return illegal();
      waiting_ = !wakes();
      attention_ = true;
      return true;
    case OpId::sfence_vma:
      return fence_vma(op);
    case OpId::sfence_inval:
      return privilege_ != Privilege::user || illegal();
    case OpId::csrrw:
    case OpId::csrrs:
    case OpId::csrrc:
    case OpId::csrrwi:
    case OpId::csrrsi:
    case OpId::csrrci:
      return execute_csr(op);
    case OpId::in:
    case OpId::ini:
    case OpId::out:
    case OpId::outi:
      return execute_port(op);
    case OpId::lr_w:
      return load_reserved<std::int32_t>(op);
    case OpId::lr_d:
      return load_reserved<std::int64_t>(op);
    case OpId::sc_w:
      return store_conditional<std::int32_t>(op);
    case OpId::sc_d:
      return store_conditional<std::int64_t>(op);
    default:
      return execute_atomic(op);
  }
}

template <class U>
bool HartImpl<U>::execute_atomic(const Op& op) {
  [[maybe_unused]] const U b = x_[op.rs2];
  switch (op.id) {
#define MEMIO_AMO(name, type, expression) \
  case OpId::name:                        \
    return atomic<type>(op, [b]([[maybe_unused]] U m) { return static_cast<U>(expression); });
#include "cpu/riscv/instructions.def"
    default:
      return illegal();
  }
}

/// An atomic memory operation: translated and protected as a store, then a read and a write.
template <class U>
template <class T, class Function>
bool HartImpl<U>::atomic(const Op& op, Function function) {
  const U va = x_[op.rs1];
  if (breaks(va, sizeof(T), AccessKind::load) || breaks(va, sizeof(T), AccessKind::store)) return false;
  if (va & (sizeof(T) - 1)) return fail(Cause::store_misaligned, va);
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  if (!locate(va, sizeof(T), AccessKind::store, physical, entry)) return false;
  if (!find_grant(physical, sizeof(T), AccessKind::load)) hold_devices();
  T old{};
  std::uint8_t bytes[8] = {};
  Status status = access(physical, sizeof(T), AccessKind::load, bytes);
  if (status == Status::ok) {
    // Others may have come between: what counts is what is there when the store is made.
    GrantRecord* const record = ready_to_store(physical, sizeof(T), AccessKind::store);
    if (record) std::memcpy(bytes, record->grant.storage(physical), sizeof(T));
    std::memcpy(&old, bytes, sizeof(T));
    const U value = function(static_cast<U>(static_cast<S>(old)));
    std::memcpy(bytes, &value, sizeof(U));
    status = store_at_once(record, physical, sizeof(T), AccessKind::store, bytes);
  }
  release_devices();
  if (status != Status::ok) return fail(Cause::store_access, va);
  x_[op.rd] = static_cast<U>(static_cast<S>(old));
  return true;
}

/// Before two accesses to a device that are one to the other harts.
template <class U>
void HartImpl<U>::hold_devices() {
  if (!config_.group) return;
  drain_buffers();
  const Cycles begin = now_;
  port_.synchronise(now_);
  look_around();
  wait_for_devices();
  config_.group->hold_devices(*this);
  wait_for_devices();
  stack_.device += now_ - begin;
}

/// Waits for what a store to these bytes of memory, or an update by the walker, would wait for before it
/// moves its data: until then others may change them, from then until `store_at_once` nobody. Null for a
/// device.
template <class U>
GrantRecord* HartImpl<U>::ready_to_store(std::uint64_t physical, unsigned size, AccessKind kind) {
  const auto find = [&] {
    GrantRecord* const record = find_grant(physical, size, kind);
    return record && record->grant.write ? record : nullptr;
  };
  GrantRecord* const record = find();
  if (!record || cached(physical, size, kind)) return record;
  if (!config_.at && now_ < horizon_) return record;
  if (config_.functional && kind == AccessKind::walk) return record;  // walks wait for nothing then
  port_.synchronise(now_);
  look_around();
  return find();
}

/// The store for which `ready_to_store` made ready: in `at` its data goes ahead of its transaction.
template <class U>
Status HartImpl<U>::store_at_once(GrantRecord* record, std::uint64_t physical, unsigned size, AccessKind kind,
                                  std::uint8_t* data) {
  if (record && config_.at && !cached(physical, size, kind)) {
    std::memcpy(record->grant.storage(physical), data, size);
    tell(physical, size);
    moved_ = true;
  }
  const Status status = kind == AccessKind::walk ? walk_transfer(physical, size, true, data)
                                                 : access(physical, size, kind, data);
  moved_ = false;
  return status;
}

template <class U>
template <class T>
bool HartImpl<U>::load_reserved(const Op& op) {
  const U va = x_[op.rs1];
  if (breaks(va, sizeof(T), AccessKind::load)) return false;
  if (va & (sizeof(T) - 1)) return fail(Cause::load_misaligned, va);
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  if (!locate(va, sizeof(T), AccessKind::load, physical, entry)) return false;
  // Reserved before the data is read: a store that comes between must break it.
  reservation_ = config_.alias.resolve(physical);
  reservation_size_ = sizeof(T);
  std::uint8_t bytes[8] = {};
  if (access(physical, sizeof(T), AccessKind::load, bytes) != Status::ok) {
    reservation_ = no_address;
    return fail(Cause::load_access, va);
  }
  T value{};
  std::memcpy(&value, bytes, sizeof(T));
  x_[op.rd] = static_cast<U>(static_cast<S>(value));
  return true;
}

/// Succeeds if the last LR reserved just these bytes and no other agent has written them since. A
/// refused SC is translated and protected like one that succeeds, but makes no transaction.
template <class U>
template <class T>
bool HartImpl<U>::store_conditional(const Op& op) {
  const U va = x_[op.rs1];
  if (breaks(va, sizeof(T), AccessKind::store)) return false;
  if (va & (sizeof(T) - 1)) return fail(Cause::store_misaligned, va);
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  if (!locate(va, sizeof(T), AccessKind::store, physical, entry)) return false;
  const auto holds = [&] {
    return reservation_ == config_.alias.resolve(physical) && reservation_size_ == sizeof(T);
  };
  // What breaks the reservation may come until then, and not after.
  if (holds() && !find_grant(physical, sizeof(T), AccessKind::store)) hold_devices();
  GrantRecord* const record = holds() ? ready_to_store(physical, sizeof(T), AccessKind::store) : nullptr;
  const bool reserved = holds();
  reservation_ = no_address;
  Status status = Status::ok;
  if (reserved) {
    std::uint8_t bytes[8] = {};
    std::memcpy(bytes, &x_[op.rs2], sizeof(T));
    status = store_at_once(record, physical, sizeof(T), AccessKind::store, bytes);
  }
  release_devices();
  if (status != Status::ok) return fail(Cause::store_access, va);
  x_[op.rd] = reserved ? 0 : 1;
  return true;
}

/// sfence.vma, and sinval.vma, which need not wait for the fences around it: each operand restricts the fence
/// if its register is not x0 (section 4.2.1).
template <class U>
bool HartImpl<U>::fence_vma(const Op& op) {
  const bool refused =
      privilege_ == Privilege::user || (privilege_ == Privilege::supervisor && (csr_.status & mstatus::tvm));
  if (refused) return illegal();
  std::optional<std::uint64_t> va;
  std::optional<std::uint16_t> asid;
  if (op.rs1) va = x_[op.rs1];
  if (op.rs2) asid = static_cast<std::uint16_t>(x_[op.rs2] & ((1u << config_.asid_bits) - 1));
  mmu_.fence(va, asid);
  if (!mmu_.has_tlbs()) l0_.drop();  // without TLBs no listener tells what to drop
  return true;
}

/// Port instructions: one bus transaction in port space; results are zero-extended.
template <class U>
bool HartImpl<U>::execute_port(const Op& op) {
  if (privilege_ == Privilege::user && !(csr_.sportctl & 1)) return illegal();
  const bool immediate = op.id == OpId::ini || op.id == OpId::outi;
  const bool write = op.id == OpId::out || op.id == OpId::outi;
  const unsigned size = 1u << (op.imm & 3);
  const U port = immediate ? static_cast<U>(op.imm >> 2) : static_cast<U>(x_[op.rs1] & 0xffff);
  std::uint8_t bytes[8] = {};
  if (write) std::memcpy(bytes, &x_[op.rs2], size);
  drain_buffers();
  const Transferred t = transfer(
      {port, size, write ? AccessKind::store : AccessKind::load, write, Space::port, privilege_, bytes});
  stack_.device += t.cycles;
  if (t.status != Status::ok) return fail(write ? Cause::store_access : Cause::load_access, port);
  if (!write) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, size);
    x_[op.rd] = value;
  }
  return true;
}

template <class U>
bool HartImpl<U>::execute_csr(const Op& op) {
  const auto number = static_cast<unsigned>(op.imm);
  const bool immediate = op.id >= OpId::csrrwi;
  const bool swap = op.id == OpId::csrrw || op.id == OpId::csrrwi;
  const U operand = immediate ? U{op.rs1} : x_[op.rs1];
  const bool write = swap || op.rs1 != 0;
  if (!csr_allowed(number, write)) return illegal();
  const U old = read_csr(number);
  if (write) {
    const bool set = op.id == OpId::csrrs || op.id == OpId::csrrsi;
    // A read-modify-write of mip must not make a hardware line sticky: it works on the software bits.
    const U base = number == csr_mip ? static_cast<U>(csr_.software_pending) : old;
    write_csr(number, swap ? operand : set ? base | operand : base & ~operand);
    attention_ = true;
  }
  x_[op.rd] = old;
  return true;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
