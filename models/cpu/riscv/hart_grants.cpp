// What the fast engine remembers of memory: grants, L0 slots, contexts, the walker's window; and when
// it must forget. All of it is host state (design rules 8, 10 and 11).
#include <algorithm>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

/// True if a page of the set has bytes in [first, last]. Most writes are to one page, and the set may be
/// large.
bool any_touched(const std::unordered_set<std::uint64_t>& pages, std::uint64_t first, std::uint64_t last) {
  const std::uint64_t from = first & page_mask, more = (last - from) / page_bytes;
  if (more >= pages.size())
    return std::any_of(pages.begin(), pages.end(),
                       [&](std::uint64_t page) { return from <= page && page <= last; });
  for (std::uint64_t i = 0; i <= more; ++i)
    if (pages.count(from + i * page_bytes)) return true;
  return false;
}

}  // namespace

template <class U>
GrantRecord* HartImpl<U>::find_other_grant(std::uint64_t physical, unsigned size, Channel channel) {
  for (GrantRecord& record : grants_)
    if (record.channel == channel && record.grant.covers(physical, size)) return &record;
  GrantRecord record;
  if (!port_.grant(physical, channel, record.grant) || !record.grant.covers(physical, size)) return nullptr;
  record.channel = channel;
  const Route& route = *record.grant.route;
  const auto price = [&](FastCounts& counts, Cycles lookup) {
    if (config_.functional) return;
    for (unsigned i = 0; i < 4; ++i) {
      counts.load_cycles[i] = route.cost(false, 1u << i) + lookup;
      counts.store_cycles[i] = route.cost(true, 1u << i) + lookup;
      dearest_access_ = std::max({dearest_access_, counts.load_cycles[i], counts.store_cycles[i]});
    }
    counts.fetch_cycles = route.cost(false, config_.timing.fetch_width);
  };
  price(record.bare, 0);
  price(record.translated, config_.mmu.dtlb.hit_latency);
  grants_.push_back(record);
  protection_changed();
  return &grants_.back();
}

/// Empties the fetch buffer if a write to [first, last] touched its word.
template <class U>
void HartImpl<U>::forget_fetched(std::uint64_t first, std::uint64_t last) {
  const std::uint64_t word = config_.alias.resolve(fetched_word_);
  if (first < word + config_.timing.fetch_width && word <= last) fetched_word_ = no_address;
}

/// What a store to memory may have changed under the engine's feet.
template <class U>
void HartImpl<U>::after_store(std::uint64_t physical, unsigned size) {
  physical = config_.alias.resolve(physical);
  const std::uint64_t last = physical + size - 1;
  forget_fetched(physical, last);
  if (code_.written(physical, last)) {
    l0_.drop_code();
    leave_block_ = attention_ = true;
  }
  if (table_pages_.count(physical & page_mask)) forget_translations();
  if (watch_ != no_address && physical < watch_ + 8 && last >= watch_)
    watched_ = leave_block_ = attention_ = true;
}

template <class U>
void HartImpl<U>::fill_data_slot(U va, std::uint64_t physical, AccessKind kind, const TlbEntry* entry) {
  if (config_.engine != Engine::fast || !config_.use_dmi || (config_.at && !l1d_) || walked_device_) return;
  const std::uint64_t unit = physical & l0_.unit_mask();
  const unsigned unit_bytes = 1u << l0_.shift();
  const std::uint64_t home = config_.alias.resolve(physical & page_mask);
  const bool write = kind == AccessKind::store, bare = data_context_.format == PageFormatId::bare;
  if (write && (home == (watch_ & page_mask) || table_pages_.count(home))) return;
  if (write && config_.group && config_.group->watched(home, *this)) return;
  CacheLine* const line = l1d_ ? cache_reply_.line : nullptr;  // of the access just made
  if (l1d_ &&
      (!line || line->address != unit || caches_->watched(unit) || !caches_->proves(*line, write, now_)))
    return;
  // Others may have cleaned the line while its store waited.
  if (line && write && l1d_->config().write_back && !line->dirty) return;
  GrantRecord* const record = find_grant(unit, unit_bytes, kind);
  if (!record || !(write ? record->grant.write : record->grant.read) || !pmp_.uniform(unit, unit_bytes))
    return;
  if (!l1d_ && !static_price(*record)) return;
  DataSlot& slot = l0_.to_fill(*data_slots_, va, write);
  slot.code = write ? code_.find_page(home) : nullptr;
  slot.through = write && l1d_ && !l1d_->config().write_back;
  slot.tag = (va & l0_.unit_mask()) | (slot.code || slot.through ? l0_tag::slow : 0);
  slot.host = record->grant.storage(unit) - (unit & ~page_mask);
  if (write) l0_.proves_stores_to(slot.host);
  // The entry is this hart's own; a proven hit does to it what Tlb::lookup does, one store.
  slot.stamp = entry ? const_cast<std::uint64_t*>(&entry->stamp) : &unused_;
  slot.line = line;
  if (line) line->proven = true;
  slot.counts = l1d_   ? (bare ? &cached_bare_ : &cached_translated_)
                : bare ? &record->bare
                       : &record->translated;
}

template <class U>
void HartImpl<U>::fill_fetch_slot(U va, std::uint64_t physical, const TlbEntry* entry) {
  if (config_.engine != Engine::fast || !config_.use_dmi || (config_.at && !l1i_) || walked_device_) return;
  if (proven_slot(va)) return;
  const std::uint64_t page = physical & page_mask;
  if (config_.alias.resolve(page) != page) return;  // decoded code is known by one address only
  const bool bare = fetch_context_.format == PageFormatId::bare;
  GrantRecord* const record =
      l1i_ ? cached(page, page_bytes, AccessKind::fetch) : find_grant(page, page_bytes, AccessKind::fetch);
  if (!record || !record->grant.read || !pmp_.uniform(page, page_bytes)) return;
  if (!l1i_ && !static_price(*record)) return;
  FetchSlot& slot = l0_.fetch[L0::fetch_index(va)];
  slot.tag = (va & page_mask) | fetch_tag_;
  slot.physical = page;
  slot.host = record->grant.storage(page);
  slot.stamp = entry ? const_cast<std::uint64_t*>(&entry->stamp) : &unused_;
  slot.counts = l1i_   ? (bare ? &cached_bare_ : &cached_translated_)
                : bare ? &record->bare
                       : &record->translated;
  slot.page = nullptr;
  slot.memory_type = memory_type_;
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
  if (config_.isa.sscofpmf) events_.set_mode(privilege_);
  fetch_context_ = context(privilege_);
  data_context_ = context(effective);
  fetch_tag_ = tag(fetch_context_);
  data_slots_ =
      &l0_.data(effective, data_context_.format == PageFormatId::bare, data_context_.sum, data_context_.mxr);
  const bool counts_fetches = mmu_.has_tlbs() && fetch_context_.format != PageFormatId::bare;
  const bool counts_data = mmu_.has_tlbs() && data_context_.format != PageFormatId::bare;
  fetch_lookups_ = counts_fetches ? &mmu_.itlb().lookups : &unused_;
  data_lookups_ = counts_data ? &mmu_.dtlb().lookups : &unused_;
  fetch_lookup_cycles_ = counts_fetches ? config_.mmu.itlb.hit_latency : 0;
}

/// Walks need not ask for each PTE in the storage used last while nothing can come between.
template <class U>
const WalkWindow* HartImpl<U>::window(Cycles now) {
  const GrantRecord* record = recent_grant(AccessKind::walk);
  if (config_.engine != Engine::fast || !plain_transfers_ || !record || !record->open_to_walks)
    return nullptr;
  if (caches_ && caches_->caches(AccessKind::walk)) return nullptr;
  const Grant& grant = record->grant;
  if (!grant.route->fixed() || !grant.route->idle(now)) return nullptr;
  window_ = {grant.host, grant.first, grant.last, grant.route->cost(false, sizeof(U)), horizon_};
  return &window_;
}

template <class U>
void HartImpl<U>::book_reads(unsigned reads, unsigned size, Cycles done) {
  if (caches_) caches_->book_uncached(size, reads, 0);
  recent_grant(AccessKind::walk)->grant.route->finish_many(AccessKind::walk, false, size, reads, done);
}

/// Functional mode: a page table may have changed, so every translation is made anew.
template <class U>
void HartImpl<U>::forget_translations() {
  table_pages_.clear();
  l0_.drop();
  leave_block_ = attention_ = true;
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
  forget_fetched(first, last);
  if (reservation_ != no_address && first < reservation_ + reservation_size_ && last >= reservation_)
    reservation_ = no_address;
  // What is no longer watched has to be announced again, also if it is the same once more.
  if (reservation_ == no_address) announced_[0] = no_address;
  if (fetched_word_ == no_address) announced_[1] = no_address;
  if (code_.written(first, last)) {
    l0_.drop_code();
    leave_block_ = attention_ = true;
  }
  if (any_touched(table_pages_, first, last)) forget_translations();
}

/// Stores of other harts to the page, of code or tables, must be seen from now on.
template <class U>
void HartImpl<U>::watch_page(std::uint64_t page) {
  if (config_.group && watched_pages_.size() <= many_pages) watched_pages_.push_back(page);
}

template <class U>
bool HartImpl<U>::watches(std::uint64_t page) const {
  return page_of(reservation_) == page || page_of(config_.alias.resolve(fetched_word_)) == page ||
         code_.find_page(page) || table_pages_.count(page);
}

/// The reservation and the fetch buffer move on: where they are is told if the others do not know it yet.
template <class U>
void HartImpl<U>::announce(std::vector<std::uint64_t>& pages) {
  pages.insert(pages.end(), watched_pages_.begin(), watched_pages_.end());
  watched_pages_.clear();
  const std::uint64_t fetched = page_of(config_.alias.resolve(fetched_word_));
  const std::uint64_t now[] = {page_of(reservation_), code_.find_page(fetched) ? no_address : fetched};
  for (unsigned i = 0; i < 2; ++i) {
    if (now[i] != announced_[i] && now[i] != no_address) pages.push_back(now[i]);
    announced_[i] = now[i];
  }
}

template <class U>
void HartImpl<U>::unprove_stores(const std::vector<std::uint64_t>& pages) {
  if (pages.size() > many_pages) return l0_.drop_stores();
  for (const std::uint64_t page : pages)
    for (const GrantRecord& record : grants_)
      if (record.grant.covers(page, 1)) l0_.drop_stores_to(record.grant.storage(page));
}

/// It may come in the midst of a block's access, and the block counts on in what it began with.
template <class U>
void HartImpl<U>::revoke(std::uint64_t first, std::uint64_t last) {
  settle();
  drop_host_caches();
  std::fill(std::begin(recent_grants_), std::end(recent_grants_), nullptr);
  for (auto it = grants_.begin(); it != grants_.end();) {
    const auto record = it++;
    if (record->grant.first <= last && first <= record->grant.last)
      revoked_.splice(revoked_.end(), grants_, record);
  }
  leave_block_ = attention_ = true;
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
