// How a hart reaches memory: translation, protection, transactions, the walker's reads, L0 slots.
#include <cstring>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

constexpr Cause page_fault(AccessKind kind) {
  return kind == AccessKind::fetch  ? Cause::fetch_page
         : kind == AccessKind::load ? Cause::load_page
                                    : Cause::store_page;
}

constexpr Cause access_fault(AccessKind kind) {
  return kind == AccessKind::fetch  ? Cause::fetch_access
         : kind == AccessKind::load ? Cause::load_access
                                    : Cause::store_access;
}

constexpr PmpAccess pmp_access(AccessKind kind) {
  return kind == AccessKind::fetch  ? PmpAccess::execute
         : kind == AccessKind::load ? PmpAccess::read
                                    : PmpAccess::write;
}

/// The naturally aligned piece, of at most `left` and 8 bytes, that begins at `address`.
constexpr unsigned piece_at(std::uint64_t address, unsigned left) {
  unsigned piece = 8;
  while (piece > left || (address & (piece - 1))) piece /= 2;
  return piece;
}

}  // namespace

template <class U>
bool HartImpl<U>::fail(Cause cause, U tval) {
  fault_ = {cause, tval};
  return false;
}

template <class U>
bool HartImpl<U>::translate(U va, AccessKind kind, std::uint64_t& physical, const TlbEntry*& entry) {
  const bool is_fetch = kind == AccessKind::fetch;
  const TranslationContext& context = is_fetch ? fetch_context_ : data_context_;
  entry = nullptr;
  physical = va;
  memory_type_ = MemoryType::pma;
  walked_device_ = false;
  if (context.format == PageFormatId::bare) return true;
  if (is_fetch && config_.functional)
    if (const FetchSlot* const slot = proven_slot(va)) {
      physical = slot->physical | (va & ~page_mask);
      memory_type_ = slot->memory_type;
      return true;
    }

  const Translation t = mmu_.translate(va, kind, context, now_);
  now_ = t.done;
  (is_fetch ? stack_.itlb_lookup : stack_.dtlb_lookup) += t.l1_cycles + t.l2_cycles;
  (is_fetch ? stack_.itlb_walk : stack_.dtlb_walk) += t.walk_cycles;
  if (t.outcome == Translation::Outcome::page_fault) return fail(page_fault(kind), va);
  if (t.outcome == Translation::Outcome::access_fault) return fail(access_fault(kind), va);
  physical = t.physical;
  entry = t.entry;
  memory_type_ = entry ? entry->memory_type : t.leaf.memory_type;
  return true;
}

template <class U>
bool HartImpl<U>::locate(U va, unsigned size, AccessKind kind, std::uint64_t& physical,
                         const TlbEntry*& entry) {
  if (!translate(va, kind, physical, entry)) return false;
  const Privilege privilege = kind == AccessKind::fetch ? privilege_ : data_context_.privilege;
  return pmp_.allows(physical, size, pmp_access(kind), privilege) || fail(access_fault(kind), va);
}

template <class U>
bool HartImpl<U>::trigger_fires(U va, unsigned size, AccessKind kind) {
  const bool handles =
      privilege_ == Privilege::machine ||
      (privilege_ == Privilege::supervisor && (csr_.medeleg >> static_cast<unsigned>(Cause::breakpoint) & 1));
  const std::uint64_t enable = privilege_ == Privilege::machine ? mstatus::mie : mstatus::sie;
  if (handles && !(csr_.status & enable)) return false;
  if (!triggers_.fires(kind, va, size, privilege_)) return false;
  fail(Cause::breakpoint, va);
  return true;
}

template <class U>
bool HartImpl<U>::load(U va, unsigned size, std::uint64_t& value) {
  value = 0;
  if (breaks(va, size, AccessKind::load)) return false;
  if (va & (size - 1)) {
    std::uint8_t bytes[8] = {};
    if (!misaligned(va, size, AccessKind::load, bytes)) return false;
    std::memcpy(&value, bytes, size);
    return true;
  }
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  if (!locate(va, size, AccessKind::load, physical, entry)) return false;
  std::uint8_t bytes[8] = {};
  may_defer_ = true;
  const Status status = access(physical, size, AccessKind::load, bytes);
  may_defer_ = false;
  if (status != Status::ok) return fail(Cause::load_access, va);
  std::memcpy(&value, bytes, 8);
  fill_data_slot(va, physical, AccessKind::load, entry);
  return true;
}

/// Writes the register of a load instruction with the bytes that it read.
template <class U>
void HartImpl<U>::loaded(const Op& op, std::uint64_t value) {
  switch (op.id) {
#define MEMIO_LOAD(name, type)                                            \
  case OpId::name:                                                        \
    x_[op.rd] = static_cast<U>(static_cast<S>(static_cast<type>(value))); \
    return announce_arrival(op.rd == sink_register ? 0 : op.rd);
#define MEMIO_FLOAD(name, type)                 \
  case OpId::name:                              \
    set_float(op.rd, static_cast<type>(value)); \
    return announce_arrival(first_float + op.rd);
#include "cpu/riscv/instructions.def"
    default:
      return;
  }
}

template <class U>
bool HartImpl<U>::store(U va, unsigned size, std::uint64_t value) {
  std::uint8_t bytes[8];
  std::memcpy(bytes, &value, 8);
  if (breaks(va, size, AccessKind::store)) return false;
  if (va & (size - 1)) return misaligned(va, size, AccessKind::store, bytes);
  std::uint64_t physical = 0;
  const TlbEntry* entry = nullptr;
  if (!locate(va, size, AccessKind::store, physical, entry)) return false;
  if (access(physical, size, AccessKind::store, bytes) != Status::ok) return fail(Cause::store_access, va);
  fill_data_slot(va, physical, AccessKind::store, entry);
  return true;
}

/// A misaligned access in hardware: one translation for each page it touches, both before the first
/// transaction, and then one transaction for each naturally aligned piece.
template <class U>
bool HartImpl<U>::misaligned(U va, unsigned size, AccessKind kind, std::uint8_t* bytes) {
  const bool is_load = kind == AccessKind::load;
  if (config_.misaligned == Misaligned::trap)
    return fail(is_load ? Cause::load_misaligned : Cause::store_misaligned, va);
  const auto room = static_cast<unsigned>(page_bytes - (va & ~page_mask));
  const unsigned first_part = std::min(size, room);
  std::uint64_t part[2] = {};
  const TlbEntry* entry = nullptr;
  if (!locate(va, first_part, kind, part[0], entry)) return false;
  const MemoryType first_type = memory_type_;
  if (first_part < size && !locate(static_cast<U>(va + first_part), size - first_part, kind, part[1], entry))
    return false;
  const MemoryType last_type = memory_type_;
  for (unsigned at = 0; at < size;) {
    const bool second = at >= first_part;
    memory_type_ = second ? last_type : first_type;
    const std::uint64_t physical = second ? part[1] + (at - first_part) : part[0] + at;
    const unsigned piece = piece_at(physical, size - at);
    if (access(physical, piece, kind, bytes + at) != Status::ok)
      return fail(access_fault(kind), static_cast<U>(va + at));
    at += piece;
  }
  return true;
}

/// What `transfer` does in the plain case: storage of the grant used last, before the horizon, in `lt`
/// with nobody watching the bus. False if the case is another; then nothing has happened. `wait`: cycles in
/// which others kept the target busy.
template <class U>
inline bool HartImpl<U>::quick_transfer(std::uint64_t physical, unsigned size, AccessKind kind, bool write,
                                        std::uint8_t* data, Cycles& wait) {
  const GrantRecord* record = recent_grant(kind);
  if (!record || !plain_transfers_ || now_ >= horizon_) return false;
  const Grant& grant = record->grant;
  if (!grant.covers(physical, size) || !(write ? grant.write : grant.read)) return false;
  std::uint8_t* host = grant.storage(physical);
  copy_sized(write ? host : data, write ? data : host, size);
  if (write) tell(physical, size);
  wait = grant.route->start(now_) - now_;
  now_ = grant.route->charge(kind, write, grant.at_target(physical), size, now_);
  return true;
}

template <class U>
Status HartImpl<U>::access(std::uint64_t physical, unsigned size, AccessKind kind, std::uint8_t* data) {
  const bool write = kind == AccessKind::store;
  if (trace_access_ && kind != AccessKind::fetch)
    trace_->access({now_, config_.hart_id, write, physical, size});
  if (const GrantRecord* record = cached(physical, size, kind)) {
    cached_access(*record, physical, size, kind, write, data);
    if (write) after_store(physical, size);
    return Status::ok;
  }
  cache_reply_ = {};
  if (write && buffered_store(physical, size, data)) {
    after_store(physical, size);
    return Status::ok;
  }
  if (l1d_ && (memory_type_ == MemoryType::io || !find_grant(physical, size, kind))) drain_buffers();
  const Access access{physical,
                      size,
                      kind,
                      write,
                      Space::memory,
                      kind == AccessKind::fetch ? privilege_ : data_context_.privilege,
                      moved_ ? nullptr : data,
                      memory_type_};
  count_uncached(access);
  const Cycles begin = now_;
  Cycles wait = 0;
  if (quick_transfer(physical, size, kind, write, data, wait)) {
    (kind == AccessKind::fetch ? stack_.fetch : stack_.memory) += now_ - begin - wait;
    stack_.bus_wait += wait;
    if (write) after_store(physical, size);
    return Status::ok;
  }
  const Transferred t = transfer(access);
  if (t.memory) {
    stack_.bus_wait += t.wait;
    (kind == AccessKind::fetch ? stack_.fetch : stack_.memory) += t.cycles - t.wait;
  } else {
    stack_.device += t.cycles;
  }
  if (write && t.status == Status::ok) after_store(physical, size);
  return t.status;
}

/// One bus transaction at `now_`, which moves on by what it takes.
template <class U>
auto HartImpl<U>::transfer(const Access& access) -> Transferred {
  Transferred t;
  GrantRecord* record = nullptr;
  const auto look = [&] {
    record = access.space == Space::memory ? find_grant(access.address, access.size, access.kind) : nullptr;
    t.memory = record && (access.write ? record->grant.write : record->grant.read);
  };
  look();
  if (!t.memory || config_.at || now_ >= horizon_) {
    port_.synchronise(now_);
    look_around();
    leave_block_ = true;  // nothing proven before the wait still stands
    look();
  }
  const Cycles begin = now_;
  if (!t.memory) wait_for_devices();
  Cycles done = now_;
  if (t.memory && !config_.functional) t.wait = record->grant.route->start(begin) - begin;
  if (t.memory && config_.use_dmi && !config_.at) {
    const Grant& grant = record->grant;
    Route& route = *grant.route;
    std::uint8_t* host = grant.storage(access.address);
    if (config_.functional)
      route.finish(access.kind, access.write, access.size, begin, begin, {begin, begin}, true);
    else
      done = route.charge(access.kind, access.write, grant.at_target(access.address), access.size, begin);
    // The bytes of a burst of the caches stay where they are.
    if (access.size <= sizeof fetched_bytes_) {
      copy_sized(access.write ? host : access.data, access.write ? access.data : host, access.size);
      if (access.write) tell(access.address, access.size);
    }
    if (trace_bus_)
      trace_->bus({begin, done, &route.initiator(), &route.target(), access.space, access.kind, access.write,
                   access.address, access.size, Status::ok, access.memory_type});
  } else {
    if (!t.memory && config_.group) config_.group->begin_device_access();
    const Completion completion = port_.access(access, now_);
    if (!t.memory && config_.group) config_.group->end_device_access();
    t.status = completion.status;
    done = completion.done;
    if (t.memory && config_.at) t.wait = completion.wait;
    look_around();
    // Memory tells of its stores itself.
    if (!t.memory && access.write && access.space == Space::memory) tell(access.address, access.size);
  }
  if (!config_.functional) now_ = done;
  t.cycles = now_ - begin;
  return t;
}

/// Waits, at the time of an access to a device, until the other harts let it begin.
template <class U>
void HartImpl<U>::wait_for_devices() {
  while (config_.group && config_.group->devices_busy(*this)) {
    ++now_;
    port_.synchronise(now_);
    look_around();
  }
}

template <class U>
WalkReply HartImpl<U>::read_pte(std::uint64_t address, unsigned size, Cycles now) {
  if (!pmp_.allows(address, size, PmpAccess::read, Privilege::supervisor))
    return {WalkReply::Outcome::refused, 0, now};
  now_ = now;
  std::uint8_t bytes[8] = {};
  const Status status = walk_transfer(address, size, false, bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, 8);
  return {status == Status::ok ? WalkReply::Outcome::ok : WalkReply::Outcome::error, value, now_};
}

template <class U>
WalkReply HartImpl<U>::update_pte(std::uint64_t address, unsigned size, std::uint64_t expected,
                                  std::uint64_t desired, Cycles now) {
  WalkReply reply = read_pte(address, size, now);
  if (reply.outcome != WalkReply::Outcome::ok) return reply;
  if (!pmp_.allows(address, size, PmpAccess::write, Privilege::supervisor))
    return {WalkReply::Outcome::refused, 0, reply.done};
  if (reply.value != expected) return {WalkReply::Outcome::ok, 0, reply.done};
  // Others may have come between: what counts is what is there when the update is made.
  GrantRecord* const record = ready_to_store(address, size, AccessKind::walk);
  if (record && std::memcmp(record->grant.storage(address), &expected, size) != 0)
    return {WalkReply::Outcome::ok, 0, now_};
  std::uint8_t bytes[8];
  std::memcpy(bytes, &desired, 8);
  const Status status = store_at_once(record, address, size, AccessKind::walk, bytes);
  if (status == Status::ok) after_store(address, size);
  return {status == Status::ok ? WalkReply::Outcome::ok : WalkReply::Outcome::error, 1, now_};
}

/// A transaction of the walker. In functional mode walks are not modelled: how many there are depends
/// on what the engine remembers, so those in memory leave no count; but the pages they read are marked,
/// for without TLBs a store to a page table acts at once.
template <class U>
Status HartImpl<U>::walk_transfer(std::uint64_t address, unsigned size, bool write, std::uint8_t* data) {
  if (const GrantRecord* record = cached(address, size, AccessKind::walk)) {
    if (write && !record->grant.write) return Status::command_error;
    cached_access(*record, address, size, AccessKind::walk, write, data);
    return Status::ok;
  }
  count_uncached({address, size, AccessKind::walk, write, Space::memory});
  Cycles wait = 0;
  if (quick_transfer(address, size, AccessKind::walk, write, data, wait)) return Status::ok;
  if (config_.functional) {
    const GrantRecord* record = find_grant(address, size, AccessKind::walk);
    if (record && (write ? record->grant.write : record->grant.read)) {
      std::uint8_t* host = record->grant.storage(address);
      std::memcpy(write ? host : data, write ? data : host, size);
      if (write) tell(address, size);
      const std::uint64_t page = config_.alias.resolve(address) & page_mask;
      if (table_pages_.insert(page).second) {
        l0_.drop_stores_to(record->grant.storage(address & page_mask));
        watch_page(page);
      }
      return Status::ok;
    }
    walked_device_ = true;
  }
  const Transferred t = transfer({address, size, AccessKind::walk, write, Space::memory,
                                  Privilege::supervisor, moved_ ? nullptr : data});
  if (config_.functional) stack_.device += t.cycles;  // there no walk has a component of its own
  return t.status;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
