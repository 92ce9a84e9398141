// The option table put together from its groups; see option_groups.h.
#include "platform/option_table.h"

#include <fmt/format.h>

#include <iterator>

#include "platform/option_groups.h"

namespace memio {
namespace {

std::vector<OptionSpec> make_table() {
  std::vector<OptionSpec> table;
  for (auto&& part : {run_options(), trace_options(), cpu_options(), timing_options(), mmu_options(),
                      cache_options(), bus_options(), memory_options(), machine_options(), dma_options(),
                      virtio_options(), accelerator_options(), pcie_options(), map_options()})
    table.insert(table.end(), part.begin(), part.end());
  return table;
}

}  // namespace

const std::vector<OptionSpec>& option_table() {
  static const std::vector<OptionSpec> table = make_table();
  return table;
}

std::string allowed_values(const OptionSpec& spec) {
  if (spec.type == OptionType::choice) return fmt::format("{}", fmt::join(spec.choices, ", "));
  if (spec.type == OptionType::file)
    return fmt::format("{}, {}", describe(spec.type), fmt::join(spec.choices, ", "));
  std::string text(describe(spec.type));
  const auto bound = [&](std::uint64_t value) {
    if (spec.type == OptionType::size) return format_size(value);
    if (spec.type == OptionType::time) return format_time(value);
    if (spec.type == OptionType::frequency) return format_frequency(value);
    return std::to_string(value);
  };
  if (spec.power_of_two) text += spec.min == 0 ? ", 0 or a power of two" : ", a power of two";
  if (spec.step != 1) text += fmt::format(", a multiple of {}", spec.step);
  const bool bounded = spec.min != 0 || spec.max != any_number;
  return bounded ? fmt::format("{}, from {} to {}", text, bound(spec.min), bound(spec.max)) : text;
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
