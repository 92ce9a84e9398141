// The start of drivers and devices, in the order that linux/init.h promises.
#include <linux/init.h>
#include <linux/kernel.h>

#include "kernel/device.h"
#include "kernel/dma.h"
#include "kernel/dma_engine.h"
#include "kernel/driver.h"
#include "kernel/interrupt.h"

extern "C" {
extern const platform_driver_pointer __platform_drivers_start[];
extern const platform_driver_pointer __platform_drivers_end[];
extern const initcall_t __initcalls_start[];
extern const initcall_t __initcalls_end[];
}

namespace memio {

void drivers_init(const Fdt& tree) {
  resource_proc_init();
  irq_proc_init();
  claim_ram(tree);
  dma_init(tree);
  dma_engine_init();
  for (const platform_driver_pointer* driver = __platform_drivers_start; driver != __platform_drivers_end;
       driver++) {
    platform_driver_register(*driver);
  }
  register_tree_devices(tree);
  report_idle_drivers();
  for (const initcall_t* start = __initcalls_start; start != __initcalls_end; start++) {
    const int error = (*start)();
    if (error != 0) {
      char name[64];
      printk("%s: error %d\n", symbol_text(reinterpret_cast<unsigned long>(*start), name, sizeof name),
             -error);
    }
  }
}

}  // namespace memio
