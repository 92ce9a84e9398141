// Floating point in user mode: results to the bit, flags, rounding, and registers that keep their values
// while the kernel takes ticks and other tasks run. The exit status is the number of wrong ones.
#include "memio_user.h"

#define FLOAT(text) ".option push\n.option arch, +f, +d\n" text "\n.option pop\n"

static int failures;
static int checks;

static void check(const char* what, uint64_t got, uint64_t expected) {
  checks++;
  if (got == expected) return;
  printf("floating: %s: got 0x%lx%08lx\n", what, (unsigned long)(got >> 32),
         (unsigned long)(got & 0xffffffff));
  failures++;
}

#define OPERATION(name, text)                                            \
  static uint64_t name(uint64_t a, uint64_t b) {                         \
    uint64_t result;                                                     \
    __asm__ volatile(FLOAT("fld ft0, 0(%0)\n fld ft1, 0(%1)\n" text "\n" \
                           "fsd ft2, 0(%2)")                             \
                     :                                                   \
                     : "r"(&a), "r"(&b), "r"(&result)                    \
                     : "memory");                                        \
    return result;                                                       \
  }
OPERATION(quotient, "fdiv.d ft2, ft0, ft1")
OPERATION(quotient_up, "fdiv.d ft2, ft0, ft1, rup")
OPERATION(root, "fsqrt.d ft2, ft0")
OPERATION(square_less_b, "fmsub.d ft2, ft0, ft0, ft1")
OPERATION(as_single, "fcvt.s.d ft2, ft0")

static unsigned flags(void) {
  unsigned long value;
  __asm__ volatile("csrrw %0, 1, zero" : "=r"(value));
  return (unsigned)value;
}

// 1 + 1/2 + ... + 1/100000, from the first to the last term, all in registers.
static uint64_t harmonic_sum(void) {
  static const uint64_t one = 0x3ff0000000000000;
  uint64_t result;
  __asm__ volatile(FLOAT("fld fs0, 0(%0)\n"
                         "fmv.d ft3, fs0\n"
                         "fcvt.d.w fs1, zero\n"
                         "li t0, 100000\n"
                         "1:\n"
                         "fdiv.d ft4, fs0, ft3\n"
                         "fadd.d fs1, fs1, ft4\n"
                         "fadd.d ft3, ft3, fs0\n"
                         "addi t0, t0, -1\n"
                         "bnez t0, 1b\n"
                         "fsd fs1, 0(%1)")
                   :
                   : "r"(&one), "r"(&result)
                   : "t0", "memory");
  return result;
}

int main(void) {
  const uint64_t one = 0x3ff0000000000000, two = 0x4000000000000000, three = 0x4008000000000000;
  check("flags at first", flags(), 0);
  check("1/3", quotient(one, three), 0x3fd5555555555555);
  check("inexact", flags(), 1);
  check("1/3, up", quotient_up(one, three), 0x3fd5555555555556);
  check("root of 2", root(two, 0), 0x3ff6a09e667f3bcd);
  check("(1 + 2^-52)^2 - (1 + 2^-51)", square_less_b(one + 1, one + 2), 0x3970000000000000);
  flags();
  check("1/0", quotient(one, 0), 0x7ff0000000000000);
  check("division by zero", flags(), 8);
  check("single, boxed", as_single(quotient(one, three), 0), 0xffffffff3eaaaaab);
  check("harmonic sum", harmonic_sum(), 0x40282e27a22f3f7c);
  printf("floating: %d checks, %d wrong\n", checks, failures);
  return failures;
}
