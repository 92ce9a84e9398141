// Platform devices and drivers: who is bound to whom. A device is bound when it is registered, or when its
// driver is; and again on request.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mutex.h>

#include "kernel/device.h"
#include "kernel/dma.h"
#include "string.h"

namespace memio {
namespace {

LIST_HEAD(drivers);
LIST_HEAD(devices);
// Held while a driver is bound or detached, so that the lists and the bonds hold still.
DEFINE_MUTEX(binding);

bool fits(const platform_device& pdev, const device_driver& driver) {
  if (pdev.compatible == nullptr) return strcmp(pdev.name, driver.name) == 0;
  if (driver.of_match_table == nullptr) return false;
  for (const of_device_id* id = driver.of_match_table; id->compatible != nullptr; id++) {
    // The property is a list of strings, one behind the other.
    for (u32 at = 0; at < pdev.compatible_size; at += strlen(pdev.compatible + at) + 1) {
      if (strcmp(pdev.compatible + at, id->compatible) == 0) return true;
    }
  }
  return false;
}

void forget(platform_device* pdev) {
  devres_release_all(&pdev->dev);
  dma_deconfigure(&pdev->dev);
  pdev->dev.driver = nullptr;
  pdev->dev.driver_data = nullptr;
}

bool probe(platform_device* pdev, device_driver* driver) {
  if (pdev->dev.driver != nullptr || !fits(*pdev, *driver)) return false;
  pdev->dev.driver = driver;
  int error = dma_configure(&pdev->dev);
  if (error == 0) error = to_platform_driver(driver)->probe(pdev);
  if (error != -ENODEV) driver->probe_count++;
  if (error == 0) return true;
  forget(pdev);
  if (error != -ENODEV) printk("%s: %s not usable (error %d)\n", driver->name, pdev->name, -error);
  return false;
}

bool attach(platform_device* pdev) {
  device_driver* driver;
  list_for_each_entry(driver, &drivers, node) {
    if (probe(pdev, driver)) return true;
  }
  return false;
}

void detach(platform_device* pdev) {
  const platform_driver* driver = to_platform_driver(pdev->dev.driver);
  if (driver->remove != nullptr) driver->remove(pdev);
  forget(pdev);
}

platform_device* find_device(const char* name) {
  platform_device* pdev;
  list_for_each_entry(pdev, &devices, dev.node) {
    if (strcmp(pdev->name, name) == 0) return pdev;
  }
  return nullptr;
}

void leave_trees(platform_device* pdev, u32 count) {
  while (count-- > 0) {
    if (pdev->resource[count].parent != nullptr) release_resource(&pdev->resource[count]);
  }
}

int enter_trees(platform_device* pdev) {
  for (u32 i = 0; i < pdev->num_resources; i++) {
    resource* res = &pdev->resource[i];
    if (resource_type(res) == IORESOURCE_IRQ) continue;
    const bool ports = resource_type(res) == IORESOURCE_IO;
    const int error = insert_resource(ports ? &ioport_resource : &iomem_resource, res);
    if (error == 0) continue;
    leave_trees(pdev, i);
    return error;
  }
  return 0;
}

}  // namespace

void report_idle_drivers() {
  const device_driver* driver;
  list_for_each_entry(driver, &drivers, node) {
    if (driver->probe_count == 0) printk("%s: no such device, skipped\n", driver->name);
  }
}

extern "C" int device_bind(const char* name) {
  mutex_lock(&binding);
  platform_device* pdev = find_device(name);
  int error = -ENODEV;
  if (pdev != nullptr) error = pdev->dev.driver != nullptr ? -EBUSY : attach(pdev) ? 0 : -ENODEV;
  mutex_unlock(&binding);
  return error;
}

extern "C" int device_unbind(const char* name) {
  mutex_lock(&binding);
  platform_device* pdev = find_device(name);
  const bool bound = pdev != nullptr && pdev->dev.driver != nullptr;
  const bool stays = bound && pdev->dev.driver->suppress_bind_attrs;
  if (bound && !stays) detach(pdev);
  mutex_unlock(&binding);
  return stays ? -EBUSY : bound ? 0 : -ENODEV;
}

extern "C" void for_each_device(void (*visit)(const platform_device*, void*), void* data) {
  mutex_lock(&binding);
  const platform_device* pdev;
  list_for_each_entry(pdev, &devices, dev.node) visit(pdev, data);
  mutex_unlock(&binding);
}

extern "C" int platform_driver_register(platform_driver* driver) {
  mutex_lock(&binding);
  driver->driver.probe_count = 0;
  list_add_tail(&driver->driver.node, &drivers);
  platform_device* pdev;
  list_for_each_entry(pdev, &devices, dev.node) probe(pdev, &driver->driver);
  mutex_unlock(&binding);
  return 0;
}

extern "C" void platform_driver_unregister(platform_driver* driver) {
  mutex_lock(&binding);
  platform_device* pdev;
  list_for_each_entry(pdev, &devices, dev.node) {
    if (pdev->dev.driver == &driver->driver) detach(pdev);
  }
  list_del(&driver->driver.node);
  mutex_unlock(&binding);
}

extern "C" int platform_device_register(platform_device* pdev) {
  device_initialize(&pdev->dev);
  pdev->dev.init_name = pdev->name;
  const int error = enter_trees(pdev);
  if (error != 0) return error;
  mutex_lock(&binding);
  list_add_tail(&pdev->dev.node, &devices);
  attach(pdev);
  mutex_unlock(&binding);
  return 0;
}

extern "C" void platform_device_unregister(platform_device* pdev) {
  mutex_lock(&binding);
  if (pdev->dev.driver != nullptr) detach(pdev);
  list_del(&pdev->dev.node);
  mutex_unlock(&binding);
  leave_trees(pdev, pdev->num_resources);
}

extern "C" resource* platform_get_resource(platform_device* pdev, unsigned long type, unsigned index) {
  for (u32 i = 0; i < pdev->num_resources; i++) {
    if (resource_type(&pdev->resource[i]) == type && index-- == 0) return &pdev->resource[i];
  }
  return nullptr;
}

extern "C" int platform_get_irq(platform_device* pdev, unsigned index) {
  const resource* res = platform_get_resource(pdev, IORESOURCE_IRQ, index);
  return res == nullptr ? -ENXIO : static_cast<int>(res->start);
}

}  // namespace memio
