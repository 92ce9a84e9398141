// Statistics and inspection of a hart.
#include <cstring>

#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

/// Moves what the fast engine counted through a grant to where the reference engine counts it.
template <class U>
void HartImpl<U>::settle_grant(GrantRecord& record) {
  Route& route = *record.grant.route;
  for (FastCounts* counts : {&record.translated, &record.bare}) {
    std::uint64_t loads = 0, stores = 0;
    Cycles data_cycles = 0;
    for (unsigned i = 0; i < 4; ++i) {
      data_cycles += counts->loads[i] * route.cost(false, 1u << i);
      data_cycles += counts->stores[i] * route.cost(true, 1u << i);
      route.counts().reads[static_cast<unsigned>(AccessKind::load)][i] += counts->loads[i];
      route.counts().writes[static_cast<unsigned>(AccessKind::store)][i] += counts->stores[i];
      loads += counts->loads[i];
      stores += counts->stores[i];
      if (caches_) caches_->book_uncached(1u << i, counts->loads[i], counts->stores[i]);
      counts->loads[i] = counts->stores[i] = 0;
    }
    if (caches_) caches_->book_uncached(config_.timing.fetch_width, counts->fetches, 0);
    route.count(AccessKind::fetch, false, config_.timing.fetch_width, counts->fetches);
    const Cycles fetch_cycles = counts->fetches * route.cost(false, config_.timing.fetch_width);
    counts->fetches = 0;
    if (config_.functional) continue;
    route.counts().busy_cycles += fetch_cycles + data_cycles;
    stack_.fetch += fetch_cycles;
    stack_.memory += data_cycles;
    if (counts == &record.translated) stack_.dtlb_lookup += (loads + stores) * config_.mmu.dtlb.hit_latency;
  }
}

template <class U>
void HartImpl<U>::settle() {
  for (auto* const records : {&grants_, &revoked_})
    for (GrantRecord& record : *records) settle_grant(record);
  settle_caches();
  if (config_.engine == Engine::fast && mmu_.has_tlbs()) {
    mmu_.itlb().settle();
    mmu_.dtlb().settle();
  }
}

template <class U>
void HartImpl<U>::settle_caches() {
  for (FastCounts* counts : {&cached_translated_, &cached_bare_}) {
    std::uint64_t loads = 0, stores = 0;
    for (unsigned i = 0; i < 4; ++i) {
      loads += counts->loads[i];
      stores += counts->stores[i];
      counts->loads[i] = counts->stores[i] = 0;
    }
    if (l1d_) {
      l1d_->book_hits(AccessKind::load, loads);
      l1d_->book_hits(AccessKind::store, stores);
      stack_.dcache += (loads + stores) * l1d_->config().hit_latency;
      if (counts == &cached_translated_)
        stack_.dtlb_lookup += (loads + stores) * config_.mmu.dtlb.hit_latency;
    }
    if (l1i_) {
      l1i_->book_hits(AccessKind::fetch, counts->fetches);
      stack_.icache += counts->fetches * l1i_->config().hit_latency;
    }
    counts->fetches = 0;
  }
}

template <class U>
void HartImpl<U>::register_stats(StatGroup& group) const {
  group.add("instructions", "instructions", "instructions retired", &retired_);
  group.add("cycles", "cycles", "cycles of the system clock since the start, idle ones included", &now_);
  group.add("traps", "traps", "traps taken: exceptions and interrupts", &last_trap_.taken);
  group.add("interrupts", "traps", "interrupts taken", &interrupts_);
  StatGroup& stack = group.child("cycle_stack", "where the cycles went; the components add up to cycles");
  stack.add("base", "cycles", "instruction classes", &stack_.base);
  stack.add("operand", "cycles", "waiting for results of earlier instructions", &stack_.operand);
  stack.add("branch", "cycles", "taken and mispredicted branches, redirected jumps", &stack_.branch);
  stack.add("trap", "cycles", "entry into trap handlers", &stack_.trap);
  stack.add("fetch", "cycles", "bus and memory, for instruction words", &stack_.fetch);
  stack.add("memory", "cycles", "bus and memory, for loads, stores and atomics", &stack_.memory);
  if (mmu_.has_tlbs()) {
    stack.add("itlb_lookup", "cycles", "ITLB and L2 TLB look-ups of fetches", &stack_.itlb_lookup);
    stack.add("itlb_walk", "cycles", "page-table walks of fetches", &stack_.itlb_walk);
    stack.add("dtlb_lookup", "cycles", "DTLB and L2 TLB look-ups of data accesses", &stack_.dtlb_lookup);
    stack.add("dtlb_walk", "cycles", "page-table walks of data accesses", &stack_.dtlb_walk);
  }
  if (l1i_) stack.add("icache", "cycles", "instruction cache look-ups and misses", &stack_.icache);
  if (l1d_) {
    stack.add("dcache", "cycles", "data cache look-ups and misses", &stack_.dcache);
    stack.add("store", "cycles", "waiting for room in store and write buffers, and for both to drain",
              &stack_.store);
  }
  stack.add("bus_wait", "cycles", "waiting for a target that another initiator keeps busy", &stack_.bus_wait);
  stack.add("device", "cycles", "accesses to devices, in both address spaces", &stack_.device);
  stack.add("idle", "cycles", "waiting for an interrupt", &stack_.idle);
  if (config_.timing.reset) stack.add("reset", "cycles", "from a reset to the first fetch", &stack_.reset);
  if (predictor_) predictor_->register_stats(group.child("branch", "prediction of branches"));
  if (mmu_.has_tlbs()) mmu_.register_stats(group.child("mmu", "translation"));
  if (caches_) caches_->register_stats(group);
}

template <class U>
void HartImpl<U>::register_host_stats(StatGroup& group) const {
  group.add("blocks_run", "blocks", "decoded blocks entered by the fast engine", &blocks_run_);
  group.add("steps", "instructions", "instructions run by the reference path", &steps_);
  group.add("code_pages_built", "pages", "pages of decoded code made", &code_.builds);
  group.add("code_invalidations", "pages", "pages of decoded code dropped by a write", &code_.invalidations);
  group.add("cache_drops", "drops", "times that all host caches were dropped", &cache_drops_);
}

template <class U>
std::optional<std::uint64_t> HartImpl<U>::csr(unsigned number) const {
  if (!csr_exists(number)) return std::nullopt;
  return read_csr(number);
}

template <class U>
std::optional<std::uint64_t> HartImpl<U>::debug_translate(std::uint64_t va) const {
  if (data_context_.format == PageFormatId::bare) return va;
  return mmu_.debug_translate(static_cast<U>(va), data_context_,
                              [this](std::uint64_t address, unsigned size) -> std::optional<std::uint64_t> {
                                for (const GrantRecord& record : grants_) {
                                  if (!record.grant.covers(address, size)) continue;
                                  std::uint64_t value = 0;
                                  std::memcpy(&value, record.grant.host + (address - record.grant.first),
                                              size);
                                  return value;
                                }
                                return std::nullopt;
                              });
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
