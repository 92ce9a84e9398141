/* Start of the floating-point comparison, and the way into one instruction (unprivileged specification,
 * chapters 11 and 12). The table of instructions is generated: float_table.py.
 */
#if XLEN == 64
#define LX ld
#define SX sd
#else
#define LX lw
#define SX sw
#endif

  .section .text.start, "ax"
  .globl _start
_start:
  csrr t0, mhartid
1:
  bnez t0, 1b                /* one hart works */
  la sp, stack_top
  la t0, trapped
  csrw mtvec, t0
  li t0, 3 << 13             /* FS */
  csrs mstatus, t0
  call main
  li t1, 0x5555
leave:
  li t0, 0x100000            /* finisher */
  sw t1, 0(t0)
2:
  j 2b

  .balign 4
trapped:                     /* no instruction of the table may trap */
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call report_trap
  li t1, 0x13333
  j leave

/* void call_instruction(void (*code)(void), struct operands *o): o's operands go to f11..f13 and x11, x12 points
 * to o, and so does sp where the instruction wants it; f10, x10 and the word at 32(x12) take the result. */
  .text
  .globl call_instruction
call_instruction:
  mv t5, ra
  mv t6, a0
  mv a2, a1
  lw t0, 60(a2)
  slli t0, t0, 5
  csrw fcsr, t0
  fld fa0, 64(a2)
  fld fa1, 0(a2)
  fld fa2, 8(a2)
  fld fa3, 16(a2)
  LX a1, 24(a2)
  li a0, 0x5a5
  mv a4, sp
  jalr t6
  mv sp, a4
  csrr t0, fflags
  sw t0, 56(a2)
  fsd fa0, 40(a2)
  SX a0, 48(a2)
  jr t5

  .bss
  .balign 16
  .space 4096
stack_top:
