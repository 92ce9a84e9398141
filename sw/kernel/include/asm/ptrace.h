// The registers a trap saves, in the order entry.S stores them.
#pragma once

#define PT_EPC 32
#define PT_STATUS 33
#define PT_CAUSE 34
#define PT_TVAL 35
#define PT_WORDS 36

#ifndef __ASSEMBLER__
#ifdef __cplusplus
extern "C" {
#endif

struct pt_regs {
  unsigned long x[32];  // x[0] is unused
  unsigned long epc;
  unsigned long status;
  unsigned long cause;
  unsigned long tval;
};

#define REG_RA 1
#define REG_SP 2
#define REG_FP 8
#define REG_A0 10
#define REG_A1 11
#define REG_A2 12
#define REG_A7 17

// Prints all registers of `regs` with names.
void show_regs(const struct pt_regs* regs);
// panic() for a trap: message, registers, and the backtrace of the interrupted code.
void die(const char* message, const struct pt_regs* regs) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif
#endif
