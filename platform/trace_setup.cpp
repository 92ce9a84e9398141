// Trace options as the sinks want them; see trace_setup.h.
#include "platform/trace_setup.h"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "platform/errors.h"
#include "trace/vcd_trace.h"

namespace memio {
namespace {

constexpr const char* scope_names = "cpu,mmu,bus,irq,cache,dram,dma,kernel";

// The topics that a list of scopes names: a topic's bit is its place in `scope_names`.
std::uint32_t parse_scopes(const OptionValue& value) {
  if (value.text == "all") return all_topics;
  std::uint32_t topics = 0;
  std::istringstream given(value.text);
  for (std::string name; std::getline(given, name, ',');) {
    std::istringstream known(scope_names);
    std::uint32_t topic = 1, found = 0;
    for (std::string candidate; std::getline(known, candidate, ','); topic <<= 1)
      if (candidate == name) found = topic;
    if (!found) throw ConfigError(bad_value(value, std::string("all, or some of ") + scope_names));
    topics |= found;
  }
  if (!topics) throw ConfigError(bad_value(value, std::string("all, or some of ") + scope_names));
  return topics;
}

VcdOptions configure_vcd(const Options& options, std::uint64_t period_ps) {
  const auto cycles = [&](const char* key) { return (options.number(key) + period_ps - 1) / period_ps; };
  VcdOptions vcd;
  vcd.path = options.text("vcd");
  vcd.period_ps = period_ps;
  vcd.topics = parse_scopes(options.value("vcd-scope"));
  vcd.start = cycles("vcd-start");
  if (options.number("vcd-stop")) vcd.stop = cycles("vcd-stop");
  if (vcd.stop <= vcd.start)
    throw ConfigError(bad_value(options.value("vcd-stop"), "a time after vcd-start, or 0"));
  return vcd;
}

}  // namespace

void check_trace_options(const Options& options, std::uint64_t period_ps) {
  if (const OptionValue& value = options.value("vcd"); value.text == "-")
    throw ConfigError(bad_value(value, "a file: a trace cannot be written to standard output"));
  configure_vcd(options, period_ps);
}

std::unique_ptr<TraceOutput> open_trace(const Options& options, std::uint64_t period_ps) {
  if (options.text("vcd").empty()) return nullptr;
  auto trace = std::make_unique<VcdTrace>(configure_vcd(options, period_ps));
  if (!trace->ok()) throw ConfigError(trace->error());
  return trace;
}

}  // namespace memio
