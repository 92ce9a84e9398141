// The entries of the option table, by group. Latencies are in cycles of the system clock
// (cpu.frequency); docs/timing.md says where each is charged.
#include "platform/option_table.h"

#include <fmt/format.h>

#include <iterator>

#include "platform/device_kinds.h"

namespace memio {
namespace {

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t max_latency = 1'000'000;
constexpr std::uint64_t second = 1'000'000'000'000;  // picoseconds
using Table = std::vector<OptionSpec>;

OptionSpec latency(std::string key, const char* cycles, std::string text) {
  return {std::move(key), OptionType::number, cycles, "cycles", std::move(text), {}, 0, max_latency};
}

OptionSpec toggle(std::string key, const char* value, std::string text) {
  return {std::move(key), OptionType::toggle, value, "", std::move(text)};
}

OptionSpec file(std::string key, const char* value, std::string text) {
  return {std::move(key), OptionType::text, value, "", std::move(text)};
}

Table run_options() {
  return {
      {"timing",
       OptionType::choice,
       "lt",
       "",
       "Timing mode: functional (an instruction is a cycle, no TLB objects) or loosely timed",
       {"functional", "lt"}},
      {"quantum",
       OptionType::time,
       "10us",
       "time",
       "Longest time a hart runs ahead of the rest; with one hart no figure depends on it",
       {},
       1,
       second},
      {"max-instructions", OptionType::number, "0", "instructions",
       "The run ends with status 124 after so many instructions; 0: no limit"},
      {"max-sim-time", OptionType::time, "0ns", "time",
       "The run ends with status 124 once this modelled time is reached; 0: no limit"},
      file("console", "stdio", "Console of the first serial port: stdio, none or file:OUT[,IN]"),
      {"console.eof",
       OptionType::choice,
       "eot",
       "",
       "What the guest reads once the console's input has ended: one EOT character (Ctrl-D), or nothing",
       {"eot", "none"}},
      file(
          "bios", "default",
          "Firmware, an ELF file or a raw image for the start of RAM; default: built with memio; none: enter "
          "the kernel at reset"),
      file("kernel", "default", "Kernel, an ELF file or a raw image; default: built with memio; none"),
      file("initrd", "default", "Initial RAM disk; default: built with memio if the kernel is; none"),
      file("append", "", "Command line given to the kernel"),
      file("stats", "", "File for the statistics (JSON); docs/statistics.md has the schema"),
      file("report", "", "File for the text report; - is standard output"),
      file(
          "memory-image", "",
          "File for the contents of RAM at the end of the run, however it ends: raw, with holes for pages of "
          "zeroes; its first byte is that at ram.base"),
      file("vcd", "", "File for the waveform (VCD)"),
      file("vcd-scope", "all", "What goes into the waveform: all, or some of cpu,mmu,bus,irq"),
      {"vcd-start", OptionType::time, "0ns", "time", "Modelled time at which the waveform begins"},
      {"vcd-stop", OptionType::time, "0ns", "time", "Modelled time at which the waveform ends; 0: never"},
  };
}

Table cpu_options() {
  return {
      {"cpu.isa", OptionType::isa, "rv64imac", "",
       "Instruction set; _svpbmt adds memory types in page tables"},
      {"cpu.engine",
       OptionType::choice,
       "fast",
       "",
       "How instructions are executed: one at a time, or as decoded blocks; no figure depends on it",
       {"reference", "fast"},
       0,
       any,
       "engine"},
      {"cpu.frequency",
       OptionType::frequency,
       "1GHz",
       "",
       "System clock; its period must be a whole number of picoseconds",
       {},
       1'000'000,
       second},
      {"cpu.mmu",
       OptionType::choice,
       "auto",
       "",
       "Largest virtual-memory scheme; auto: sv32 or sv57 by the register width",
       {"auto", "none", "sv32", "sv39", "sv48", "sv57"}},
      {"cpu.misaligned",
       OptionType::choice,
       "hardware",
       "",
       "Misaligned loads and stores: done by the hart, or a trap",
       {"hardware", "trap"}},
      {"cpu.pmp-regions",
       OptionType::number,
       "16",
       "regions",
       "Physical memory protection entries",
       {},
       0,
       16},
      {"cpu.asid-bits",
       OptionType::number,
       "16",
       "bits",
       "Address-space identifiers: bits of satp.ASID (at most 9 on rv32)",
       {},
       0,
       16},
      toggle("cpu.port-instructions", "on", "Whether the hart has in and out (custom-0)"),
  };
}

Table timing_options() {
  return {
      latency("timing.alu", "1", "Integer operation"),
      latency("timing.mul", "3", "Multiplication"),
      latency("timing.div", "20", "Division"),
      latency("timing.load", "1", "Load, beside its memory access"),
      latency("timing.store", "1", "Store, beside its memory access"),
      latency("timing.branch", "1", "Conditional branch"),
      latency("timing.branch-taken", "2", "Taken conditional branch, in addition"),
      latency("timing.jump", "2", "Unconditional jump"),
      latency("timing.amo", "2", "Atomic operation, beside its memory accesses"),
      latency("timing.csr", "1", "CSR access"),
      latency("timing.system", "2", "ecall, ebreak, xret, wfi, sfence.vma"),
      latency("timing.fence", "2", "fence and fence.i"),
      latency("timing.port", "1", "in and out, beside the port access"),
      latency("timing.trap", "4", "Entry to a trap handler"),
  };
}

void add_tlb(Table& table, const std::string& key, const std::string& name, const char* entries,
             const char* ways, const char* hit, const char* seed) {
  table.push_back({"mmu." + key + ".entries",
                   OptionType::number,
                   entries,
                   "entries",
                   name + ": number of entries" + (key == "l2tlb" ? "; 0: none" : ""),
                   {},
                   key == "l2tlb" ? 0u : 1u,
                   65536,
                   key + "-entries"});
  table.push_back({"mmu." + key + ".ways",
                   OptionType::number,
                   ways,
                   "ways",
                   name + ": ways of a set, a divisor of the entries; 0: fully associative",
                   {},
                   0,
                   65536});
  table.push_back({"mmu." + key + ".policy",
                   OptionType::choice,
                   "lru",
                   "",
                   name + ": replacement policy",
                   {"lru", "plru", "fifo", "nru", "random"}});
  table.push_back(latency("mmu." + key + ".hit-latency", hit, name + ": cycles of a look-up"));
  table.push_back(
      {"mmu." + key + ".seed", OptionType::number, seed, "", name + ": seed of the random policy"});
}

Table mmu_options() {
  Table table;
  add_tlb(table, "itlb", "Instruction TLB", "32", "0", "0", "1");
  add_tlb(table, "dtlb", "Data TLB", "32", "0", "0", "2");
  add_tlb(table, "l2tlb", "Unified second-level TLB", "512", "4", "4", "3");
  table.push_back({"mmu.ad",
                   OptionType::choice,
                   "svade",
                   "",
                   "Accessed and dirty bits: by page faults (svade) or by the walker (svadu)",
                   {"svade", "svadu"}});
  table.push_back({"mmu.pwc.entries",
                   OptionType::number,
                   "0",
                   "entries",
                   "Page-walk cache: number of entries; 0: none",
                   {},
                   0,
                   65536});
  table.push_back(latency("mmu.pwc.hit-latency", "1", "Page-walk cache: cycles of a hit"));
  table.push_back(latency("mmu.walk-step-latency", "1", "Walker: cycles of a level, beside the PTE read"));
  return table;
}

Table bus_options() {
  return {
      latency("bus.hop", "1", "Crossing the bus, once a transaction"),
      latency("bus.beat", "1", "Each further 8 bytes of a longer transfer"),
      {"bus.arbitration",
       OptionType::choice,
       "fixed",
       "",
       "Order of requests at equal times",
       {"fixed", "round-robin"}},
      latency("ram.read-latency", "3", "RAM: cycles of a read"),
      latency("ram.write-latency", "3", "RAM: cycles of a write"),
      latency("rom.read-latency", "2", "Boot ROM: cycles of a read"),
      {"ram.base", OptionType::number, fmt::format("{:#x}", default_ram_base), "", "RAM: physical address"},
      {"ram.size", OptionType::size, "256M", "bytes", "RAM: size, a multiple of 4K", {}, 4096, 1ull << 50},
  };
}

Table machine_options() {
  return {
      toggle("machine.port-space", "on", "Whether the machine has port space, its devices and the window"),
      {"rtc.epoch",
       OptionType::number,
       "1735689600",
       "seconds",
       "Time of day at the start of the run, since 1970 (default: 2025-01-01 00:00:00 UTC)",
       {},
       0,
       4102444800},
      toggle("host.dmi", "on", "Move data by direct memory access; no figure depends on it"),
      {"host.drop-caches",
       OptionType::number,
       "0",
       "instructions",
       "Mean distance of random drops of the host's caches, for tests; 0: never; no figure depends on it",
       {},
       0,
       1'000'000'000},
      {"host.drop-caches-seed", OptionType::number, "1", "", "Seed of the drops"},
  };
}

void add_device(Table& table, const DefaultDevice& device) {
  const std::string prefix = "map." + device.name + ".";
  const std::string what = fmt::format("{}, {}", device.name, info(device.kind).text);
  table.push_back(toggle(prefix + "enable", "on", what));
  table.push_back({prefix + "base", OptionType::number, fmt::format("{:#x}", device.base), "",
                   device.space == Space::port ? "Its first port" : "Its physical address"});
  if (info(device.kind).interrupts)
    table.push_back({prefix + "irq",
                     OptionType::number,
                     std::to_string(device.irq),
                     "",
                     "Its interrupt source at the PLIC; 0: none",
                     {},
                     0,
                     95});
  if (device.kind != DeviceKind::boot_rom && device.kind != DeviceKind::port_window)
    table.push_back(latency(prefix + "latency", "10", "Its access latency"));
}

Table map_options() {
  Table table;
  for (const auto& device : default_devices()) add_device(table, device);
  table.push_back(latency("map.ports.latency", "4", "Access latency of the window, beside the port's"));
  table.push_back(
      {"map.<device>.kind", OptionType::choice, "", "", "A further device: its kind", device_kind_names()});
  table.push_back({"map.<device>.space",
                   OptionType::choice,
                   "memory",
                   "",
                   "The space a further device is attached in",
                   {"memory", "port"}});
  table.push_back({"map.<device>.base", OptionType::number, "", "", "Its first address or port"});
  table.push_back({"map.<device>.irq",
                   OptionType::number,
                   "0",
                   "",
                   "Its interrupt source at the PLIC; 0: none",
                   {},
                   0,
                   95});
  table.push_back(latency("map.<device>.latency", "10", "Its access latency"));
  table.push_back(toggle("map.<device>.enable", "on", "Whether it is there"));
  return table;
}

Table make_table() {
  Table table;
  for (auto&& part : {run_options(), cpu_options(), timing_options(), mmu_options(), bus_options(),
                      machine_options(), map_options()})
    table.insert(table.end(), part.begin(), part.end());
  return table;
}

}  // namespace

const std::vector<OptionSpec>& option_table() {
  static const Table table = make_table();
  return table;
}

std::string allowed_values(const OptionSpec& spec) {
  if (spec.type == OptionType::choice) return fmt::format("{}", fmt::join(spec.choices, ", "));
  const bool bounded = spec.min != 0 || spec.max != any;
  if (!bounded) return std::string(describe(spec.type));
  const auto bound = [&](std::uint64_t value) {
    if (spec.type == OptionType::size) return format_size(value);
    if (spec.type == OptionType::time) return format_time(value);
    if (spec.type == OptionType::frequency) return format_frequency(value);
    return std::to_string(value);
  };
  return fmt::format("{}, from {} to {}", describe(spec.type), bound(spec.min), bound(spec.max));
}

bool matches_pattern(const std::string& pattern, const std::string& key) {
  const std::size_t open = pattern.find('<'), close = pattern.find('>');
  if (open == std::string::npos) return pattern == key;
  const std::size_t tail = pattern.size() - close - 1;
  if (key.size() <= open + tail || key.compare(0, open, pattern, 0, open) != 0 ||
      key.compare(key.size() - tail, tail, pattern, close + 1, tail) != 0)
    return false;
  return key.find('.', open) == key.size() - tail;
}

}  // namespace memio
