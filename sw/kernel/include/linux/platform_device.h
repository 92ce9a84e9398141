// Devices that the device tree describes, and their drivers. Binding goes by the compatible strings; a driver
// whose probe says -ENODEV leaves the device to the next one that fits.
#pragma once

#include <linux/device.h>
#include <linux/init.h>

#ifdef __cplusplus
extern "C" {
#endif

struct platform_device {
  const char* name;  // as in the tree, with unit address
  int id;
  struct device dev;
  u32 num_resources;
  struct resource* resource;
  const char*
      compatible;       // the tree's property, strings one behind the other; null: bound by the driver's name
  u32 compatible_size;  // bytes
};
#define to_platform_device(device) container_of((device), struct platform_device, dev)

struct platform_driver {
  // 0 when the driver has taken the device, else a negative error number; what it got by devm_ functions is
  // released then.
  int (*probe)(struct platform_device* pdev);
  // Ends the driver's use of the device; what it got by devm_ functions is released afterwards.
  int (*remove)(struct platform_device* pdev);
  struct device_driver driver;
};
#define to_platform_driver(device_driver) container_of((device_driver), struct platform_driver, driver)

// Registers `platform_driver_name` when the kernel starts, before the first device is looked at.
typedef struct platform_driver* platform_driver_pointer;
#define module_platform_driver(platform_driver_name)                                                 \
  MEMIO_TABLE_ENTRY(".platform_drivers", platform_driver_pointer, registered_##platform_driver_name, \
                    &platform_driver_name)

// For drivers that register from their start function: binds the devices that fit at once.
int platform_driver_register(struct platform_driver* driver);
// Detaches the driver from all its devices first.
void platform_driver_unregister(struct platform_driver* driver);

// Enters the device and its ranges and binds a driver that fits. 0, or the error of entering a range.
int platform_device_register(struct platform_device* pdev);
void platform_device_unregister(struct platform_device* pdev);

// Binding on request, by the name of a device, as "rtc@101000". May sleep.
// Offers the device to the drivers: -ENODEV when there is no such device or no driver takes it, -EBUSY when
// it has one.
int device_bind(const char* name);
// Detaches the driver: -ENODEV when there is no such device or it has none, -EBUSY when its driver stays.
int device_unbind(const char* name);
// Calls visit(device, data) for each device in the order they were found; `dev.driver` is null where none is
// bound.
void for_each_device(void (*visit)(const struct platform_device* pdev, void* data), void* data);

// The `index`th resource (from 0) of kind `type`; null when there is none.
struct resource* platform_get_resource(struct platform_device* pdev, unsigned long type, unsigned index);
// The number of the `index`th interrupt; -ENXIO when there is none.
int platform_get_irq(struct platform_device* pdev, unsigned index);

static inline void* platform_get_drvdata(const struct platform_device* pdev) {
  return dev_get_drvdata(&pdev->dev);
}
static inline void platform_set_drvdata(struct platform_device* pdev, void* data) {
  dev_set_drvdata(&pdev->dev, data);
}

#ifdef __cplusplus
}
#endif
