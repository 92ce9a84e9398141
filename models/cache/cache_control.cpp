// What instructions and resets do to the caches as a whole or by block; statistics. See cache_hierarchy.h.
#include <algorithm>

#include "cache/cache_hierarchy.h"

namespace memio {

CacheReply CacheHierarchy::write_block(std::uint64_t address, Cycles now) {
  Cache& cache = *l1d_;
  CacheReply reply;
  reply.done = now + cache.config().hit_latency;
  bus_.claim(cache.line_of(address), true);
  reply.line = cache.lookup(address, AccessKind::store);
  if (!reply.line && cache.config().write_back && cache.config().write_allocate) {
    Victim victim;
    Movement movement;
    movement.start = reply.done;
    reply.line = &cache.fill(address, victim);
    ++cache.counts.allocations;
    if (victim.dirty) write_back(cache, victim.address, movement);
    if (victim.address != CacheLine::none) dropped(victim.address);
    reply.store_wait = move_out(cache, AccessKind::store, movement, reply.done);
  } else if (!reply.line || !cache.config().write_back) {
    CacheRequest whole;
    whole.kind = AccessKind::store;
    whole.address = cache.line_of(address);
    whole.size = cache.config().line;
    reply.store_wait = write_through(cache, whole, reply.done) - reply.done;
  }
  if (reply.line && cache.config().write_back) reply.line->dirty = true;
  reply.done += reply.store_wait;
  reply.data = reply.done;
  return reply;
}

Cycles CacheHierarchy::manage(BlockOperation operation, std::uint64_t address, Cycles now) {
  bool dirty = false;
  for (Cache* cache : {l1d_.get(), l2_.get()}) {
    CacheLine* const line = cache ? cache->probe(address) : nullptr;
    // What a level above wrote passes through this one, whether it holds the line or not.
    if (operation != BlockOperation::invalidate && cache && (dirty || (line && line->dirty))) {
      dirty = true;
      if (line) ++cache->counts.write_backs;
      cache->counts.bytes_below += cache->config().line;
    }
    if (!line) continue;
    const bool drops = operation != BlockOperation::clean;
    emit(*cache, drops ? CacheEvent::Kind::invalidate : CacheEvent::Kind::clean, AccessKind::store,
         line->address, now, now);
    if (drops)
      cache->invalidate(*line);
    else
      cache->clean(*line);
  }
  const std::uint64_t line = l1d_->line_of(address);
  if (observer_ && dirty) observer_->written_back(line);
  if (operation != BlockOperation::clean) dropped(line);
  if (!dirty) return now;
  Access burst;
  burst.address = line;
  burst.size = l1d_->config().line;
  burst.kind = AccessKind::store;
  burst.write = true;
  return write_buffer_.write(burst, now);
}

bool CacheHierarchy::dirty(std::uint64_t line) {
  for (Cache* cache : {l1d_.get(), l2_.get()})
    if (const CacheLine* held = cache ? cache->probe(line) : nullptr; held && held->dirty) return true;
  return false;
}

void CacheHierarchy::snoop(std::uint64_t line, bool write) {
  for (Cache* cache : {l1d_.get(), l2_.get()}) {
    CacheLine* const held = cache ? cache->probe(line) : nullptr;
    if (!held) continue;
    if (write)
      cache->invalidate(*held);
    else if (held->dirty)
      cache->clean(*held);
  }
}

void CacheHierarchy::distrust(std::uint64_t line) {
  if (CacheLine* const held = l1d_->probe(line)) l1d_->distrust(*held);
}

void CacheHierarchy::invalidate_instructions() {
  if (!l1i_) return;
  for (CacheLine& line : l1i_->lines())
    if (line.valid()) l1i_->invalidate(line);
}

Cycles CacheHierarchy::drain(Cycles now) {
  return stores_.all_free(load_misses_.all_free(write_buffer_.drain(now)));
}

void CacheHierarchy::set_trace(TraceSink* sink) {
  trace_ = sink && sink->wants(TraceTopic::cache) ? sink : nullptr;
}

void CacheHierarchy::reset() {
  for (Cache* cache : {l1i_.get(), l1d_.get(), l2_.get()})
    if (cache) cache->reset();
  if (observer_) observer_->forgotten();
  recent_stores_.clear();
}

void CacheHierarchy::register_stats(StatGroup& group) const {
  if (l1i_) l1i_->register_stats(group.child("l1i", "first-level instruction cache"));
  if (l1d_) l1d_->register_stats(group.child("l1d", "first-level data cache"));
  if (l2_) l2_->register_stats(group.child("l2", "second-level cache"));
  write_buffer_.register_stats(group.child("write_buffer", "writes that the hart does not wait for"));
  StatGroup& uncached = group.child("uncached", "transactions in memory space that no cache made");
  uncached.add("reads", "transactions", "reads", &uncached_reads_);
  uncached.add("writes", "transactions", "writes", &uncached_writes_);
  uncached.add("bytes_read", "bytes", "of these reads", &uncached_bytes_read_);
  uncached.add("bytes_written", "bytes", "of these writes", &uncached_bytes_written_);
}

void Cache::register_stats(StatGroup& group) const {
  static constexpr const char* kinds[] = {"fetches", "loads", "stores", "walks"};
  const auto sum = [](const std::uint64_t(&by_kind)[access_kinds]) {
    return [&by_kind] {
      std::uint64_t total = 0;
      for (const std::uint64_t count : by_kind) total += count;
      return total;
    };
  };
  group.add("lookups", "accesses", "accesses asked of this cache", sum(counts.lookups));
  group.add("hits", "accesses", "that found their line, also in flight", &counts.hits);
  group.add("delayed_hits", "accesses", "of the hits, those that waited for a line in flight",
            &counts.delayed_hits);
  if (config_.collision_window)
    group.add("collisions", "accesses", "of the hits, those made again because of a store just before",
              &counts.collisions);
  group.add("misses", "accesses", "that did not find it", sum(counts.misses));
  for (unsigned i = 0; i < 4; ++i) {
    group.add(kinds[i], "accesses", "look-ups of this kind", &counts.lookups[i]);
    group.add(std::string(kinds[i]) + "_missed", "accesses", "misses of this kind", &counts.misses[i]);
  }
  group.add("fills", "lines", "read from the level below, prefetches included", &counts.fills);
  group.add("allocations", "lines", "written as a whole, so not read from below", &counts.allocations);
  group.add("prefetches", "lines", "of the fills, those that no access asked for", &counts.prefetches);
  group.add("evictions", "lines", "valid lines replaced", &counts.evictions);
  group.add("write_backs", "lines", "dirty lines written to the level below", &counts.write_backs);
  group.add("writes_through", "writes", "stores passed on to the level below", &counts.writes_through);
  group.add("bytes_below", "bytes", "written to the level below, those passed through included",
            &counts.bytes_below);
  group.add("invalidations", "lines", "removed by instructions and snoops", &counts.invalidations);
}

}  // namespace memio
