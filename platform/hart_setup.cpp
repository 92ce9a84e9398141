// Options of the groups cpu, timing, mmu and host, as the hart wants them; see hart_setup.h.
#include "platform/hart_setup.h"

#include <fmt/format.h>

#include "platform/errors.h"

namespace memio {
namespace {

MmuConfig configure_mmu(const Options& options) {
  MmuConfig mmu;
  mmu.itlb = configure_tlb(options, "mmu.itlb");
  mmu.dtlb = configure_tlb(options, "mmu.dtlb");
  mmu.l2tlb = configure_tlb(options, "mmu.l2tlb");
  mmu.pwc_entries = options.small_number("mmu.pwc.entries");
  mmu.pwc_hit_latency = options.number("mmu.pwc.hit-latency");
  mmu.walk_step_latency = options.number("mmu.walk-step-latency");
  return mmu;
}

CacheConfig configure_cache(const Options& options, const std::string& key) {
  CacheConfig cache;
  cache.size = options.number(key + ".size");
  cache.ways = options.small_number(key + ".ways");
  cache.line = static_cast<unsigned>(std::stoul(options.text(key + ".line")));
  const std::uint64_t lines = cache.size / cache.line;
  if (cache.size % cache.line != 0 || lines > 1u << 24)
    throw ConfigError(bad_value(
        options.value(key + ".size"),
        fmt::format("a multiple of {}.line, which is {}, up to 2^24 lines, or 0", key, cache.line)));
  if (lines != 0 && cache.ways != 0 && lines % cache.ways != 0)
    throw ConfigError(bad_value(options.value(key + ".ways"),
                                fmt::format("a divisor of the {} lines of {}, or 0", lines, key)));
  // Ways are searched one by one.
  if (lines > 65536 && cache.ways == 0)
    throw ConfigError(bad_value(
        options.value(key + ".ways"),
        fmt::format("from 1 to 65536, since the {} lines of {} are too many for one set", lines, key)));
  cache.policy = static_cast<ReplacementPolicy>(options.number(key + ".policy"));
  cache.seed = options.number(key + ".seed");
  cache.hit_latency = options.number(key + ".hit-latency");
  cache.miss_latency = options.number(key + ".miss-latency");
  return cache;
}

CacheHierarchyConfig configure_caches(const Options& options) {
  CacheHierarchyConfig caches;
  const auto first_level = [&](const std::string& key) {
    CacheConfig cache = configure_cache(options, key);
    cache.replay_latency = options.number(key + ".replay-latency");
    cache.restart = static_cast<Restart>(options.number(key + ".restart"));
    return cache;
  };
  caches.l1i = first_level("cache.l1i");
  caches.l1i.next_line = options.text("cache.l1i.prefetch") == "next-line";
  caches.l1d = first_level("cache.l1d");
  caches.l1d.write_back = options.text("cache.l1d.write") == "back";
  caches.l1d.write_allocate = options.is_on("cache.l1d.write-allocate");
  caches.l1d.mshrs = options.small_number("cache.l1d.mshrs");
  caches.l1d.store_buffer = options.small_number("cache.l1d.store-buffer");
  caches.l1d.collision_window = options.number("cache.l1d.collision-window");
  caches.l1d.collision_latency = options.number("cache.l1d.collision-latency");
  caches.l2 = configure_cache(options, "cache.l2");
  if (caches.l2.size) {
    if (!caches.l1i.size || !caches.l1d.size)
      throw ConfigError(
          bad_value(options.value("cache.l2.size"), "0 unless cache.l1i.size and cache.l1d.size are given"));
    if (caches.l1i.line != caches.l2.line || caches.l1d.line != caches.l2.line)
      throw ConfigError(
          bad_value(options.value("cache.l2.line"), "the same as cache.l1i.line and cache.l1d.line"));
  }
  caches.write_buffer = options.small_number("cache.write-buffer.entries");
  caches.write_buffer_release = options.number("cache.write-buffer.release-latency");
  caches.walker = static_cast<WalkerPath>(options.number("cache.walker"));
  caches.beat_bytes = options.small_number("bus.width");
  caches.beat_cycles = options.latency("bus.beat");
  return caches;
}

/// A class by its options timing.NAME and timing.NAME-latency; of a class without results only the first.
riscv::ClassCost configure_class(const Options& options, const std::string& name, bool has_result = true) {
  const std::string key = "timing." + name;
  return {options.number(key), has_result ? options.number(key + "-latency") : 0};
}

riscv::InstructionTiming configure_timing(const Options& options) {
  riscv::InstructionTiming timing;
  timing.alu = configure_class(options, "alu");
  timing.shift = configure_class(options, "shift");
  timing.bitmanip = configure_class(options, "bitmanip");
  timing.mul = configure_class(options, "mul");
  timing.mulh = configure_class(options, "mulh");
  timing.clmul = configure_class(options, "clmul");
  timing.div = configure_class(options, "div");
  timing.division = static_cast<riscv::Division>(options.number("timing.div-data"));
  timing.division_bits = options.small_number("timing.div-bits");
  timing.fp_move = configure_class(options, "fp-move");
  timing.fp_compare = configure_class(options, "fp-compare");
  timing.fp_convert = configure_class(options, "fp-convert");
  timing.fp_add = configure_class(options, "fp-add");
  timing.fp_mul = configure_class(options, "fp-mul");
  timing.fp_fma = configure_class(options, "fp-fma");
  timing.fp_div = configure_class(options, "fp-div");
  timing.fp_div_double = configure_class(options, "fp-div-double");
  timing.fp_sqrt = configure_class(options, "fp-sqrt");
  timing.fp_sqrt_double = configure_class(options, "fp-sqrt-double");
  timing.load = configure_class(options, "load");
  timing.narrow_load = {timing.load.cycles, options.number("timing.load-narrow-latency")};
  timing.store = configure_class(options, "store", false);
  timing.branch = configure_class(options, "branch", false);
  timing.branch_taken = options.number("timing.branch-taken");
  timing.jump = configure_class(options, "jump");
  timing.amo = configure_class(options, "amo");
  timing.lrsc = configure_class(options, "lrsc");
  timing.csr = configure_class(options, "csr");
  timing.system = configure_class(options, "system", false);
  timing.fence = configure_class(options, "fence", false);
  timing.port = configure_class(options, "port");
  timing.serialise = options.is_on("timing.serialise");
  timing.jal_redirect = options.number("timing.jal-redirect");
  timing.jalr_redirect = options.number("timing.jalr-redirect");
  timing.early_redirect = options.number("timing.early-redirect");
  timing.mispredict = options.number("timing.mispredict");
  timing.wrong_path = options.small_number("timing.wrong-path-words");
  timing.fetch_width = static_cast<unsigned>(std::stoul(options.text("timing.fetch-width")));
  timing.reset = options.number("timing.reset");
  timing.trap = options.number("timing.trap");
  return timing;
}

riscv::PredictorConfig configure_predictor(const Options& options) {
  riscv::PredictorConfig predictor;
  predictor.kind = static_cast<riscv::PredictorKind>(options.number("timing.predictor"));
  predictor.entries = options.small_number("timing.predictor-entries");
  predictor.history_bits = options.small_number("timing.history-bits");
  predictor.btb_entries = options.small_number("timing.btb-entries");
  predictor.btb_ways = options.small_number("timing.btb-ways");
  if (predictor.btb_ways && predictor.btb_entries % predictor.btb_ways)
    throw ConfigError(
        bad_value(options.value("timing.btb-ways"),
                  fmt::format("a divisor of timing.btb-entries, which is {}, or 0", predictor.btb_entries)));
  predictor.return_depth = options.small_number("timing.return-stack");
  return predictor;
}

PageFormatId largest_format(const std::string& mmu) {
  if (mmu == "sv32") return PageFormatId::sv32;
  if (mmu == "sv39") return PageFormatId::sv39;
  if (mmu == "sv48") return PageFormatId::sv48;
  if (mmu == "sv57") return PageFormatId::sv57;
  return PageFormatId::bare;
}

}  // namespace

TlbConfig configure_tlb(const Options& options, const std::string& key) {
  TlbConfig tlb;
  tlb.entries = options.small_number(key + ".entries");
  tlb.ways = options.small_number(key + ".ways");
  if (tlb.entries != 0 && tlb.ways != 0 && tlb.entries % tlb.ways != 0)
    throw ConfigError(bad_value(options.value(key + ".ways"),
                                fmt::format("a divisor of {}.entries, which is {}, or 0", key, tlb.entries)));
  tlb.policy = static_cast<TlbPolicy>(options.number(key + ".policy"));
  tlb.hit_latency = options.number(key + ".hit-latency");
  tlb.seed = options.number(key + ".seed");
  if (key != "mmu.l2tlb") tlb.miss_latency = options.number(key + ".miss-latency");
  return tlb;
}

riscv::HartConfig configure_hart(const MachineDescription& machine, const Options& options,
                                 std::uint64_t reset_vector) {
  riscv::HartConfig hart;
  hart.isa = riscv::parse_isa(machine.isa);
  hart.has_mmu = machine.mmu != "none";
  hart.largest_format = largest_format(machine.mmu);
  hart.asid_bits = options.small_number("cpu.asid-bits");
  hart.pmp_regions = options.small_number("cpu.pmp-regions");
  hart.triggers = options.small_number("cpu.triggers");
  hart.port_space = machine.port_instructions;
  hart.misaligned =
      options.text("cpu.misaligned") == "trap" ? riscv::Misaligned::trap : riscv::Misaligned::hardware;
  hart.bus_ports = static_cast<riscv::BusPorts>(options.number("cpu.bus-ports"));
  if (machine.ram_alias) hart.alias = {*machine.ram_alias, machine.ram_size, machine.ram_base};
  hart.reset_vector = reset_vector;
  hart.functional = options.text("timing") == "functional";
  hart.at = options.text("timing") == "at";
  hart.timing = configure_timing(options);
  hart.predictor = configure_predictor(options);
  hart.mmu = configure_mmu(options);
  hart.caches = configure_caches(options);
  hart.engine = options.text("cpu.engine") == "reference" ? riscv::Engine::reference : riscv::Engine::fast;
  hart.use_dmi = options.is_on("host.dmi");
  hart.drop_caches_every = options.number("host.drop-caches");
  hart.drop_caches_seed = options.number("host.drop-caches-seed");
  return hart;
}

}  // namespace memio
