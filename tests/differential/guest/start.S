/*
 * Start of a generated program, and the way into each chunk (privileged specification 1.12, chapter 3). Other
 * harts than hart 0 sleep.
 */
#include "runtime.h"

  .section .text.start, "ax"
  .globl _start
_start:
  csrr t0, mhartid
  bnez t0, sleep
  la sp, stack_top
  la t0, m_vectors
  csrw mtvec, t0
  la t0, m_save
  csrw mscratch, t0
  la t0, s_save
  csrw sscratch, t0
  csrw mie, zero
  csrw mip, zero
  csrw medeleg, zero
  csrw mideleg, zero
  csrw satp, zero
  csrw sepc, zero
  csrw scause, zero
  csrw stval, zero
  li t0, MSTATUS_MASK
  csrc mstatus, t0
#if MEMORY_TYPES
  li t0, 1 << 62                      /* PBMTE: bits 61 and 62 of a leaf, of which a program sets one, are legal */
  csrs MENVCFG_UPPER, t0
#endif
  li t0, CLINT_MTIMECMP               /* no timer interrupt ever: high half first, so that it never matches */
  li t1, -1
  sw t1, 4(t0)
  sw t1, 0(t0)
  li t0, CLINT_MSIP
  sw zero, 0(t0)
  li t0, -1                           /* PMP entry 15 permits everything; chunks use the others */
#if XLEN == 64
  srli t0, t0, 10
#endif
  csrw pmpaddr15, t0
  li t0, LOCK_BASE >> 2               /* no range from here on begins at the runtime */
  .irp entry, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
  csrw pmpaddr\entry, t0
  .endr
  call pmp_close
  la s0, chunk_table
  li s1, 0
  la s2, chunk_count
  LX s2, 0(s2)
next_chunk:
  bgeu s1, s2, finish
  la t0, current_desc
  SX s0, 0(t0)
  la t0, current_index
  SX s1, 0(t0)
  j enter_chunk
chunk_finished:
  la t0, current_desc
  LX s0, 0(t0)
  la t0, current_index
  LX s1, 0(t0)
  call report_chunk
  addi s0, s0, DESC_WORDS * W
  addi s1, s1, 1
  la s2, chunk_count
  LX s2, 0(s2)
  j next_chunk

finish:
  la a0, text_end
  call put_text
  mv a0, s1
  call put_number
  call put_newline
  li t1, FINISHER_PASS
leave:
  li t0, FINISHER
  sw t1, 0(t0)
1:
  j 1b

sleep:                                /* any other hart */
  csrw mie, zero
1:
  wfi
  j 1b

give_up:                              /* more traps than the log holds: both simulators must say so alike */
  li t0, MSTATUS_MASK
  csrc mstatus, t0
  la a0, log
  li a1, 8 * LOG_WORDS
  la a2, text_log
  li a3, 0
  call put_words
  la a0, text_give_up
  call put_text
  la t0, current_index
  LX a0, 0(t0)
  call put_number
  call put_newline
  li t1, FINISHER_FAIL
  j leave

/* Only PMP entry 15 (everything allowed) stays on, and what is locked. */
pmp_close:
  csrw pmpcfg0, zero
#if XLEN == 64
  li t0, 0x1f
  slli t0, t0, 56
  csrw pmpcfg2, t0
#else
  csrw pmpcfg1, zero
  csrw pmpcfg2, zero
  li t0, 0x1f000000
  csrw pmpcfg3, t0
#endif
  sfence.vma
  ret

/* Sets the CSRs of the chunk record in s0 and enters the chunk. */
enter_chunk:
  la t0, log_count
  SX zero, 0(t0)
  LX t0, DESC_PMPADDR * W(s0)
  csrw pmpaddr0, t0
  LX t0, (DESC_PMPADDR + 1) * W(s0)
  csrw pmpaddr1, t0
  LX t0, (DESC_PMPADDR + 2) * W(s0)
  csrw pmpaddr2, t0
  LX t0, (DESC_PMPADDR + 3) * W(s0)
  csrw pmpaddr3, t0
  LX t0, DESC_PMPCFG * W(s0)
  beqz t0, 1f
  csrs pmpcfg0, t0
  sfence.vma
1:
  LX t0, DESC_MEDELEG * W(s0)
  csrw medeleg, t0
  LX t0, DESC_MIDELEG * W(s0)
  csrw mideleg, t0
  LX t0, DESC_MIE * W(s0)
  csrw mie, t0
  LX t0, DESC_COUNTEREN * W(s0)
  csrw mcounteren, t0
  LX t0, DESC_SCOUNTEREN * W(s0)
  csrw scounteren, t0
  LX t0, DESC_SATP * W(s0)
  csrw satp, t0
  LX t1, DESC_FLAGS * W(s0)
  andi t2, t1, FLAG_FENCE
  beqz t2, 2f
  sfence.vma
2:
  li t0, 1 << (XLEN - 1)      /* menvcfg.STCE: Sstc for this chunk? */
  csrc MENVCFG_UPPER, t0
  andi t2, t1, FLAG_SSTC
  beqz t2, 3f
  csrs MENVCFG_UPPER, t0
3:
  la t0, m_vectors
  andi t2, t1, FLAG_MTVEC_VECTORED
  srli t2, t2, 1
  or t0, t0, t2
  csrw mtvec, t0
  la t0, s_vectors
  andi t2, t1, FLAG_STVEC_VECTORED
  srli t2, t2, 2
  or t0, t0, t2
  csrw stvec, t0
  LX t0, DESC_ENTRY * W(s0)
  csrw mepc, t0
  LX t0, DESC_END * W(s0)
  la t1, end_pc
  SX t0, 0(t1)
  LX t0, DESC_OFFSET * W(s0)
  la t1, code_offset
  SX t0, 0(t1)
#if FLOATING
  li t0, MSTATUS_FS
  csrs mstatus, t0
  LX t1, DESC_FLOATS * W(s0)
  .irp r, X0_TO_X31
  fld f\r, \r * 8(t1)
  .endr
  LX t1, DESC_FCSR * W(s0)
  csrw fcsr, t1
  csrc mstatus, t0
#endif
  LX t0, DESC_MSTATUS * W(s0)
  csrs mstatus, t0
  addi x31, s0, (DESC_X1 - 1) * W
  .irp r, X1_TO_X31
  LX x\r, \r * W(x31)
  .endr
  mret

  .section .rodata
text_end: .asciz "@end"
text_give_up: .asciz "@too-many-traps"

  .data
  .balign 16
  .globl current_desc, current_index, stack_top, chunk_finished, give_up, pmp_close
current_desc: WORD 0
current_index: WORD 0
  .balign 16
stack: .fill 256, 1, 0
stack_top:
