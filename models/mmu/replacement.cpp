// Victims from stamps: a lazily refreshed queue (lru, fifo), a walk down the tree (plru), reference
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
    ages_.resize(std::size_t{ways} * sets);
    queues_.assign(sets, {0, ways - 1});
    for (unsigned i = 0; i < ages_.size(); ++i) ages_[i] = {0, i % ways - 1, i % ways + 1};
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

// The queue is in order of the recorded keys, which are lower bounds of the true ones. Once the first
// record is true, no other way can be older. A way that was used since its record was made moves back;
// it belongs near the end, so its place is looked for from there.
unsigned Replacement::oldest(unsigned set, const TlbEntry* entries) {
  Age* const ages = ages_.data() + std::size_t{set} * ways_;
  Queue& queue = queues_[set];
  for (;;) {
    const std::uint32_t way = queue.oldest;
    const std::uint64_t key = policy_ == TlbPolicy::lru ? entries[way].stamp : entries[way].filled;
    if (key == ages[way].key || ways_ == 1) return way;
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
