// Snooping, and the two views of a line; see device_view.h.
#include "cache/device_view.h"

#include <algorithm>
#include <cstring>

namespace memio {

CacheDeviceView::CacheDeviceView(const DeviceViewConfig& config, std::vector<CacheHierarchy*> caches,
                                 std::uint8_t* storage, std::uint64_t size,
                                 std::function<void(std::uint64_t, std::uint64_t)> written)
    : config_(config),
      all_(std::move(caches)),
      caches_(*all_.front()),
      storage_(storage),
      size_(size),
      written_(std::move(written)),
      line_(caches_.line_bytes(AccessKind::load)) {
  if (!config.coherent) caches_.set_observer(this);
}

CacheDeviceView::~CacheDeviceView() { caches_.set_observer(nullptr); }

/// Calls `work(line, first, count, done)` for the bytes [first, first + count) of each line; `done` bytes of
/// the access lie before them.
template <class Work>
void CacheDeviceView::for_each_line(std::uint64_t address, std::uint32_t size, Work work) const {
  for (std::uint32_t done = 0; done < size;) {
    const auto first = static_cast<unsigned>((address + done) & (line_ - 1));
    const unsigned count = std::min<unsigned>(line_ - first, size - done);
    work(address + done - first, first, count, done);
    done += count;
  }
}

CacheDeviceView::Overlay& CacheDeviceView::overlay(std::uint64_t line) {
  const auto [place, is_new] = overlays_.try_emplace(line);
  if (is_new) std::memcpy(place->second.bytes, storage_of(line), line_);
  return place->second;
}

void CacheDeviceView::tell(const StaleAccess& access) {
  if (listener_) listener_->stale(access);
  if (trace_ && trace_->wants(TraceTopic::cache))
    trace_->alarm({access.read, AlarmEvent::Kind::stale, &caches_.l1d()->name(), access.address});
}

Cycles CacheDeviceView::snoop(std::uint64_t line, bool write) {
  bool found = false;
  for (CacheHierarchy* const caches : all_) {
    if (!caches->holds(line)) continue;
    found = true;
    ++snoops_;
    snooped_dirty_ += caches->dirty(line);
    caches->snoop(line, write);
  }
  return found ? config_.snoop_latency : 0;
}

Cycles CacheDeviceView::read(std::uint64_t address, std::uint8_t* data, const std::uint8_t* storage,
                             std::uint32_t size, Cycles at) {
  Cycles cost = 0;
  std::memcpy(data, storage, size);
  for_each_line(config_.base + address, size,
                [&](std::uint64_t line, unsigned first, unsigned count, std::uint32_t done) {
                  if (config_.coherent) {
                    cost += snoop(line, false);
                    return;
                  }
                  const auto found = overlays_.find(line);
                  if (found == overlays_.end()) return;
                  const Overlay& seen = found->second;
                  const std::uint8_t* const old = seen.bytes + first;
                  const auto differs = std::mismatch(old, old + count, data + done).first - old;
                  std::memcpy(data + done, old, count);
                  if (differs == count || !caches_.dirty(line)) return;
                  ++stale_device_reads_;
                  tell({true, line + first + static_cast<unsigned>(differs), seen.store_pc, seen.stored, at});
                });
  return cost;
}

Cycles CacheDeviceView::write(std::uint64_t address, const std::uint8_t* data, std::uint8_t* storage,
                              std::uint32_t size, Cycles at) {
  Cycles cost = 0;
  for_each_line(config_.base + address, size,
                [&](std::uint64_t line, unsigned first, unsigned count, std::uint32_t done) {
                  if (config_.coherent) cost += snoop(line, true);
                  if (config_.coherent || !caches_.holds(line)) {
                    std::memcpy(storage + done, data + done, count);
                    return;
                  }
                  Overlay& seen = overlay(line);
                  std::memcpy(seen.bytes + first, data + done, count);
                  for (unsigned i = first; i < first + count; ++i) seen.stale.set(i);
                  seen.device_wrote = at;
                  caches_.distrust(line);
                });
  return cost;
}

void CacheDeviceView::before_store(std::uint64_t address, std::uint32_t, std::uint64_t pc, Cycles now) {
  if (!contains(address)) return;
  const std::uint64_t line = address & ~std::uint64_t{line_ - 1};
  const bool was_dirty = caches_.dirty(line);
  Overlay& seen = overlay(line);
  if (was_dirty) return;
  seen.store_pc = pc;
  seen.stored = now;
}

void CacheDeviceView::after_store(std::uint64_t address, std::uint32_t size) {
  const std::uint64_t line = address & ~std::uint64_t{line_ - 1};
  const auto found = contains(address) ? overlays_.find(line) : overlays_.end();
  if (found == overlays_.end()) return;
  Overlay& seen = found->second;
  const auto first = static_cast<unsigned>(address - line);
  for (unsigned i = first; i < first + size; ++i) seen.stale.reset(i);
  if (caches_.dirty(line)) return;
  // Written through: these bytes are in memory.
  std::memcpy(seen.bytes + first, storage_of(address), size);
  if (seen.stale.none()) overlays_.erase(found);
}

void CacheDeviceView::loaded(std::uint64_t address, std::uint32_t size, std::uint64_t pc, Cycles now) {
  const std::uint64_t line = address & ~std::uint64_t{line_ - 1};
  const auto found = contains(address) ? overlays_.find(line) : overlays_.end();
  if (found == overlays_.end()) return;
  const Overlay& seen = found->second;
  const auto first = static_cast<unsigned>(address - line);
  for (unsigned i = first; i < first + size; ++i) {
    if (!seen.stale[i]) continue;
    ++stale_hart_reads_;
    tell({false, line + i, pc, seen.device_wrote, now});
    return;
  }
}

bool CacheDeviceView::watches(std::uint64_t line) const {
  const auto found = overlays_.find(line);
  return found != overlays_.end() && found->second.stale.any();
}

void CacheDeviceView::written_back(std::uint64_t line) {
  const auto found = overlays_.find(line);
  if (found == overlays_.end()) return;
  lost_device_writes_ += found->second.stale.any();
  if (!caches_.dirty(line)) {
    overlays_.erase(found);
    return;
  }
  found->second.stale.reset();
  std::memcpy(found->second.bytes, storage_of(line), line_);
}

void CacheDeviceView::left(std::uint64_t line) {
  const auto found = overlays_.find(line);
  if (found == overlays_.end()) return;
  lost_stores_ += found->second.stored != 0;
  std::memcpy(storage_of(line), found->second.bytes, line_);
  overlays_.erase(found);
  written_(line - config_.base, line_);
}

void CacheDeviceView::register_stats(StatGroup& group) const {
  if (config_.coherent) {
    group.add("snoops", "lines", "found in a cache by DMA", &snoops_);
    group.add("snooped_dirty", "lines", "of these, dirty ones", &snooped_dirty_);
    return;
  }
  group.add("stale_device_reads", "accesses", "DMA reads of bytes that were dirty in a cache",
            &stale_device_reads_);
  group.add("stale_hart_reads", "accesses", "loads of bytes that DMA had changed since they were cached",
            &stale_hart_reads_);
  group.add("lost_device_writes", "lines", "changed by DMA, overwritten by a write-back",
            &lost_device_writes_);
  group.add("lost_stores", "lines", "stored to, dropped without being written back", &lost_stores_);
}

}  // namespace memio
