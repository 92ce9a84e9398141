// Start of a program for several harts: as crt0.S, but every hart gets a stack and goes on. In machine mode
// (all harts begin at _start) each calls main(hart, device tree), the others once hart 0 has cleared .bss. With
// SUPERVISOR, firmware enters one hart at _start; others begin at secondary_start, which calls
// secondary(hart, opaque). No traps are expected.
#include "memio/asm.h"

#define STACK_SHIFT 12

.macro own_stack
  la sp, __stack_top
  slli t0, a0, STACK_SHIFT
  sub sp, sp, t0
  li s0, 0
.endm

  .section .text.start, "ax"
  .globl _start
_start:
#ifdef SUPERVISOR
  csrw sie, zero
  la t0, unexpected_trap
  csrw stvec, t0
#else
  csrw mie, zero
  csrr a0, mhartid
  la t0, 1f
  csrw mtvec, t0
  li t1, -1
  csrw pmpaddr0, t1
  li t1, 0x1f
  csrw pmpcfg0, t1
  .balign 4
1:
  la t0, unexpected_trap
  csrw mtvec, t0
#endif
  own_stack
  la t2, bss_cleared
#ifndef SUPERVISOR
  bnez a0, 3f
#endif
  la t0, __bss_start
  la t1, __bss_end
2:
  bgeu t0, t1, 4f
  REG_S zero, 0(t0)
  addi t0, t0, REG_BYTES
  j 2b
4:
  fence rw, rw
  li t0, 1
  sw t0, 0(t2)
3:
  lw t0, 0(t2)
  beqz t0, 3b
  call main
  call exit_run

#ifdef SUPERVISOR
  .globl secondary_start
secondary_start:
  csrw sie, zero
  la t0, unexpected_trap
  csrw stvec, t0
  own_stack
  call secondary
#endif

  .balign 4
unexpected_trap:
  li a0, 97
  call exit_run

  .section .tohost, "aw", @progbits
  .balign 64
  .globl tohost
tohost:
  .dword 0
  .balign 64
  .globl fromhost
fromhost:
  .dword 0

  .section .data
  .balign 4
bss_cleared:
  .word 0
