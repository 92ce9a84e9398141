// The files of /proc that belong to no other part: cmdline, uptime, version.
#include <linux/kernel.h>
#include <linux/proc_fs.h>

#include "kernel/command_line.h"
#include "kernel/platform.h"
#include "kernel/process.h"

namespace memio {
namespace {

int show_command_line(seq_file* file, void*) {
  seq_printf(file, "%s\n", command_line());
  return 0;
}

// Seconds since power-on, in hundredths. Linux's second figure, the idle time, is left out.
int show_uptime(seq_file* file, void*) {
  const u64 hundredths = time_now() / (time_frequency() / 100);
  seq_printf(file, "%llu.%02llu\n", hundredths / 100, hundredths % 100);
  return 0;
}

int show_version(seq_file* file, void*) {
  seq_printf(file, "memio kernel, rv%d\n", __riscv_xlen);
  return 0;
}

}  // namespace

void proc_files_init() {
  proc_create_single("cmdline", 0, nullptr, show_command_line);
  proc_create_single("uptime", 0, nullptr, show_uptime);
  proc_create_single("version", 0, nullptr, show_version);
}

}  // namespace memio
