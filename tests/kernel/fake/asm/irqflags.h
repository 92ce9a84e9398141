// Interrupts of the fake machine: a flag.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

extern unsigned long fake_irqs_on;

static inline void local_irq_enable(void) { fake_irqs_on = 1; }
static inline void local_irq_disable(void) { fake_irqs_on = 0; }
static inline unsigned long arch_local_irq_save(void) {
  const unsigned long flags = fake_irqs_on;
  fake_irqs_on = 0;
  return flags;
}
static inline void arch_local_irq_restore(unsigned long flags) { fake_irqs_on = flags; }
static inline bool irqs_disabled(void) { return fake_irqs_on == 0; }

#define local_irq_save(flags) ((flags) = arch_local_irq_save())
#define local_irq_restore(flags) arch_local_irq_restore(flags)

#ifdef __cplusplus
}
#endif
