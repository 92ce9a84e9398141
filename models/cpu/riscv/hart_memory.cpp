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

/// memcpy of 1, 2, 4 or 8 bytes, each a plain move.
inline void copy_sized(std::uint8_t* to, const std::uint8_t* from, std::uint32_t size) {
  switch (size) {
    case 1:
      *to = *from;
      return;
    case 2:
      std::memcpy(to, from, 2);
      return;
    case 4:
      std::memcpy(to, from, 4);
      return;
    default:
      std::memcpy(to, from, 8);
      return;
  }
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
  if (context.format == PageFormatId::bare) return true;

  const Translation t = mmu_.translate(va, kind, context, now_);
  now_ = t.done;
  (is_fetch ? stack_.itlb_lookup : stack_.dtlb_lookup) += t.l1_cycles + t.l2_cycles;
  (is_fetch ? stack_.itlb_walk : stack_.dtlb_walk) += t.walk_cycles;
  if (t.outcome == Translation::Outcome::page_fault) return fail(page_fault(kind), va);
  if (t.outcome == Translation::Outcome::access_fault) return fail(access_fault(kind), va);
  physical = t.physical;
  entry = t.entry;
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
bool HartImpl<U>::load(U va, unsigned size, std::uint64_t& value) {
  value = 0;
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
  if (access(physical, size, AccessKind::load, bytes) != Status::ok) return fail(Cause::load_access, va);
  std::memcpy(&value, bytes, 8);
  fill_data_slot(va, physical, AccessKind::load, entry);
  return true;
}

template <class U>
bool HartImpl<U>::store(U va, unsigned size, std::uint64_t value) {
  std::uint8_t bytes[8];
  std::memcpy(bytes, &value, 8);
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
  if (first_part < size && !locate(static_cast<U>(va + first_part), size - first_part, kind, part[1], entry))
    return false;
  for (unsigned at = 0; at < size;) {
    const bool second = at >= first_part;
    const std::uint64_t physical = second ? part[1] + (at - first_part) : part[0] + at;
    const unsigned piece = piece_at(physical, size - at);
    if (access(physical, piece, kind, bytes + at) != Status::ok)
      return fail(access_fault(kind), static_cast<U>(va + at));
    at += piece;
  }
  return true;
}

/// What `transfer` does in the plain case: storage of the grant used last, before the horizon, in `lt`
/// with nobody watching the bus. Null if the case is another; then nothing has happened.
template <class U>
inline const Route* HartImpl<U>::quick_transfer(std::uint64_t physical, unsigned size, AccessKind kind,
                                                bool write, std::uint8_t* data) {
  if (!recent_grant_ || !plain_transfers_ || now_ >= horizon_) return nullptr;
  const Grant& grant = recent_grant_->grant;
  if (!grant.covers(physical, size) || !(write ? grant.write : grant.read)) return nullptr;
  std::uint8_t* host = grant.host + (physical - grant.first);
  copy_sized(write ? host : data, write ? data : host, size);
  now_ = grant.route->charge(kind, write, size, now_);
  return grant.route;
}

template <class U>
Status HartImpl<U>::access(std::uint64_t physical, unsigned size, AccessKind kind, std::uint8_t* data) {
  const bool write = kind == AccessKind::store;
  const Cycles begin = now_;
  if (const Route* route = quick_transfer(physical, size, kind, write, data)) {
    const Cycles uncontended = route->cost(write);
    (kind == AccessKind::fetch ? stack_.fetch : stack_.memory) += uncontended;
    stack_.bus_wait += now_ - begin - uncontended;
    if (write) after_store(physical, size);
    return Status::ok;
  }
  const Privilege privilege = kind == AccessKind::fetch ? privilege_ : data_context_.privilege;
  const Transferred t = transfer({physical, size, kind, write, Space::memory, privilege, data});
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
    record = access.space == Space::memory ? find_grant(access.address, access.size) : nullptr;
    t.memory = record && (access.write ? record->grant.write : record->grant.read);
  };
  look();
  if (!t.memory || now_ >= horizon_) {
    port_.synchronise(now_);
    horizon_ = port_.horizon();
    look();
  }
  const Cycles begin = now_;
  Cycles done = begin;
  if (t.memory && config_.use_dmi) {
    Route& route = *record->grant.route;
    std::uint8_t* host = record->grant.host + (access.address - record->grant.first);
    if (config_.functional)
      route.finish(access.kind, access.write, access.size, begin, begin, begin, true);
    else
      done = route.charge(access.kind, access.write, access.size, begin);
    copy_sized(access.write ? host : access.data, access.write ? access.data : host, access.size);
    if (trace_bus_)
      trace_->bus({begin, done, &route.initiator(), &route.target(), access.space, access.kind, access.write,
                   access.address, access.size, Status::ok});
  } else {
    const Completion completion = port_.access(access, begin);
    t.status = completion.status;
    done = completion.done;
    horizon_ = port_.horizon();
    // A device may have raised an interrupt or moved the horizon: nothing proven before still stands.
    if (!t.memory) leave_block_ = true;
  }
  if (config_.functional) return t;
  t.cycles = done - begin;
  if (t.memory) t.wait = t.cycles - record->grant.route->cost(access.write);
  now_ = done;
  return t;
}

template <class U>
inline GrantRecord* HartImpl<U>::find_grant(std::uint64_t physical, unsigned size) {
  if (recent_grant_ && recent_grant_->grant.covers(physical, size)) return recent_grant_;
  return recent_grant_ = find_other_grant(physical, size);
}

template <class U>
GrantRecord* HartImpl<U>::find_other_grant(std::uint64_t physical, unsigned size) {
  for (GrantRecord& record : grants_)
    if (record.grant.covers(physical, size)) return &record;
  GrantRecord record;
  if (!port_.grant(physical, record.grant) || !record.grant.covers(physical, size)) return nullptr;
  const auto price = [&](FastCounts& counts, Cycles lookup) {
    if (config_.functional) return;
    counts.load_cycles = record.grant.route->cost(false) + lookup;
    counts.store_cycles = record.grant.route->cost(true) + lookup;
    counts.fetch_cycles = record.grant.route->cost(false);
  };
  price(record.bare, 0);
  price(record.translated, config_.mmu.dtlb.hit_latency);
  dearest_access_ =
      std::max({dearest_access_, record.translated.load_cycles, record.translated.store_cycles});
  grants_.push_back(record);
  protection_changed();
  return &grants_.back();
}

/// What a store to memory may have changed under the engine's feet.
template <class U>
void HartImpl<U>::after_store(std::uint64_t physical, unsigned size) {
  const std::uint64_t last = physical + size - 1;
  if ((physical & ~std::uint64_t{3}) <= fetched_word_ && fetched_word_ <= last) fetched_word_ = no_address;
  if (code_.written(physical, last)) {
    l0_.drop_code();
    leave_block_ = attention_ = true;
  }
  if (watch_ != no_address && physical < watch_ + 8 && last >= watch_)
    watched_ = leave_block_ = attention_ = true;
}

template <class U>
void HartImpl<U>::fill_data_slot(U va, std::uint64_t physical, AccessKind kind, const TlbEntry* entry) {
  if (config_.engine != Engine::fast || !config_.use_dmi) return;
  const std::uint64_t page = physical & page_mask;
  const bool write = kind == AccessKind::store;
  if (write && page == (watch_ & page_mask)) return;
  GrantRecord* record = find_grant(page, page_bytes);
  if (!record || !(write ? record->grant.write : record->grant.read) || !pmp_.uniform(page, page_bytes))
    return;
  DataSlot& slot = (write ? l0_.store : l0_.load)[L0::data_index(va)];
  slot.code = write ? code_.find_page(page) : nullptr;
  slot.tag = (va & page_mask) | data_tag_ | (slot.code ? l0_tag::code : 0);
  slot.host = record->grant.host + (page - record->grant.first);
  // The entry is this hart's own; a proven hit does to it what Tlb::lookup does, one store.
  slot.stamp = entry ? const_cast<std::uint64_t*>(&entry->stamp) : &unused_;
  slot.counts = data_context_.format == PageFormatId::bare ? &record->bare : &record->translated;
}

template <class U>
void HartImpl<U>::fill_fetch_slot(U va, std::uint64_t physical, const TlbEntry* entry) {
  if (config_.engine != Engine::fast || !config_.use_dmi) return;
  const std::uint64_t page = physical & page_mask;
  GrantRecord* record = find_grant(page, page_bytes);
  if (!record || !record->grant.read || !pmp_.uniform(page, page_bytes)) return;
  FetchSlot& slot = l0_.fetch[L0::fetch_index(va)];
  slot.tag = (va & page_mask) | fetch_tag_;
  slot.physical = page;
  slot.host = record->grant.host + (page - record->grant.first);
  slot.stamp = entry ? const_cast<std::uint64_t*>(&entry->stamp) : &unused_;
  slot.counts = fetch_context_.format == PageFormatId::bare ? &record->bare : &record->translated;
  slot.page = nullptr;
}

template <class U>
void HartImpl<U>::update_contexts() {
  const bool mprv = privilege_ == Privilege::machine && (csr_.status & mstatus::mprv);
  const auto previous = static_cast<Privilege>((csr_.status & mstatus::mpp) >> mstatus::mpp_shift);
  const Privilege effective = mprv ? previous : privilege_;
  const auto context = [&](Privilege privilege) {
    TranslationContext c = translation_of_satp();
    if (privilege == Privilege::machine) c.format = PageFormatId::bare;
    c.privilege = privilege;
    c.sum = (csr_.status & mstatus::sum) != 0;
    c.mxr = (csr_.status & mstatus::mxr) != 0;
    return c;
  };
  const auto tag = [](const TranslationContext& c) {
    return l0_tag::valid | static_cast<std::uint64_t>(c.privilege) << l0_tag::privilege_shift |
           (c.sum ? l0_tag::sum : 0) | (c.mxr ? l0_tag::mxr : 0) |
           (c.format == PageFormatId::bare ? l0_tag::bare : 0);
  };
  fetch_context_ = context(privilege_);
  data_context_ = context(effective);
  fetch_tag_ = tag(fetch_context_);
  data_tag_ = tag(data_context_);
  const bool counts_fetches = mmu_.has_tlbs() && fetch_context_.format != PageFormatId::bare;
  const bool counts_data = mmu_.has_tlbs() && data_context_.format != PageFormatId::bare;
  fetch_lookups_ = counts_fetches ? &mmu_.itlb().lookups : &unused_;
  data_lookups_ = counts_data ? &mmu_.dtlb().lookups : &unused_;
  fetch_lookup_cycles_ = counts_fetches ? config_.mmu.itlb.hit_latency : 0;
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
  std::uint8_t bytes[8];
  std::memcpy(bytes, &desired, 8);
  const Status status = walk_transfer(address, size, true, bytes);
  if (status == Status::ok) after_store(address, size);
  return {status == Status::ok ? WalkReply::Outcome::ok : WalkReply::Outcome::error, 1, now_};
}

/// A transaction of the walker. In functional mode walks are not modelled: how many there are depends
/// on what the engine remembers, so they leave no count.
template <class U>
Status HartImpl<U>::walk_transfer(std::uint64_t address, unsigned size, bool write, std::uint8_t* data) {
  if (quick_transfer(address, size, AccessKind::walk, write, data)) return Status::ok;
  if (config_.functional) {
    const GrantRecord* record = find_grant(address, size);
    if (record && (write ? record->grant.write : record->grant.read)) {
      std::uint8_t* host = record->grant.host + (address - record->grant.first);
      std::memcpy(write ? host : data, write ? data : host, size);
      return Status::ok;
    }
  }
  return transfer({address, size, AccessKind::walk, write, Space::memory, Privilege::supervisor, data})
      .status;
}

/// Walks need not ask for each PTE in the storage used last while nothing can come between.
template <class U>
const WalkWindow* HartImpl<U>::window(Cycles now) {
  const GrantRecord* record = recent_grant_;
  if (config_.engine != Engine::fast || !plain_transfers_ || !record || !record->open_to_walks)
    return nullptr;
  const Grant& grant = record->grant;
  if (!grant.route->idle(now)) return nullptr;
  window_ = {grant.host, grant.first, grant.last, grant.route->cost(false), horizon_};
  return &window_;
}

template <class U>
void HartImpl<U>::book_reads(unsigned reads, unsigned size, Cycles done) {
  recent_grant_->grant.route->finish_many(AccessKind::walk, false, size, reads, done);
}

/// What the fast engine has derived from PMP no longer holds.
template <class U>
void HartImpl<U>::protection_changed() {
  l0_.drop();
  for (GrantRecord& record : grants_) {
    const std::uint64_t size = record.grant.last - record.grant.first + 1;
    record.open_to_walks = record.grant.read && pmp_.uniform(record.grant.first, size) &&
                           pmp_.allows(record.grant.first, size, PmpAccess::read, Privilege::supervisor);
  }
}

template <class U>
void HartImpl<U>::entry_dropped(const TlbEntry& entry) {
  l0_.drop_entry(&entry.stamp, entry.virtual_page, entry.page_shift == 12);
}

template <class U>
void HartImpl<U>::written(std::uint64_t first, std::uint64_t size) {
  if (size == 0) return;
  const std::uint64_t last = first + (size - 1);
  if ((first & ~std::uint64_t{3}) <= fetched_word_ && fetched_word_ <= last) fetched_word_ = no_address;
  if (reservation_ != no_address && first < reservation_ + reservation_size_ && last >= reservation_)
    reservation_ = no_address;
  if (code_.written(first, last)) {
    l0_.drop_code();
    leave_block_ = attention_ = true;
  }
}

template <class U>
void HartImpl<U>::revoke(std::uint64_t first, std::uint64_t last) {
  settle();
  drop_host_caches();
  recent_grant_ = nullptr;
  for (auto it = grants_.begin(); it != grants_.end();)
    it = it->grant.first <= last && first <= it->grant.last ? grants_.erase(it) : std::next(it);
  leave_block_ = attention_ = true;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
