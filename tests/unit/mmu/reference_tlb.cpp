// See reference_tlb.h.
#include "unit/mmu/reference_tlb.h"

#include <algorithm>

namespace memio::test {

ReferenceTlb::ReferenceTlb(const TlbConfig& config)
    : policy_(config.policy),
      ways_(config.ways == 0 ? config.entries : config.ways),
      leaves_(1),
      sets_(config.entries / ways_),
      generator_(static_cast<std::minstd_rand::result_type>(config.seed)) {
  while (leaves_ < ways_) leaves_ *= 2;
  for (Set& set : sets_) {
    set.pages.resize(ways_);
    set.tree.resize(leaves_);
    set.referenced.resize(ways_);
    for (unsigned way = 0; way < ways_; ++way) set.recency.push_back(way);
  }
}

const ReferencePage* ReferenceTlb::lookup(std::uint64_t va, std::uint16_t asid) {
  Set* found_set = nullptr;
  unsigned found_way = 0;
  for (Set& set : sets_)
    for (unsigned way = 0; way < ways_; ++way) {
      const auto& page = set.pages[way];
      if (!page || !page->covers(va) || !(page->global || page->asid == asid)) continue;
      if (found_set && found_set->pages[found_way]->shift <= page->shift) continue;
      found_set = &set;
      found_way = way;
    }
  if (!found_set) {
    ++misses;
    return nullptr;
  }
  ++hits;
  touch(*found_set, found_way);
  return &*found_set->pages[found_way];
}

void ReferenceTlb::fill(const ReferencePage& page) {
  Set& set = sets_[(page.virtual_page >> page.shift) % sets_.size()];
  unsigned way = 0;
  while (way < ways_ && set.pages[way]) ++way;
  if (way == ways_) {
    way = victim(set);
    ++evictions;
    set.queue.remove(way);
  }
  set.pages[way] = page;
  set.queue.push_back(way);
  touch(set, way);
}

void ReferenceTlb::fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid) {
  for (Set& set : sets_)
    for (unsigned way = 0; way < ways_; ++way) {
      auto& page = set.pages[way];
      if (!page) continue;
      if (va && !page->covers(*va)) continue;
      if (asid && (page->global || page->asid != *asid)) continue;
      page.reset();
      set.queue.remove(way);
    }
}

void ReferenceTlb::touch(Set& set, unsigned way) {
  set.recency.remove(way);
  set.recency.push_back(way);
  set.referenced[way] = true;
  for (unsigned node = way + leaves_; node > 1; node /= 2) set.tree[node / 2] = node % 2 == 0;
}

unsigned ReferenceTlb::victim(Set& set) {
  switch (policy_) {
    case TlbPolicy::lru:
      return set.recency.front();
    case TlbPolicy::fifo:
      return set.queue.front();
    case TlbPolicy::plru: {
      unsigned node = 1;
      for (unsigned width = leaves_ / 2; width > 0; width /= 2) {
        const unsigned right = 2 * node + 1;
        const unsigned first_right_way = right * width - leaves_;
        node = set.tree[node] && first_right_way < ways_ ? right : 2 * node;
      }
      return node - leaves_;
    }
    case TlbPolicy::nru: {
      if (std::all_of(set.referenced.begin(), set.referenced.end(), [](bool bit) { return bit; }))
        set.referenced.assign(ways_, false);
      const auto first = std::find(set.referenced.begin(), set.referenced.end(), false);
      return static_cast<unsigned>(first - set.referenced.begin());
    }
    case TlbPolicy::random:
      break;
  }
  return static_cast<unsigned>(generator_() % ways_);
}

}  // namespace memio::test
