// Start of a bare program in machine mode: opens memory to the lower modes, clears .bss, sets a trap handler
// and calls main(hart, device tree). What main returns is the exit status. Hart 0 only.
#include "memio/asm.h"

  .section .text.start, "ax"
  .globl _start
_start:
  csrw mie, zero
  csrr t0, mhartid
  bnez t0, park
  la sp, __stack_top
  li s0, 0

  // A hart without PMP traps here, and goes on after it.
  la t0, 1f
  csrw mtvec, t0
  li t1, -1
  csrw pmpaddr0, t1
  li t1, 0x1f
  csrw pmpcfg0, t1
  .balign 4
1:
  la t0, trap_vector
  csrw mtvec, t0

  la t0, __bss_start
  la t1, __bss_end
2:
  bgeu t0, t1, 3f
  REG_S zero, 0(t0)
  addi t0, t0, REG_BYTES
  j 2b
3:
  call main
  call exit_run
park:
  wfi
  j park

// Saves what C may change, calls bare_trap(cause, pc, tval) and goes on where it says. Works on the program's
// own stack, and so in machine mode and for programs that keep sp valid in lower modes.
  .text
  .balign 4
  .globl trap_vector
trap_vector:
  addi sp, sp, -(16 * REG_BYTES)
  .set .Lslot, 0
  .irp r, ra, t0, t1, t2, a0, a1, a2, a3, a4, a5, a6, a7, t3, t4, t5, t6
  REG_S \r, (.Lslot * REG_BYTES)(sp)
  .set .Lslot, .Lslot + 1
  .endr
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call bare_trap
  csrw mepc, a0
  .set .Lslot, 0
  .irp r, ra, t0, t1, t2, a0, a1, a2, a3, a4, a5, a6, a7, t3, t4, t5, t6
  REG_L \r, (.Lslot * REG_BYTES)(sp)
  .set .Lslot, .Lslot + 1
  .endr
  addi sp, sp, 16 * REG_BYTES
  mret

  .section .tohost, "aw", @progbits
  .balign 64
  .globl tohost
tohost:
  .dword 0
  .balign 64
  .globl fromhost
fromhost:
  .dword 0
