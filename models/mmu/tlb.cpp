// The TLB's store: slots in sets, found by hash chains over (page number, page size). See tlb.h.
#include "mmu/tlb.h"

#include <stdexcept>
#include <string>

namespace memio {

namespace {

unsigned checked_ways(const TlbConfig& config) {
  if (config.entries == 0) throw std::invalid_argument("TLB without entries");
  const unsigned ways = config.ways == 0 ? config.entries : config.ways;
  if (config.entries % ways != 0)
    throw std::invalid_argument("TLB of " + std::to_string(config.entries) + " entries in " +
                                std::to_string(ways) + " ways: the ways must divide the entries");
  return ways;
}

// Twice as many buckets as entries, a power of two.
unsigned bucket_bits(unsigned entries) {
  unsigned bits = 1;
  while (std::uint64_t{1} << bits < std::uint64_t{2} * entries) ++bits;
  return bits;
}

}  // namespace

Tlb::Tlb(const TlbConfig& config)
    : config_(config),
      ways_(checked_ways(config)),
      sets_(config.entries / ways_),
      entries_(config.entries),
      tags_(config.entries),
      heads_(std::size_t{1} << bucket_bits(config.entries), none),
      hash_shift_(64 - bucket_bits(config.entries)),
      words_per_set_((ways_ + 63) / 64),
      replacement_(config.policy, config.seed, ways_, sets_) {
  free_ways_.resize(std::size_t{words_per_set_} * sets_);
  for (std::uint32_t slot = 0; slot < config.entries; ++slot) set_free(slot);
}

TlbEntry* Tlb::fill(const TlbEntry& entry) {
  const std::uint64_t page = entry.virtual_page >> entry.page_shift;
  const auto set = static_cast<std::uint32_t>((sets_ & (sets_ - 1)) == 0 ? page & (sets_ - 1) : page % sets_);
  if (listener_ && entry.global) announce_shadowed(entry);
  std::uint32_t slot = take_free(set);
  if (slot == none) {
    slot = set * ways_ + replacement_.victim(set, &entries_[std::size_t{set} * ways_], lookups);
    unlink(slot);
    ++evictions;
  }
  TlbEntry& held = entries_[slot];
  held = entry;
  held.valid = true;
  held.stamp = lookups;
  held.filled = ++fills;
  link(slot);
  return &held;
}

void Tlb::fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid) {
  ++fences;
  const auto in_space = [&](const Tag& tag) { return !asid || (!tag.global && tag.asid == *asid); };
  if (!va) {
    drop_if(in_space);
    return;
  }
  for (std::uint64_t sizes = sizes_present_; sizes; sizes &= sizes - 1) {
    const std::uint64_t key = key_of(*va, static_cast<unsigned>(__builtin_ctzll(sizes)));
    for (std::uint32_t slot = heads_[bucket_of(key)]; slot != none;) {
      const Tag& tag = tags_[slot];
      const std::uint32_t next = tag.next;
      if (tag.key == key && in_space(tag)) {
        drop(slot);
        ++invalidations;
      }
      slot = next;
    }
  }
}

// The address space that missed holds nothing for this page, but a global page stands before larger
// ones, and perhaps before equal ones, of other address spaces.
void Tlb::announce_shadowed(const TlbEntry& entry) const {
  for (std::uint64_t sizes = sizes_present_ >> entry.page_shift << entry.page_shift; sizes;
       sizes &= sizes - 1) {
    const std::uint64_t key = key_of(entry.virtual_page, static_cast<unsigned>(__builtin_ctzll(sizes)));
    for (std::uint32_t slot = heads_[bucket_of(key)]; slot != none; slot = tags_[slot].next)
      if (tags_[slot].key == key) listener_->entry_dropped(entries_[slot]);
  }
}

void Tlb::set_dirty(const TlbEntry* held) {
  if (listener_) listener_->entry_dropped(*held);
  entries_[slot_of(held)].dirty = true;
}

void Tlb::invalidate(const TlbEntry* held) {
  drop(slot_of(held));
  ++invalidations;
}

void Tlb::reset() {
  const std::uint64_t counted = invalidations;
  drop_if([](const Tag&) { return true; });
  invalidations = counted;
}

template <class Selects>
void Tlb::drop_if(Selects selects) {
  if (sizes_present_ == 0) return;
  for (std::uint32_t slot = 0; slot < config_.entries; ++slot) {
    if (!entries_[slot].valid || !selects(tags_[slot])) continue;
    drop(slot);
    ++invalidations;
  }
}

std::uint32_t Tlb::take_free(std::uint32_t set) {
  std::uint64_t* words = &free_ways_[std::size_t{set} * words_per_set_];
  for (std::uint32_t word = 0; word < words_per_set_; ++word) {
    if (words[word] == 0) continue;
    const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(words[word]));
    words[word] &= words[word] - 1;
    return set * ways_ + word * 64 + bit;
  }
  return none;
}

void Tlb::set_free(std::uint32_t slot) {
  const std::uint32_t set = slot / ways_, way = slot % ways_;
  free_ways_[std::size_t{set} * words_per_set_ + way / 64] |= std::uint64_t{1} << way % 64;
}

// Chains are kept in ascending order of slots, which a look-up relies on.
void Tlb::link(std::uint32_t slot) {
  const TlbEntry& entry = entries_[slot];
  Tag& tag = tags_[slot];
  tag.key = key_of(entry.virtual_page, entry.page_shift);
  tag.asid = entry.asid;
  tag.global = entry.global;
  std::uint32_t* from = &heads_[bucket_of(tag.key)];
  while (*from < slot) from = &tags_[*from].next;
  tag.next = *from;
  *from = slot;
  if (size_counts_[entry.page_shift]++ == 0) sizes_present_ |= std::uint64_t{1} << entry.page_shift;
}

void Tlb::unlink(std::uint32_t slot) {
  TlbEntry& entry = entries_[slot];
  if (listener_) listener_->entry_dropped(entry);
  std::uint32_t* from = &heads_[bucket_of(tags_[slot].key)];
  while (*from != slot) from = &tags_[*from].next;
  *from = tags_[slot].next;
  if (--size_counts_[entry.page_shift] == 0) sizes_present_ &= ~(std::uint64_t{1} << entry.page_shift);
  entry.valid = false;
}

void Tlb::drop(std::uint32_t slot) {
  unlink(slot);
  set_free(slot);
}

void Tlb::register_stats(StatGroup& group) const {
  group.add("lookups", "accesses", "translations asked of this TLB", &lookups);
  group.add("hits", "accesses", "look-ups that found an entry", &hits);
  group.add("misses", "accesses", "look-ups that found none", &misses);
  group.add("evictions", "entries", "valid entries replaced by a fill", &evictions);
  group.add("fills", "entries", "entries filled", &fills);
  group.add("fences", "fences", "sfence.vma instructions seen", &fences);
  group.add("invalidations", "entries",
            "entries dropped by fences, or by a D update that found another mapping", &invalidations);
}

}  // namespace memio
