// Calls to the machine-mode firmware (SBI specification 1.0, chapters 3 to 10).
#include "memio/sbi.h"

#include <linux/kernel.h>

#include "kernel/interrupt.h"
#include "kernel/platform.h"

namespace memio {
namespace {

struct SbiResult {
  long error;
  unsigned long value;
};

bool have_time;
bool have_reset;
bool have_memio;

SbiResult call(unsigned long extension, unsigned long function, unsigned long first = 0,
               unsigned long second = 0) {
  register unsigned long a0 __asm__("a0") = first;
  register unsigned long a1 __asm__("a1") = second;
  register unsigned long a6 __asm__("a6") = function;
  register unsigned long a7 __asm__("a7") = extension;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
  return {static_cast<long>(a0), a1};
}

bool probe(unsigned long extension) {
  const SbiResult result = call(SBI_EXT_BASE, SBI_BASE_PROBE, extension);
  return result.error == SBI_SUCCESS && result.value != 0;
}

}  // namespace

// The firmware has its own way to the console.
void early_console_init(const Fdt&) {}

void firmware_init() {
  have_time = probe(SBI_EXT_TIME);
  have_reset = probe(SBI_EXT_SRST);
  have_memio = probe(SBI_EXT_MEMIO);
  const unsigned long version = call(SBI_EXT_BASE, SBI_BASE_SPEC_VERSION).value;
  printk("sbi: specification %lu.%lu, implementation 0x%lx%s\n", version >> 24, version & 0xffffff,
         call(SBI_EXT_BASE, SBI_BASE_IMPL_ID).value, have_memio ? ", memio extension" : "");
}

bool firmware_is_memio() { return have_memio; }

void early_console_put(char c) { call(SBI_EXT_LEGACY_PUTCHAR, 0, static_cast<unsigned char>(c)); }

int early_console_get() { return static_cast<int>(call(SBI_EXT_LEGACY_GETCHAR, 0).error); }

void timer_set(u64 deadline) {
  const unsigned long low = static_cast<unsigned long>(deadline);
  const unsigned long high = __riscv_xlen == 32 ? static_cast<unsigned long>(deadline >> 32) : 0;
  call(have_time ? SBI_EXT_TIME : SBI_EXT_LEGACY_SET_TIMER, 0, low, high);
}

void power_off(int status) {
  disable_interrupts();
  if (have_memio && status != 0) call(SBI_EXT_MEMIO, SBI_MEMIO_EXIT, static_cast<unsigned long>(status));
  if (have_reset) {
    call(SBI_EXT_SRST, 0, SBI_SRST_SHUTDOWN, status == 0 ? SBI_SRST_REASON_NONE : SBI_SRST_REASON_FAILURE);
  }
  call(SBI_EXT_LEGACY_SHUTDOWN, 0);
  for (;;) __asm__ volatile("wfi");
}

void firmware_reboot() {
  if (have_reset) call(SBI_EXT_SRST, 0, SBI_SRST_COLD_REBOOT, SBI_SRST_REASON_NONE);
}

void firmware_soft_reset() {
  disable_interrupts();
  if (have_memio) call(SBI_EXT_MEMIO, SBI_MEMIO_SOFT_RESET);
  enable_interrupts();
}

}  // namespace memio
