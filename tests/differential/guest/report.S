/*
 * Report of a chunk on the UART (16550), one line for each, all hexadecimal:
 *   @c <chunk> <registers> <memory> <traps> <trap log> <CSRs> <page-table entries> <f registers>
 * (hashes but for <traps>)
 * and, for chunks full_first..full_last, one line for each register, CSR, trap, PTE and memory word.
 */
#include "runtime.h"

  .text
  .globl report_chunk, put_words, put_text, put_number, put_newline, text_log

  .macro hash word                  /* s3 = s3 * 33 ^ word */
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
  li a1, STATE_WORDS
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
  la a0, f_save
  li a1, 32 * 8 / W
  call fold
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
  li a1, STATE_WORDS
  la a2, text_state
  li a3, 0
  call put_words
  la a0, f_save
  li a1, 32 * 8 / W
  la a2, text_float
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
text_float: .asciz "@f"
text_log: .asciz "@t"
text_pte: .asciz "@p"
text_memory: .asciz "@m"

  .data
  .balign 8
saved_ra: WORD 0
saved_words_ra: WORD 0
saved_full_ra: WORD 0
