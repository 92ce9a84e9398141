// memio's GPIO block with loopback.
#include <asm/io.h>
#include <linux/kernel.h>

#include "kernel/driver.h"

namespace memio {
namespace {

bool probe(const Device& device) {
  printk("gpio: at 0x%llx, irq %u\n", device.address, device.irq);
  return true;
}

}  // namespace

const Driver gpio_driver = {"gpio", "memio,gpio", Space::kMemory, probe};

}  // namespace memio
