// The store of lines of one cache; see cache.h.
#include "cache/cache.h"

#include <stdexcept>

namespace memio {

namespace {

unsigned log2_of(unsigned value) {
  unsigned shift = 0;
  while (1u << shift < value) ++shift;
  return shift;
}

unsigned checked_ways(const std::string& name, const CacheConfig& config) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument("cache " + name + " of " + std::to_string(config.size) + " bytes, " +
                                std::to_string(config.ways) + " ways and lines of " +
                                std::to_string(config.line) + " bytes: " + why);
  };
  if (config.line < 16 || config.line > 256 || (config.line & (config.line - 1)))
    refuse("a line has 16, 32, 64, 128 or 256 bytes");
  const std::uint64_t lines = config.size / config.line;
  if (lines == 0 || config.size % config.line != 0 || lines > 1u << 24)
    refuse("the size is a multiple of the line, up to 2^24 lines");
  const std::uint64_t ways = config.ways ? config.ways : lines;
  if (lines % ways != 0) refuse("the ways divide the lines");
  return static_cast<unsigned>(ways);
}

}  // namespace

Cache::Cache(std::string name, const CacheConfig& config)
    : name_(std::move(name)),
      config_(config),
      ways_(checked_ways(name_, config)),
      sets_(static_cast<unsigned>(config.size / config.line / ways_)),
      line_shift_(log2_of(config.line)),
      set_mask_(sets_ & (sets_ - 1) ? 0 : sets_ - 1),
      lines_(std::size_t{ways_} * sets_),
      replacement_(config.policy, config.seed, ways_, sets_) {}

CacheLine* Cache::lookup(std::uint64_t address, AccessKind kind) {
  ++uses;
  ++counts.lookups[static_cast<unsigned>(kind)];
  CacheLine* line = find(line_of(address));
  if (!line) {
    ++counts.misses[static_cast<unsigned>(kind)];
    return nullptr;
  }
  ++counts.hits;
  line->stamp = uses;
  return line;
}

CacheLine& Cache::fill(std::uint64_t address, Victim& victim) {
  const unsigned set = set_of(address);
  CacheLine* const ways = &lines_[std::size_t{set} * ways_];
  unsigned way = 0;
  while (way < ways_ && ways[way].valid()) ++way;
  if (way == ways_) {
    way = replacement_.victim(set, ways, uses);
    ++counts.evictions;
    victim = {ways[way].address, ways[way].dirty};
    if (ways[way].proven && listener_) listener_->line_changed(ways[way]);
  }
  ++changes;
  CacheLine& line = ways[way];
  line = {};
  line.address = line_of(address);
  line.stamp = ++uses;
  line.filled = ++fill_clock_;
  return line;
}

void Cache::invalidate(CacheLine& line) {
  if (line.proven && listener_) listener_->line_changed(line);
  ++counts.invalidations;
  ++changes;
  line = {};
}

void Cache::clean(CacheLine& line) {
  distrust(line);
  line.dirty = false;
}

void Cache::reset() {
  ++changes;
  for (CacheLine& line : lines_) {
    if (line.proven && listener_) listener_->line_changed(line);
    line = {};
  }
}

}  // namespace memio
