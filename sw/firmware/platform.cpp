// RAM and the devices the firmware drives: 16550 console, CLINT timer and test finisher, each found in the
// device tree. A missing device makes its function do nothing. Sources: PC16550D data sheet; SiFive CLINT and
// test finisher as on QEMU's `virt` machine.
#include <stdarg.h>

#include "firmware.h"
#include "format.h"

namespace memio {
namespace {

constexpr uint32_t kFinisherPass = 0x5555;
constexpr uint32_t kFinisherFail = 0x3333;  // status in the upper 16 bits
constexpr uint32_t kFinisherReset = 0x7777;

constexpr int kUartData = 0;
constexpr int kUartInterruptEnable = 1;
constexpr int kUartFifoControl = 2;
constexpr int kUartLineControl = 3;
constexpr int kUartLineStatus = 5;
constexpr uint8_t kFifosOnAndCleared = 7;
constexpr uint8_t kLineStatusDataReady = 0x01;
constexpr uint8_t kLineStatusTransmitEmpty = 0x20;

constexpr uintptr_t kMtimecmp = 0x4000;

volatile uint8_t* uart;
volatile uint32_t* finisher;
volatile uint32_t* msip;      // a word a hart
volatile uint32_t* mtimecmp;  // two words a hart
unsigned harts;
FdtReg ram;  // of size 0: not known

bool in_port_space(const Fdt& tree, const FdtNode& node) {
  return tree.is_compatible(node.parent, "memio,port-space");
}

// Memory-space address of the first node compatible with `wanted`, and its offset; 0 when there is none.
uintptr_t device_address(const Fdt& tree, const char* wanted, uint32_t* offset = nullptr) {
  FdtReg reg;
  tree.for_each([&](const FdtNode& node) {
    if (offset != nullptr) *offset = node.offset;
    return tree.is_compatible(node.offset, wanted) && !in_port_space(tree, node) && tree.reg(node, 0, &reg);
  });
  return static_cast<uintptr_t>(reg.address);
}

// What a machine with several harts needs besides.
void init_several(const Fdt& tree) {
  if (harts > kMaxHarts) harts = kMaxHarts;
  FdtNode memory;
  if (tree.find_top("memory", &memory)) tree.reg(memory, 0, &ram);
}

}  // namespace

void platform_init(const Fdt& tree) {
  uart = reinterpret_cast<volatile uint8_t*>(device_address(tree, "ns16550a"));
  finisher = reinterpret_cast<volatile uint32_t*>(device_address(tree, "sifive,test0"));
  harts = 1;
  uint32_t node = 0;
  const uintptr_t clint = device_address(tree, "riscv,clint0", &node);
  msip = reinterpret_cast<volatile uint32_t*>(clint);
  mtimecmp = clint == 0 ? nullptr : reinterpret_cast<volatile uint32_t*>(clint + kMtimecmp);
  if (clint != 0) {
    // Two interrupts of each hart, each named by a phandle and a number.
    harts = tree.property(node, "interrupts-extended").size / (4 * sizeof(uint32_t));
    if (harts > 1) init_several(tree);
  }
  if (uart != nullptr) {
    uart[kUartInterruptEnable] = 0;
    uart[kUartLineControl] = 3;  // 8 bits, no parity, one stop bit
    uart[kUartFifoControl] = kFifosOnAndCleared;
  }
}

void console_put(char c) {
  if (uart == nullptr) return;
  while ((uart[kUartLineStatus] & kLineStatusTransmitEmpty) == 0) {
  }
  uart[kUartData] = static_cast<uint8_t>(c);
}

int console_get() {
  if (uart == nullptr || (uart[kUartLineStatus] & kLineStatusDataReady) == 0) return -1;
  return uart[kUartData];
}

void console_print(const char* format, ...) {
  char line[160];
  va_list arguments;
  va_start(arguments, format);
  const size_t length = format_text(line, sizeof line, format, arguments);
  va_end(arguments);
  for (size_t i = 0; i < length; i++) console_put(line[i]);
}

void timer_set(uint64_t deadline) {
  if (mtimecmp == nullptr) return;
  volatile uint32_t* const compare = mtimecmp + 2 * this_hart();
  // In two halves the value must never be lower than both the old and the new one (privileged specification,
  // section 3.2.1).
  compare[1] = UINT32_MAX;
  compare[0] = static_cast<uint32_t>(deadline);
  compare[1] = static_cast<uint32_t>(deadline >> 32);
}

bool in_ram(unsigned long address) { return ram.size == 0 || address - ram.address < ram.size; }

unsigned hart_count() { return harts; }

void ipi_set(unsigned hart, bool pending) {
  if (msip != nullptr) msip[hart] = pending ? 1 : 0;
}

void power_off(unsigned status) {
  if (finisher != nullptr) *finisher = status == 0 ? kFinisherPass : kFinisherFail | status << 16;
  for (;;) __asm__ volatile("wfi");
}

void machine_reset() {
  if (finisher != nullptr) *finisher = kFinisherReset;
  for (;;) __asm__ volatile("wfi");
}

}  // namespace memio
