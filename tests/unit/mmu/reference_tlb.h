// A slow, obvious TLB to compare with: sets of ways searched one by one, and each replacement policy as
// textbooks have it (a recency list, tree bits, a queue, reference bits), with no stamps anywhere.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <random>
#include <vector>

#include "mmu/tlb_entry.h"

namespace memio::test {

struct ReferencePage {
  std::uint64_t virtual_page = 0, physical_page = 0;
  unsigned shift = 12;
  std::uint16_t asid = 0;
  bool global = false;

  bool covers(std::uint64_t va) const { return va >> shift == virtual_page >> shift; }
};

class ReferenceTlb {
 public:
  explicit ReferenceTlb(const TlbConfig& config);

  /// Counts and touches; null on a miss.
  const ReferencePage* lookup(std::uint64_t va, std::uint16_t asid);
  void fill(const ReferencePage& page);
  void fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid);

  std::uint64_t hits = 0, misses = 0, evictions = 0;
  const std::optional<ReferencePage>& at(unsigned set, unsigned way) const { return sets_[set].pages[way]; }

 private:
  struct Set {
    std::vector<std::optional<ReferencePage>> pages;
    std::list<unsigned> recency;   ///< lru: front is the least recently used way
    std::list<unsigned> queue;     ///< fifo: front came first
    std::vector<bool> tree;        ///< plru: node n has children 2n and 2n + 1; true points right
    std::vector<bool> referenced;  ///< nru
  };

  void touch(Set& set, unsigned way);
  unsigned victim(Set& set);

  TlbPolicy policy_;
  unsigned ways_, leaves_;
  std::vector<Set> sets_;
  std::minstd_rand generator_;
};

}  // namespace memio::test
