// A cache as a list of lines a set: slow, obvious, without stamps, to compare the real one with.
#pragma once

#include <algorithm>
#include <list>
#include <optional>
#include <random>
#include <vector>

#include "cache/cache.h"

namespace memio::test {

class ReferenceCache {
 public:
  struct Line {
    std::uint64_t address;
    bool dirty;
    unsigned way;
  };

  ReferenceCache(const CacheConfig& config, unsigned ways, unsigned sets)
      : config_(config),
        ways_(ways),
        generator_(static_cast<std::minstd_rand::result_type>(config.seed)),
        sets_(sets) {}

  /// True on a hit; the line moves to the end of its set's list of uses.
  bool lookup(std::uint64_t address) {
    Set& set = set_of(address);
    const auto found = find(set, address);
    if (found == set.by_use.end()) return false;
    touch(set, found->way);
    set.by_use.splice(set.by_use.end(), set.by_use, found);
    return true;
  }

  /// Puts the line in; what left.
  std::optional<Line> fill(std::uint64_t address) {
    Set& set = set_of(address);
    std::optional<Line> victim;
    unsigned way = 0;
    const auto taken = [&](unsigned w) {
      return std::any_of(set.by_use.begin(), set.by_use.end(), [w](const Line& l) { return l.way == w; });
    };
    while (way < ways_ && taken(way)) ++way;
    if (way == ways_) {
      way = choose(set);
      const auto leaves =
          std::find_if(set.by_use.begin(), set.by_use.end(), [way](const Line& l) { return l.way == way; });
      victim = *leaves;
      set.by_use.erase(leaves);
      set.by_fill.remove(way);
    }
    set.by_use.push_back({address / config_.line * config_.line, false, way});
    set.by_fill.push_back(way);
    touch(set, way);
    return victim;
  }

  void set_dirty(std::uint64_t address, bool dirty) { find(set_of(address), address)->dirty = dirty; }
  bool holds(std::uint64_t address) {
    Set& set = set_of(address);
    return find(set, address) != set.by_use.end();
  }
  void invalidate(std::uint64_t address) {
    Set& set = set_of(address);
    const auto found = find(set, address);
    set.by_fill.remove(found->way);
    set.by_use.erase(found);
  }

 private:
  struct Set {
    std::list<Line> by_use;       ///< least recently used first
    std::list<unsigned> by_fill;  ///< ways, oldest first
    std::vector<bool> referenced;
  };

  Set& set_of(std::uint64_t address) { return sets_[address / config_.line % sets_.size()]; }
  std::list<Line>::iterator find(Set& set, std::uint64_t address) const {
    return std::find_if(set.by_use.begin(), set.by_use.end(), [&](const Line& line) {
      return line.address / config_.line == address / config_.line;
    });
  }
  void touch(Set& set, unsigned way) {
    set.referenced.resize(ways_);
    set.referenced[way] = true;
  }

  unsigned choose(Set& set) {
    switch (config_.policy) {
      case ReplacementPolicy::lru:
        return set.by_use.front().way;
      case ReplacementPolicy::fifo:
        return set.by_fill.front();
      case ReplacementPolicy::nru: {
        auto free = std::find(set.referenced.begin(), set.referenced.end(), false);
        if (free == set.referenced.end()) {
          std::fill(set.referenced.begin(), set.referenced.end(), false);
          free = set.referenced.begin();
        }
        return static_cast<unsigned>(free - set.referenced.begin());
      }
      case ReplacementPolicy::random:
        return static_cast<unsigned>(generator_() % ways_);
      case ReplacementPolicy::plru:
        break;
    }
    // The half whose youngest line is older, again and again; halves beyond the last way do not count.
    unsigned first = 0, size = 1;
    while (size < ways_) size *= 2;
    const auto youngest = [&](unsigned from, unsigned to) {
      int place = -1, at = 0;
      for (const Line& line : set.by_use) {
        if (line.way >= from && line.way < to) place = at;
        ++at;
      }
      return place;
    };
    for (; size > 1; size /= 2) {
      const unsigned middle = first + size / 2;
      if (middle < ways_ && youngest(middle, first + size) < youngest(first, middle)) first = middle;
    }
    return first;
  }

  CacheConfig config_;
  unsigned ways_;
  std::minstd_rand generator_;
  std::vector<Set> sets_;
};

}  // namespace memio::test
