// The small library of bare programs; see bare.h.
#include "bare.h"

#define UART_LINE_STATUS 5
#define UART_TRANSMIT_EMPTY 0x20

enum { kUnexpectedTrap = 99 };

extern volatile uint64_t tohost;

static volatile uint8_t* const uart = (volatile uint8_t*)UART_BASE;

void exit_run(int status) {
  // The low word is written last: it is what the simulator waits for.
  volatile uint32_t* const words = (volatile uint32_t*)&tohost;
  words[1] = 0;
  words[0] = (uint32_t)status << 1 | 1;
  *(volatile uint32_t*)FINISHER_BASE = status == 0 ? 0x5555 : 0x3333 | (uint32_t)status << 16;
  for (;;) {
  }
}

void print(const char* text) {
  for (; *text != 0; text++) {
    while ((uart[UART_LINE_STATUS] & UART_TRANSMIT_EMPTY) == 0) {
    }
    *uart = (uint8_t)*text;
  }
}

void print_unsigned(unsigned long value) {
  char digits[21];
  char* at = digits + sizeof digits - 1;
  *at = 0;
  do {
    *--at = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  print(at);
}

void print_value(const char* name, unsigned long value) {
  print(name);
  print(": ");
  print_unsigned(value);
  print("\n");
}

__attribute__((weak)) unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  print("unexpected trap\n");
  print_value("cause", cause);
  print_value("pc", pc);
  print_value("tval", tval);
  exit_run(kUnexpectedTrap);
}
