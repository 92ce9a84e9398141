// Trap entry and return, and the switch between tasks. While the kernel runs, tp points to the current task
// and the scratch register is 0; while user code runs, it holds the task.
#include <asm/csr.h>
#include <asm/ptrace.h>

// First members of struct task_struct.
#define TASK_KERNEL_SP 0
#define TASK_SAVED_SP REG_BYTES
#define TASK_SWITCH_SP (2 * REG_BYTES)

// What a task that does not run has on its stack: ra, s0 .. s11, padding (struct SwitchFrame).
#define SWITCH_WORDS 16

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
  csrrw tp, CSR_SCRATCH, tp
  bnez tp, 1f
  // From the kernel: the stack goes on where it is.
  csrr tp, CSR_SCRATCH
  REG_S sp, TASK_KERNEL_SP(tp)
1:
  REG_S sp, TASK_SAVED_SP(tp)
  REG_L sp, TASK_KERNEL_SP(tp)
  addi sp, sp, -FRAME_BYTES
  each_saved REG_S
  REG_L t0, TASK_SAVED_SP(tp)
  REG_S t0, (2 * REG_BYTES)(sp)
  csrrw t0, CSR_SCRATCH, zero
  REG_S t0, (4 * REG_BYTES)(sp)
  csrr t0, CSR_EPC
  REG_S t0, (PT_EPC * REG_BYTES)(sp)
  // The right to user memory is the interrupted code's alone.
  li t0, SSTATUS_SUM
  csrrc t0, CSR_STATUS, t0
  REG_S t0, (PT_STATUS * REG_BYTES)(sp)
  csrr t0, CSR_CAUSE
  REG_S t0, (PT_CAUSE * REG_BYTES)(sp)
  csrr t0, CSR_TVAL
  REG_S t0, (PT_TVAL * REG_BYTES)(sp)
  mv a0, sp
  la ra, trap_return
  tail trap_dispatch

// Returns to the state saved in the pt_regs at sp, interrupts off.
  .globl trap_return
trap_return:
  csrci CSR_STATUS, STATUS_IE
  REG_L t0, (PT_STATUS * REG_BYTES)(sp)
  csrw CSR_STATUS, t0
  li t1, STATUS_PP
  and t0, t0, t1
  bnez t0, 1f
  addi t0, sp, FRAME_BYTES
  REG_S t0, TASK_KERNEL_SP(tp)
  csrw CSR_SCRATCH, tp
1:
  REG_L t0, (PT_EPC * REG_BYTES)(sp)
  csrw CSR_EPC, t0
  each_saved REG_L
  REG_L x4, (4 * REG_BYTES)(sp)
  REG_L sp, (2 * REG_BYTES)(sp)
  TRAP_RETURN

.macro each_kept op
  \op ra, 0(sp)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  \op s\n, ((\n + 1) * REG_BYTES)(sp)
  .endr
.endm

// task_struct* switch_context(a0 = running task, a1 = next task): returns the first one, in the second
  .globl switch_context
switch_context:
  addi sp, sp, -(SWITCH_WORDS * REG_BYTES)
  each_kept REG_S
  REG_S sp, TASK_SWITCH_SP(a0)
  REG_L sp, TASK_SWITCH_SP(a1)
  mv tp, a1
  each_kept REG_L
  addi sp, sp, SWITCH_WORDS * REG_BYTES
  ret

// Where a new task starts; a0 is the task that ran before. Backtraces end here.
  .globl task_entry
task_entry:
  li ra, 0
  tail task_start
