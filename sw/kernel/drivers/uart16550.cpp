// The 16550 UART (PC16550D data sheet) as the console, in memory or port space. Output is polled; input comes
// by interrupt. The first line that is probed becomes the console; others in memory space are left alone.

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/serial_reg.h>

#include "kernel/console.h"
#include "kernel/device.h"

namespace memio {
namespace {

constexpr const char* kName = "uart16550";

u8* registers;  // in memory space, or null
unsigned port;  // in port space
platform_device* console;
bool receive_stopped;

u8 read(unsigned reg) {
  return registers != nullptr ? readb(registers + reg) : static_cast<u8>(inb(port + reg));
}
void write(unsigned reg, u8 value) {
  if (registers != nullptr) return writeb(value, registers + reg);
  outb(value, port + reg);
}

void send(const char* text, unsigned long length) {
  for (unsigned long i = 0; i < length; i++) {
    while ((read(UART_LSR) & UART_LSR_THRE) == 0) {
    }
    write(UART_TX, static_cast<u8>(text[i]));
  }
}

// Leaves in the FIFO what the kernel has no room for: a full FIFO holds up the sender.
irqreturn_t receive(int, void*) {
  while ((read(UART_LSR) & UART_LSR_DR) != 0) {
    if (console_receive_room() == 0) {
      write(UART_IER, 0);
      receive_stopped = true;
      break;
    }
    console_receive(static_cast<char>(read(UART_RX)));
  }
  return IRQ_HANDLED;
}

void resume() {
  if (!receive_stopped) return;
  receive_stopped = false;
  write(UART_IER, UART_IER_RDI);
}

// Finds and claims the registers, in whichever space they are.
int claim_registers(platform_device* pdev, const resource** range) {
  const resource* memory = platform_get_resource(pdev, IORESOURCE_MEM, 0);
  const resource* ports = platform_get_resource(pdev, IORESOURCE_IO, 0);
  *range = memory != nullptr ? memory : ports;
  if (*range == nullptr) return -ENODEV;
  if (memory == nullptr) {
    if (devm_request_region(&pdev->dev, ports->start, resource_size(ports), kName) == nullptr) return -EBUSY;
    port = static_cast<unsigned>(ports->start);
    return 0;
  }
  if (devm_request_mem_region(&pdev->dev, memory->start, resource_size(memory), kName) == nullptr) {
    return -EBUSY;
  }
  registers = static_cast<u8*>(
      devm_ioremap(&pdev->dev, memory->start, static_cast<unsigned long>(resource_size(memory))));
  return registers != nullptr ? 0 : -ENOMEM;
}

int probe(platform_device* pdev) {
  const resource* range;
  if (console != nullptr) {
    range = platform_get_resource(pdev, IORESOURCE_MEM, 0);
    if (range != nullptr) printk("%s: line at 0x%llx left alone\n", kName, range->start);
    return -ENODEV;
  }
  const int error = claim_registers(pdev, &range);
  if (error != 0) return error;
  write(UART_LCR, UART_LCR_WLEN8);
  // What has arrived already stays: a switch of this bit alone clears nothing that was typed.
  write(UART_FCR, UART_FCR_ENABLE_FIFO);
  console = pdev;
  receive_stopped = false;
  console_set(send);
  const int irq = platform_get_irq(pdev, 0);
  const bool interrupts =
      irq > 0 && devm_request_irq(&pdev->dev, static_cast<unsigned>(irq), receive, 0, kName, pdev) == 0;
  console_set_resume(interrupts ? resume : nullptr);
  write(UART_IER, interrupts ? UART_IER_RDI : 0);
  printk("%s: console at %s0x%llx, irq %d\n", kName, registers != nullptr ? "" : "port ", range->start,
         interrupts ? irq : 0);
  return 0;
}

// The firmware prints and reads from here on.
int remove(platform_device*) {
  write(UART_IER, 0);
  console_set_resume(nullptr);
  console_set(nullptr);
  registers = nullptr;
  console = nullptr;
  return 0;
}

const of_device_id kMatches[] = {{"ns16550a", nullptr}, {nullptr, nullptr}};
platform_driver uart16550_driver = make_driver(kName, kMatches, probe, remove);
module_platform_driver(uart16550_driver);

}  // namespace
}  // namespace memio
