// The kernel as its own firmware, in machine mode: 16550 console until the driver is there, CLINT timer and
// test finisher, each found in the device tree. Sources: PC16550D data sheet; SiFive CLINT and test finisher
// as on QEMU's `virt` machine. Without a finisher the machine can neither be switched off nor restarted.
#include <asm/csr.h>
#include <asm/io.h>
#include <linux/kernel.h>
#include <linux/serial_reg.h>

#include "fdt.h"
#include "kernel/interrupt.h"
#include "kernel/platform.h"

namespace memio {
namespace {

constexpr u32 kFinisherPass = 0x5555;
constexpr u32 kFinisherFail = 0x3333;  // status in the upper 16 bits
constexpr u32 kFinisherReset = 0x7777;

constexpr unsigned long kMtimecmp = 0x4000;  // of hart 0

u8* uart;
u8* finisher;
u8* clint;

// The registers of the first node in memory space that is compatible with `wanted`; null when there is none.
u8* find_device(const Fdt& tree, const char* wanted) {
  FdtReg reg;
  tree.for_each([&](const FdtNode& node) {
    return tree.is_compatible(node.offset, wanted) && !tree.is_compatible(node.parent, "memio,port-space") &&
           tree.reg(node, 0, &reg);
  });
  return reinterpret_cast<u8*>(static_cast<unsigned long>(reg.address));
}

}  // namespace

void early_console_init(const Fdt& tree) {
  if (!tree.valid()) return;
  uart = find_device(tree, "ns16550a");
  finisher = find_device(tree, "sifive,test0");
  clint = find_device(tree, "riscv,clint0");
  if (uart == nullptr) return;
  writeb(UART_LCR_WLEN8, uart + UART_LCR);
  writeb(UART_FCR_ENABLE_FIFO, uart + UART_FCR);
}

void early_console_put(char c) {
  if (uart == nullptr) return;
  while ((readb(uart + UART_LSR) & UART_LSR_THRE) == 0) {
  }
  writeb(static_cast<u8>(c), uart + UART_TX);
}

int early_console_get() {
  return uart != nullptr && (readb(uart + UART_LSR) & UART_LSR_DR) != 0 ? readb(uart + UART_RX) : -1;
}

void firmware_init() {
  if (clint == nullptr) panic("no riscv,clint0 in the device tree: there is no other timer in machine mode");
  printk("machine mode: timer at %p, finisher at %p\n", clint, finisher);
}

// Nothing has set up event counters, and there is no translation to count.
bool firmware_is_memio() { return false; }

void timer_set(u64 deadline) {
  // In two halves the value must never be lower than both the old and the new one (privileged specification,
  // section 3.2.1).
  writel(~u32{0}, clint + kMtimecmp + 4);
  writel(static_cast<u32>(deadline), clint + kMtimecmp);
  writel(static_cast<u32>(deadline >> 32), clint + kMtimecmp + 4);
}

void power_off(int status) {
  disable_interrupts();
  if (finisher != nullptr) {
    writel(status == 0 ? kFinisherPass : kFinisherFail | static_cast<u32>(status) << 16, finisher);
  }
  for (;;) wait_for_interrupt();
}

void firmware_reboot() {
  if (finisher != nullptr) writel(kFinisherReset, finisher);
}

// Only memio's firmware knows the reset vector.
void firmware_soft_reset() {}

}  // namespace memio
