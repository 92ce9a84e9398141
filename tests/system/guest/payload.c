// A supervisor as small as can be, for any firmware with SBI 0.2 and the legacy console: says what it was
// given and what the firmware answers, takes one timer interrupt and one of its own software interrupts, and
// powers off. Its status is 0, or the number of what went wrong.
#include <stdint.h>

#define CSR_READ(name)                             \
  ({                                               \
    unsigned long v;                               \
    __asm__ volatile("csrr %0, " #name : "=r"(v)); \
    v;                                             \
  })
#define CSR_WRITE(name, value) __asm__ volatile("csrw " #name ", %0" ::"r"(value))
#define CSR_SET(name, value) __asm__ volatile("csrs " #name ", %0" ::"r"(value))

struct Answer {
  long error;
  long value;
};

static struct Answer sbi(long extension, long function, long a, long b) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = 0;
  register long a6 __asm__("a6") = function;
  register long a7 __asm__("a7") = extension;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
  return (struct Answer){a0, a1};
}

static void put(const char* text) {
  for (; *text; text++) sbi(1, 0, *text, 0);
}

static void put_hex(uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4)
    if (value >> shift || shift == 0) sbi(1, 0, "0123456789abcdef"[value >> shift & 15], 0);
}

static void line(const char* name, uint64_t value) {
  put(name);
  put(" ");
  put_hex(value);
  put("\n");
}

static volatile unsigned seen;

__attribute__((interrupt("supervisor"), aligned(4))) static void trapped(void) {
  const unsigned long cause = CSR_READ(scause) & 0xff;
  seen |= 1u << cause;
  if (cause == 1) __asm__ volatile("csrci sip, 2");
  if (cause == 5) __asm__ volatile("csrc sie, %0" ::"r"(1 << 5));
}

static void wait_for(unsigned cause) {
  for (long i = 0; i < 1000000 && !(seen >> cause & 1); i++) {
  }
}

static uint64_t now(void) {
#if __riscv_xlen == 64
  return CSR_READ(time);
#else
  uint32_t high, low;
  do {
    high = CSR_READ(timeh);
    low = CSR_READ(time);
  } while (CSR_READ(timeh) != high);
  return (uint64_t)high << 32 | low;
#endif
}

__attribute__((used)) static void begin(unsigned long hart, const uint8_t* tree) {
  unsigned wrong = 0;
  line("payload: hart", hart);
  line("tree begins with", (uint64_t)tree[0] << 24 | tree[1] << 16 | tree[2] << 8 | tree[3]);
  line("SBI", (unsigned long)sbi(0x10, 0, 0, 0).value);
  static const long extensions[] = {0x54494D45, 0x735049, 0x52464E43, 0x53525354};
  for (unsigned i = 0; i < 4; i++)
    if (sbi(0x10, 3, extensions[i], 0).value == 0) wrong = 1;

  CSR_WRITE(stvec, trapped);
  CSR_SET(sie, 1 << 5 | 1 << 1);
  CSR_SET(sstatus, 2);
  const uint64_t deadline = now() + 100;
#if __riscv_xlen == 64
  sbi(0x54494D45, 0, (long)deadline, 0);
#else
  sbi(0x54494D45, 0, (long)deadline, (long)(deadline >> 32));
#endif
  wait_for(5);
  put(seen >> 5 & 1 ? "timer: ok\n" : "timer: FAILED\n");
  if (!(seen >> 5 & 1) || now() < deadline) wrong = 2;
  if (sbi(0x735049, 0, 1, (long)hart).error) wrong = 3;
  wait_for(1);
  put(seen >> 1 & 1 ? "software interrupt: ok\n" : "software interrupt: FAILED\n");
  if (!(seen >> 1 & 1)) wrong = 4;
  if (sbi(0x52464E43, 1, 1, (long)hart).error) wrong = 5;
  put(wrong ? "payload: FAILED\n" : "payload: ends\n");
  sbi(0x53525354, 0, 0, wrong != 0);
  for (;;) __asm__ volatile("wfi");
}

__asm__(
    ".section .text.init, \"ax\"\n.globl _start\n_start:\n"
    "  la sp, stack_top\n  j begin\n"
    ".bss\n.balign 16\n  .skip 8192\nstack_top:\n.text\n");
