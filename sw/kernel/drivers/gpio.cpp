// memio's GPIO block: 32 lines with direction, edge interrupts and loopback (docs/devices.md). The probe
// loops a pattern back and takes the interrupt of a rising edge.
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/device.h"
#include "kernel/platform.h"

namespace memio {
namespace {

enum Register : unsigned {
  kDataIn = 0x00,
  kDataOut = 0x04,
  kDirection = 0x08,
  kInterruptEnable = 0x0C,
  kInterruptStatus = 0x10,  // write 1 to clear
  kEdgeRise = 0x14,
  kLoopback = 0x1C,
};

constexpr const char* kName = "gpio";
constexpr u32 kPattern = 0x5AA5C33C;
constexpr u32 kTestLine = 1u << 0;     // low in the pattern, so that it can rise
constexpr unsigned kTimeout = 100000;  // us

struct Gpio {
  u8* registers;
  volatile bool edge_seen;
};

irqreturn_t interrupt(int, void* dev_id) {
  Gpio& gpio = *static_cast<Gpio*>(dev_id);
  const u32 status = readl(gpio.registers + kInterruptStatus);
  writel(status, gpio.registers + kInterruptStatus);
  if (status != 0) gpio.edge_seen = true;
  return IRQ_RETVAL(status != 0);
}

bool edge_interrupts(Gpio& gpio) {
  u8* const registers = gpio.registers;
  writel(kTestLine, registers + kEdgeRise);
  writel(~0u, registers + kInterruptStatus);
  writel(kTestLine, registers + kInterruptEnable);
  writel(kPattern | kTestLine, registers + kDataOut);
  const bool seen = wait_for_flag(gpio.edge_seen, kTimeout);
  writel(0, registers + kInterruptEnable);
  return seen;
}

int probe(platform_device* pdev) {
  device* dev = &pdev->dev;
  Gpio* gpio = static_cast<Gpio*>(devm_kzalloc(dev, sizeof(Gpio), GFP_KERNEL));
  if (gpio == nullptr) return -ENOMEM;
  void* mapped = devm_ioremap_resource(dev, platform_get_resource(pdev, IORESOURCE_MEM, 0));
  if (IS_ERR(mapped)) return static_cast<int>(PTR_ERR(mapped));
  u8* const registers = gpio->registers = static_cast<u8*>(mapped);
  writel(~0u, registers + kDirection);
  writel(~0u, registers + kLoopback);
  writel(kPattern, registers + kDataOut);
  const u32 in = readl(registers + kDataIn);
  printk("%s: loopback of 0x%08x reads 0x%08x\n", kName, kPattern, in);
  if (in != kPattern) return -EIO;
  const int irq = platform_get_irq(pdev, 0);
  const bool requested =
      irq > 0 && devm_request_irq(dev, static_cast<unsigned>(irq), interrupt, 0, kName, gpio) == 0;
  const bool seen = requested && edge_interrupts(*gpio);
  printk("%s: edge interrupt %d %s\n", kName, irq, seen ? "taken" : "missing");
  platform_set_drvdata(pdev, gpio);
  return seen ? 0 : -EIO;
}

// The lines become inputs again.
int remove(platform_device* pdev) {
  const Gpio& gpio = *static_cast<const Gpio*>(platform_get_drvdata(pdev));
  writel(0, gpio.registers + kLoopback);
  writel(0, gpio.registers + kDirection);
  return 0;
}

const of_device_id kMatches[] = {{"memio,gpio", nullptr}, {nullptr, nullptr}};
platform_driver gpio_driver = make_driver(kName, kMatches, probe, remove);
module_platform_driver(gpio_driver);

}  // namespace
}  // namespace memio
