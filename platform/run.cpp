// The life of a run: description, images, machine, run, outputs; see run.h.
#include "platform/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "platform/crash_report.h"
#include "platform/errors.h"
#include "platform/file.h"
#include "platform/host_files.h"
#include "platform/interrupts.h"
#include "platform/machine.h"
#include "platform/printable.h"
#include "platform/report.h"
#include "platform/signature.h"
#include "platform/statistics_output.h"
#include "platform/trace_setup.h"

namespace memio {
namespace {

using HostClock = std::chrono::steady_clock;

void check_signature(const Options& options, const BootPlan& boot) {
  const OptionValue& value = options.value("signature");
  const std::string& missing = boot.test.signature.missing;
  if (options.file("signature").empty() || missing.empty()) return;
  throw ConfigError(bad_value(
      value,
      "a file only with a program that has begin_signature and end_signature, in this order and in one "
      "segment; " +
          missing));
}

const char* reason_name(EndReason reason) {
  switch (reason) {
    case EndReason::none:
      return "none";
    case EndReason::guest:
      return "guest";
    case EndReason::reset:
      return "guest-reset";
    case EndReason::instruction_limit:
      return "instruction-limit";
    case EndReason::time_limit:
      return "time-limit";
    case EndReason::stuck:
      return "guest-stuck";
    case EndReason::dead_wait:
      return "guest-waits-forever";
    case EndReason::interrupted:
      return "interrupted";
    case EndReason::output_error:
      return "output-error";
  }
  return "";
}

int exit_status(EndReason reason, std::uint64_t guest_code) {
  switch (reason) {
    case EndReason::guest:
      return static_cast<int>(std::min<std::uint64_t>(guest_code, largest_guest_status));
    case EndReason::reset:
      return status_reset;
    case EndReason::instruction_limit:
    case EndReason::time_limit:
      return status_limit;
    case EndReason::stuck:
    case EndReason::dead_wait:
      return status_guest_stuck;
    case EndReason::interrupted:
      return status_interrupted;
    case EndReason::none:
    case EndReason::output_error:
      return status_usage;
  }
  return status_usage;
}

StatisticsDocument make_document(const MachineDescription& description, const Options& options,
                                 const RunResult& result) {
  StatisticsDocument document;
  document.machine = {{"isa", description.isa},
                      {"mmu", description.mmu},
                      {"timing", options.text("timing")},
                      {"clock", options.text("cpu.frequency")},
                      {"ram", format_size(description.ram_size)}};
  if (description.harts > 1) document.machine.emplace_back("harts", std::to_string(description.harts));
  document.run = result;
  return document;
}

/// Where the PCI card's serial port leads.
std::unique_ptr<Console> open_pci_serial(const Options& options) {
  OptionValue value = options.value("pcie.serial");
  if (value.text == "off") value.text = "none";
  if (value.text != "none" && Console::output_path(value.text).empty())
    throw ConfigError(bad_value(value, "off, none, file:OUT[,IN]"));
  return Console::open(value, false);
}

// One output that fails does not take the others with it; returns the first failure.
std::exception_ptr write_outputs(const Options& options, const StatisticsDocument& document,
                                 const SerialLines& lines, const HostMemory& ram, const BootPlan& boot,
                                 std::uint64_t ram_base) {
  std::exception_ptr failure;
  const auto attempt = [&failure](const auto& output) {
    try {
      output();
    } catch (const std::runtime_error&) {  // OutputError, Interrupted
      if (!failure) failure = std::current_exception();
    }
  };
  const auto json = to_json(document);
  const auto write = [&](const char* option, const std::string& text) {
    if (const std::string file = options.file(option); !file.empty())
      attempt([&] { write_file(file, text); });
  };
  for (Console* line : lines.all()) attempt([&] { line->finish(); });
  write("stats", format_json(json));
  write("report", text_report(json));
  if (const std::string image = options.file("memory-image"); !image.empty())
    attempt([&] { write_sparse_file(image, ram.data(), ram.size()); });
  if (!options.file("signature").empty()) {
    const auto& [first, size, missing] = boot.test.signature;
    const auto granularity = static_cast<unsigned>(std::stoul(options.text("signature.granularity")));
    write("signature", format_signature(ram.data() + (first - ram_base), size, granularity));
  }
  return failure;
}

void explain_end(EndReason reason, Machine& machine, const BootPlan& boot) {
  std::string text;
  const auto dump = [&](const char* why, unsigned number) {
    const std::string hart = machine.harts() == 1 ? "" : fmt::format(", hart {}", number);
    text += crash_report(why + hart, machine.hart(number), boot.symbols);
  };
  if (reason == EndReason::stuck)
    dump("the guest cannot go on: its trap handler traps", machine.stuck_hart());
  for (unsigned number = 0; reason == EndReason::dead_wait && number < machine.harts(); ++number)
    dump("the guest cannot go on: it waits for an interrupt that nothing can raise", number);
  if (reason == EndReason::stuck || reason == EndReason::dead_wait)
    for (const std::string& doubt : boot.doubts) text += "memio: " + doubt + "\n";
  if (reason == EndReason::instruction_limit || reason == EndReason::time_limit)
    text = fmt::format("memio: {} reached at {}\n", reason_name(reason), format_time(machine.sim_time_ps()));
  tell(text);
}

}  // namespace

int run_machine(const Options& options) {
  const MachineDescription description = describe_machine(options);
  const BootPlan boot = plan_boot(description, options);
  check_signature(options, boot);
  check_host_files(options, boot);
  if (const std::string path = options.file("dump-dtb"); !path.empty()) {
    write_file(path, boot.tree);
    return 0;
  }
  const Traces traces = open_traces(options, boot, description.cpu_period_ps);
  TraceOutput* const trace = traces.output.get();
  const auto console = Console::open(options.value("console"), options.text("console.eof") == "eot");
  const auto pci_serial = open_pci_serial(options);
  const SerialLines lines{*console, *pci_serial};
  Machine machine(description, boot, options, lines, trace);

  StatGroup models("models"), host("host");
  machine.register_stats(models, host);
  const auto begin = HostClock::now();
  const EndReason reason = machine.run(interrupted);
  answer_interrupts();
  RunResult result;
  result.host_seconds = std::chrono::duration<double>(HostClock::now() - begin).count();
  result.exit_status = exit_status(reason, machine.guest_code());
  result.reason = reason_name(reason);
  result.guest_code = machine.guest_code();
  result.sim_time_ps = machine.sim_time_ps();
  result.instructions = machine.instructions();

  if (trace) trace->finish(machine.now());
  StatisticsDocument document = make_document(description, options, result);
  document.groups = &models;
  document.host = &host;
  const std::exception_ptr failure =
      write_outputs(options, document, lines, machine.ram(), boot, description.ram_base);
  explain_end(reason, machine, boot);
  if (!traces.started()) tell("memio: the condition trace-start was not met\n");
  tell(machine.coherence_log().text(boot.symbols));
  if (failure) std::rethrow_exception(failure);
  if (trace && !trace->ok()) throw OutputError(trace->error());
  if (const std::string wrong = machine.protocol_violations(); !wrong.empty()) throw std::logic_error(wrong);
  return result.exit_status;
}

}  // namespace memio
