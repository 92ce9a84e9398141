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
  /* Shown, and left, as 0: the value after ebreak, which may be 0 or the pc, and that of a misaligned jump, of
   * which QEMU makes the pc of its translation block. */
  beqz t0, 1f
  addi t4, t0, -3
  bnez t4, 2f
1:
  li t2, 0
  csrw \value, zero
2:
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

/* Ends the interrupt whose cause is t0: what M mode can clear, it clears; what S mode cannot, it disables. */
  .macro end_machine_interrupt
  andi t0, t0, 31
  li t1, 1
  sll t1, t1, t0
  csrc mip, t1
  addi t0, t0, -3
  bnez t0, 3f
  li t1, CLINT_MSIP
  sw zero, 0(t1)
3:
  .endm

  .macro end_supervisor_interrupt
  andi t0, t0, 31
  li t1, 1
  sll t1, t1, t0
  addi t0, t0, -1
  beqz t0, 3f
  csrc sie, t1
  j 4f
3:
  csrc sip, t1
4:
  .endm

/* Instructions that may trap inside a handler, 16 bytes for each; s11 holds an address that nobody owns. A chunk's
 * record names one, or none (0). */
  .macro nested_slots status, enable
  .balign 16
  ret
  .balign 16
  .4byte 0xffffffff
  ret
  .balign 16
  ecall
  ret
  .balign 16
  ebreak
  ret
  .balign 16
  lw zero, 0(s11)
  ret
  .balign 16
  csrr zero, mhartid
  ret
  .balign 16
  csrw cycle, zero
  ret
  .balign 16
  csrr zero, satp
  ret
  .balign 16
  sfence.vma
  ret
  .balign 16
  csrr zero, fcsr
  ret
  .balign 16
  csrsi \status, \enable               /* other interrupts that are pending come now */
  csrci \status, \enable
  ret
  .endm

/* In a handler whose registers are saved: runs the chunk's nested instruction with a vector of its own. What
 * the nested trap changed is put back. */
  .macro nest slots, handler, s_or_m
  la t4, current_desc
  LX t4, 0(t4)
  LX t4, DESC_NESTED * W(t4)
  beqz t4, 5f
  csrr s4, \s_or_m\()epc
  csrr s5, \s_or_m\()cause
  csrr s6, \s_or_m\()tval
  csrr s7, \s_or_m\()status
  csrr s8, \s_or_m\()tvec
  mv s9, t0
  mv s10, t1
  la t0, \handler
  csrw \s_or_m\()tvec, t0
  li s11, HOLE
  slli t4, t4, 4
  la t0, \slots
  add t4, t4, t0
  jalr t4
  csrw \s_or_m\()epc, s4
  csrw \s_or_m\()cause, s5
  csrw \s_or_m\()tval, s6
  csrw \s_or_m\()status, s7
  csrw \s_or_m\()tvec, s8
  mv t0, s9
  mv t1, s10
5:
  .endm

/* t1 = where to go on after exception t0 at t1: at x1 after a fetch fault, else behind the instruction. */
  .macro resume_point
  la t4, supervisor_slots
  la t5, slots_end
  sltu t4, t1, t4
  sltu t5, t1, t5
  addi t2, t1, 4
  bltu t4, t5, 2f
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
  nest machine_slots, m_nested, m
  bltz t0, m_interrupt
  resume_point
  csrw mepc, t1
  j m_return
m_interrupt:
  end_machine_interrupt
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
  nest supervisor_slots, s_nested, s
  bltz t0, s_interrupt
  resume_point
  csrw sepc, t1
  j s_return
s_interrupt:
  end_supervisor_interrupt
s_return:
  restore_all s_save
  sret

s_exit:
  ecall

/* Traps inside the handlers; everything is saved already. */
  .macro nested_handler name, s_or_m, mask, tag, full, interrupt, return
  .balign 4
\name:
  csrr t0, \s_or_m\()cause
  csrr t1, \s_or_m\()epc
  csrr t2, \s_or_m\()tval
  csrr t3, \s_or_m\()status
  li t4, \mask
  and t3, t3, t4
  li x30, 0
  append_log \tag, \s_or_m\()tval, \full
  bltz t0, 1f
  addi t1, t1, 4
  csrw \s_or_m\()epc, t1
  \return
1:
  \interrupt
  \return
  .endm
  nested_handler m_nested, m, MSTATUS_MASK, 0x300, give_up, end_machine_interrupt, mret
  nested_handler s_nested, s, SSTATUS_MASK, 0x400, s_leave, end_supervisor_interrupt, sret

  .balign 16
machine_slots:
  nested_slots mstatus, 8
  .balign 16
supervisor_slots:
  nested_slots sstatus, 2
slots_end:

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
#if FLOATING
  li t0, MSTATUS_FS
  csrs mstatus, t0
  csrr t0, fcsr
  SX t0, 8 * W(t4)
  la t0, f_save
  .irp r, X0_TO_X31
  fsd f\r, \r * 8(t0)
  .endr
#endif
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
  .globl m_vectors, s_vectors, m_save, s_save, f_save, state, log_count, log, end_pc, code_offset
m_save: .fill 32, W, 0
s_save: .fill 32, W, 0
f_save: .fill 32, 8, 0
state: .fill STATE_WORDS, W, 0
end_pc: WORD 0
code_offset: WORD 0
log_count: WORD 0
log: .fill LOG_ENTRIES * LOG_WORDS, W, 0
