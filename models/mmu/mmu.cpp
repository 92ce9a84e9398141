// One translation from look-up to fill. See mmu.h.
#include "mmu/mmu.h"

namespace memio {

namespace {

// In functional mode a walk costs nothing of its own and there is no walk cache.
WalkerConfig walker_config(const MmuConfig& config) {
  if (!config.model_tlbs) return {config.ad, 0, 0, 0};
  return {config.ad, config.walk_step_latency, config.pwc_entries, config.pwc_hit_latency};
}

// The same page with the same rights and type, whatever D says.
bool same_mapping(const TlbEntry& a, const TlbEntry& b) {
  return a.page_shift == b.page_shift && a.physical_page == b.physical_page &&
         a.pte_address == b.pte_address && a.global == b.global && a.user == b.user && a.read == b.read &&
         a.write == b.write && a.execute == b.execute && a.memory_type == b.memory_type;
}

}  // namespace

Mmu::Mmu(const MmuConfig& config, WalkMemory& memory, unsigned hart)
    : config_(config), hart_(hart), walker_(walker_config(config), memory, hart) {
  if (!config.model_tlbs) return;
  itlb_ = std::make_unique<Tlb>(config.itlb);
  dtlb_ = std::make_unique<Tlb>(config.dtlb);
  if (config.l2tlb.entries) l2tlb_ = std::make_unique<Tlb>(config.l2tlb);
}

Mmu::~Mmu() = default;

// One `t` for all ways out: it is built in the caller's place, never copied.
Translation Mmu::translate(std::uint64_t va, AccessKind kind, const TranslationContext& context, Cycles now) {
  Translation t;
  t.done = now;
  if (!page_format(context.format).canonical(va))
    t.outcome = Translation::Outcome::page_fault;
  else if (config_.model_tlbs)
    look_up(va, kind, context, t);
  else
    walk_without_tlbs(va, kind, context, t);
  return t;
}

void Mmu::look_up(std::uint64_t va, AccessKind kind, const TranslationContext& context, Translation& t) {
  Tlb& l1 = kind == AccessKind::fetch ? *itlb_ : *dtlb_;
  t.l1_cycles = l1.config().hit_latency;
  t.done += t.l1_cycles;
  const TlbEntry* entry = l1.lookup(va, context.asid);
  if (!entry) {
    trace_miss(kind == AccessKind::fetch ? TlbId::itlb : TlbId::dtlb, va, t.done);
    entry = refill(l1, va, kind, context, t);
    if (!entry) return;
  }
  if (!permits(*entry, kind, context)) {
    t.outcome = Translation::Outcome::page_fault;
    return;
  }
  if (kind == AccessKind::store && !entry->dirty) {
    entry = first_store(l1, va, context, t);
    if (!entry) return;
  }
  t.entry = entry;
  t.physical = entry->physical(va);
}

// Without TLBs nothing is kept, counted, traced or charged; the bus still sees the reads, and may make them
// wait.
void Mmu::walk_without_tlbs(std::uint64_t va, AccessKind kind, const TranslationContext& context,
                            Translation& t) {
  WalkerCounts uncounted;
  const WalkResult walk = walker_.walk(va, kind, context, t.done, uncounted);
  t.outcome = walk.outcome;
  t.done = walk.done;
  if (walk.outcome != Translation::Outcome::ok) return;
  t.leaf = walk.leaf;
  t.leaf.valid = true;
  t.physical = walk.leaf.physical(va);
}

// The way of an L1 miss: L2, else walk. Null if the walk found nothing to fill (`t` has the fault).
const TlbEntry* Mmu::refill(Tlb& l1, std::uint64_t va, AccessKind kind, const TranslationContext& context,
                            Translation& t) {
  t.l1_cycles += l1.config().miss_latency;
  t.done += l1.config().miss_latency;
  if (l2tlb_) {
    t.l2_cycles = l2tlb_->config().hit_latency;
    t.done += t.l2_cycles;
    if (const TlbEntry* held = l2tlb_->lookup(va, context.asid)) return l1.fill(*held);
    trace_miss(TlbId::l2tlb, va, t.done);
  }
  const WalkResult walk = walker_.walk(va, kind, context, t.done, counts_);
  t.walk_cycles = walk.done - t.done;
  t.done = walk.done;
  t.outcome = walk.outcome;
  if (!walk.found) return nullptr;
  if (l2tlb_) l2tlb_->fill(walk.leaf);
  return l1.fill(walk.leaf);
}

// A granted store through an entry that is held clean. Null on a fault.
const TlbEntry* Mmu::first_store(Tlb& l1, std::uint64_t va, const TranslationContext& context,
                                 Translation& t) {
  if (config_.ad == AdPolicy::svade) {
    t.outcome = Translation::Outcome::page_fault;
    return nullptr;
  }
  ++counts_.dirty_walks;
  const WalkResult walk = walker_.walk(va, AccessKind::store, context, t.done, counts_);
  t.walk_cycles += walk.done - t.done;
  t.done = walk.done;
  t.outcome = walk.outcome;
  if (walk.outcome != Translation::Outcome::ok) return nullptr;

  // Memory may have waited, so the entries are looked for anew.
  const auto settle = [&](Tlb& tlb) -> const TlbEntry* {
    while (const TlbEntry* held = tlb.probe(va, context.asid)) {
      if (same_mapping(*held, walk.leaf)) {
        tlb.set_dirty(held);
        return held;
      }
      tlb.invalidate(held);
    }
    return nullptr;
  };
  if (l2tlb_) settle(*l2tlb_);
  const TlbEntry* held = settle(l1);
  return held ? held : l1.fill(walk.leaf);
}

void Mmu::fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid) {
  if (!config_.model_tlbs) return;
  itlb_->fence(va, asid);
  dtlb_->fence(va, asid);
  if (l2tlb_) l2tlb_->fence(va, asid);
  if (WalkCache* cache = walker_.cache()) cache->fence(va, asid);
}

void Mmu::set_ad(AdPolicy ad) {
  config_.ad = ad;
  walker_.set_ad(ad);
}

void Mmu::set_trace(TraceSink* sink) {
  if (!config_.model_tlbs) return;
  trace_ = sink;
  walker_.set_trace(sink);
}

void Mmu::trace_miss(TlbId tlb, std::uint64_t va, Cycles at) const {
  if (trace_ && trace_->wants(TraceTopic::mmu)) trace_->tlb_miss({at, hart_, tlb, va});
}

void Mmu::register_stats(StatGroup& group) const {
  if (!config_.model_tlbs) return;
  itlb_->register_stats(group.child("itlb", "first-level TLB of instruction fetches"));
  dtlb_->register_stats(group.child("dtlb", "first-level TLB of loads and stores"));
  if (l2tlb_) l2tlb_->register_stats(group.child("l2tlb", "second-level TLB of all accesses"));
  counts_.register_stats(group.child("walker", "page-table walker"), walker_.cache() != nullptr);
}

void Mmu::reset() {
  if (!config_.model_tlbs) return;
  itlb_->reset();
  dtlb_->reset();
  if (l2tlb_) l2tlb_->reset();
  if (WalkCache* cache = walker_.cache()) cache->reset();
}

}  // namespace memio
