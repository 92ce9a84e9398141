// The entries of the option table, a file a group. Latencies are in cycles of the system clock
// (cpu.frequency); docs/timing.md says where each is charged.
#pragma once

#include "platform/option_table.h"

namespace memio {

using OptionGroup = std::vector<OptionSpec>;

OptionGroup run_options();
OptionGroup trace_options();
OptionGroup cpu_options();
OptionGroup timing_options();
OptionGroup mmu_options();
OptionGroup cache_options();
OptionGroup bus_options();
OptionGroup memory_options();
OptionGroup machine_options();
OptionGroup dma_options();
OptionGroup virtio_options();
OptionGroup accelerator_options();
OptionGroup pcie_options();
OptionGroup map_options();

inline constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t max_latency = 1'000'000;
inline constexpr std::uint64_t one_second = 1'000'000'000'000;  ///< picoseconds

inline OptionSpec latency_option(std::string key, const char* cycles, std::string text) {
  return {std::move(key), OptionType::number, cycles, "cycles", std::move(text), {}, 0, max_latency};
}

inline OptionSpec toggle_option(std::string key, const char* value, std::string text) {
  return {std::move(key), OptionType::toggle, value, "", std::move(text)};
}

inline OptionSpec text_option(std::string key, const char* value, std::string text) {
  return {std::move(key), OptionType::text, value, "", std::move(text)};
}

/// `choices`: the words that are no name, the default first; "-" is standard output.
inline OptionSpec file_option(std::string key, std::vector<std::string> choices, std::string text) {
  return {std::move(key), OptionType::file, choices.front(), "", std::move(text), std::move(choices)};
}

inline OptionSpec power_of_two(OptionSpec spec) {
  spec.power_of_two = true;
  return spec;
}

inline OptionSpec multiple_of(std::uint64_t step, OptionSpec spec) {
  spec.step = step;
  return spec;
}

inline OptionSpec needing(std::vector<std::string> keys, OptionSpec spec) {
  spec.needs = std::move(keys);
  return spec;
}

inline OptionSpec unless(std::string key, OptionSpec spec) {
  spec.unless = std::move(key);
  return spec;
}

/// The options of a TLB, keys `key.entries` and so on; `entries_alias` is the short form of the first.
void add_tlb_options(OptionGroup& table, const std::string& key, const std::string& name, const char* entries,
                     const char* ways, const char* hit_latency, const char* seed, bool may_be_absent,
                     const std::string& entries_alias);

}  // namespace memio
