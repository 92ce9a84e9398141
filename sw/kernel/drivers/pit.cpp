// The programmable interval timer (Intel 8254 data sheet): counter 0 as a one-shot whose end interrupts.
#include <asm/io.h>
#include <linux/kernel.h>

#include "kernel/driver.h"
#include "kernel/interrupt.h"
#include "kernel/platform.h"

namespace memio {
namespace {

constexpr unsigned kCounter0 = 0;
constexpr unsigned kControl = 3;
constexpr u8 kMode0 = 0x30;  // counter 0, low then high byte, interrupt on terminal count, binary
constexpr u8 kLatch0 = 0x00;
constexpr u16 kCount = 1193;           // 1 ms at 1.193182 MHz
constexpr unsigned kTimeout = 100000;  // us
constexpr unsigned kLoadDelay = 50;    // us; the count is loaded with the next clock

unsigned base;
volatile bool expired;

// The control word takes the output low again, which ends the interrupt request.
void interrupt(void*) {
  outb(kMode0, base + kControl);
  expired = true;
}

u16 read_counter() {
  outb(kLatch0, base + kControl);
  const unsigned low = inb(base + kCounter0);
  return static_cast<u16>(low | inb(base + kCounter0) << 8);
}

bool probe(const Device& device) {
  base = static_cast<unsigned>(device.address);
  const bool interrupts = request_interrupt(device.irq, interrupt, nullptr);
  outb(kMode0, base + kControl);
  outb(kCount & 0xff, base + kCounter0);
  outb(kCount >> 8, base + kCounter0);
  delay(kLoadDelay);
  const u16 count = read_counter();
  printk("pit: counter 0 at %u of %u\n", count, kCount);
  if (count == 0 || count >= kCount) return false;
  if (!interrupts) return true;
  const bool rang = wait_for_flag(expired, kTimeout);
  printk("pit: interrupt %u %s\n", device.irq, rang ? "taken" : "missing");
  return rang;
}

}  // namespace

const Driver pit_driver = {"pit", "intel,i8254", Space::kPort, probe};

}  // namespace memio
