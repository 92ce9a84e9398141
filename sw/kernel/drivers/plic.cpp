// The platform-level interrupt controller (RISC-V PLIC specification 1.0.0), context on hart 0 of the
// mode the kernel runs in. Every requested source stays enabled, because a completion of a source that is not
// is ignored; a source is masked by priority 0.
#include <asm/csr.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/interrupt.h"

namespace memio {
namespace {

constexpr unsigned long kEnable = 0x2000;
constexpr unsigned long kEnableStride = 0x80;
constexpr unsigned long kContext = 0x200000;
constexpr unsigned long kContextStride = 0x1000;
constexpr unsigned long kClaim = 4;

u8* registers;
u8* enable;
u8* context;

// The index of our context: which entry of `interrupts-extended` is the kernel's mode.
unsigned find_context(const FdtProperty& entries) {
  for (unsigned i = 0; i < entries.size / 8; i++) {
    if (entries.cell(2 * i + 1) == IRQ_EXTERNAL) return i;
  }
  return 1;
}

void mask(unsigned irq) { writel(0, registers + 4 * irq); }

void unmask(unsigned irq) {
  u8* word = enable + irq / 32 * 4;
  writel(readl(word) | 1u << irq % 32, word);
  writel(1, registers + 4 * irq);
}

}  // namespace

void plic_init(const Fdt& tree) {
  FdtNode node;
  FdtReg reg;
  if (!tree.find_compatible("riscv,plic0", &node) || !tree.reg(node, 0, &reg)) {
    printk("plic: no interrupt controller\n");
    return;
  }
  const unsigned index = find_context(tree.property(node, "interrupts-extended"));
  // Registers of later contexts are not ours to touch, so they are not mapped.
  const unsigned long length = kContext + (index + 1) * kContextStride;
  if (request_mem_region(reg.address, length, "plic") == nullptr) return;
  registers = static_cast<u8*>(ioremap(reg.address, length));
  if (registers == nullptr) return;
  enable = registers + kEnable + index * kEnableStride;
  context = registers + kContext + index * kContextStride;
  const unsigned lines = tree.property(node, "riscv,ndev").cell(0) + 1;
  for (unsigned i = 0; i < lines; i += 32) writel(0, enable + i / 8);
  irq_chip_set({"PLIC", lines, mask, unmask});
  writel(0, context);  // threshold: every priority above 0 interrupts
  CSR_SET(CSR_IE, IRQ_BIT(IRQ_EXTERNAL));
  printk("plic: %u sources, context %u\n", lines - 1, index);
}

void plic_interrupt() {
  for (u32 irq; (irq = readl(context + kClaim)) != 0;) {
    irq_dispatch(irq);
    writel(irq, context + kClaim);
  }
}

}  // namespace memio
