// Configurations of harts at random, the same for a seed: small units, so that everything in them happens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

#include "cpu/riscv/hart_config.h"

namespace memio::test {

/// Small caches of any shape and kind; not every combination has all three.
inline CacheHierarchyConfig random_caches(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&random](unsigned end) { return static_cast<unsigned>(random() % end); };
  const unsigned line = 16u << below(4);
  const auto cache = [&](unsigned most_sets) {
    CacheConfig c;
    c.ways = 1 + below(4);
    c.line = line;
    c.size = std::uint64_t{line} * c.ways * (1 + below(most_sets));
    c.policy = static_cast<ReplacementPolicy>(below(5));
    c.hit_latency = below(3) ? 0 : below(3);
    c.miss_latency = below(4);
    c.replay_latency = below(3);
    c.restart = static_cast<Restart>(below(3));
    return c;
  };
  CacheHierarchyConfig caches;
  const unsigned which = below(6);  // 0: only L1I, 1: only L1D
  if (which != 1) caches.l1i = cache(20);
  if (which != 0) caches.l1d = cache(12);
  if (which >= 4) caches.l2 = cache(60);
  caches.l1i.next_line = below(2) != 0;
  caches.l1d.write_back = below(3) != 0;
  caches.l1d.write_allocate = below(3) != 0;
  caches.l1d.store_buffer = below(2) * below(4);
  caches.l1d.mshrs = below(2) * below(4);
  caches.l1d.collision_window = below(2) * below(5);
  caches.l1d.collision_latency = below(7);
  caches.write_buffer = below(5);
  caches.write_buffer_release = below(2);
  caches.walker = static_cast<WalkerPath>(below(3));
  return caches;
}

inline riscv::HartConfig small_tlbs(unsigned seed) {
  riscv::HartConfig config;
  config.mmu.itlb = {2 + seed % 3, 0, static_cast<TlbPolicy>(seed % 5), seed % 2, 1};
  config.mmu.dtlb = {4 + seed % 2, 0, static_cast<TlbPolicy>((seed / 5) % 5), seed % 3, 2};
  config.mmu.l2tlb = {8, 2, TlbPolicy::lru, 3, 3};
  config.mmu.pwc_entries = seed % 4;
  config.isa.svadu = seed % 2 != 0;
  config.isa.f = config.isa.d = config.isa.zfh = seed / 2 % 2 != 0;
  config.isa.svnapot = config.isa.svinval = config.isa.sstc = seed % 4 < 2;
  config.isa.sscofpmf = seed % 3 == 1;
  config.misaligned = seed % 3 ? riscv::Misaligned::hardware : riscv::Misaligned::trap;
  config.isa.zba = config.isa.zbb = config.isa.zbc = config.isa.zbs = config.isa.zicond = seed % 8 != 7;
  return config;
}

/// Each class occupies the pipeline for 0 to 3 cycles and has a latency of 1 to 8.
inline void randomise_timing(riscv::HartConfig& config, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&random](unsigned end) { return static_cast<unsigned>(random() % end); };
  riscv::InstructionTiming& t = config.timing;
  for (riscv::ClassCost* cost :
       {&t.alu,    &t.shift,  &t.bitmanip,    &t.mul,           &t.mulh,       &t.clmul,
        &t.div,    &t.load,   &t.narrow_load, &t.jump,          &t.amo,        &t.lrsc,
        &t.csr,    &t.port,   &t.fp_move,     &t.fp_compare,    &t.fp_convert, &t.fp_add,
        &t.fp_mul, &t.fp_fma, &t.fp_div,      &t.fp_div_double, &t.fp_sqrt,    &t.fp_sqrt_double})
    *cost = {below(4), 1 + below(8)};
  for (riscv::ClassCost* cost : {&t.store, &t.branch, &t.system, &t.fence}) cost->cycles = 1 + below(3);
  t.division = static_cast<riscv::Division>(below(3));
  t.division_bits = 1 + below(4);
  t.serialise = below(2) != 0;
  t.fetch_width = 4u << below(3);
  for (Cycles* cost : {&t.branch_taken, &t.jal_redirect, &t.jalr_redirect, &t.early_redirect, &t.mispredict})
    *cost = below(5);
  config.predictor = {static_cast<riscv::PredictorKind>(below(4)), 1u << below(8), below(9)};
  config.predictor.btb_ways = below(3);
  config.predictor.btb_entries = std::max(1u, config.predictor.btb_ways) * below(5);
  config.predictor.return_depth = below(4);
  t.wrong_path = below(4);
}

}  // namespace memio::test
