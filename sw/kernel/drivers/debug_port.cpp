// Port 0x80: boot progress codes, as PC firmware shows them on a diagnostic card.
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/device.h"
#include "kernel/driver.h"

namespace memio {
namespace {

constexpr const char* kName = "debug-port";

unsigned port;

int probe(platform_device* pdev) {
  const resource* ports = platform_get_resource(pdev, IORESOURCE_IO, 0);
  if (ports == nullptr) return -ENODEV;
  if (devm_request_region(&pdev->dev, ports->start, resource_size(ports), kName) == nullptr) return -EBUSY;
  port = static_cast<unsigned>(ports->start);
  printk("%s: progress codes at port 0x%x\n", kName, port);
  return 0;
}

int remove(platform_device*) {
  port = 0;
  return 0;
}

const of_device_id kMatches[] = {{"memio,debug-port", nullptr}, {nullptr, nullptr}};
platform_driver debug_port_driver = make_driver(kName, kMatches, probe, remove);
module_platform_driver(debug_port_driver);

}  // namespace

void post_code(u8 code) {
  if (port != 0) outb(code, port);
}

}  // namespace memio
