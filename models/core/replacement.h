// The choice of a victim in a full set of a TLB or a cache, for every policy, from stamps alone.
//
// An entry has a `stamp`, the use count of its owner at which it was last used, and `filled`, the fill
// count at which it came; every policy derives its victim from these:
//   lru     the smallest stamp
//   plru    binary tree over the ways (rounded up to a power of two): at each node, turn to the half
//           whose largest stamp is smaller; halves without a way are never taken
//   fifo    the smallest fill count
//   nru     an entry is "referenced" if used since the set's reference bits were last cleared; the
//           first way that is not referenced; if all are, the bits of the set are cleared first
//   random  a way drawn from a seeded generator, drawn only when an eviction is needed
// Stamps never tie. So a hit only stores a stamp, and nothing here is told of hits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace memio {

enum class ReplacementPolicy : std::uint8_t { lru, plru, fifo, nru, random };

template <class Entry>
class Replacement {
 public:
  Replacement(ReplacementPolicy policy, std::uint64_t seed, unsigned ways, unsigned sets)
      : policy_(policy), ways_(ways), generator_(static_cast<std::minstd_rand::result_type>(seed)) {
    if (by_age() && ways > few) {
      ages_.resize(std::size_t{ways} * sets);
      queues_.assign(sets, {0, ways - 1});
      for (unsigned i = 0; i < ages_.size(); ++i) ages_[i] = {0, i % ways - 1, i % ways + 1};
    }
    if (policy_ == ReplacementPolicy::nru) not_recent_.resize(sets);
  }

  /// The way of `set` that leaves. All its `ways` entries, from `entries` on, are valid; `now` is the
  /// use count, that of the look-up that missed.
  unsigned victim(unsigned set, const Entry* entries, std::uint64_t now) {
    switch (policy_) {
      case ReplacementPolicy::lru:
      case ReplacementPolicy::fifo:
        return ways_ > few ? oldest(set, entries) : oldest_of_few(entries);
      case ReplacementPolicy::plru:
        return tree_victim(entries);
      case ReplacementPolicy::nru:
        return not_recent_victim(not_recent_[set], entries, now);
      case ReplacementPolicy::random:
        break;
    }
    return static_cast<unsigned>(generator_() % ways_);
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  static constexpr unsigned few = 8;  ///< ways that are sooner compared than kept in order

  bool by_age() const { return policy_ == ReplacementPolicy::lru || policy_ == ReplacementPolicy::fifo; }
  /// What tells the age of an entry: the smallest key leaves.
  std::uint64_t key_of(const Entry& entry) const {
    return policy_ == ReplacementPolicy::lru ? entry.stamp : entry.filled;
  }

  unsigned oldest_of_few(const Entry* entries) const {
    unsigned way = 0;
    for (unsigned i = 1; i < ways_; ++i)
      if (key_of(entries[i]) < key_of(entries[way])) way = i;
    return way;
  }

  /// A way's place in its set's queue, by a lower bound of its age key: keys (stamps, fill counts) only
  /// grow.
  struct Age {
    std::uint64_t key;
    std::uint32_t older, newer;  ///< neighbours; `none` or anything past the ends
  };
  struct Queue {
    std::uint32_t oldest, newest;
  };
  /// Reference bits of a set: a way is referenced if its stamp is not below `cleared`. Within one
  /// period bits are only set, so all ways below `first` are known to be referenced.
  struct NotRecent {
    std::uint64_t cleared = 0;
    std::uint32_t first = 0;
  };

  // The queue is in order of the recorded keys, which are lower bounds of the true ones. Once the first
  // record is true, no other way can be older. A way that was used since its record was made moves back;
  // it belongs near the end, so its place is looked for from there.
  unsigned oldest(unsigned set, const Entry* entries) {
    Age* const ages = ages_.data() + std::size_t{set} * ways_;
    Queue& queue = queues_[set];
    for (;;) {
      const std::uint32_t way = queue.oldest;
      const std::uint64_t key = key_of(entries[way]);
      if (key == ages[way].key) return way;
      queue.oldest = ages[way].newer;
      ages[queue.oldest].older = none;
      std::uint32_t before = queue.newest;
      while (before != none && ages[before].key > key) before = ages[before].older;
      const std::uint32_t after = before == none ? queue.oldest : ages[before].newer;
      ages[way] = {key, before, after};
      (before == none ? queue.oldest : ages[before].newer) = way;
      (before == queue.newest ? queue.newest : ages[after].older) = way;
    }
  }

  unsigned tree_victim(const Entry* entries) const {
    const auto last_use = [&](unsigned from, unsigned to) {
      std::uint64_t latest = 0;
      for (unsigned way = from; way < to; ++way) latest = std::max(latest, entries[way].stamp);
      return latest;
    };
    unsigned size = 1;
    while (size < ways_) size *= 2;
    unsigned first = 0;
    for (; size > 1; size /= 2) {
      const unsigned middle = first + size / 2;
      if (middle >= ways_) continue;
      if (last_use(middle, std::min(first + size, ways_)) < last_use(first, middle)) first = middle;
    }
    return first;
  }

  unsigned not_recent_victim(NotRecent& state, const Entry* entries, std::uint64_t now) const {
    while (state.first < ways_ && entries[state.first].stamp >= state.cleared) ++state.first;
    if (state.first == ways_) {
      // Every entry was last used before this look-up, so all bits fall; the entry that comes now has its
      // bit set.
      state.cleared = now;
      state.first = 0;
    }
    return state.first;
  }

  ReplacementPolicy policy_;
  unsigned ways_;
  std::vector<Age> ages_;              ///< lru, fifo: way w of set s stands at s * ways + w
  std::vector<Queue> queues_;          ///< lru, fifo: per set
  std::vector<NotRecent> not_recent_;  ///< nru
  std::minstd_rand generator_;         ///< random
};

}  // namespace memio
