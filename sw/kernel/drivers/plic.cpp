// The platform-level interrupt controller (RISC-V PLIC specification 1.0.0), context of supervisor mode on
// hart 0.
#include <asm/io.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/interrupt.h"
#include "memio/asm.h"

namespace memio {
namespace {

constexpr unsigned kMaxSources = 96;
constexpr unsigned long kEnable = 0x2000;
constexpr unsigned long kEnableStride = 0x80;
constexpr unsigned long kContext = 0x200000;
constexpr unsigned long kContextStride = 0x1000;
constexpr unsigned long kClaim = 4;
constexpr unsigned kSupervisorExternal = 9;

struct Source {
  InterruptHandler handler;
  void* argument;
};

Source sources[kMaxSources];
u8* registers;
u8* enable;
u8* context;
unsigned source_count;

// The index of our context: which entry of `interrupts-extended` is a supervisor external interrupt.
unsigned find_context(const FdtProperty& entries) {
  for (unsigned i = 0; i < entries.size / 8; i++) {
    if (entries.cell(2 * i + 1) == kSupervisorExternal) return i;
  }
  return 1;
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
  registers = static_cast<u8*>(ioremap(static_cast<unsigned long>(reg.address), length));
  if (registers == nullptr) return;
  enable = registers + kEnable + index * kEnableStride;
  context = registers + kContext + index * kContextStride;
  source_count = tree.property(node, "riscv,ndev").cell(0) + 1;
  if (source_count > kMaxSources) source_count = kMaxSources;

  for (unsigned i = 0; i < source_count; i += 32) writel(0, enable + i / 8);
  writel(0, context);  // threshold: every priority above 0 interrupts
  CSR_SET(sie, IRQ_BIT_SEXT);
  printk("plic: %u sources, context %u\n", source_count - 1, index);
}

bool request_interrupt(unsigned irq, InterruptHandler handler, void* argument) {
  if (registers == nullptr || irq == 0 || irq >= source_count || sources[irq].handler != nullptr)
    return false;
  sources[irq] = {handler, argument};
  writel(1, registers + 4 * irq);
  u8* word = enable + irq / 32 * 4;
  writel(readl(word) | 1u << irq % 32, word);
  return true;
}

void plic_interrupt() {
  for (u32 irq; (irq = readl(context + kClaim)) != 0;) {
    if (irq < source_count && sources[irq].handler != nullptr) sources[irq].handler(sources[irq].argument);
    writel(irq, context + kClaim);
  }
}

}  // namespace memio
