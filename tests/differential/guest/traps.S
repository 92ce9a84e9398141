/*
 * Trap handlers in M and S mode (privileged specification 1.12, sections 3.1 and 4.1).
 *
 * Every trap is logged; then the trapping instruction is skipped (its length from its low bits), except that
 * a fetch fault returns to x1, which the jump that led there has set. A chunk ends at the ecall at its end
 * label; delegated to S mode, that ecall is passed on to M mode at `s_exit`.
 */
#include "runtime.h"

/* One stub per vector, so that the log shows which one the hart took. */
  .macro vector_table name, scratch, common
  .balign 256
\name:
  .irp cause, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  j \name\()_\cause
  .endr
  .irp cause, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
\name\()_\cause:
  csrrw x31, \scratch, x31
  SX x30, 30 * W(x31)
  li x30, \cause
  j \common
  .endr
  .endm

  .macro save_rest scratch
  .irp r, X1_TO_X29
  SX x\r, \r * W(x31)
  .endr
  csrr x1, \scratch
  SX x1, 31 * W(x31)
  csrw \scratch, x31
  .endm

  .macro restore_all save
  la x31, \save
  .irp r, X1_TO_X31
  LX x\r, \r * W(x31)
  .endr
  .endm

/* Appends (tag | vector, cause t0, pc t1, value t2, status t3) to the log; too many traps end the program. */
  .macro append_log tag, value, full
  addi t4, t0, -3                     /* the value after ebreak may be 0 or the pc: shown, and left, as 0 */
  bnez t4, 1f
  li t2, 0
  csrw \value, zero
1:
  la t4, log_count
  LX t5, 0(t4)
  li s2, LOG_ENTRIES
  bgeu t5, s2, \full
  addi s2, t5, 1
  SX s2, 0(t4)
  slli t4, t5, 2
  add t4, t4, t5
  slli t4, t4, SHIFT
  la t5, log
  add t4, t4, t5
  li t5, \tag
  or t5, t5, x30
  SX t5, 0 * W(t4)
  SX t0, 1 * W(t4)
  SX t1, 2 * W(t4)
  SX t2, 3 * W(t4)
  SX t3, 4 * W(t4)
  .endm

/* t1 = where to go on after exception t0 at t1: at x1 after a fetch fault, else behind the instruction. */
  .macro resume_point
  la t4, code_offset
  LX t4, 0(t4)
  LX t2, 1 * W(x31)
  beqz t0, 2f
  addi t3, t0, -1
  beqz t3, 2f
  addi t3, t0, -12
  beqz t3, 2f
  sub t4, t1, t4
  lhu t4, 0(t4)
  addi t2, t1, 2
  not t4, t4
  andi t4, t4, 3
  bnez t4, 2f
  addi t2, t2, 2
2:
  mv t1, t2
  .endm

  .text
  vector_table m_vectors, mscratch, m_trap
  vector_table s_vectors, sscratch, s_trap

m_trap:
  save_rest mscratch
  csrr t0, mcause
  csrr t1, mepc
  csrr t2, mtval
  csrr t3, mstatus
  li t4, MSTATUS_MASK
  and t3, t3, t4
  bltz t0, m_log
  la t4, s_exit
  beq t1, t4, chunk_done
  la t4, end_pc
  LX t4, 0(t4)
  bne t1, t4, m_log
  addi t4, t0, -8                     /* an ecall (8, 9, 11) at the end label */
  sltiu t4, t4, 4
  bnez t4, chunk_done
m_log:
  append_log 0x100, mtval, give_up
  bltz t0, m_interrupt
  resume_point
  csrw mepc, t1
  j m_return
m_interrupt:
  andi t0, t0, 31
  li t1, 1
  sll t1, t1, t0
  csrc mip, t1
  li t1, CLINT_MSIP
  addi t0, t0, -3
  bnez t0, m_return
  sw zero, 0(t1)
m_return:                             /* mret sets MPP to U: with MPRV set, QEMU keeps translations for S */
  csrr t0, mstatus
  srli t0, t0, MSTATUS_MPRV_BIT
  andi t0, t0, 1
  beqz t0, 1f
  sfence.vma
1:
  restore_all m_save
  mret

s_trap:
  save_rest sscratch
  csrr t0, scause
  csrr t1, sepc
  csrr t2, stval
  csrr t3, sstatus
  li t4, SSTATUS_MASK
  and t3, t3, t4
  addi t4, t0, -8                     /* U mode ends: hand on to M mode with the registers of the chunk */
  bnez t4, s_log
  la t4, end_pc
  LX t4, 0(t4)
  bne t1, t4, s_log
s_leave:
  restore_all s_save
  j s_exit
s_log:
  append_log 0x200, stval, s_leave
  bltz t0, s_interrupt
  resume_point
  csrw sepc, t1
  j s_return
s_interrupt:                          /* S mode clears SSIP; what it cannot clear (STIP, SEIP), it disables */
  andi t0, t0, 31
  li t1, 1
  sll t1, t1, t0
  addi t0, t0, -1
  beqz t0, 1f
  csrc sie, t1
  j s_return
1:
  csrc sip, t1
s_return:
  restore_all s_save
  sret

s_exit:
  ecall

/* t3 = masked mstatus at the end of the chunk. Leaves the CSRs as the runtime wants them. */
chunk_done:
  la t4, state
  SX t3, 0 * W(t4)
  csrr t0, sepc
  SX t0, 1 * W(t4)
  csrr t0, scause
  SX t0, 2 * W(t4)
  csrr t0, stval
  SX t0, 3 * W(t4)
  csrr t0, mip
  andi t0, t0, MIP_MASK
  SX t0, 4 * W(t4)
  csrr t0, mie
  andi t0, t0, MIP_MASK
  SX t0, 5 * W(t4)
  csrr t0, satp
  SX t0, 6 * W(t4)
  csrr t0, sscratch
  SX t0, 7 * W(t4)
  csrw mie, zero
  csrw mip, zero
  li t0, CLINT_MSIP
  sw zero, 0(t0)
  csrw scause, zero
  li t0, MSTATUS_MASK
  csrc mstatus, t0
  la sp, stack_top
  call pmp_close
  la t0, s_save
  csrw sscratch, t0
  j chunk_finished

  .data
  .balign 16
  .globl m_vectors, s_vectors, m_save, s_save, state, log_count, log, end_pc, code_offset
m_save: .fill 32, W, 0
s_save: .fill 32, W, 0
state: .fill 8, W, 0
end_pc: WORD 0
code_offset: WORD 0
log_count: WORD 0
log: .fill LOG_ENTRIES * LOG_WORDS, W, 0
