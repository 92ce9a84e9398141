// Look-ups, misses and what they move; see cache_hierarchy.h.
#include "cache/cache_hierarchy.h"

#include <algorithm>
#include <stdexcept>

namespace memio {

namespace {

std::unique_ptr<Cache> make_cache(const CacheConfig& config, const std::string& name) {
  return config.size ? std::make_unique<Cache>(name, config) : nullptr;
}

constexpr std::uint64_t page_mask = ~std::uint64_t{4095};  // fetching ahead stays in its page

}  // namespace

Cycles Reservations::free_at(Cycles now) {
  until_.erase(std::remove_if(until_.begin(), until_.end(), [now](Cycles until) { return until <= now; }),
               until_.end());
  if (until_.size() < places_) return now;
  const auto first = std::min_element(until_.begin(), until_.end());
  const Cycles at = *first;
  until_.erase(first);
  return at;
}

Cycles Reservations::all_free(Cycles now) {
  for (const Cycles until : until_) now = std::max(now, until);
  until_.clear();
  return now;
}

CacheHierarchy::CacheHierarchy(const CacheHierarchyConfig& config, const std::string& owner, LineBus& bus)
    : config_(config),
      bus_(bus),
      l1i_(make_cache(config.l1i, owner + ".l1i")),
      l1d_(make_cache(config.l1d, owner + ".l1d")),
      l2_(make_cache(config.l2, owner + ".l2")),
      write_buffer_(config.write_buffer, bus, config.write_buffer_release),
      load_misses_(config.l1d.mshrs),
      stores_(config.l1d.store_buffer),
      recent_stores_(config.l1d.collision_window) {
  if (l2_ && (!l1i_ || !l1d_ || config.l1i.line != config.l2.line || config.l1d.line != config.l2.line))
    throw std::invalid_argument("a second-level cache needs both first-level caches, with lines of its size");
}

CacheReply CacheHierarchy::access(const CacheRequest& request, Cycles now) {
  Cache& cache = *first_level(request.kind);
  return request.write ? store(cache, request, now) : load(cache, request, now);
}

CacheReply CacheHierarchy::load(Cache& cache, const CacheRequest& request, Cycles now) {
  CacheReply reply;
  const Cycles looked_up = now + cache.config().hit_latency;
  const bool defer = request.defer && load_misses_.places() != 0;
  reply.done = reply.data = looked_up;
  if ((reply.line = cache.lookup(request.address, request.kind))) {
    reply.data = std::max(looked_up, arrival(cache, *reply.line, request.address));
    if (reply.data > looked_up) ++cache.counts.delayed_hits;
    if (&cache == l1d_.get() && recent_stores_.wrote(request.address, request.size, looked_up)) {
      ++cache.counts.collisions;
      reply.data += cache.config().collision_latency;
    }
    if (!defer) reply.done = reply.data;
    return reply;
  }
  Movement movement;
  movement.start = defer ? load_misses_.free_at(looked_up) : looked_up;
  reply.done = movement.start;
  reply.line = &allocate(cache, request.address, request.kind, movement);
  reply.data = move_in(cache, *reply.line, request.address, request.kind, movement, !defer) +
               cache.config().replay_latency;
  reply.store_wait = move_out(cache, request.kind, movement, movement.done);
  if (defer)
    load_misses_.take(reply.data);
  else
    reply.done = reply.data;
  reply.done += reply.store_wait;
  reply.data = std::max(reply.data, reply.done);
  emit(cache, CacheEvent::Kind::miss, request.kind, cache.line_of(request.address), now, reply.data);
  if (cache.config().next_line) fetch_ahead(cache, request, movement.start);
  return reply;
}

std::optional<Cycles> CacheHierarchy::fetch_astray(std::uint64_t address, Cycles now) {
  Cache& cache = *l1i_;
  if (cache.probe(address)) return std::nullopt;
  ++cache.counts.prefetches;
  Movement movement;
  movement.start = now + cache.config().hit_latency;
  CacheLine& line = allocate(cache, address, AccessKind::fetch, movement);
  Cycles done =
      move_in(cache, line, address, AccessKind::fetch, movement, true) + cache.config().replay_latency;
  done += move_out(cache, AccessKind::fetch, movement, movement.done);
  emit(cache, CacheEvent::Kind::prefetch, AccessKind::fetch, cache.line_of(address), now, done);
  return done;
}

CacheReply CacheHierarchy::store(Cache& cache, const CacheRequest& request, Cycles now) {
  CacheReply reply;
  const CacheConfig& config = cache.config();
  const Cycles looked_up = now + config.hit_latency;
  const bool buffered = stores_.places() != 0 && request.kind == AccessKind::store;
  bus_.claim(cache.line_of(request.address), true);
  Cycles ready = looked_up;
  reply.done = looked_up;
  reply.line = cache.lookup(request.address, request.kind);
  const bool hit = reply.line != nullptr;
  // Before any time passes, in which others may clean or drop the line.
  const auto soil = [&] {
    if (config.write_back) reply.line->dirty = true;
  };
  if (hit) {
    soil();
    ready = std::max(looked_up, arrival(cache, *reply.line, request.address));
    if (ready > looked_up) {
      ++cache.counts.delayed_hits;
      if (buffered) reply.done = stores_.free_at(looked_up);
    }
  } else if (config.write_allocate) {
    Movement movement;
    movement.start = buffered ? stores_.free_at(looked_up) : looked_up;
    reply.done = movement.start;
    reply.line = &allocate(cache, request.address, request.kind, movement);
    soil();
    ready = move_in(cache, *reply.line, request.address, request.kind, movement, !buffered) +
            config.replay_latency;
    const Cycles full = move_out(cache, request.kind, movement, movement.done);
    reply.store_wait += full;
    reply.done += full;
    emit(cache, CacheEvent::Kind::miss, request.kind, cache.line_of(request.address), now, ready);
  } else {
    emit(cache, CacheEvent::Kind::miss, request.kind, cache.line_of(request.address), now, looked_up);
  }
  if (buffered && ready > looked_up) {
    stores_.take(ready);
    reply.store_wait = reply.done - looked_up;
  } else {
    reply.done = std::max(reply.done, ready + reply.store_wait);
  }
  if (!reply.line || !config.write_back) {
    const Cycles at = write_through(cache, request, reply.done);
    reply.store_wait += at - reply.done;
    reply.done = at;
  }
  if (hit && recent_stores_.enabled()) {
    recent_stores_.add(request.address, request.size, reply.done);
    cache.distrust(*reply.line);
  }
  reply.data = reply.done;
  return reply;
}

// Tags and states of a miss, in every level; what it costs comes after, for memory may wait.
CacheLine& CacheHierarchy::allocate(Cache& cache, std::uint64_t address, AccessKind kind,
                                    Movement& movement) {
  Victim victim;
  bus_.claim(cache.line_of(address), false);
  CacheLine& line = cache.fill(address, victim);
  ++cache.counts.fills;
  movement.start += cache.config().miss_latency;
  if (Cache* const next = below(cache)) {
    movement.start += next->config().hit_latency;
    if (const CacheLine* held = next->lookup(address, kind)) {
      if (held->ready > movement.start) ++next->counts.delayed_hits;
      movement.start = std::max(movement.start, held->ready);
    } else {
      allocate(*next, address, kind, movement);
    }
  } else {
    movement.from_bus = true;
  }
  if (victim.dirty) write_back(cache, victim.address, movement);
  if (victim.address != CacheLine::none) dropped(victim.address);
  return line;
}

void CacheHierarchy::write_back(Cache& cache, std::uint64_t address, Movement& movement) {
  ++cache.counts.write_backs;
  cache.counts.bytes_below += cache.config().line;
  emit(cache, CacheEvent::Kind::write_back, AccessKind::store, address, movement.start, movement.start);
  if (Cache* const next = below(cache)) {
    if (CacheLine* held = next->probe(address)) {
      held->dirty = true;
      return;
    }
    next->counts.bytes_below += cache.config().line;
  }
  movement.victims[movement.write_backs++] = address;
  if (observer_) observer_->written_back(address);
}

/// Brings the line; when the word at `address` is there.
Cycles CacheHierarchy::move_in(Cache& cache, CacheLine& line, std::uint64_t address, AccessKind kind,
                               Movement& movement, bool wait) {
  const std::uint64_t first = cache.line_of(address);
  movement.done = movement.start;
  if (!movement.from_bus) {  // from the level below, all at once
    emit(cache, CacheEvent::Kind::fill, kind, first, movement.start, movement.start);
    if (line.address == first) line.ready = movement.start;
    return movement.start;
  }
  Access burst;
  burst.address = first;
  burst.size = cache.config().line;
  burst.kind = kind;
  const Cycles done = wait ? bus_.transfer(burst, movement.start).done
                           : bus_.completion(bus_.post(burst, movement.start)).done;
  std::uint8_t first_beat = CacheLine::whole;
  if (cache.config().restart == Restart::early) first_beat = 0;
  if (cache.config().restart == Restart::critical)
    first_beat = static_cast<std::uint8_t>((address - first) / config_.beat_bytes);
  if (Cache* const next = below(cache)) {
    if (CacheLine* held = next->probe(first)) held->ready = done;
    emit(*next, CacheEvent::Kind::fill, kind, first, movement.start, done);
  }
  movement.done = done;
  emit(cache, CacheEvent::Kind::fill, kind, first, movement.start, done);
  CacheLine moved;
  moved.ready = done;
  moved.first_beat = first_beat;
  if (line.address == first) {
    line.ready = done;
    line.first_beat = first_beat;
  }
  return arrival(cache, moved, address);
}

/// Hands what had to leave to the write buffer, behind the line that came; the cycles that waited for room.
Cycles CacheHierarchy::move_out(Cache& cache, AccessKind kind, const Movement& movement, Cycles now) {
  Cycles waited = 0;
  for (unsigned i = 0; i < movement.write_backs; ++i) {
    Access burst;
    burst.address = movement.victims[i];
    burst.size = cache.config().line;
    burst.kind = kind;
    burst.write = true;
    waited += write_buffer_.write(burst, now + waited) - (now + waited);
  }
  return waited;
}

Cycles CacheHierarchy::write_through(Cache& cache, const CacheRequest& request, Cycles now) {
  ++cache.counts.writes_through;
  cache.counts.bytes_below += request.size;
  if (Cache* const next = below(cache)) {
    if (CacheLine* held = next->lookup(request.address, request.kind)) {
      held->dirty = true;
      return now;
    }
    next->counts.bytes_below += request.size;
  }
  Access write;
  write.address = request.address;
  write.size = request.size;
  write.kind = request.kind;
  write.write = true;
  return write_buffer_.write(write, now);
}

Cycles CacheHierarchy::arrival(const Cache& cache, const CacheLine& line, std::uint64_t address) const {
  if (line.first_beat == CacheLine::whole) return line.ready;
  const unsigned beats = std::max(1u, cache.config().line / config_.beat_bytes);
  const auto beat = static_cast<unsigned>((address & (cache.config().line - 1)) / config_.beat_bytes);
  const unsigned place = (beat + beats - line.first_beat) % beats;
  return line.ready - (beats - 1 - place) * config_.beat_cycles;
}

void CacheHierarchy::fetch_ahead(Cache& cache, const CacheRequest& request, Cycles now) {
  const std::uint64_t next = cache.line_of(request.address) + cache.config().line;
  const bool inside =
      (next & page_mask) == (request.address & page_mask) && next + (cache.config().line - 1) <= request.last;
  if (!inside || cache.probe(next)) return;
  Movement movement;
  movement.start = now;
  ++cache.counts.prefetches;
  CacheLine& line = allocate(cache, next, request.kind, movement);
  move_in(cache, line, next, request.kind, movement, false);
  move_out(cache, request.kind, movement, movement.start);
  emit(cache, CacheEvent::Kind::prefetch, request.kind, next, now, movement.done);
}

}  // namespace memio
