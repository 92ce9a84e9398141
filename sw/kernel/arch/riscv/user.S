// The way into a user program, and the copies from and to its memory.
#include <asm/csr.h>

  .text
// void enter_user(a0 = pt_regs* on the current task's stack): leaves the kernel; what is below is dropped
  .globl enter_user
enter_user:
  mv sp, a0
  tail trap_return

// unsigned long copy_user_bytes(a0 = to, a1 = from, a2 = count): the number of bytes not copied. A fault that
// cannot be served in here goes on at copy_user_fault. Whole registers where both sides agree in alignment: such
// a word lies in one page, so the count is exact all the same.
  .globl copy_user_bytes
copy_user_bytes:
  li t0, SSTATUS_SUM
  csrs CSR_STATUS, t0
  li t2, REG_BYTES
1:
  or t1, a0, a1
  andi t1, t1, REG_BYTES - 1
  bnez t1, 3f
2:
  bltu a2, t2, 3f
  REG_L t1, 0(a1)
  REG_S t1, 0(a0)
  addi a0, a0, REG_BYTES
  addi a1, a1, REG_BYTES
  addi a2, a2, -REG_BYTES
  j 2b
3:
  beqz a2, copy_user_fault
  lbu t1, 0(a1)
  sb t1, 0(a0)
  addi a0, a0, 1
  addi a1, a1, 1
  addi a2, a2, -1
  xor t1, a0, a1
  andi t1, t1, REG_BYTES - 1
  bnez t1, 3b
  j 1b
  .globl copy_user_fault
copy_user_fault:
  csrc CSR_STATUS, t0
  mv a0, a2
  ret
