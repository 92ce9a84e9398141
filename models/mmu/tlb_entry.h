// What a TLB is made of: its configuration and its entries.
#pragma once

#include <cstdint>

#include "core/access.h"
#include "core/replacement.h"

namespace memio {

using TlbPolicy = ReplacementPolicy;

struct TlbConfig {
  unsigned entries = 0;  ///< 0: the TLB does not exist
  unsigned ways = 0;     ///< 0: fully associative; else a divisor of `entries`
  TlbPolicy policy = TlbPolicy::lru;
  Cycles hit_latency = 0;   ///< cycles that every look-up costs
  std::uint64_t seed = 1;   ///< of the random policy
  Cycles miss_latency = 0;  ///< cycles from a look-up that misses to the second level or the walk
};

/// What a page grants and how it is tagged.
struct TlbEntry {
  bool valid = false;
  bool global = false;
  bool read = false, write = false, execute = false, user = false;
  MemoryType memory_type = MemoryType::pma;
  bool dirty = false;            ///< D was set at the fill, or set since by Svadu
  std::uint8_t page_shift = 12;  ///< log2 of the page's bytes: 12, 16, 21, 22, 30, 39, 48
  std::uint16_t asid = 0;
  std::uint64_t virtual_page = 0;  ///< virtual address of the page's first byte (canonical form as looked up)
  std::uint64_t physical_page = 0;  ///< physical address of the page's first byte
  std::uint64_t pte_address = 0;    ///< physical address of the leaf PTE
  std::uint64_t stamp = 0;          ///< look-up count of the last use
  std::uint64_t filled = 0;         ///< fill count of the fill

  /// Physical address of `va`, which lies in this page.
  std::uint64_t physical(std::uint64_t va) const {
    return physical_page | (va & ((std::uint64_t{1} << page_shift) - 1));
  }
};

}  // namespace memio
