// What the rest of the kernel asks of user programs, where there are none: they need an address space of
// their own, and so an MMU.
#include <linux/kernel.h>
#include <linux/vma.h>

#include "kernel/process.h"
#include "kernel/task.h"
#include "kernel/traps.h"

extern "C" void vma_init() {}

namespace memio {

int run_init(const Fdt&) {
  printk("init: no user programs without an MMU\n");
  return 0;
}

void switch_address_space(const task_struct*) {}

void switch_float(task_struct*, const task_struct*) {}

void task_leave_user(int) {}

bool serve_exception(pt_regs*) { return false; }

}  // namespace memio
