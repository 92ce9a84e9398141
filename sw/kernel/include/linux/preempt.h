// What the current code may do: counts of held spinlocks (bits 0..7), tasklets and timers (8..15) and
// interrupts (16..23) in the task's preempt_count.
#pragma once

#include <asm/irqflags.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PREEMPT_OFFSET 0x1u
#define SOFTIRQ_OFFSET 0x100u
#define HARDIRQ_OFFSET 0x10000u

#define preempt_count() (get_current()->preempt_count)

// Lets the tick's wish for another task come true now that preemption is allowed again.
void preempt_schedule(void);

static inline void preempt_check_resched(void) {
  if (unlikely(get_current()->need_resched)) preempt_schedule();
}

static inline void preempt_count_add(u32 offset) {
  get_current()->preempt_count += offset;
  __asm__ volatile("" ::: "memory");
}
static inline void preempt_count_sub(u32 offset) {
  __asm__ volatile("" ::: "memory");
  get_current()->preempt_count -= offset;
}
static inline void preempt_disable(void) { preempt_count_add(PREEMPT_OFFSET); }
static inline void preempt_enable(void) {
  preempt_count_sub(PREEMPT_OFFSET);
  preempt_check_resched();
}

// Hold off tasklets and timers.
static inline void local_bh_disable(void) { preempt_count_add(SOFTIRQ_OFFSET); }
void local_bh_enable(void);

static inline bool in_irq(void) { return preempt_count() >= HARDIRQ_OFFSET; }
static inline bool in_interrupt(void) { return preempt_count() >= SOFTIRQ_OFFSET; }
// Whether sleeping is forbidden here.
static inline bool in_atomic(void) { return preempt_count() != 0 || irqs_disabled(); }

#ifdef __cplusplus
}
#endif
