// The memory management unit: ITLB, DTLB, unified L2 TLB, page-walk cache and walker put together.
// Follows the RISC-V privileged specification, chapter 4 (virtual address translation process,
// section 4.3.2). Free of SystemC; the walker reaches memory through `WalkMemory`.
//
// The order of one translation: L1 TLB look-up (ITLB for fetches, DTLB for loads and stores); on a
// miss the L2 TLB, if there is one; on a miss the walk, which fills L2 and L1. An address that is not
// canonical is a page fault before any look-up. Permissions (R, W, X, U, SUM, MXR, D) are checked on
// each access, also on a hit. A walk that finds a sound leaf with A set fills the TLBs even if
// permissions then refuse the access; a walk that ends in any other fault fills no TLB.
//
// A first store through an entry held clean (D clear): under Svade a page fault without a walk, for
// the TLB holds what it was filled with; under Svadu a hit, then one walk that sets D in memory and in
// the L1 and L2 entries. If that walk faults, so does the store, and the entries stay. If it finds
// another mapping, the entries held leave (as invalidations) and the L1 takes the new one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/access.h"
#include "core/stats.h"
#include "core/trace.h"
#include "mmu/page_format.h"
#include "mmu/tlb.h"
#include "mmu/walker.h"

namespace memio {

struct MmuConfig {
  TlbConfig itlb{32, 0, TlbPolicy::lru, 0, 1};
  TlbConfig dtlb{32, 0, TlbPolicy::lru, 0, 2};
  TlbConfig l2tlb{512, 4, TlbPolicy::lru, 4, 3};
  unsigned pwc_entries = 0;      ///< page-walk cache entries (fully associative, LRU); 0: none
  Cycles pwc_hit_latency = 1;    ///< cycles of a walk-cache look-up that hits
  Cycles walk_step_latency = 1;  ///< cycles of the walker itself for each level, beside the PTE read
  AdPolicy ad = AdPolicy::svade;
  bool model_tlbs = true;  ///< false in functional mode: no TLB objects, no walk counts, no cost
};

/// The result of a translation. `done` = now + l1_cycles + l2_cycles + walk_cycles; without TLBs now + what
/// the walk waited for the bus.
struct Translation {
  using Outcome = TranslationOutcome;
  // Not defaulted: GCC would clear it by a string instruction that takes longer than a TLB hit.
  Translation() {}  // NOLINT(modernize-use-equals-default)

  Outcome outcome = Outcome::ok;
  std::uint64_t physical = 0;
  Cycles done = 0;
  Cycles l1_cycles = 0;             ///< the L1 look-up, and what a miss takes beside the levels below
  Cycles l2_cycles = 0;             ///< the L2 look-up
  Cycles walk_cycles = 0;           ///< the walk, A/D update and walk-cache look-ups included
  const TlbEntry* entry = nullptr;  ///< the L1 entry that translates; null without TLBs or on a fault
  /// Without TLBs: what the leaf said, so that a caller may cache it.
  TlbEntry leaf;
};

class Mmu {
 public:
  using WalkerCounts = memio::WalkerCounts;

  /// Throws std::invalid_argument if a TLB has an impossible shape, or an L1 TLB no entries.
  Mmu(const MmuConfig& config, WalkMemory& memory, unsigned hart = 0);
  ~Mmu();

  /// Translates `va`; `context.format` is not bare. `kind` is fetch, load or store (LR is a load; SC and
  /// AMO are stores). Sv32: `va` is zero-extended.
  Translation translate(std::uint64_t va, AccessKind kind, const TranslationContext& context, Cycles now);

  /// The mapping of `va` in the page tables as memory holds them, for debuggers: TLBs, permissions and
  /// A/D bits do not matter, nothing is counted or changed. `read(address, size)` gives a PTE of `size`
  /// bytes at a physical address, or an empty optional. No value if nothing is mapped.
  template <class Read>
  std::optional<std::uint64_t> debug_translate(std::uint64_t va, const TranslationContext& context,
                                               Read read) const;

  /// sfence.vma with each of its operands given or not; also empties the walk cache as needed.
  void fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid);

  /// From now on A and D are kept so.
  void set_ad(AdPolicy ad);

  bool has_tlbs() const { return config_.model_tlbs; }
  Tlb& itlb() { return *itlb_; }  ///< not to be called without TLBs
  Tlb& dtlb() { return *dtlb_; }
  Tlb* l2tlb() { return l2tlb_.get(); }                            ///< null if configured with 0 entries
  const WalkCache* walk_cache() const { return walker_.cache(); }  ///< null if configured with 0 entries
  const WalkerCounts& walker() const { return counts_; }
  void set_trace(TraceSink* sink);
  /// Groups itlb, dtlb, l2tlb (if there is one), walker; none at all without TLBs.
  void register_stats(StatGroup& group) const;
  void reset();  ///< TLBs and walk cache empty; counts stay

 private:
  void look_up(std::uint64_t va, AccessKind kind, const TranslationContext& context, Translation& t);
  void walk_without_tlbs(std::uint64_t va, AccessKind kind, const TranslationContext& context,
                         Translation& t);
  const TlbEntry* refill(Tlb& l1, std::uint64_t va, AccessKind kind, const TranslationContext& context,
                         Translation& t);
  const TlbEntry* first_store(Tlb& l1, std::uint64_t va, const TranslationContext& context, Translation& t);
  void trace_miss(TlbId tlb, std::uint64_t va, Cycles at) const;

  MmuConfig config_;
  unsigned hart_;
  std::unique_ptr<Tlb> itlb_, dtlb_, l2tlb_;
  Walker walker_;
  WalkerCounts counts_;
  TraceSink* trace_ = nullptr;
};

template <class Read>
std::optional<std::uint64_t> Mmu::debug_translate(std::uint64_t va, const TranslationContext& context,
                                                  Read read) const {
  const PageFormat& format = page_format(context.format);
  if (!format.canonical(va)) return std::nullopt;
  std::uint64_t table = context.root;
  for (unsigned level = format.levels; level-- > 0;) {
    const std::optional<std::uint64_t> raw =
        read(table + format.index(va, level) * format.pte_bytes, format.pte_bytes);
    if (!raw) return std::nullopt;
    const Pte pte = format.decode(*raw, context);
    if (!pte.valid || pte.reserved) return std::nullopt;
    table = pte.ppn << PageFormat::base_shift;
    if (!pte.leaf) continue;
    if (format.misaligned(pte, level)) return std::nullopt;
    const std::uint64_t offset = (std::uint64_t{1} << format.page_shift(pte, level)) - 1;
    return (table & ~offset) | (va & offset);
  }
  return std::nullopt;
}

}  // namespace memio
