// A guest that cannot go on: its trap handler is an illegal instruction.
  .text
  .globl main
main:
  la t0, 1f
  csrw mtvec, t0
  .balign 4
1:
  .word 0
