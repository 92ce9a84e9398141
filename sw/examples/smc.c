// Self-modifying code: a function of two instructions is written, run, and written again, with fence.i
// between the stores and the call, ROUNDS times. Exit status 1 if ever an old version ran.
#include "bare.h"

#define ROUNDS 200u
#define RET 0x00008067u

static uint32_t code[2] __attribute__((aligned(8)));

// addi a0, zero, value
static uint32_t load_immediate(uint32_t value) { return value << 20 | 10u << 7 | 0x13; }

int main(void) {
  int (*const function)(void) = (int (*)(void))(unsigned long)code;
  for (unsigned round = 0; round < ROUNDS; round++) {
    code[0] = load_immediate(round);
    code[1] = RET;
    __asm__ volatile("fence.i" ::: "memory");
    if (function() != (int)round) return 1;
  }
  print_value("versions run", ROUNDS);
  return 0;
}
