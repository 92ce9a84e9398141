// The caches of one hart: L1I, L1D, unified L2, write buffer, and the time of what misses. Free of SystemC.
//
// Non-inclusive: a miss fills each level on its way. A dirty line that leaves the L1D is merged into the L2
// if that holds it, else it goes on to the bus. State changes at look-up, in program order, before any time
// passes (design rule 5); so outstanding misses, buffers and restarts change time, never counts. The
// latencies are explained in docs/timing.md, section "Caches".
//
// Not modelled: contention inside the L2, banks, inclusion, an instruction cache that goes stale (data is in
// memory only; `fence.i` costs its refills).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/cache.h"
#include "cache/line_bus.h"
#include "cache/recent_stores.h"
#include "cache/write_buffer.h"
#include "core/trace.h"

namespace memio {

/// An access to cacheable memory: it lies in one line, and that line in memory which ends at `last`.
struct CacheRequest {
  AccessKind kind = AccessKind::load;
  bool write = false;
  std::uint64_t address = 0;
  std::uint32_t size = 0;
  std::uint64_t last = 0;  ///< prefetches stop there
  bool defer = false;      ///< the hart can go on before the data of this load arrives
};

/// What became of it.
struct CacheReply {
  Cycles done = 0;            ///< the hart goes on
  Cycles data = 0;            ///< the data is there; later than `done` only for a deferred load
  Cycles store_wait = 0;      ///< of the time until `done`: waiting for a free entry of a buffer
  CacheLine* line = nullptr;  ///< in the first level, if it is held there
};

/// Cache-block management (Zicbom).
enum class BlockOperation : std::uint8_t { clean, flush, invalidate };

/// Follows which lines differ between the caches and memory. `line` is the address of one; calls come in
/// program order.
class LineObserver {
 public:
  virtual ~LineObserver() = default;
  virtual void before_store(std::uint64_t address, std::uint32_t size, std::uint64_t pc, Cycles now) = 0;
  virtual void after_store(std::uint64_t address, std::uint32_t size) = 0;
  virtual void loaded(std::uint64_t address, std::uint32_t size, std::uint64_t pc, Cycles now) = 0;
  /// True if each access to the line must be seen: the hart proves none in advance.
  virtual bool watches(std::uint64_t line) const = 0;
  /// The line has been written to memory.
  virtual void written_back(std::uint64_t line) = 0;
  /// No data cache holds the line any more.
  virtual void left(std::uint64_t line) = 0;
  /// The caches were reset: they hold nothing, and nothing was written back.
  virtual void forgotten() = 0;
};

/// Places that are taken until a time each.
class Reservations {
 public:
  explicit Reservations(unsigned places) : places_(places) {}
  /// When a place is free, at `now` or later.
  Cycles free_at(Cycles now);
  void take(Cycles until) { until_.push_back(until); }
  /// When all are free.
  Cycles all_free(Cycles now);
  unsigned places() const { return places_; }

 private:
  unsigned places_;
  std::vector<Cycles> until_;
};

class CacheHierarchy {
 public:
  /// `owner` names the caches in events: "cpu0" has "cpu0.l1d". Throws std::invalid_argument for an
  /// impossible shape.
  CacheHierarchy(const CacheHierarchyConfig& config, const std::string& owner, LineBus& bus);

  /// True if accesses of `kind` look a cache up.
  bool caches(AccessKind kind) const { return first_level(kind) != nullptr; }
  /// True if, from `now` on and until the listener is told, loads or stores of a line of the L1D are plain
  /// hits that need not be asked for.
  bool proves(const CacheLine& line, bool write, Cycles now) const {
    if (line.ready > now) return false;
    if (!recent_stores_.enabled()) return true;
    return write ? !l1d_->config().write_back : !recent_stores_.wrote(line.address, l1d_->config().line, now);
  }
  /// Bytes of the lines that accesses of `kind` look up.
  unsigned line_bytes(AccessKind kind) const { return first_level(kind)->config().line; }
  /// Looks up, and does what the outcome asks for.
  CacheReply access(const CacheRequest& request, Cycles now);
  /// Looks in the L1I for an instruction of a wrong path, which counts nothing if it is there; else fills its
  /// line, and says when the fetch can go on.
  std::optional<Cycles> fetch_astray(std::uint64_t address, Cycles now);
  /// Zeroes (cbo.zero): a whole block, which is a line of the L1D, is written without being read.
  CacheReply write_block(std::uint64_t address, Cycles now);
  /// Cleans, cleans and drops, or drops the block in all data caches; returns when the hart goes on.
  Cycles manage(BlockOperation operation, std::uint64_t address, Cycles now);
  /// fence.i
  void invalidate_instructions();
  /// A store that no cache takes, but the write buffer may; returns when the hart goes on.
  Cycles buffered_write(const Access& access, Cycles now) { return write_buffer_.write(access, now); }
  /// When everything that has been written or is on its way is done.
  Cycles drain(Cycles now);

  Cache* l1i() { return l1i_.get(); }
  Cache* l1d() { return l1d_.get(); }
  Cache* l2() { return l2_.get(); }
  const CacheHierarchyConfig& config() const { return config_; }
  void set_trace(TraceSink* sink);
  void reset();
  void register_stats(StatGroup& group) const;

  /// What other agents ask and do: whether a data cache holds the line, or holds it dirty.
  bool holds(std::uint64_t line) { return (l1d_ && l1d_->probe(line)) || (l2_ && l2_->probe(line)); }
  bool dirty(std::uint64_t line);
  /// A coherent access by a device: cleans the line, or drops it.
  void snoop(std::uint64_t line, bool write);
  /// No access to the line is proven any more: the observer wants to see them.
  void distrust(std::uint64_t line);
  bool watched(std::uint64_t line) const { return observer_ && observer_->watches(line); }
  /// At most one; null: none.
  void set_observer(LineObserver* observer) { observer_ = observer; }
  LineObserver* observer() const { return observer_; }

  /// Books transactions in memory space that no cache takes part in.
  void book_uncached(unsigned size, std::uint64_t reads, std::uint64_t writes) {
    uncached_reads_ += reads;
    uncached_writes_ += writes;
    uncached_bytes_read_ += reads * size;
    uncached_bytes_written_ += writes * size;
  }

 private:
  /// What a miss must move: at most a line in, and a victim out of each level.
  struct Movement {
    Cycles start = 0;
    Cycles done = 0;  ///< the line is there; while it came, a snoop may have taken it again
    bool from_bus = false;
    unsigned write_backs = 0;
    std::uint64_t victims[2] = {};
  };

  Cache* first_level(AccessKind kind) const {
    if (kind == AccessKind::fetch) return l1i_.get();
    if (kind != AccessKind::walk || config_.walker == WalkerPath::l1d) return l1d_.get();
    return config_.walker == WalkerPath::l2 ? l2_.get() : nullptr;
  }
  Cache* below(const Cache& cache) const { return &cache == l2_.get() ? nullptr : l2_.get(); }
  CacheReply load(Cache& cache, const CacheRequest& request, Cycles now);
  CacheReply store(Cache& cache, const CacheRequest& request, Cycles now);
  CacheLine& allocate(Cache& cache, std::uint64_t address, AccessKind kind, Movement& movement);
  void write_back(Cache& cache, std::uint64_t address, Movement& movement);
  void dropped(std::uint64_t line) {
    if (observer_ && !holds(line)) observer_->left(line);
  }
  Cycles move_in(Cache& cache, CacheLine& line, std::uint64_t address, AccessKind kind, Movement& movement,
                 bool wait);
  Cycles move_out(Cache& cache, AccessKind kind, const Movement& movement, Cycles now);
  Cycles write_through(Cache& cache, const CacheRequest& request, Cycles now);
  Cycles arrival(const Cache& cache, const CacheLine& line, std::uint64_t address) const;
  void fetch_ahead(Cache& cache, const CacheRequest& request, Cycles now);
  void emit(const Cache& cache, CacheEvent::Kind event, AccessKind cause, std::uint64_t address, Cycles start,
            Cycles done) const {
    if (trace_) trace_->cache({start, done, &cache.name(), event, cause, address});
  }

  CacheHierarchyConfig config_;
  LineBus& bus_;
  std::unique_ptr<Cache> l1i_, l1d_, l2_;
  WriteBuffer write_buffer_;
  Reservations load_misses_, stores_;
  RecentStores recent_stores_;  ///< that hit the L1D
  std::uint64_t uncached_reads_ = 0, uncached_writes_ = 0, uncached_bytes_read_ = 0,
                uncached_bytes_written_ = 0;
  TraceSink* trace_ = nullptr;
  LineObserver* observer_ = nullptr;
};

}  // namespace memio
