// Trace options as the sinks want them; see trace_setup.h.
#include "platform/trace_setup.h"

#include <algorithm>
#include <sstream>

#include "platform/errors.h"
#include "platform/interrupts.h"
#include "trace/perfetto_trace.h"
#include "trace/trace_fan_out.h"
#include "trace/trace_gate.h"
#include "trace/vcd_trace.h"

namespace memio {
namespace {

constexpr const char* scope_names = "cpu,mmu,bus,irq,cache,dram,dma,kernel";
constexpr std::uint32_t kernel_topic = static_cast<std::uint32_t>(TraceTopic::kernel);

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

Cycles cycles_of(std::uint64_t picoseconds, std::uint64_t period_ps) {
  return picoseconds / period_ps + (picoseconds % period_ps != 0);
}

// The topics that a list of scopes names: a topic's bit is its place in `names`. `all` is all that have a
// topic.
std::uint32_t parse_scopes(const OptionValue& value, const std::string& names, const BootPlan& boot) {
  if (value.text == "all") return all_topics;
  const auto known = split(names);
  std::uint32_t topics = 0;
  for (const std::string& name : split(value.text)) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) throw ConfigError(bad_value(value, "all, or some of " + names));
    topics |= 1u << (found - known.begin());
  }
  if (!topics) throw ConfigError(bad_value(value, "all, or some of " + names));
  if ((topics & kernel_topic) && boot.kernel_numbers.empty())
    throw ConfigError(bad_value(value, "kernel only with a kernel of memio, whose memory can be read"));
  return topics;
}

VcdOptions configure_vcd(const Options& options, const BootPlan& boot, std::uint64_t period_ps) {
  VcdOptions vcd;
  vcd.path = options.file("vcd");
  vcd.period_ps = period_ps;
  vcd.topics = parse_scopes(options.value("vcd-scope"), scope_names, boot);
  vcd.start = cycles_of(options.number("vcd-start"), period_ps);
  if (options.number("vcd-stop")) vcd.stop = cycles_of(options.number("vcd-stop"), period_ps);
  if (vcd.stop <= vcd.start)
    throw ConfigError(bad_value(options.value("vcd-stop"), "a time after vcd-start, or 0"));
  return vcd;
}

PerfettoOptions configure_perfetto(const Options& options, const BootPlan& boot, std::uint64_t period_ps) {
  PerfettoOptions perfetto;
  perfetto.path = options.file("perfetto");
  perfetto.period_ps = period_ps;
  const std::uint32_t scopes =
      parse_scopes(options.value("perfetto-scope"), std::string(scope_names) + ",functions", boot);
  perfetto.topics = scopes & all_topics;
  perfetto.functions = (scopes & ~all_topics) != 0;
  perfetto.symbol = [&boot](std::uint64_t pc) {
    const auto* symbol = boot.symbols.at(pc);
    return symbol ? symbol->name : std::string();
  };
  return perfetto;
}

Trigger configure_trigger(const OptionValue& value, const BootPlan& boot, std::uint64_t period_ps) {
  TriggerNames names;
  names.symbol = [&boot](const std::string& name) { return boot.symbols.find(name); };
  names.time = [period_ps](const std::string& text) -> std::optional<Cycles> {
    const auto time = parse_time(text);
    return time ? std::optional(cycles_of(*time, period_ps)) : std::nullopt;
  };
  try {
    return parse_trigger(value.text, names);
  } catch (const TriggerError& error) {
    throw ConfigError(bad_value(value, error.what()));
  }
}

TraceGateOptions configure_gate(const Options& options, const BootPlan& boot, std::uint64_t period_ps) {
  TraceGateOptions gate;
  gate.start = configure_trigger(options.value("trace-start"), boot, period_ps);
  gate.stop = configure_trigger(options.value("trace-stop"), boot, period_ps);
  gate.ring = cycles_of(options.number("trace-ring"), period_ps);
  gate.ring_events = options.number("trace-ring-events");
  return gate;
}

}  // namespace

Traces open_traces(const Options& options, const BootPlan& boot, std::uint64_t period_ps) {
  const VcdOptions vcd = configure_vcd(options, boot, period_ps);
  const PerfettoOptions perfetto = configure_perfetto(options, boot, period_ps);
  const TraceGateOptions gate = configure_gate(options, boot, period_ps);
  auto files = std::make_unique<TraceFanOut>();
  if (!vcd.path.empty()) {
    refuse_wait(vcd.path);
    files->add(std::make_unique<VcdTrace>(vcd));
  }
  if (!perfetto.path.empty()) {
    refuse_wait(perfetto.path);
    files->add(std::make_unique<PerfettoTrace>(perfetto));
  }
  if (!files->ok() && interrupted()) throw Interrupted(files->error());
  if (!files->ok()) throw ConfigError(files->error());
  const bool gated = !gate.start.empty() || !gate.stop.empty() || gate.ring != 0;
  if (files->count() == 0) return {nullptr, [] { return true; }};
  std::unique_ptr<TraceOutput> output = files->count() == 1 ? files->take_first() : std::move(files);
  if (!gated) return {std::move(output), [] { return true; }};
  auto with_gate = std::make_unique<TraceGate>(std::move(output), gate);
  const TraceGate* const opened = with_gate.get();
  return {std::move(with_gate), [opened] { return opened->started(); }};
}

}  // namespace memio
