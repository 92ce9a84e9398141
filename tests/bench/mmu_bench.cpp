// Host time of one translation: an L1 hit, an L2 hit, and a miss in both with a three-level Sv39 walk.
// The page tables are a flat map in which every leaf table is the same, so host caches stay warm and
// the figures are those of the MMU itself.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "mmu/mmu.h"

namespace {

using namespace memio;

constexpr std::uint64_t root = 0x80000000, middle = 0x80001000, last = 0x80002000;
constexpr std::uint64_t page = 4096;

// Every root entry points to `middle`, every middle entry to `last`, every leaf to one page.
class FlatTables final : public WalkMemory {
 public:
  WalkReply read_pte(std::uint64_t address, unsigned, Cycles now) override {
    WalkReply reply;
    const std::uint64_t table = address & ~(page - 1);
    reply.value = table == root     ? middle >> 2 | 1U
                  : table == middle ? last >> 2 | 1U
                                    : 0x90000000U >> 2 | 0xCFU;
    reply.done = now + 10;
    return reply;
  }
  WalkReply update_pte(std::uint64_t, unsigned, std::uint64_t, std::uint64_t, Cycles) override { return {}; }
};

TranslationContext sv39() {
  TranslationContext context;
  context.format = PageFormatId::sv39;
  context.root = root;
  context.privilege = Privilege::supervisor;
  return context;
}

// One new page per access, round robin over `pages`.
void translate(benchmark::State& state, const MmuConfig& config, std::uint64_t pages) {
  FlatTables memory;
  Mmu mmu(config, memory);
  const TranslationContext context = sv39();
  std::uint64_t number = 0;
  Cycles now = 0;
  for (auto _ : state) {
    const Translation t = mmu.translate(number * page, AccessKind::load, context, now);
    benchmark::DoNotOptimize(t.physical);
    now = t.done;
    if (++number == pages) number = 0;
  }
  state.SetItemsProcessed(state.iterations());
  const auto per_access = [&](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(mmu.dtlb().lookups);
  };
  state.counters["dtlb_misses"] = per_access(mmu.dtlb().misses);
  state.counters["walks"] = per_access(mmu.walker().walks);
}

MmuConfig with_policy(TlbPolicy policy) {
  MmuConfig config;
  config.dtlb.policy = config.l2tlb.policy = policy;
  return config;
}

void l1_hit(benchmark::State& state) { translate(state, {}, 16); }
void l2_hit(benchmark::State& state) { translate(state, {}, 256); }
void walk_lru(benchmark::State& state) { translate(state, with_policy(TlbPolicy::lru), 65536); }
void walk_plru(benchmark::State& state) { translate(state, with_policy(TlbPolicy::plru), 65536); }
void walk_fifo(benchmark::State& state) { translate(state, with_policy(TlbPolicy::fifo), 65536); }
void walk_nru(benchmark::State& state) { translate(state, with_policy(TlbPolicy::nru), 65536); }
void walk_random(benchmark::State& state) { translate(state, with_policy(TlbPolicy::random), 65536); }
void walk_large_lru(benchmark::State& state) {
  MmuConfig config;
  config.dtlb.entries = 1024;
  config.l2tlb = {4096, 0, TlbPolicy::lru, 4, 1};
  translate(state, config, 65536);
}
void walk_with_walk_cache(benchmark::State& state) {
  MmuConfig config;
  config.pwc_entries = 16;
  translate(state, config, 65536);
}

BENCHMARK(l1_hit);
BENCHMARK(l2_hit);
BENCHMARK(walk_lru);
BENCHMARK(walk_plru);
BENCHMARK(walk_fifo);
BENCHMARK(walk_nru);
BENCHMARK(walk_random);
BENCHMARK(walk_large_lru);
BENCHMARK(walk_with_walk_cache);

}  // namespace

BENCHMARK_MAIN();
