// Interrupts of this hart on and off: bit SIE of sstatus, or MIE of mstatus in the kernel without an MMU.
#pragma once

#include <asm/csr.h>
#include <linux/types.h>

static inline void local_irq_enable(void) { CSR_SET(CSR_STATUS, STATUS_IE); }
static inline void local_irq_disable(void) { CSR_CLEAR(CSR_STATUS, STATUS_IE); }

// Turns interrupts off; what to give arch_local_irq_restore.
static inline unsigned long arch_local_irq_save(void) {
  unsigned long flags;
  __asm__ volatile("csrrci %0, " CSR_NAME(CSR_STATUS) ", %1" : "=r"(flags) : "i"(STATUS_IE) : "memory");
  return flags;
}
static inline void arch_local_irq_restore(unsigned long flags) { CSR_SET(CSR_STATUS, flags & STATUS_IE); }

static inline bool irqs_disabled(void) { return (CSR_READ(CSR_STATUS) & STATUS_IE) == 0; }

#define local_irq_save(flags) ((flags) = arch_local_irq_save())
#define local_irq_restore(flags) arch_local_irq_restore(flags)
