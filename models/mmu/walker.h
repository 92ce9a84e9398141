// The page-table walker. Follows the RISC-V privileged specification, section 4.3.2 (virtual address
// translation process), for every format of page_format.h. Free of SystemC; it reaches memory through
// `WalkMemory`.
#pragma once

#include <cstdint>
#include <memory>

#include "core/access.h"
#include "core/stats.h"
#include "core/trace.h"
#include "mmu/page_format.h"
#include "mmu/tlb_entry.h"
#include "mmu/walk_cache.h"

namespace memio {

/// How the accessed and dirty bits are kept: by page faults (Svade) or by the walker (Svadu).
enum class AdPolicy : std::uint8_t { svade, svadu };

/// The state that selects and qualifies a translation.
struct TranslationContext : PteExtensions {
  PageFormatId format = PageFormatId::bare;
  std::uint16_t asid = 0;
  std::uint64_t root = 0;                    ///< physical address of the root page table
  Privilege privilege = Privilege::machine;  ///< effective (MPRV applied); never machine with paging
  bool sum = false;
  bool mxr = false;
};

/// What a walker's memory answered. `refused`: physical memory protection, nothing was read.
struct WalkReply {
  enum class Outcome : std::uint8_t { ok, refused, error };
  Outcome outcome = Outcome::ok;
  std::uint64_t value = 0;  ///< the PTE read; for an update: 1 if it was written, 0 if it had changed
  Cycles done = 0;          ///< ignored if refused
};

/// Storage in which a fast engine lets the walker read PTEs without asking for each: a read of it that is
/// done before `until` takes `read_cycles` and can be neither refused nor delayed nor observed.
struct WalkWindow {
  const std::uint8_t* host = nullptr;  ///< storage of `first`
  std::uint64_t first = 0, last = 0;   ///< physical
  Cycles read_cycles = 0;
  Cycles until = 0;

  bool covers(std::uint64_t address, unsigned size) const {
    return address >= first && address <= last && size - 1 <= last - address;
  }
};

/// The walker's way to memory; each call is one bus transaction (an update: a read and a write).
class WalkMemory {
 public:
  virtual ~WalkMemory() = default;
  virtual WalkReply read_pte(std::uint64_t address, unsigned size, Cycles now) = 0;
  /// Svadu: stores `desired` if the PTE still is `expected`.
  virtual WalkReply update_pte(std::uint64_t address, unsigned size, std::uint64_t expected,
                               std::uint64_t desired, Cycles now) = 0;

  /// A window that holds good for a walk that begins at `now`, or null.
  virtual const WalkWindow* window(Cycles now) {
    static_cast<void>(now);
    return nullptr;
  }
  /// Books `reads` transactions of `size` bytes that were made through the window, the last done at `done`.
  virtual void book_reads(unsigned reads, unsigned size, Cycles done) {
    static_cast<void>(reads), static_cast<void>(size), static_cast<void>(done);
  }
};

/// Counts of walks. levels = reads + refused + skipped; pwc_lookups = pwc_hits + pwc_misses.
struct WalkerCounts {
  std::uint64_t walks = 0;       ///< walks begun, D re-walks included
  std::uint64_t reads = 0;       ///< PTE reads that reached the bus; those of A/D updates are not among them
  std::uint64_t refused = 0;     ///< PTE reads refused by PMP
  std::uint64_t skipped = 0;     ///< levels skipped by the walk cache
  std::uint64_t levels = 0;      ///< levels walked: reads + refused + skipped
  std::uint64_t ad_updates = 0;  ///< PTEs written by Svadu
  std::uint64_t ad_retries = 0;  ///< updates that found the PTE changed, so that the walk began again
  std::uint64_t updates_refused = 0;  ///< updates refused by PMP
  std::uint64_t dirty_walks = 0;      ///< walks for a first store (Svadu)
  std::uint64_t faults = 0;           ///< walks that ended in a page or access fault
  std::uint64_t cycles = 0;           ///< all cycles of all walks
  std::uint64_t pwc_lookups = 0, pwc_hits = 0, pwc_misses = 0;

  void register_stats(StatGroup& group, bool walk_cache) const;
};

/// True if `entry` grants an access of `kind` (fetch, load, store): R, W, X, U, SUM, MXR; not A and D.
inline bool permits(const TlbEntry& entry, AccessKind kind, const TranslationContext& context) {
  const bool from_user = context.privilege == Privilege::user;
  if (entry.user != from_user && (from_user || kind == AccessKind::fetch || !context.sum)) return false;
  if (kind == AccessKind::fetch) return entry.execute;
  if (kind == AccessKind::store) return entry.write;
  return entry.read || (context.mxr && entry.execute);
}

/// How a translation, or a walk, ended.
enum class TranslationOutcome : std::uint8_t { ok, page_fault, access_fault };

struct WalkResult {
  WalkResult() {}  // NOLINT(modernize-use-equals-default): as Translation, for speed

  TranslationOutcome outcome = TranslationOutcome::ok;
  bool found = false;  ///< `leaf` may be kept: all is well, or only R, W, X, U, SUM or MXR refuse this access
  TlbEntry leaf;
  Cycles done = 0;
};

struct WalkerConfig {
  AdPolicy ad = AdPolicy::svade;
  Cycles step_latency = 0;     ///< cycles of the walker itself for each level read
  unsigned pwc_entries = 0;    ///< 0: no walk cache
  Cycles pwc_hit_latency = 0;  ///< cycles of a walk-cache look-up that hits; a miss costs none
};

class Walker {
 public:
  Walker(const WalkerConfig& config, WalkMemory& memory, unsigned hart);

  /// Walks for `va`, which is canonical. Svade: a leaf with A clear, or a store to one with D clear, is
  /// a page fault. Svadu: they are set in memory once the permissions are granted; if the PTE changed
  /// meanwhile the walk begins again. Pointers enter the walk cache as they are read.
  WalkResult walk(std::uint64_t va, AccessKind kind, const TranslationContext& context, Cycles now,
                  WalkerCounts& counts);

  WalkCache* cache() { return cache_.get(); }  ///< null without walk cache
  const WalkCache* cache() const { return cache_.get(); }
  void set_ad(AdPolicy ad) { config_.ad = ad; }
  void set_trace(TraceSink* sink) { trace_ = sink; }

 private:
  /// A PTE that never stays what it was read as lies in a device, not in memory that can hold tables.
  static constexpr unsigned max_retries = 16;
  enum class Step : std::uint8_t { down, end, again };
  struct Walk;

  void begin(Walk& walk);
  template <PageFormatId id>
  void descend(Walk& walk);
  template <PageFormatId id>
  bool descend_in(const WalkWindow& window, Walk& walk);
  template <PageFormatId id>
  Step read_level(Walk& walk);
  template <PageFormatId id>
  Step take_leaf(Walk& walk, std::uint64_t raw, std::uint64_t address);
  Step update(Walk& walk, bool was_dirty, std::uint64_t raw, std::uint64_t address);
  Step fail(Walk& walk, TranslationOutcome fault) const;

  WalkerConfig config_;
  WalkMemory& memory_;
  unsigned hart_;
  std::unique_ptr<WalkCache> cache_;
  TraceSink* trace_ = nullptr;
};

}  // namespace memio
