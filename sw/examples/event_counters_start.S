// Start and end of event_counters.c. At the start each of the hart's events 1 to 15 gets a counter, those of the
// instruction cache and the second level first: their line is all that has been missed so far. At the end, in machine
// mode without translation, the counters are stored twice, so that the second time nothing happens any more that
// one of them counts; then the run ends.
#include "memio/asm.h"

#define FINISHER 0x100000
#define PASS 0x5555

.macro count event, counter
  li t0, \event
  csrw mhpmevent\counter, t0
.endm

  .section .text.start, "ax"
  .globl _start
_start:
  count 13, 15
  count 15, 17
  li t0, 1 << 14
  csrw mcountinhibit, t0      // the waits for operands, which the end would change
  count 14, 16
  count 1, 3
  count 2, 4
  count 3, 5
  count 4, 6
  count 5, 7
  count 6, 8
  count 7, 9
  count 8, 10
  count 9, 11
  count 10, 12
  count 11, 13
  count 12, 14
  la sp, __stack_top
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, trap
  csrw mtvec, t0
  j main

// A page fault is passed over; anything else ends the run. Changes t0 and t1.
  .balign 4
trap:
  csrr t0, mcause
  li t1, 13
  bne t0, t1, finish
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  mret

  .balign 64
finish:
  la a0, begin_signature
  la a1, scratch
  li a2, FINISHER
  li a3, PASS
1:
  .set .Lplace, 0
  .irp counter, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
  csrr t0, mhpmcounter\counter
  REG_S t0, (.Lplace * REG_BYTES)(a0)
  .set .Lplace, .Lplace + 1
  .endr
  sw a3, 0(a1)
  mv a1, a2
  j 1b

  .section .tohost, "aw", @progbits
  .balign 64
  .globl tohost
tohost:
  .dword 0
  .balign 64
scratch:
  .dword 0
  .globl begin_signature, end_signature
  .balign 64
begin_signature:
  .fill 15, REG_BYTES, 0
end_signature:
