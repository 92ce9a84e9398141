// The table of commands, and those that need few lines.
#include <asm/counters.h>
#include <linux/kernel.h>

#include "command.h"
#include "kernel/bench.h"
#include "kernel/platform.h"
#include "string.h"

namespace memio {
namespace {

bool command_help(const Words& words);

bool command_echo(const Words& words) {
  for (unsigned i = 1; i < words.count(); i++) printk("%s%s", i == 1 ? "" : " ", words[i]);
  printk("\n");
  return true;
}

bool command_time(const Words& words) {
  if (words.count() < 2) {
    printk("time: no command\n");
    return false;
  }
  event_counts start;
  event_counts end;
  read_event_counts(&start);
  const bool done = run_command(words.from(1));
  read_event_counts(&end);
  const event_counts taken = event_counts_between(&start, &end);
  printk("time: %lu cycles, %lu instructions", taken.cycles, taken.instructions);
  if (counts_translation()) {
    printk(", %lu ITLB misses, %lu DTLB misses, %lu cycles of walks", taken.itlb_misses, taken.dtlb_misses,
           taken.walk_cycles);
  }
  printk("\n");
  return done;
}

bool command_bench(const Words& words) { return bench_run(words[1]); }

bool command_reboot(const Words&) {
  printk("shell: restarting\n");
  restart();
}

bool command_poweroff(const Words& words) {
  unsigned long status = static_cast<unsigned long>(run_exit_status());
  if (words.count() > 1 && !parse_number("poweroff", words[1], 255, &status)) return false;
  printk("shell: power off, status %lu\n", status);
  power_off(static_cast<int>(status));
}

const Command kCommands[] = {
    {"alloc", "[KIND ARGUMENTS]", "allocate memory; alone: the kinds, and what is allocated", command_alloc},
    {"bench", "[AREA]", "print what calls of the allocators cost", command_bench},
    {"bind", "DEVICE", "give a device to its driver", command_bind},
    {"cat", "FILE...", "print files of /proc", command_cat},
    {"devices", "", "list the devices and their drivers", command_devices},
    {"echo", "[WORD...]", "print the words", command_echo},
    {"free", "NUMBER | all", "free what alloc gave", command_free},
    {"help", "[COMMAND...]", "explain the commands", command_help},
    {"ls", "", "list the files of /proc", command_list},
    {"poweroff", "[STATUS]", "end the run with an exit status of 0..255, else with that of init",
     command_poweroff},
    {"ps", "", "list the tasks", command_ps},
    {"reboot", "", "restart the machine", command_reboot},
    {"stress", "COUNT | SECONDSs [SEED [THREADS]]", "use all allocators at random, check contents and loss",
     command_stress},
    {"time", "COMMAND...", "run a command and print the cycles and misses it took", command_time},
    {"unbind", "DEVICE", "take a device from its driver", command_unbind},
};

const Command* find_command(const char* name) {
  for (const Command& command : kCommands) {
    if (strcmp(command.name, name) == 0) return &command;
  }
  printk("shell: no command '%s', try help\n", name);
  return nullptr;
}

void explain(const Command& command) {
  char usage[48];
  scnprintf(usage, sizeof usage, "%s %s", command.name, command.arguments);
  printk("  %-36s %s\n", usage, command.help);
}

bool command_help(const Words& words) {
  if (words.count() == 1) {
    for (const Command& command : kCommands) explain(command);
    return true;
  }
  bool known = true;
  for (unsigned i = 1; i < words.count(); i++) {
    const Command* command = find_command(words[i]);
    if (command != nullptr) explain(*command);
    known = known && command != nullptr;
  }
  return known;
}

}  // namespace

bool run_command(const Words& words) {
  const Command* command = find_command(words[0]);
  return command != nullptr && command->run(words);
}

}  // namespace memio
