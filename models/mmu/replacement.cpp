// Victims from stamps: a lazily refreshed heap (lru, fifo), a walk down the tree (plru), reference
// bits as a time of clearing (nru), a draw (random). See replacement.h.
#include "mmu/replacement.h"

#include <algorithm>
#include <cstddef>

namespace memio {

Replacement::Replacement(const TlbConfig& config, unsigned ways, unsigned sets)
    : policy_(config.policy),
      ways_(ways),
      generator_(static_cast<std::minstd_rand::result_type>(config.seed)) {
  if (policy_ == TlbPolicy::lru || policy_ == TlbPolicy::fifo) {
    heaps_.reserve(std::size_t{ways} * sets);
    for (unsigned set = 0; set < sets; ++set)
      for (unsigned way = 0; way < ways; ++way) heaps_.push_back({0, way});
  }
  if (policy_ == TlbPolicy::nru) not_recent_.resize(sets);
}

unsigned Replacement::victim(unsigned set, const TlbEntry* entries, std::uint64_t now) {
  switch (policy_) {
    case TlbPolicy::lru:
    case TlbPolicy::fifo:
      return oldest(set, entries);
    case TlbPolicy::plru:
      return tree_victim(entries);
    case TlbPolicy::nru:
      return not_recent_victim(not_recent_[set], entries, now);
    case TlbPolicy::random:
      break;
  }
  return static_cast<unsigned>(generator_() % ways_);
}

// The root of the heap holds the smallest bound. Once that bound is the true key, no other way can be
// older: every true key is at least its bound. Each refresh costs log(ways), and a way needs one only
// if it was used since the last.
unsigned Replacement::oldest(unsigned set, const TlbEntry* entries) {
  Aged* heap = heaps_.data() + std::size_t{set} * ways_;
  for (;;) {
    const std::uint32_t way = heap[0].way;
    const std::uint64_t key = policy_ == TlbPolicy::lru ? entries[way].stamp : entries[way].filled;
    if (key == heap[0].key) return way;
    unsigned hole = 0;
    for (unsigned child = 1; child < ways_; child = 2 * hole + 1) {
      // Which child is older is as good as random: counted, not branched on.
      if (child + 1 < ways_) child += static_cast<unsigned>(heap[child + 1].key < heap[child].key);
      if (heap[child].key >= key) break;
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = {key, way};
  }
}

unsigned Replacement::tree_victim(const TlbEntry* entries) const {
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

unsigned Replacement::not_recent_victim(NotRecent& state, const TlbEntry* entries, std::uint64_t now) const {
  while (state.first < ways_ && entries[state.first].stamp >= state.cleared) ++state.first;
  if (state.first == ways_) {
    // Every entry was last used before this look-up, so all bits fall; the entry that comes now has its bit
    // set.
    state.cleared = now;
    state.first = 0;
  }
  return state.first;
}

}  // namespace memio
