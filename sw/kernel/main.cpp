// Kernel start: the order in which the parts come up, up to the user program and the shell after it.
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/vma.h>

#include "fdt.h"
#include "kernel/bench.h"
#include "kernel/command_line.h"
#include "kernel/driver.h"
#include "kernel/interrupt.h"
#include "kernel/ktest.h"
#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "kernel/platform.h"
#include "kernel/process.h"
#include "kernel/shell.h"
#include "kernel/task.h"
#include "kernel/vmalloc_space.h"
#include "string.h"

namespace memio {
namespace {

// Progress codes on the debug port.
constexpr u8 kPostDrivers = 0x10;
constexpr u8 kPostUser = 0x20;

int exit_status;

// Two calls deep, so that the backtrace has something to show. The address comes from a register the compiler
// knows nothing about, or it would turn the store into a trap instruction.
__attribute__((noinline)) void write_through(volatile int* pointer) { *pointer = 1; }

__attribute__((noinline)) void panic_test() {
  volatile int* pointer = nullptr;
  __asm__ volatile("" : "+r"(pointer));
  printk("panic-test: writing through a null pointer\n");
  write_through(pointer);
  printk("panic-test: it went through\n");
}

bool option_is(const char* name, const char* expected) {
  char value[16];
  return command_line_value(name, value, sizeof value) && strcmp(value, expected) == 0;
}

void run_options() {
  char how[16];
  if (command_line_has("panic-test")) panic_test();
  if (command_line_value("reboot", how, sizeof how)) restart_if_asked(how);
}

// In pieces that printk() takes whole.
void show_command_line() {
  printk("command line: ");
  for (const char* rest = command_line(); *rest != 0; rest += strnlen(rest, 128)) printk("%.128s", rest);
  printk("\n");
}

// A restart by option is a trial that ends by itself: input may have gone to the start before it.
bool wants_shell() { return !command_line_has("noshell") && !command_line_has("reboot"); }

// The option `bench` or bench=AREA: the table of costs, and nothing else.
bool bench_if_asked() {
  char area[16];
  if (!command_line_value("bench", area, sizeof area)) return false;
  exit_status = bench_run(area) ? 0 : 1;
  return true;
}

// In this task, which `ps` then shows by that name.
void run_shell() {
  scnprintf(get_current()->comm, TASK_COMM_LEN, "shell");
  const int asked = shell_run();
  if (asked != 0) exit_status = asked;
}

}  // namespace

int run_exit_status() { return exit_status; }

extern "C" void start_kernel(unsigned long hart, unsigned long tree_address) {
  task_init();
  const Fdt early_tree(early_tree_at(tree_address));
  early_console_init(early_tree);
  printk("memio kernel: rv%d, %s, hart %lu\n", __riscv_xlen, translation_name(), hart);
  firmware_init();
  if (!early_tree.valid()) panic("no device tree at 0x%lx", tree_address);
  command_line_init(early_tree);
  show_command_line();
  const Fdt tree = memory_init(early_tree, tree_address);
  kmem_cache_init();
  vma_init();
  files_init();
  vmalloc_init();
  kmap_init();

  sched_init();
  time_init(tree);
  proc_files_init();
  plic_init(tree);
  sched_start();
  page_allocator().allow_sleep();
  portio_init(tree);
  drivers_init(tree);
  post_code(kPostDrivers);
  run_options();

  post_code(kPostUser);
  if (!ktest_run_if_asked(&exit_status) && !bench_if_asked()) {
    const bool only_shell = option_is("shell", "only");
    if (!only_shell) exit_status = run_init(tree);
    if (only_shell || wants_shell()) run_shell();
  }
  power_off(exit_status);
}

}  // namespace memio
