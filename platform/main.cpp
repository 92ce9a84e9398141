// The memio program: finds the command and hands it on. SystemC brings a main of its own; ours replaces
// it, so that only `memio run` starts a simulation.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>
#include <systemc>
#include <vector>

#include "platform/command_line.h"
#include "platform/compare.h"
#include "platform/errors.h"
#include "platform/file.h"
#include "platform/hart_setup.h"
#include "platform/interrupts.h"
#include "platform/machine_description.h"
#include "platform/memory_setup.h"
#include "platform/options_output.h"
#include "platform/printable.h"
#include "platform/run.h"

namespace {

using namespace memio;

std::string configuration_text(const Options& options) {
  const MachineDescription machine = describe_machine(options);
  configure_hart(machine, options, 0);  // for its checks
  check_memories(options);
  std::string map = format_map(machine), comment;
  for (std::size_t at = 0; at < map.size();) {
    const std::size_t end = map.find('\n', at) + 1;
    comment += (end - at == 1 ? "#" : "# ") + map.substr(at, end - at);
    at = end;
  }
  return "# memio configuration: every option, its value and where that came from\n" + list_options(options) +
         "\n# ---- Map ----\n\n" + comment;
}

int execute(const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(arguments);
  switch (line.command) {
    case Command::run:
      return run_machine(line.options);
    case Command::config:
      write_file("-", configuration_text(line.options));
      break;
    case Command::markdown:
      write_file("-", options_markdown());
      break;
    case Command::compare:
      return run_compare(line.arguments);
    case Command::version:
      write_file("-", std::string("memio ") + MEMIO_VERSION + "\n");
      break;
    case Command::help:
      write_file("-", help_text());
      break;
  }
  return 0;
}

int guarded(int argc, char* argv[]) {
  try {
    return execute({argv + 1, argv + argc});
  } catch (const Interrupted& error) {
    tell(fmt::format("memio: {}\n", error.what()));
    return status_interrupted;
  } catch (const std::exception& error) {
    tell(fmt::format("memio: {}\n", error.what()));
    return status_usage;
  }
}

// A closed standard descriptor would be given to the next file opened, which would then take the
// console's output. What is put in its place refuses writes.
void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDONLY));
}

}  // namespace

int sc_main(int argc, char* argv[]) { return guarded(argc, argv); }

int main(int argc, char* argv[]) {
  const bool runs = argc >= 2 && std::string(argv[1]) == "run";
  if (runs) catch_interrupts();
  occupy_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a write past the file-size limit fails instead
  if (!runs) return guarded(argc, argv);
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  return sc_core::sc_elab_and_sim(argc, argv);
}
