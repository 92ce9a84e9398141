// Port space from a bare program: both forms of the port instructions, the fault of a port nobody owns, and
// the right of user mode to use them. Needs memio's CPU; the exit status is the number of the first check
// that failed.
#include "bare.h"
#include "bare_check.h"
#include "memio/portio.h"

#define UART_SCRATCH 0x3FF
#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_FREE_BYTE 0x51
#define DEBUG_PORT 0x80
#define NOBODY 0x900

enum { kIllegalInstruction = 2, kLoadAccess = 5, kStoreAccess = 7, kCallFromUser = 8 };

unsigned long scratch_by_immediate(unsigned long value);
unsigned long user_port_read(unsigned long port);

static volatile unsigned long trap_count;
static volatile unsigned long trap_cause;
static volatile unsigned long trap_value;

// Goes on after the instruction; a call from user mode comes back to machine mode.
unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  if (cause == kCallFromUser) {
    CSR_SET(mstatus, MSTATUS_MPP_MASK);
    return pc + 4;
  }
  trap_count = trap_count + 1;
  trap_cause = cause;
  trap_value = tval;
  return pc + instruction_length(pc);
}

int main(void) {
  port_out8(UART_SCRATCH, 0x5A);
  check("register form, 8 bits", port_in8(UART_SCRATCH) == 0x5A);
  port_out8_imm(UART_SCRATCH, 0xC3);
  check("immediate form in C", port_in8_imm(UART_SCRATCH) == 0xC3);
  check("immediate form in assembler", scratch_by_immediate(0x1A5) == 0xA5);
  port_out8(CMOS_INDEX, CMOS_FREE_BYTE);
  port_out8(CMOS_DATA, 0x77);
  check("CMOS byte", port_in8(CMOS_DATA) == 0x77);
  port_out8(DEBUG_PORT, 0x42);
  // Only the low 16 bits of a register name the port.
  check("port number wraps", port_in8(0x10000 + UART_SCRATCH) == 0xA5);
  check("no trap so far", trap_count == 0);

  port_in8(NOBODY);
  check("read of no port", trap_count == 1 && trap_cause == kLoadAccess && trap_value == NOBODY);
  port_out32(NOBODY, 0);
  check("write of no port", trap_count == 2 && trap_cause == kStoreAccess && trap_value == NOBODY);

  check("user mode refused", user_port_read(UART_SCRATCH) == ~0ul);
  check("as an illegal instruction", trap_count == 3 && trap_cause == kIllegalInstruction);
  __asm__ volatile("csrsi 0x5C0, 1");  // sportctl.UPE
  check("user mode permitted", user_port_read(UART_SCRATCH) == 0xA5);
  check("without a trap", trap_count == 3);
  print("port-io: all checks passed\n");
  return 0;
}
