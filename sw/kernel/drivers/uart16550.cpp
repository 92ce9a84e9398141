// The 16550 UART (PC16550D data sheet), in memory space as the console and in port space as a second line.
// Output is polled; input of the console comes by interrupt.
#include <asm/io.h>
#include <linux/kernel.h>

#include "kernel/console.h"
#include "kernel/driver.h"
#include "kernel/interrupt.h"

namespace memio {
namespace {

enum Register {
  kData,
  kInterruptEnable,
  kFifoControl,
  kLineControl,
  kModemControl,
  kLineStatus,
  kModemStatus,
  kScratch
};

constexpr u8 kEnableReceive = 0x01;
constexpr u8 kFifoEnable = 0x01;
constexpr u8 kEightBits = 0x03;
constexpr u8 kDataReady = 0x01;
constexpr u8 kTransmitEmpty = 0x20;

u8* registers;

u8 read(Register reg) { return readb(registers + reg); }
void write(Register reg, u8 value) { writeb(value, registers + reg); }

void send(const char* text, unsigned long length) {
  for (unsigned long i = 0; i < length; i++) {
    while ((read(kLineStatus) & kTransmitEmpty) == 0) {
    }
    write(kData, static_cast<u8>(text[i]));
  }
}

void receive(void*) {
  while ((read(kLineStatus) & kDataReady) != 0) console_received(static_cast<char>(read(kData)));
}

// The first line in memory space is the console, as the device tree's stdout-path says; others are left
// alone.
bool probe_console(const Device& device) {
  if (registers != nullptr) {
    printk("uart16550: line at 0x%llx left alone\n", device.address);
    return true;
  }
  registers = static_cast<u8*>(
      ioremap(static_cast<unsigned long>(device.address), static_cast<unsigned long>(device.size)));
  if (registers == nullptr) return false;
  write(kLineControl, kEightBits);
  // What was typed during the start is kept: turning the FIFO on empties it.
  receive(nullptr);
  write(kFifoControl, kFifoEnable);
  console_set(send);
  const bool interrupts = request_interrupt(device.irq, receive, nullptr);
  write(kInterruptEnable, interrupts ? kEnableReceive : 0);
  printk("uart16550: console at 0x%llx, irq %u\n", device.address, interrupts ? device.irq : 0);
  return true;
}

// The scratch register holds what is written to it: enough to tell a UART from an empty port.
bool probe_port(const Device& device) {
  const unsigned port = static_cast<unsigned>(device.address);
  static const u8 kPatterns[] = {0x55, 0xAA};
  for (const u8 pattern : kPatterns) {
    outb(pattern, port + kScratch);
    if (inb(port + kScratch) != pattern) return false;
  }
  outb(kEightBits, port + kLineControl);
  outb(kFifoEnable, port + kFifoControl);
  static const char kGreeting[] = "memio: second line, through port space\n";
  outsb(port + kData, kGreeting, sizeof kGreeting - 1);
  printk("port-uart: 16550 at port 0x%x\n", port);
  return true;
}

}  // namespace

const Driver uart16550_driver = {"uart16550", "ns16550a", Space::kMemory, probe_console};
const Driver port_uart_driver = {"port-uart", "ns16550a", Space::kPort, probe_port};

}  // namespace memio
