// One level of a cache: which lines it holds and in which state. Tags and state only; the data is in
// memory. Free of SystemC, and of time but for the marks of lines in flight.
//
// As in a TLB (mmu/tlb.h), the recency state is the use count at which each line was last used, so all that
// a proven hit does is to store a stamp (design rule 11). A fill takes an invalid way (the lowest) before it
// evicts. A line at address a is held in set (a / line) % sets; the number of sets and ways is any.
#pragma once

#include <string>
#include <vector>

#include "cache/cache_config.h"
#include "core/stats.h"

namespace memio {

struct CacheLine {
  static constexpr std::uint64_t none = ~std::uint64_t{0};
  static constexpr std::uint8_t whole = 255;

  std::uint64_t address = none;  ///< physical, of the first byte; `none`: invalid
  std::uint64_t stamp = 0;       ///< use count of the last use
  std::uint64_t filled = 0;      ///< fill count of the fill
  Cycles ready = 0;              ///< when its last beat arrives; before that, it is in flight
  bool dirty = false;
  bool proven = false;              ///< an engine relies on the line: the listener is told when it changes
  std::uint8_t first_beat = whole;  ///< of the burst that brings it; `whole`: all of it comes at `ready`

  bool valid() const { return address != none; }
};

/// Told before a line on which an engine relies leaves, becomes clean or is not to be relied on for a while.
class CacheListener {
 public:
  virtual ~CacheListener() = default;
  virtual void line_changed(const CacheLine& line) = 0;
};

/// What left a cache to make room.
struct Victim {
  std::uint64_t address = CacheLine::none;
  bool dirty = false;
};

struct CacheCounts {
  std::uint64_t lookups[access_kinds] = {};  ///< by kind
  std::uint64_t misses[access_kinds] = {};
  std::uint64_t hits = 0;
  std::uint64_t delayed_hits = 0;    ///< hits on lines in flight, that waited
  std::uint64_t collisions = 0;      ///< hits made again because of a store just before
  std::uint64_t fills = 0;           ///< lines that came from below, prefetches included
  std::uint64_t allocations = 0;     ///< lines written as a whole, so not read from below
  std::uint64_t prefetches = 0;      ///< of the fills, those that nobody asked for
  std::uint64_t evictions = 0;       ///< valid lines replaced
  std::uint64_t write_backs = 0;     ///< dirty lines written to the level below
  std::uint64_t writes_through = 0;  ///< stores passed on to the level below
  std::uint64_t bytes_below = 0;     ///< bytes written to the level below
  std::uint64_t invalidations = 0;   ///< lines removed by instructions and snoops
};

class Cache {
 public:
  /// Throws std::invalid_argument if the shape is impossible.
  Cache(std::string name, const CacheConfig& config);

  /// Looks the line of `address` up: counts, and stamps a hit. Null on a miss.
  CacheLine* lookup(std::uint64_t address, AccessKind kind);
  /// As `lookup`, but changes and counts nothing.
  CacheLine* probe(std::uint64_t address) { return find(line_of(address)); }
  /// Holds the line of `address`, which must not be held, as used now. Says what left.
  CacheLine& fill(std::uint64_t address, Victim& victim);
  /// Drops a line, whatever it holds.
  void invalidate(CacheLine& line);
  /// A dirty line is clean from now on.
  void clean(CacheLine& line);
  /// Takes back what an engine was told of the line.
  void distrust(CacheLine& line) {
    if (line.proven && listener_) listener_->line_changed(line);
    line.proven = false;
  }
  /// Books `n` look-ups that an engine proved to be hits, and stamped.
  void book_hits(AccessKind kind, std::uint64_t n) {
    counts.lookups[static_cast<unsigned>(kind)] += n;
    counts.hits += n;
  }

  std::uint64_t line_of(std::uint64_t address) const { return address & ~std::uint64_t{config_.line - 1}; }
  const CacheConfig& config() const { return config_; }
  const std::string& name() const { return name_; }
  unsigned ways() const { return ways_; }
  unsigned sets() const { return sets_; }
  /// All lines, valid or not; way w of set s stands at s * ways() + w. They never move.
  std::vector<CacheLine>& lines() { return lines_; }
  void set_listener(CacheListener* listener) { listener_ = listener; }
  void reset();  ///< all lines invalid; counts and the generator go on
  void register_stats(StatGroup& group) const;

  CacheCounts counts;
  /// The clock of the recency stamps: one that proves a hit adds one and stores the sum as the line's stamp.
  std::uint64_t uses = 0;
  /// Moves on whenever a line comes or leaves: until then, a line that was held, and not in flight, still is.
  std::uint64_t changes = 1;

 private:
  unsigned set_of(std::uint64_t address) const {
    const std::uint64_t number = address >> line_shift_;
    return static_cast<unsigned>(set_mask_ ? number & set_mask_ : number % sets_);
  }
  CacheLine* find(std::uint64_t line_address) {
    CacheLine* line = &lines_[std::size_t{set_of(line_address)} * ways_];
    for (CacheLine* const end = line + ways_; line != end; ++line)
      if (line->address == line_address) return line;
    return nullptr;
  }

  std::string name_;
  CacheConfig config_;
  unsigned ways_, sets_, line_shift_;
  std::uint64_t set_mask_;  ///< sets - 1 if that is a mask, else 0
  std::vector<CacheLine> lines_;
  std::uint64_t fill_clock_ = 0;
  Replacement<CacheLine> replacement_;
  CacheListener* listener_ = nullptr;
};

}  // namespace memio
