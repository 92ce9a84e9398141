// What caches are made of. Plain data; the meaning of each latency is in docs/timing.md, section "Caches".
#pragma once

#include <cstdint>

#include "core/access.h"
#include "core/replacement.h"

namespace memio {

/// When an access that misses goes on: with the whole line, with its word as the line comes in order, or with
/// its word, which comes first.
enum class Restart : std::uint8_t { line, early, critical };

struct CacheConfig {
  std::uint64_t size = 0;  ///< bytes, a multiple of line * ways; 0: the cache does not exist
  unsigned ways = 4;       ///< 0: fully associative
  unsigned line = 64;      ///< bytes: 16, 32, 64, 128 or 256
  ReplacementPolicy policy = ReplacementPolicy::lru;
  std::uint64_t seed = 1;      ///< of the random policy
  bool write_back = true;      ///< false: write-through
  bool write_allocate = true;  ///< a store that misses fills its line
  Cycles hit_latency = 0;      ///< of every look-up
  Cycles miss_latency = 1;     ///< from the look-up to the request below
  Cycles replay_latency = 0;   ///< from the data to the access that goes on
  Restart restart = Restart::line;
  unsigned mshrs = 0;            ///< outstanding load misses that the hart does not wait for; 0: it waits
  unsigned store_buffer = 0;     ///< stores that may wait for their line while the hart goes on; 0: it waits
  bool next_line = false;        ///< a miss also fills the next line
  Cycles collision_window = 0;   ///< a load that hits what a store that hit wrote so many cycles before, or
                                 ///< less, is made again; 0: such a load is served like others
  Cycles collision_latency = 0;  ///< what that takes
};

/// Where the page-table walker reads: where that cache does not exist, the next one below.
enum class WalkerPath : std::uint8_t { l1d, l2, bus };

struct CacheHierarchyConfig {
  CacheConfig l1i, l1d, l2;         ///< L2 needs both L1s and lines of the same size
  unsigned write_buffer = 4;        ///< entries; 0: the hart waits for each write
  Cycles write_buffer_release = 0;  ///< from the end of a write until its entry can be taken again
  WalkerPath walker = WalkerPath::l1d;
  unsigned beat_bytes = 8;  ///< of the bus, to tell when a word of a burst arrives
  Cycles beat_cycles = 1;

  bool any() const { return l1i.size != 0 || l1d.size != 0; }
};

}  // namespace memio
