// Port instructions that C has no inline for: the immediate form through the assembler macros, and a read in
// user mode.
#include "memio/asm.h"
#include "memio/portio.h"

#define UART_SCRATCH 0x3FF

  .text
// unsigned long scratch_by_immediate(a0 = value): writes and reads the UART's scratch register
  .globl scratch_by_immediate
scratch_by_immediate:
  out8i UART_SCRATCH, a0
  in8i a0, UART_SCRATCH
  ret

// unsigned long user_port_read(a0 = port): in8 in user mode; -1 if it trapped. The program's bare_trap goes
// on after an illegal instruction and, in machine mode, after a call from user mode.
  .globl user_port_read
user_port_read:
  la t0, 1f
  csrw mepc, t0
  li t0, MSTATUS_MPP_MASK
  csrc mstatus, t0
  mv a1, a0
  li a0, -1
  mret
1:
  in8 a0, a1
  ecall
  ret
