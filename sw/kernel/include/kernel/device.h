// The device model below linux/platform_device.h: what the shell and the start of the kernel use.
#pragma once

#include <linux/platform_device.h>

namespace memio {

class Fdt;

// drivers/base/platform.cpp. Says which drivers have met no device.
void report_idle_drivers();

// drivers/base/of_platform.cpp: registers the devices of the tree's buses: the console's first, so that the
// rest is printed through it, then IOMMUs, which the others may need, then these in the order of the tree.
void register_tree_devices(const Fdt& tree);

// drivers/base/ioport.cpp: enters /proc/iomem and /proc/ioports.
void resource_proc_init();
// drivers/base/ram_resource.cpp: claims RAM with the kernel's own parts inside it.
void claim_ram(const Fdt& tree);

// The initial value of a driver, for sources in C++; `matches` ends with an empty entry.
constexpr platform_driver make_driver(const char* name, const of_device_id* matches,
                                      int (*probe)(platform_device*), int (*remove)(platform_device*)) {
  return {probe, remove, {name, matches, {nullptr, nullptr}, 0, false}};
}

// The same driver, for devices that others need all the time.
constexpr platform_driver stays_bound(platform_driver driver) {
  driver.driver.suppress_bind_attrs = true;
  return driver;
}

}  // namespace memio
