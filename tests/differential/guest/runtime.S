/*
 * Runtime of a generated program: starts the hart, runs one chunk after another, catches its traps and prints
 * what state the chunk left. Written against the RISC-V privileged specification 1.12, chapters 3 and 4.
 *
 * A chunk is described by one record of `chunk_table` (see DESC_* below). The runtime sets the CSRs, loads x1..x31
 * and enters the chunk with mret. Every trap is logged; then the trapping instruction is skipped (its length from its
 * low bits), except that a fetch fault returns to x1, which the jump that led there has set. A chunk ends at the
 * ecall at its end label; delegated to S mode, that ecall is passed on to M mode at `s_exit`.
 *
 * Console text, one line per chunk, all hexadecimal:
 *   @c <chunk> <registers> <memory> <traps> <trap log> <CSRs> <page-table entries>      (hashes but for <traps>)
 * and, for chunks full_first..full_last, one line for each register, trap, CSR, PTE and memory word.
 * Not modelled: floating-point state, more than one hart, interrupts that arrive by themselves.
 */
#if XLEN == 64
#define LX ld
#define SX sd
#define WORD .dword
#define SHIFT 3
#else
#define LX lw
#define SX sw
#define WORD .word
#define SHIFT 2
#endif
#define W (XLEN / 8)

#define UART 0x10000000
#define UART_LSR 5
#define FINISHER 0x100000
#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x13333
#define CLINT_MSIP 0x2000000
#define CLINT_MTIMECMP 0x2004000

/* Fields of a chunk record, in words of XLEN bits; layout.py has the same list. */
#define DESC_ENTRY 0
#define DESC_END 1
#define DESC_MSTATUS 2
#define DESC_SATP 3
#define DESC_MEDELEG 4
#define DESC_MIDELEG 5
#define DESC_MIE 6
#define DESC_OFFSET 7
#define DESC_FLAGS 8
#define DESC_PMPCFG 9
#define DESC_PMPADDR 10
#define DESC_PTE_LIST 14
#define DESC_PTE_COUNT 15
#define DESC_COUNTEREN 16
#define DESC_X1 17
#define DESC_WORDS 48

#define FLAG_FENCE 1
#define FLAG_MTVEC_VECTORED 2
#define FLAG_STVEC_VECTORED 4

#define LOG_WORDS 5
#define LOG_ENTRIES 96

/* SIE MIE SPIE MPIE SPP MPP MPRV SUM MXR TVM TW TSR: what a chunk may change and the log shows. */
#define MSTATUS_MASK 0x7e19aa
#define MSTATUS_MPRV_BIT 17
#define SSTATUS_MASK 0xc0122
#define MIP_MASK 0x22a

#define DATA_WINDOW (0x80401000 - 64)
#define DATA_BOUNDARIES 9
#define WINDOW_BYTES 128

  .option norelax
  .option norvc

/* ------------------------------------------------------------------------------------------------ start */
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
  li t0, CLINT_MTIMECMP               /* no timer interrupt ever: high half first, so that it never matches */
  li t1, -1
  sw t1, 4(t0)
  sw t1, 0(t0)
  li t0, CLINT_MSIP
  sw zero, 0(t0)
  li t0, -1                           /* PMP entry 7 permits everything; chunks use entries 0..3 */
#if XLEN == 64
  srli t0, t0, 10
#endif
  csrw pmpaddr7, t0
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

/* Only PMP entry 7 (everything allowed) stays on. */
pmp_close:
#if XLEN == 64
  li t0, 0x1f
  slli t0, t0, 56
  csrw pmpcfg0, t0
#else
  csrw pmpcfg0, zero
  li t0, 0x1f000000
  csrw pmpcfg1, t0
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
  andi t1, t0, 7
  csrw mcounteren, t1
  srli t0, t0, 8
  csrw scounteren, t0
  LX t0, DESC_SATP * W(s0)
  csrw satp, t0
  LX t1, DESC_FLAGS * W(s0)
  andi t2, t1, FLAG_FENCE
  beqz t2, 2f
  sfence.vma
2:
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
  LX t0, DESC_MSTATUS * W(s0)
  csrs mstatus, t0
  addi x31, s0, (DESC_X1 - 1) * W
  .irp r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  LX x\r, \r * W(x31)
  .endr
  mret

/* ------------------------------------------------------------------------------------------------ traps */
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
  .irp r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
  SX x\r, \r * W(x31)
  .endr
  csrr x1, \scratch
  SX x1, 31 * W(x31)
  csrw \scratch, x31
  .endm

  .macro restore_all save
  la x31, \save
  .irp r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
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
m_return:
  csrr t0, mstatus                    /* mret sets MPP to U: with MPRV set, QEMU would keep translations for S */
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

/* ------------------------------------------------------------------------------------------------ report */
  .macro hash word                    /* s3 = s3 * 33 ^ word */
  slli t6, s3, 5
  add s3, s3, t6
  xor s3, s3, \word
  .endm

/* Folds a1 words at a0 into s3. */
fold:
  li s3, 5381
fold_more:
  beqz a1, 2f
1:
  LX t0, 0(a0)
  hash t0
  addi a0, a0, W
  addi a1, a1, -1
  bnez a1, 1b
2:
  ret

put_hash:
  mv a0, s3
  j put_number

report_chunk:
  la t0, saved_ra
  SX ra, 0(t0)
  la a0, text_chunk
  call put_text
  mv a0, s1
  call put_number
  la a0, m_save + W
  li a1, 31
  call fold
  call put_hash

  li s3, 5381
  li s4, DATA_WINDOW
  li s5, DATA_BOUNDARIES
  li s6, 4096
1:
  mv a0, s4
  li a1, WINDOW_BYTES / W
  call fold_more
  add s4, s4, s6
  addi s5, s5, -1
  bnez s5, 1b
  call put_hash

  la t0, log_count
  LX a0, 0(t0)
  call put_number
  la t0, log_count
  LX t0, 0(t0)
  slli a1, t0, 2
  add a1, a1, t0
  la a0, log
  call fold
  call put_hash

  la a0, state
  li a1, 8
  call fold
  call put_hash

  li s3, 5381
  LX s4, DESC_PTE_LIST * W(s0)
  LX s5, DESC_PTE_COUNT * W(s0)
  beqz s5, 3f
2:
  LX t0, 0(s4)
  LX t0, 0(t0)
  hash t0
  addi s4, s4, W
  addi s5, s5, -1
  bnez s5, 2b
3:
  call put_hash
  call put_newline

  la t0, full_first
  LX t0, 0(t0)
  bltu s1, t0, 4f
  la t0, full_last
  LX t0, 0(t0)
  bltu t0, s1, 4f
  call report_full
4:
  la t0, saved_ra
  LX ra, 0(t0)
  ret

/* Prints a1 words at a0, each on a line with text a2 and its number (or, with a3 set, its address). */
put_words:
  la t0, saved_words_ra
  SX ra, 0(t0)
  mv s4, a0
  mv s5, a1
  mv s6, a2
  mv s7, a3
  li s8, 0
  beqz s5, 4f
1:
  mv a0, s6
  call put_text
  mv a0, s8
  beqz s7, 2f
  mv a0, s4
2:
  call put_number
  LX a0, 0(s4)
  call put_number
  call put_newline
  addi s4, s4, W
  addi s8, s8, 1
  bltu s8, s5, 1b
4:
  la t0, saved_words_ra
  LX ra, 0(t0)
  ret

report_full:
  la t0, saved_full_ra
  SX ra, 0(t0)
  la a0, m_save
  SX zero, 0(a0)
  li a1, 32
  la a2, text_register
  li a3, 0
  call put_words
  la a0, state
  li a1, 8
  la a2, text_state
  li a3, 0
  call put_words
  la t0, log_count
  LX t0, 0(t0)
  slli a1, t0, 2
  add a1, a1, t0
  la a0, log
  la a2, text_log
  li a3, 0
  call put_words
  LX s9, DESC_PTE_LIST * W(s0)
  LX s10, DESC_PTE_COUNT * W(s0)
1:
  beqz s10, 2f
  LX a0, 0(s9)
  li a1, 1
  la a2, text_pte
  li a3, 1
  call put_words
  addi s9, s9, W
  addi s10, s10, -1
  j 1b
2:
  li s9, DATA_WINDOW
  li s10, DATA_BOUNDARIES
3:
  mv a0, s9
  li a1, WINDOW_BYTES / W
  la a2, text_memory
  li a3, 1
  call put_words
  li t0, 4096
  add s9, s9, t0
  addi s10, s10, -1
  bnez s10, 3b
  la t0, saved_full_ra
  LX ra, 0(t0)
  ret

/* ------------------------------------------------------------------------------------------------ console */
put_byte:                             /* a0; uses t0, t1 */
  li t0, UART
1:
  lbu t1, UART_LSR(t0)
  andi t1, t1, 0x20
  beqz t1, 1b
  sb a0, 0(t0)
  ret

put_newline:
  li a0, 10
  j put_byte

put_text:
  mv t2, ra
  mv t3, a0
1:
  lbu a0, 0(t3)
  beqz a0, 2f
  call put_byte
  addi t3, t3, 1
  j 1b
2:
  jr t2

put_number:                           /* " " and a0 in hexadecimal without leading zeros */
  mv t2, ra
  mv t3, a0
  li a0, 32
  call put_byte
  li t4, XLEN - 4
1:
  beqz t4, 2f
  srl t5, t3, t4
  bnez t5, 2f
  addi t4, t4, -4
  j 1b
2:
  srl t5, t3, t4
  andi t5, t5, 15
  la t6, digits
  add t6, t6, t5
  lbu a0, 0(t6)
  call put_byte
  addi t4, t4, -4
  bgez t4, 2b
  jr t2

  .section .rodata
digits: .ascii "0123456789abcdef"
text_chunk: .asciz "@c"
text_register: .asciz "@r"
text_state: .asciz "@s"
text_log: .asciz "@t"
text_pte: .asciz "@p"
text_memory: .asciz "@m"
text_end: .asciz "@end"
text_give_up: .asciz "@too-many-traps"

  .data
  .balign 16
m_save: .fill 32, W, 0
s_save: .fill 32, W, 0
state: .fill 8, W, 0
current_desc: WORD 0
current_index: WORD 0
end_pc: WORD 0
code_offset: WORD 0
saved_ra: WORD 0
saved_words_ra: WORD 0
saved_full_ra: WORD 0
log_count: WORD 0
log: .fill LOG_ENTRIES * LOG_WORDS, W, 0
  .balign 16
stack: .fill 256, 1, 0
stack_top:
