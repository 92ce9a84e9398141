// Timer interrupts in machine mode: TICKS of them, PERIOD ticks of mtime apart, waited for with wfi.
#include "bare.h"

#define TICKS 20u
#define PERIOD 1000u

enum { kMachineTimer = 7 };

static volatile unsigned ticks;

static volatile uint32_t* const mtimecmp = (volatile uint32_t*)(CLINT_BASE + 0x4000);
static volatile uint32_t* const mtime = (volatile uint32_t*)(CLINT_BASE + 0xBFF8);

static uint64_t read_mtime(void) {
  for (;;) {
    const uint32_t high = mtime[1];
    const uint32_t low = mtime[0];
    if (mtime[1] == high) return (uint64_t)high << 32 | low;
  }
}

static void set_mtimecmp(uint64_t value) {
  mtimecmp[1] = UINT32_MAX;
  mtimecmp[0] = (uint32_t)value;
  mtimecmp[1] = (uint32_t)(value >> 32);
}

unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  (void)tval;
  if (cause != (INTERRUPT_FLAG | kMachineTimer)) exit_run(2);
  ticks = ticks + 1;
  set_mtimecmp(read_mtime() + PERIOD);
  return pc;
}

int main(void) {
  const uint64_t start = read_mtime();
  set_mtimecmp(start + PERIOD);
  CSR_SET(mie, IRQ_BIT_MTIMER);
  while (ticks < TICKS) {
    // With interrupts off, so that none is taken between the test and wfi; wfi wakes up all the same.
    CSR_CLEAR(mstatus, MSTATUS_MIE);
    if (ticks < TICKS) __asm__ volatile("wfi");
    CSR_SET(mstatus, MSTATUS_MIE);
  }
  CSR_CLEAR(mstatus, MSTATUS_MIE);
  print_value("timer interrupts", ticks);
  return read_mtime() - start >= (uint64_t)TICKS * PERIOD ? 0 : 1;
}
