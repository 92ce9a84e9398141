// The timer tick and the time counter (unprivileged specification, chapter 10: rdtime).
#include <asm/csr.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/interrupt.h"
#include "kernel/platform.h"
#include "kernel/task.h"

volatile unsigned long jiffies;

namespace memio {
namespace {

u32 frequency;
u64 next_tick;

}  // namespace

// A counter of 64 bits. On RV32 the low half wrapped between the reads unless the high half stayed.
#if __riscv_xlen == 64
#define READ_COUNTER(name) return CSR_READ(name)
#else
#define READ_COUNTER(name)                                       \
  for (;;) {                                                     \
    const u32 high = CSR_READ(name##h);                          \
    const u32 low = CSR_READ(name);                              \
    if (high == CSR_READ(name##h)) return u64{high} << 32 | low; \
  }
#endif

u64 time_now() { READ_COUNTER(time); }
u64 cycles_now() { READ_COUNTER(cycle); }

static u64 deadline_after(unsigned long microseconds) {
  return time_now() + u64{frequency / 1000} * microseconds / 1000;
}

u32 time_frequency() { return frequency; }
unsigned long tick_count() { return jiffies; }

void time_init(const Fdt& tree) {
  FdtNode cpus;
  if (tree.find_top("cpus", &cpus)) frequency = tree.property(cpus, "timebase-frequency").cell(0);
  if (frequency == 0) panic("no timebase-frequency in the device tree");
  next_tick = time_now() + frequency / HZ;
  timer_set(next_tick);
  CSR_SET(CSR_IE, IRQ_BIT(IRQ_TIMER));
  printk("time: counter at %u kHz, %u ticks a second\n", frequency / 1000, HZ);
}

void timer_interrupt() {
  const u64 now = time_now();
  // A tick that comes late counts for those it missed, so that the count follows time.
  while (next_tick <= now) {
    jiffies = jiffies + 1;
    next_tick += frequency / HZ;
  }
  timer_set(next_tick);
  raise_timers();
  sched_tick();
}

extern "C" void udelay(unsigned long microseconds) {
  const u64 deadline = deadline_after(microseconds);
  while (time_now() < deadline) {
  }
}

bool wait_for_flag(const volatile bool& done, unsigned microseconds) {
  const u64 deadline = deadline_after(microseconds);
  while (!done && time_now() < deadline) {
    // With interrupts off, so that none is taken between the test and wfi; wfi wakes up all the same.
    local_irq_disable();
    if (!done) wait_for_interrupt();
    local_irq_enable();
  }
  return done;
}

}  // namespace memio
