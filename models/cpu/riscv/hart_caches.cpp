// A hart's accesses that look caches up, what they do to its time, and the caches' way to the bus.
//
// Data is in memory, which is the hart's view of it: it moves at look-up, and the caches say what that takes.
#include <cstring>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

/// The grant of memory that accesses of `kind` reach through a cache; null if these bytes, or the line that
/// they lie in, are not cacheable. `memory_type_` is that of the page.
template <class U>
GrantRecord* HartImpl<U>::cached(std::uint64_t physical, unsigned size, AccessKind kind) {
  if (!caches_ || !caches_->caches(kind)) return nullptr;
  if (kind != AccessKind::walk && memory_type_ != MemoryType::pma) return nullptr;
  GrantRecord* const record = find_grant(physical, size, kind);
  if (!record || !record->grant.cacheable) return nullptr;
  if (!(kind == AccessKind::store ? record->grant.write : record->grant.read)) return nullptr;
  const std::uint64_t line = caches_->line_bytes(kind);
  return record->grant.covers(physical & ~(line - 1), line) ? record : nullptr;
}

/// An access to the memory of `record`, for which `cached` has been asked.
template <class U>
void HartImpl<U>::cached_access(const GrantRecord& record, std::uint64_t physical, unsigned size,
                                AccessKind kind, bool write, std::uint8_t* data) {
  std::uint8_t* const host = record.grant.storage(physical);
  LineObserver* const observer = kind == AccessKind::fetch ? nullptr : caches_->observer();
  if (observer && write) observer->before_store(physical, size, pc_, now_);
  if (observer && !write) observer->loaded(physical, size, pc_, now_);
  copy_sized(write ? host : data, write ? data : host, size);
  if (write) tell(physical, size);
  const Cycles begin = now_;
  line_wait_ = 0;
  cache_reply_ = caches_->access({kind, write, physical, size, record.grant.last, may_defer_}, now_);
  now_ = cache_reply_.done;
  if (observer && write) observer->after_store(physical, size);
  if (kind == AccessKind::walk) return;  // its cycles are those of the walk
  const Cycles spent = now_ - begin - cache_reply_.store_wait - line_wait_;
  (kind == AccessKind::fetch ? stack_.icache : stack_.dcache) += spent;
  stack_.store += cache_reply_.store_wait;
  stack_.bus_wait += line_wait_;
}

/// A store to memory that is not cached, but whose completion nobody waits for. False if it is another.
template <class U>
bool HartImpl<U>::buffered_store(std::uint64_t physical, unsigned size, std::uint8_t* data) {
  if (!l1d_ || memory_type_ == MemoryType::io) return false;
  GrantRecord* const record = find_grant(physical, size, AccessKind::store);
  if (!record || !record->grant.write) return false;
  std::memcpy(record->grant.storage(physical), data, size);
  tell(physical, size);
  const Access access{physical, size,        AccessKind::store, true, Space::memory, data_context_.privilege,
                      data,     memory_type_};
  count_uncached(access);
  const Cycles begin = now_;
  now_ = caches_->buffered_write(access, begin);
  stack_.store += now_ - begin;
  return true;
}

/// Waits until nothing of this hart is on its way to memory.
template <class U>
void HartImpl<U>::drain_buffers() {
  if (!caches_) return;
  const Cycles begin = now_;
  now_ = caches_->drain(begin);
  stack_.store += now_ - begin;
}

template <class U>
void HartImpl<U>::count_uncached(const Access& access) {
  if (!caches_ || access.space != Space::memory) return;
  caches_->book_uncached(access.size, !access.write, access.write);
}

/// A transaction of the caches may go on after the access that caused it. Blocks with transactions of their
/// own are priced for idle targets: the run loop must look.
template <class U>
void HartImpl<U>::keep_bus_busy() {
  if (!l1i_ || !l1d_) leave_block_ = attention_ = true;
}

/// A transaction of the caches that the hart waits for.
template <class U>
Completion HartImpl<U>::transfer(const Access& access, Cycles now) {
  std::uint8_t bytes[256] = {};
  Access burst = access;
  burst.privilege = privilege_;
  burst.data = config_.at ? nullptr : bytes;  // in `at` the bytes could have changed when they are moved
  if (access.write && burst.data)
    if (const GrantRecord* record = find_grant(access.address, access.size, access.kind))
      std::memcpy(bytes, record->grant.storage(access.address), access.size);
  keep_bus_busy();
  now_ = now;
  const Transferred t = transfer(burst);
  line_wait_ += t.wait;
  return {t.status, now_};
}

/// One that the hart does not wait for: in `lt` it is charged at once, behind what its port has to do before.
template <class U>
Ticket HartImpl<U>::post(const Access& access, Cycles now) {
  if (now_ >= horizon_) {
    port_.synchronise(now_);
    look_around();
    leave_block_ = true;
  }
  keep_bus_busy();
  const GrantRecord* record = find_grant(access.address, access.size, access.kind);
  if (record && config_.use_dmi && !config_.at) {
    Route& route = *record->grant.route;
    const Cycles done =
        route.charge(access.kind, access.write, record->grant.at_target(access.address), access.size, now);
    if (trace_bus_)
      trace_->bus({now, done, &route.initiator(), &route.target(), access.space, access.kind, access.write,
                   access.address, access.size, Status::ok, access.memory_type});
    return done;
  }
  std::uint8_t bytes[256] = {};
  if (access.write && record && !config_.at)
    std::memcpy(bytes, record->grant.storage(access.address), access.size);
  Access moved = access;
  moved.privilege = privilege_;
  moved.data = config_.at ? nullptr : bytes;
  const Ticket ticket = port_.post(moved, now);
  look_around();
  return ticket;
}

template <class U>
Completion HartImpl<U>::completion(Ticket ticket) {
  if (config_.use_dmi && !config_.at) return {Status::ok, ticket};
  const Completion completion = port_.completion(ticket);
  look_around();
  return completion;
}

/// Another hart fills the line into one of its caches, or stores to it there.
template <class U>
void HartImpl<U>::snoop(std::uint64_t line, bool write) {
  if (caches_) caches_->snoop(line, write);
}

/// The same of this hart's caches, for the others to know.
template <class U>
void HartImpl<U>::claim(std::uint64_t line, bool write) {
  if (config_.group) config_.group->snoop(line, write, *this);
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
