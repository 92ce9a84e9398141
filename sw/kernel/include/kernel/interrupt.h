// Interrupts of devices, through the platform-level interrupt controller.
#pragma once

#include <linux/types.h>

namespace memio {

class Fdt;

using InterruptHandler = void (*)(void* argument);

// drivers/plic.cpp
void plic_init(const Fdt& tree);
// Calls handler(argument) when source `irq` (1..95) interrupts. False without a controller or when it is
// taken.
bool request_interrupt(unsigned irq, InterruptHandler handler, void* argument);
// Serves every pending source; called with the external interrupt.
void plic_interrupt();

inline void enable_interrupts() { __asm__ volatile("csrsi sstatus, 2" ::: "memory"); }
inline void disable_interrupts() { __asm__ volatile("csrci sstatus, 2" ::: "memory"); }

}  // namespace memio
