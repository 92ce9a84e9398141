// The walk, level by level. The steps named in the comments are those of the privileged
// specification, section 4.3.2. See walker.h.
#include "mmu/walker.h"

#include <algorithm>
#include <cstring>

namespace memio {

/// A walk under way.
struct Walker::Walk {
  const PageFormat& format;
  std::uint64_t va;
  AccessKind kind;
  const TranslationContext& context;
  WalkerCounts& counts;
  WalkResult& result;
  TablePointer at = {};  ///< the table to read next
  unsigned retries = 0;
};

Walker::Walker(const WalkerConfig& config, WalkMemory& memory, unsigned hart)
    : config_(config),
      memory_(memory),
      hart_(hart),
      cache_(config.pwc_entries ? std::make_unique<WalkCache>(config.pwc_entries) : nullptr) {}

WalkResult Walker::walk(std::uint64_t va, AccessKind kind, const TranslationContext& context, Cycles now,
                        WalkerCounts& counts) {
  WalkResult result;
  result.done = now;
  Walk walk{page_format(context.format), va, kind, context, counts, result};
  ++counts.walks;
  switch (context.format) {
    case PageFormatId::sv32:
      descend<PageFormatId::sv32>(walk);
      break;
    case PageFormatId::sv39:
      descend<PageFormatId::sv39>(walk);
      break;
    case PageFormatId::sv48:
      descend<PageFormatId::sv48>(walk);
      break;
    default:
      descend<PageFormatId::sv57>(walk);
  }
  counts.cycles += result.done - now;
  if (result.outcome != TranslationOutcome::ok) ++counts.faults;
  return result;
}

// One instance for each format, so that decoding is all constants.
template <PageFormatId id>
void Walker::descend(Walk& walk) {
  if (!cache_ && !trace_)
    if (const WalkWindow* window = memory_.window(walk.result.done))
      if (descend_in<id>(*window, walk)) return;
  begin(walk);
  for (Step step = Step::down; step != Step::end;) {
    step = read_level<id>(walk);
    if (step == Step::again) begin(walk);
  }
}

// The plain case, as quick as can be: every table lies in the window and the leaf needs no A/D update.
// Anything else is left, untouched, to the walk that does all (false).
template <PageFormatId id>
bool Walker::descend_in(const WalkWindow& window, Walk& walk) {
  constexpr PageFormat format = page_format(id);
  TablePointer at = {walk.context.root, format.levels - 1, false};
  Cycles done = walk.result.done;
  for (unsigned reads = 1;; ++reads) {
    const std::uint64_t address = at.table + format.index(walk.va, at.level) * format.pte_bytes;
    if (!window.covers(address, format.pte_bytes)) return false;
    std::uint64_t raw = 0;
    std::memcpy(&raw, window.host + (address - window.first), format.pte_bytes);
    done += config_.step_latency + window.read_cycles;
    const Pte pte = format.decode(raw, walk.context);
    if (!pte.valid || pte.reserved || done >= window.until) return false;
    at.global |= pte.global;
    if (!pte.leaf) {
      if (at.level == 0) return false;
      at = {pte.ppn << PageFormat::base_shift, at.level - 1, at.global};
      continue;
    }
    if (!pte.accessed || (walk.kind == AccessKind::store && !pte.dirty)) return false;
    walk.at = at;
    walk.counts.levels += reads;
    walk.counts.reads += reads;
    walk.result.done = done;
    memory_.book_reads(reads, format.pte_bytes, done);
    take_leaf<id>(walk, raw, address);
    return true;
  }
}

// Step 1: the root, or the deepest table that the walk cache knows.
void Walker::begin(Walk& walk) {
  walk.at = {walk.context.root, walk.format.levels - 1, false};
  if (!cache_) return;
  ++walk.counts.pwc_lookups;
  const std::optional<TablePointer> known = cache_->lookup(walk.format, walk.va, walk.context.asid);
  if (!known) {
    ++walk.counts.pwc_misses;
    return;
  }
  ++walk.counts.pwc_hits;
  const unsigned skipped = walk.at.level - known->level;
  walk.counts.skipped += skipped;
  walk.counts.levels += skipped;
  walk.at = *known;
  walk.result.done += config_.pwc_hit_latency;
}

// Steps 2 to 4 for one level.
template <PageFormatId id>
Walker::Step Walker::read_level(Walk& walk) {
  constexpr PageFormat format = page_format(id);
  const Cycles start = walk.result.done;
  const unsigned level = walk.at.level;
  const std::uint64_t address = walk.at.table + format.index(walk.va, level) * format.pte_bytes;
  ++walk.counts.levels;
  walk.result.done += config_.step_latency;

  Step step = Step::end;
  const WalkReply reply = memory_.read_pte(address, format.pte_bytes, walk.result.done);
  if (reply.outcome == WalkReply::Outcome::refused) {
    ++walk.counts.refused;
    step = fail(walk, TranslationOutcome::access_fault);
  } else {
    ++walk.counts.reads;
    walk.result.done = std::max(walk.result.done, reply.done);
    const Pte pte = format.decode(reply.value, walk.context);
    if (reply.outcome == WalkReply::Outcome::error) {
      step = fail(walk, TranslationOutcome::access_fault);
    } else if (!pte.valid || pte.reserved || (!pte.leaf && level == 0)) {
      step = fail(walk, TranslationOutcome::page_fault);
    } else if (pte.leaf) {
      walk.at.global |= pte.global;
      step = take_leaf<id>(walk, reply.value, address);
    } else {
      walk.at = {pte.ppn << PageFormat::base_shift, level - 1, walk.at.global || pte.global};
      if (cache_) cache_->fill(format, walk.va, walk.context.asid, walk.at);
      step = Step::down;
    }
  }
  if (trace_ && trace_->wants(TraceTopic::mmu))
    trace_->walk({start, walk.result.done, hart_, level, address, step == Step::end});
  return step;
}

// Steps 5 to 8. A refusal by permissions comes before A and D are touched, as the specification has it.
template <PageFormatId id>
Walker::Step Walker::take_leaf(Walk& walk, std::uint64_t raw, std::uint64_t address) {
  constexpr PageFormat format = page_format(id);
  const Pte pte = format.decode(raw, walk.context);
  const unsigned level = walk.at.level;
  if (format.misaligned(pte, level)) return fail(walk, TranslationOutcome::page_fault);

  TlbEntry& leaf = walk.result.leaf;
  leaf.global = walk.at.global;
  leaf.read = pte.read;
  leaf.write = pte.write;
  leaf.execute = pte.execute;
  leaf.user = pte.user;
  leaf.memory_type = pte.memory_type;
  leaf.dirty = pte.dirty;
  leaf.page_shift = static_cast<std::uint8_t>(format.page_shift(pte, level));
  leaf.asid = walk.context.asid;
  leaf.virtual_page = walk.va >> leaf.page_shift << leaf.page_shift;
  leaf.physical_page = pte.ppn << PageFormat::base_shift >> leaf.page_shift << leaf.page_shift;
  leaf.pte_address = address;

  if (!permits(leaf, walk.kind, walk.context)) {
    walk.result.found = pte.accessed;
    return fail(walk, TranslationOutcome::page_fault);
  }
  if (!pte.accessed || (walk.kind == AccessKind::store && !pte.dirty)) {
    if (config_.ad == AdPolicy::svade) return fail(walk, TranslationOutcome::page_fault);
    return update(walk, pte.dirty, raw, address);
  }
  walk.result.found = true;
  return Step::end;
}

// Step 7 under Svadu: one atomic update sets A, and D for a store.
Walker::Step Walker::update(Walk& walk, bool was_dirty, std::uint64_t raw, std::uint64_t address) {
  const bool dirty = was_dirty || walk.kind == AccessKind::store;
  const std::uint64_t desired = raw | PageFormat::accessed_bit | (dirty ? PageFormat::dirty_bit : 0);
  const WalkReply reply = memory_.update_pte(address, walk.format.pte_bytes, raw, desired, walk.result.done);
  if (reply.outcome == WalkReply::Outcome::refused) {
    ++walk.counts.updates_refused;
    return fail(walk, TranslationOutcome::access_fault);
  }
  walk.result.done = std::max(walk.result.done, reply.done);
  if (reply.outcome == WalkReply::Outcome::error) return fail(walk, TranslationOutcome::access_fault);
  if (reply.value == 0) {
    ++walk.counts.ad_retries;
    return ++walk.retries < max_retries ? Step::again : fail(walk, TranslationOutcome::access_fault);
  }
  ++walk.counts.ad_updates;
  walk.result.leaf.dirty = dirty;
  walk.result.found = true;
  return Step::end;
}

Walker::Step Walker::fail(Walk& walk, TranslationOutcome fault) const {
  walk.result.outcome = fault;
  return Step::end;
}

void WalkerCounts::register_stats(StatGroup& group, bool walk_cache) const {
  group.add("walks", "walks", "page-table walks begun, those that set D included", &walks);
  group.add("reads", "accesses", "PTE reads that reached the bus", &reads);
  group.add("cycles", "cycles", "cycles of all walks, A/D updates included", &cycles);
  group.add("faults", "walks", "walks that ended in a page or access fault", &faults);
  group.add("levels", "levels", "levels walked: read, refused or skipped", &levels);
  group.add("refused", "accesses", "PTE reads refused by physical memory protection", &refused);
  group.add("skipped", "levels", "levels skipped by the walk cache", &skipped);
  group.add("ad_updates", "accesses", "PTEs whose A or D bit the walker set (Svadu)", &ad_updates);
  group.add("ad_retries", "accesses", "A/D updates that found the PTE changed", &ad_retries);
  group.add("updates_refused", "accesses", "A/D updates refused by physical memory protection",
            &updates_refused);
  group.add("dirty_walks", "walks", "walks for the first store to a page held clean (Svadu)", &dirty_walks);
  if (!walk_cache) return;
  group.add("pwc_lookups", "accesses", "look-ups in the walk cache", &pwc_lookups);
  group.add("pwc_hits", "accesses", "walk-cache look-ups that found a table", &pwc_hits);
  group.add("pwc_misses", "accesses", "walk-cache look-ups that found none", &pwc_misses);
}

}  // namespace memio
