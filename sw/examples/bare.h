// What bare programs share: the end of the run, output on the UART, CSR access. Device addresses are those of
// the `virt` machine; a program that needs others reads the device tree instead.
#pragma once

#include <stdint.h>

#include "memio/asm.h"

#define UART_BASE 0x10000000ul
#define CLINT_BASE 0x02000000ul
#define FINISHER_BASE 0x00100000ul
#define RESET_VECTOR 0x1000ul

#ifdef __cplusplus
extern "C" {
#endif

// Ends the run with `status` (0: success) through tohost; on machines that do not watch it, through the
// finisher.
void exit_run(int status) __attribute__((noreturn));

void print(const char* text);
void print_unsigned(unsigned long value);
// "name: value" and a line end.
void print_value(const char* name, unsigned long value);

// Called for every trap; returns where to go on. A program may define its own; this one prints and ends the
// run with status 99.
unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval);

// Length in bytes of the instruction at `pc`.
static inline unsigned long instruction_length(unsigned long pc) {
  return (*(const uint16_t*)pc & 3) == 3 ? 4 : 2;
}

#ifdef __cplusplus
}
#endif

#define INTERRUPT_FLAG (1ul << (__riscv_xlen - 1))
