// The programmable interval timer (Intel 8254 data sheet): counter 0 as a one-shot whose end interrupts.
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/device.h"
#include "kernel/platform.h"

namespace memio {
namespace {

constexpr const char* kName = "pit";
constexpr unsigned kCounter0 = 0;
constexpr unsigned kControl = 3;
constexpr u8 kMode0 = 0x30;  // counter 0, low then high byte, interrupt on terminal count, binary
constexpr u8 kLatch0 = 0x00;
constexpr u16 kCount = 1193;           // 1 ms at 1.193182 MHz
constexpr unsigned kTimeout = 100000;  // us
constexpr unsigned kLoadDelay = 50;    // us; the count is loaded with the next clock

struct Pit {
  unsigned base;
  volatile bool expired;
};

// The control word takes the output low again, which ends the interrupt request.
irqreturn_t interrupt(int, void* dev_id) {
  Pit& pit = *static_cast<Pit*>(dev_id);
  outb(kMode0, pit.base + kControl);
  pit.expired = true;
  return IRQ_HANDLED;
}

u16 read_counter(const Pit& pit) {
  outb(kLatch0, pit.base + kControl);
  const unsigned low = inb(pit.base + kCounter0);
  return static_cast<u16>(low | inb(pit.base + kCounter0) << 8);
}

int probe(platform_device* pdev) {
  device* dev = &pdev->dev;
  const resource* ports = platform_get_resource(pdev, IORESOURCE_IO, 0);
  if (ports == nullptr) return -ENODEV;
  Pit* pit = static_cast<Pit*>(devm_kzalloc(dev, sizeof(Pit), GFP_KERNEL));
  if (pit == nullptr) return -ENOMEM;
  if (devm_request_region(dev, ports->start, resource_size(ports), kName) == nullptr) return -EBUSY;
  pit->base = static_cast<unsigned>(ports->start);

  const int irq = platform_get_irq(pdev, 0);
  const bool interrupts =
      irq > 0 && devm_request_irq(dev, static_cast<unsigned>(irq), interrupt, 0, kName, pit) == 0;
  outb(kMode0, pit->base + kControl);
  outb(kCount & 0xff, pit->base + kCounter0);
  outb(kCount >> 8, pit->base + kCounter0);
  udelay(kLoadDelay);
  const u16 count = read_counter(*pit);
  printk("%s: counter 0 at %u of %u\n", kName, count, kCount);
  if (count == 0 || count >= kCount) return -EIO;
  if (!interrupts) return 0;
  const bool rang = wait_for_flag(pit->expired, kTimeout);
  printk("%s: interrupt %d %s\n", kName, irq, rang ? "taken" : "missing");
  return rang ? 0 : -EIO;
}

const of_device_id kMatches[] = {{"intel,i8254", nullptr}, {nullptr, nullptr}};
platform_driver pit_driver = make_driver(kName, kMatches, probe, nullptr);
module_platform_driver(pit_driver);

}  // namespace
}  // namespace memio
