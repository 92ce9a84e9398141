// memio's GPIO block: 32 lines with direction, edge interrupts and loopback (docs/devices.md). The probe
// loops a pattern back and takes the interrupt of a rising edge.
#include <asm/io.h>
#include <linux/kernel.h>

#include "kernel/driver.h"
#include "kernel/interrupt.h"
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

constexpr u32 kPattern = 0x5AA5C33C;
constexpr u32 kTestLine = 1u << 0;     // low in the pattern, so that it can rise
constexpr unsigned kTimeout = 100000;  // us

u8* registers;
volatile bool edge_seen;

void interrupt(void*) {
  writel(readl(registers + kInterruptStatus), registers + kInterruptStatus);
  edge_seen = true;
}

bool edge_interrupts(unsigned irq) {
  if (!request_interrupt(irq, interrupt, nullptr)) return false;
  writel(kTestLine, registers + kEdgeRise);
  writel(~0u, registers + kInterruptStatus);
  writel(kTestLine, registers + kInterruptEnable);
  writel(kPattern | kTestLine, registers + kDataOut);
  const bool seen = wait_for_flag(edge_seen, kTimeout);
  writel(0, registers + kInterruptEnable);
  return seen;
}

bool probe(const Device& device) {
  registers = static_cast<u8*>(
      ioremap(static_cast<unsigned long>(device.address), static_cast<unsigned long>(device.size)));
  if (registers == nullptr) return false;
  writel(~0u, registers + kDirection);
  writel(~0u, registers + kLoopback);
  writel(kPattern, registers + kDataOut);
  const u32 in = readl(registers + kDataIn);
  printk("gpio: loopback of 0x%08x reads 0x%08x\n", kPattern, in);
  if (in != kPattern) return false;
  const bool seen = edge_interrupts(device.irq);
  printk("gpio: edge interrupt %u %s\n", device.irq, seen ? "taken" : "missing");
  return seen;
}

}  // namespace

const Driver gpio_driver = {"gpio", "memio,gpio", Space::kMemory, probe};

}  // namespace memio
