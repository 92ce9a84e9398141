// Interrupts below linux/interrupt.h: the controller and the lines it has.
#pragma once

#include <asm/irqflags.h>
#include <linux/types.h>

namespace memio {

class Fdt;

// What an interrupt controller does for the lines 1 .. lines - 1.
struct IrqChip {
  const char* name;
  unsigned lines;
  void (*mask)(unsigned irq);
  void (*unmask)(unsigned irq);
};

// drivers/base/irq.cpp. Lines beyond kMaxIrqLines are not used.
constexpr unsigned kMaxIrqLines = 128;
void irq_chip_set(const IrqChip& chip);
// Calls the handlers of `irq`. One that nobody handles is counted; a line that interrupts kMaxUnhandled times
// in a row without being handled is reported and switched off.
constexpr unsigned kMaxUnhandled = 1000;
void irq_dispatch(unsigned irq);
// Interrupts that no handler wanted, on all lines.
unsigned long irq_spurious_count();
// Enters /proc/interrupts.
void irq_proc_init();

// drivers/plic.cpp
void plic_init(const Fdt& tree);
// Serves every pending source; called with the external interrupt.
void plic_interrupt();

inline void enable_interrupts() { local_irq_enable(); }
inline void disable_interrupts() { local_irq_disable(); }

}  // namespace memio
