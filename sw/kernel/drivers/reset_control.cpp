// The PC's reset control register: where it is. arch/riscv/restart.cpp and the shell use it.
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/device.h"
#include "kernel/driver.h"

namespace memio {
namespace {

unsigned port;

int probe(platform_device* pdev) {
  const resource* ports = platform_get_resource(pdev, IORESOURCE_IO, 0);
  if (ports == nullptr) return -ENODEV;
  if (devm_request_region(&pdev->dev, ports->start, resource_size(ports), "reset-control") == nullptr) {
    return -EBUSY;
  }
  port = static_cast<unsigned>(ports->start);
  return 0;
}

int remove(platform_device*) {
  port = 0;
  return 0;
}

const of_device_id kMatches[] = {{"memio,reset-control", nullptr}, {nullptr, nullptr}};
platform_driver reset_control_driver = make_driver("reset-control", kMatches, probe, remove);
module_platform_driver(reset_control_driver);

}  // namespace

unsigned reset_control_port() { return port; }

}  // namespace memio
