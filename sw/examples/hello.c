// The smallest program: a line on the UART, exit status 0.
#include "bare.h"

int main(void) {
  print("hello from rv");
  print_unsigned(__riscv_xlen);
  print("\n");
  return 0;
}
