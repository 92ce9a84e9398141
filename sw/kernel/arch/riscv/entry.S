// Trap entry and return, and the copies from and to user memory. While the kernel runs, tp points to the
// current task and sscratch is 0; while user code runs, sscratch holds the task.
#include <asm/ptrace.h>

#include "memio/asm.h"

// First members of Task.
#define TASK_KERNEL_SP 0
#define TASK_SAVED_SP REG_BYTES

#define FRAME_BYTES (PT_WORDS * REG_BYTES)

.macro each_saved op
  .irp n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, \
          18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  \op x\n, (\n * REG_BYTES)(sp)
  .endr
.endm

  .text
  .balign 4
  .globl trap_entry
trap_entry:
  csrrw tp, sscratch, tp
  bnez tp, 1f
  // From the kernel: the stack goes on where it is.
  csrr tp, sscratch
  REG_S sp, TASK_KERNEL_SP(tp)
1:
  REG_S sp, TASK_SAVED_SP(tp)
  REG_L sp, TASK_KERNEL_SP(tp)
  addi sp, sp, -FRAME_BYTES
  each_saved REG_S
  REG_L t0, TASK_SAVED_SP(tp)
  REG_S t0, (2 * REG_BYTES)(sp)
  csrrw t0, sscratch, zero
  REG_S t0, (4 * REG_BYTES)(sp)
  csrr t0, sepc
  REG_S t0, (PT_EPC * REG_BYTES)(sp)
  csrr t0, sstatus
  REG_S t0, (PT_STATUS * REG_BYTES)(sp)
  csrr t0, scause
  REG_S t0, (PT_CAUSE * REG_BYTES)(sp)
  csrr t0, stval
  REG_S t0, (PT_TVAL * REG_BYTES)(sp)
  mv a0, sp
  la ra, trap_return
  tail trap_dispatch

// Returns to the state saved in the pt_regs at sp, interrupts off. Also the way into a new task.
  .globl trap_return
trap_return:
  csrci sstatus, SSTATUS_SIE
  REG_L t0, (PT_STATUS * REG_BYTES)(sp)
  csrw sstatus, t0
  andi t0, t0, SSTATUS_SPP
  bnez t0, 1f
  addi t0, sp, FRAME_BYTES
  REG_S t0, TASK_KERNEL_SP(tp)
  csrw sscratch, tp
1:
  REG_L t0, (PT_EPC * REG_BYTES)(sp)
  csrw sepc, t0
  each_saved REG_L
  REG_L x4, (4 * REG_BYTES)(sp)
  REG_L sp, (2 * REG_BYTES)(sp)
  sret

// void enter_task(a0 = Task*, a1 = pt_regs*): leaves the current stack for good
  .globl enter_task
enter_task:
  csrci sstatus, SSTATUS_SIE
  mv tp, a0
  mv sp, a1
  j trap_return

// unsigned long copy_user_bytes(a0 = to, a1 = from, a2 = count): the number of bytes not copied. A fault that
// cannot be served in here goes on at copy_user_fault.
  .globl copy_user_bytes
copy_user_bytes:
  li t0, SSTATUS_SUM
  csrs sstatus, t0
1:
  beqz a2, copy_user_fault
  lbu t1, 0(a1)
  sb t1, 0(a0)
  addi a0, a0, 1
  addi a1, a1, 1
  addi a2, a2, -1
  j 1b
  .globl copy_user_fault
copy_user_fault:
  csrc sstatus, t0
  mv a0, a2
  ret
