// A loop of integer instructions without memory accesses: ITERATIONS times 8 of them. For measuring the speed
// of the simulator.
#include "bare.h"

#ifndef ITERATIONS
#define ITERATIONS 250000ul
#endif

int main(void) {
  unsigned long a = 1;
  unsigned long b = 2;
  unsigned long c = 3;
  unsigned long count = ITERATIONS;
  __asm__ volatile(
      "1: add %[a], %[a], %[b]\n"
      "xor %[b], %[b], %[a]\n"
      "slli %[c], %[a], 3\n"
      "sub %[c], %[c], %[b]\n"
      "or %[a], %[a], %[c]\n"
      "srli %[b], %[b], 1\n"
      "addi %[count], %[count], -1\n"
      "bnez %[count], 1b\n"
      : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [count] "+r"(count));
  print_value("int-loop", (a ^ b ^ c) & 0xff);
  return 0;
}
