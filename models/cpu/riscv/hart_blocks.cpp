// Cache-block instructions: Zicbom and Zicboz (RISC-V CMO specification 1.0, sections 2.4 to 2.6). Without
// caches they check what they have to check, and cbo.zero still zeroes. The prefetches of Zicbop are hints,
// and do nothing here.
#include <cstring>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

/// True if menvcfg, and in U mode senvcfg, have one of `bits` set (machine mode needs neither).
template <class U>
bool HartImpl<U>::block_enabled(std::uint64_t bits) const {
  if (privilege_ == Privilege::machine) return true;
  return (csr_.menvcfg & bits) && (privilege_ == Privilege::supervisor || (csr_.senvcfg & bits));
}

template <class U>
bool HartImpl<U>::block_operation(const Op& op) {
  if (op.id == OpId::cbo_zero) return block_enabled(envcfg::cbze) ? zero_block(op) : illegal();
  const bool invalidates = op.id == OpId::cbo_inval;
  if (!block_enabled(invalidates ? envcfg::cbie : envcfg::cbcfe)) return illegal();
  const U va = x_[op.rs1];
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  // Permitted if a load is (a store is only where a load is); what is refused is a refused store.
  if (!locate(static_cast<U>(va), 1, AccessKind::load, physical, entry)) {
    const bool page = fault_.cause == Cause::load_page;
    return fail(page ? Cause::store_page : Cause::store_access, va);
  }
  if (!l1d_ || memory_type_ != MemoryType::pma) return true;
  // An inval that a higher mode does not trust flushes: CBIE is 01.
  const auto flushes = [](std::uint64_t envcfg) { return (envcfg & envcfg::cbie) == envcfg::cbie_flush; };
  const bool flush = op.id == OpId::cbo_flush ||
                     (invalidates && privilege_ != Privilege::machine &&
                      (flushes(csr_.menvcfg) || (privilege_ == Privilege::user && flushes(csr_.senvcfg))));
  const Cycles begin = now_;
  now_ = caches_->manage(op.id == OpId::cbo_clean ? BlockOperation::clean
                         : flush                  ? BlockOperation::flush
                                                  : BlockOperation::invalidate,
                         physical, begin);
  stack_.store += now_ - begin;
  return true;
}

/// Zeroes a block: one translation as a store, one look-up or one burst.
template <class U>
bool HartImpl<U>::zero_block(const Op& op) {
  const unsigned size = block_bytes(config_);
  const U va = static_cast<U>(x_[op.rs1] & ~static_cast<U>(size - 1));
  if (breaks(va, size, AccessKind::store)) return false;
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  if (!locate(va, size, AccessKind::store, physical, entry)) {
    fault_.tval = x_[op.rs1];
    return false;
  }
  const GrantRecord* const record = find_grant(physical, size, AccessKind::store);
  if (!record || !record->grant.write) return fail(Cause::store_access, x_[op.rs1]);
  std::uint8_t zeroes[256] = {};
  const bool in_cache = cached(physical, size, AccessKind::store);
  LineObserver* const observer = in_cache ? caches_->observer() : nullptr;
  if (observer) observer->before_store(physical, size, pc_, now_);
  std::memset(record->grant.storage(physical), 0, size);
  tell(physical, size);
  if (in_cache) {
    const Cycles begin = now_;
    line_wait_ = 0;
    const CacheReply reply = caches_->write_block(physical, begin);
    now_ = reply.done;
    if (observer) observer->after_store(physical, size);
    stack_.dcache += now_ - begin - reply.store_wait;
    stack_.store += reply.store_wait;
  } else {
    const Access access{physical, size,          AccessKind::store,
                        true,     Space::memory, data_context_.privilege,
                        zeroes,   memory_type_};
    count_uncached(access);
    const Transferred t = transfer(access);
    stack_.bus_wait += t.wait;
    stack_.memory += t.cycles - t.wait;
  }
  after_store(physical, size);
  return true;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
