// The choice of a victim in a full set of a TLB, for every policy, from the stamps of its entries.
// The rules stand in tlb.h. A hit only stores a stamp, so nothing here is told of hits.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "mmu/tlb_entry.h"

namespace memio {

class Replacement {
 public:
  Replacement(const TlbConfig& config, unsigned ways, unsigned sets);

  /// The way of `set` that leaves. All its `ways` entries, from `entries` on, are valid; `now` is the
  /// look-up count, that of the look-up that missed.
  unsigned victim(unsigned set, const TlbEntry* entries, std::uint64_t now);

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

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

  unsigned oldest(unsigned set, const TlbEntry* entries);
  unsigned tree_victim(const TlbEntry* entries) const;
  unsigned not_recent_victim(NotRecent& state, const TlbEntry* entries, std::uint64_t now) const;

  TlbPolicy policy_;
  unsigned ways_;
  std::vector<Age> ages_;              ///< lru, fifo: way w of set s stands at s * ways + w
  std::vector<Queue> queues_;          ///< lru, fifo: per set
  std::vector<NotRecent> not_recent_;  ///< nru
  std::minstd_rand generator_;         ///< random
};

}  // namespace memio
