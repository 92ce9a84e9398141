// A translation look-aside buffer: any number of entries and ways, five replacement policies, mixed
// page sizes held as such, ASID and global tags. Free of SystemC.
//
// The recency state of a TLB is the look-up count at which each entry was last used (`stamp`), and the
// fill count at which it came (`filled`), from which every policy derives its victim (core/replacement.h). A
// fill takes an invalid way (the lowest) before it evicts. Stamps never tie, for each fill follows a
// look-up of its own. So the only thing a hit must do is to store the look-up count, which a fast engine
// can do by itself.
//
// A page of 2^s bytes is held in set (va >> s) % sets. Where guest errors make several entries match
// one address (a superpage over a page, or a page that is global in one address space only), the
// smallest page wins, and of equal sizes the lowest way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/access.h"
#include "core/replacement.h"
#include "core/stats.h"
#include "mmu/tlb_entry.h"

namespace memio {

/// Told before an entry stops translating as it did: evicted, invalidated, D set, or shadowed by a global
/// page that comes to stand before it (see above).
class TlbListener {
 public:
  virtual ~TlbListener() = default;
  virtual void entry_dropped(const TlbEntry& entry) = 0;
};

class Tlb {
 public:
  /// Throws std::invalid_argument if there are no entries or `ways` does not divide them.
  explicit Tlb(const TlbConfig& config);

  /// Looks `va` up for `asid`; counts a look-up and a hit or a miss; a hit is stamped. Null on a miss.
  TlbEntry* lookup(std::uint64_t va, std::uint16_t asid) {
    ++lookups;
    const std::uint32_t slot = find(va, asid);
    if (slot == none) {
      ++misses;
      return nullptr;
    }
    ++hits;
    entries_[slot].stamp = lookups;
    return &entries_[slot];
  }

  /// As `lookup`, but changes and counts nothing (for debuggers and tests).
  const TlbEntry* probe(std::uint64_t va, std::uint16_t asid) const {
    const std::uint32_t slot = find(va, asid);
    return slot == none ? nullptr : &entries_[slot];
  }

  /// Holds `entry` (its stamp, filled and valid are set here: it counts as used by the look-up that
  /// missed, so a fill follows a look-up of its own); `virtual_page` and `page_shift` say where.
  /// Returns where it is held. Counts an eviction if a valid entry had to leave.
  TlbEntry* fill(const TlbEntry& entry);

  /// sfence.vma (privileged specification, section 4.2.1): no operand, address, ASID, or both.
  /// With an ASID, global entries stay. With an address, the page that holds it, of any size, leaves.
  void fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid);

  /// Sets D in a held entry (Svadu). Recency does not change.
  void set_dirty(const TlbEntry* held);
  /// Drops one held entry; counts an invalidation.
  void invalidate(const TlbEntry* held);

  void set_listener(TlbListener* listener) { listener_ = listener; }

  /// The look-up counter: a fast engine that proves a hit adds one and stores the sum as the stamp.
  /// It and `fills` are the clocks of the policies: they only grow.
  std::uint64_t lookups = 0;
  std::uint64_t hits = 0, misses = 0, evictions = 0, fills = 0, fences = 0, invalidations = 0;
  /// Books as hits the look-ups that a fast engine counted without saying how they ended.
  void settle() { hits = lookups - misses; }

  const TlbConfig& config() const { return config_; }
  unsigned ways() const { return ways_; }
  unsigned sets() const { return sets_; }
  /// All entries, valid or not; way w of set s stands at s * ways() + w.
  const std::vector<TlbEntry>& entries() const { return entries_; }
  void register_stats(StatGroup& group) const;
  void reset();  ///< all entries invalid; counts and the generator go on

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  /// What a look-up compares, kept apart from the entries so that a chain touches little memory.
  struct Tag {
    std::uint64_t key = 0;      ///< virtual page number and page size
    std::uint32_t next = none;  ///< next slot of the chain, in ascending order
    std::uint16_t asid = 0;
    bool global = false;
  };

  static std::uint64_t key_of(std::uint64_t va, unsigned shift) { return (va >> shift) << 6 | shift; }
  std::size_t bucket_of(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> hash_shift_);
  }
  /// The slot that translates `va`: sizes ascending, and chains ascending by slot, give the rule above.
  std::uint32_t find(std::uint64_t va, std::uint16_t asid) const {
    for (std::uint64_t sizes = sizes_present_; sizes; sizes &= sizes - 1) {
      const std::uint64_t key = key_of(va, static_cast<unsigned>(__builtin_ctzll(sizes)));
      for (std::uint32_t slot = heads_[bucket_of(key)]; slot != none; slot = tags_[slot].next) {
        const Tag& tag = tags_[slot];
        if (tag.key == key && (tag.global || tag.asid == asid)) return slot;
      }
    }
    return none;
  }

  std::uint32_t take_free(std::uint32_t set);  ///< the lowest invalid way, or `none`
  void set_free(std::uint32_t slot);
  void announce_shadowed(const TlbEntry& entry) const;
  void link(std::uint32_t slot);
  void unlink(std::uint32_t slot);
  void drop(std::uint32_t slot);
  template <class Selects>
  void drop_if(Selects selects);
  std::uint32_t slot_of(const TlbEntry* held) const {
    return static_cast<std::uint32_t>(held - entries_.data());
  }

  TlbConfig config_;
  unsigned ways_, sets_;
  std::vector<TlbEntry> entries_;
  std::vector<Tag> tags_;
  std::vector<std::uint32_t> heads_;  ///< hash buckets: first slot of each chain
  unsigned hash_shift_;
  std::uint64_t sizes_present_ = 0;       ///< bit s: an entry with page_shift s is valid
  std::uint32_t size_counts_[64] = {};    ///< how many
  std::vector<std::uint64_t> free_ways_;  ///< per set: a bit for each invalid way
  std::uint32_t words_per_set_;
  Replacement<TlbEntry> replacement_;
  TlbListener* listener_ = nullptr;
};

}  // namespace memio
