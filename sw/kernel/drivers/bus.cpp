// Finds the devices of the tree and gives them to their drivers, in the order of the list.
#include <linux/kernel.h>

#include "kernel/driver.h"

namespace memio {
namespace {

// The console first, so that the rest is printed through it.
const Driver* const kDrivers[] = {
    &uart16550_driver, &debug_port_driver, &goldfish_rtc_driver, &gpio_driver,
    &cmos_rtc_driver,  &pit_driver,        &port_uart_driver,
};

unsigned reset_port;

Space space_of(const Fdt& tree, const FdtNode& node) {
  return tree.is_compatible(node.parent, "memio,port-space") ? Space::kPort : Space::kMemory;
}

bool describe(const Fdt& tree, const FdtNode& node, Device* device) {
  device->name = node.name;
  device->space = space_of(tree, node);
  device->irq = tree.property(node, "interrupts").cell(0);
  device->frequency = tree.property(node, "clock-frequency").cell(0);
  FdtReg reg;
  if (!tree.reg(node, 0, &reg)) return false;
  device->address = reg.address;
  device->size = reg.size;
  return true;
}

void probe_all(const Fdt& tree, const Driver& driver) {
  unsigned found = 0;
  tree.for_each([&](const FdtNode& node) {
    Device device;
    if (!tree.is_compatible(node.offset, driver.compatible) || space_of(tree, node) != driver.space)
      return false;
    if (!describe(tree, node, &device)) return false;
    found++;
    if (!driver.probe(device)) printk("%s: %s not usable\n", driver.name, device.name);
    return false;
  });
  if (found == 0) printk("%s: no such device, skipped\n", driver.name);
}

}  // namespace

unsigned reset_control_port() { return reset_port; }

void drivers_init(const Fdt& tree) {
  for (const Driver* driver : kDrivers) probe_all(tree, *driver);

  FdtNode node;
  Device device;
  if (tree.find_compatible("memio,reset-control", &node) && describe(tree, node, &device)) {
    reset_port = static_cast<unsigned>(device.address);
  }
}

}  // namespace memio
