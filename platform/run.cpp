// The life of a run: description, images, machine, run, outputs; see run.h.
#include "platform/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "platform/crash_report.h"
#include "platform/errors.h"
#include "platform/file.h"
#include "platform/machine.h"
#include "platform/report.h"
#include "platform/signature.h"
#include "platform/statistics_output.h"
#include "platform/trace_setup.h"

namespace memio {
namespace {

using HostClock = std::chrono::steady_clock;

// Signal handlers can reach nothing but a global.
std::atomic<unsigned> signals_seen{0};

// The first signal ends the run in good order. `timeout` sends its signal twice, to the process and to
// its group, so only the third kills.
void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) {
    if (++signals_seen >= 3) _exit(status_interrupted);
  };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

/// Refuses, before anything is opened, outputs that would overwrite each other or an input, and those
/// whose folder does not exist: a long run must not end without its figures.
void check_outputs(const Options& options) {
  namespace fs = std::filesystem;
  const auto file = [&](const std::string& key) {
    const bool line = key == "console" || key == "pcie.serial";
    return line ? Console::output_path(options.text(key)) : options.text(key);
  };
  const auto place = [&](const std::string& key) { return fs::weakly_canonical(fs::absolute(file(key))); };
  const std::vector<std::string> outputs{"console",  "pcie.serial",  "stats",     "report",  "vcd",
                                         "perfetto", "memory-image", "signature", "dump-dtb"};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const OptionValue& value = options.value(outputs[i]);
    if (value.text == "-" && value.key == "memory-image")
      throw ConfigError(bad_value(value, "a file, since standard output cannot have holes"));
    if (file(outputs[i]).empty() || file(outputs[i]) == "-") continue;
    const fs::path path = place(outputs[i]);
    if (!fs::is_directory(path.parent_path()))
      throw ConfigError(bad_value(value, "a file in a folder that exists"));
    std::vector<std::string> others{"kernel", "bios", "initrd", "disk"};
    others.insert(others.end(), outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(i));
    for (const std::string& other : others)
      if (!fs::is_character_file(path) && !file(other).empty() && place(other) == path)
        throw ConfigError(bad_value(value, fmt::format("another file than that of {}", other)));
  }
}

void check_signature(const Options& options, const BootPlan& boot, const MachineDescription& machine) {
  const OptionValue& value = options.value("signature");
  if (value.text.empty()) return;
  const TestSymbols& test = boot.test;
  if (!test.begin_signature || !test.end_signature)
    throw ConfigError(
        bad_value(value, "a file only with a program that has begin_signature and end_signature"));
  if (*test.begin_signature < machine.ram_base || *test.end_signature < *test.begin_signature ||
      *test.end_signature - machine.ram_base > machine.ram_size)
    throw ConfigError(fmt::format("begin_signature {:#x} and end_signature {:#x} are no range of RAM",
                                  *test.begin_signature, *test.end_signature));
}

const char* reason_name(EndReason reason) {
  switch (reason) {
    case EndReason::none:
      return "none";
    case EndReason::guest:
      return "guest";
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
std::string write_outputs(const Options& options, const StatisticsDocument& document,
                          const std::vector<Console*>& lines, const HostMemory& ram, const BootPlan& boot,
                          std::uint64_t ram_base) {
  std::string failure;
  const auto attempt = [&failure](const auto& output) {
    try {
      output();
    } catch (const OutputError& error) {
      if (failure.empty()) failure = error.what();
    }
  };
  const auto json = to_json(document);
  const auto write = [&](const char* option, const std::string& text) {
    if (!options.text(option).empty()) attempt([&] { write_file(options.text(option), text); });
  };
  for (Console* line : lines) attempt([&] { line->finish(); });
  write("stats", format_json(json));
  write("report", text_report(json));
  if (const std::string& image = options.text("memory-image"); !image.empty())
    attempt([&] { write_sparse_file(image, ram.data(), ram.size()); });
  if (!options.text("signature").empty()) {
    const std::uint64_t first = *boot.test.begin_signature, size = *boot.test.end_signature - first;
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
  if (reason == EndReason::instruction_limit || reason == EndReason::time_limit)
    text = fmt::format("memio: {} reached at {}\n", reason_name(reason), format_time(machine.sim_time_ps()));
  std::fputs(text.c_str(), stderr);  // which may be closed: that is no failure of the run
}

}  // namespace

int run_machine(const Options& options) {
  const MachineDescription description = describe_machine(options);
  check_outputs(options);
  const BootPlan boot = plan_boot(description, options);
  check_signature(options, boot, description);
  if (const std::string& path = options.text("dump-dtb"); !path.empty()) {
    write_file(path, boot.tree);
    return 0;
  }
  const Traces traces = open_traces(options, boot, description.cpu_period_ps);
  TraceOutput* const trace = traces.output.get();
  const auto console = Console::open(options.value("console"), options.text("console.eof") == "eot");
  const auto pci_serial = open_pci_serial(options);
  Machine machine(description, boot, options, {*console, *pci_serial}, trace);
  catch_interrupts();

  StatGroup models("models"), host("host");
  machine.register_stats(models, host);
  const auto begin = HostClock::now();
  const EndReason reason = machine.run([] { return signals_seen > 0; });
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
  std::string failure = write_outputs(options, document, {console.get(), pci_serial.get()}, machine.ram(),
                                      boot, description.ram_base);
  explain_end(reason, machine, boot);
  if (!traces.started()) std::fputs("memio: the condition trace-start was not met\n", stderr);
  std::fputs(machine.coherence_log().text(boot.symbols).c_str(), stderr);
  if (failure.empty() && trace && !trace->ok()) failure = trace->error();
  if (!failure.empty()) throw OutputError(failure);
  if (const std::string wrong = machine.protocol_violations(); !wrong.empty()) throw std::logic_error(wrong);
  return result.exit_status;
}

}  // namespace memio
