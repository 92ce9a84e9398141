// Byte accesses with the translation and rights of the mode that trapped (mstatus.MPRV), for the emulation
// of misaligned accesses. A fault in them is recorded, not fatal: mtvec points to a handler of their own
// meanwhile.
#include "memio/asm.h"

#define INFO_FAULTED 0
#define INFO_CAUSE REG_BYTES
#define INFO_TVAL (2 * REG_BYTES)

.macro begin_access bits
  la t0, access_fault
  csrrw t0, mtvec, t0
  li t1, \bits
  csrs mstatus, t1
.endm

.macro end_access
  csrc mstatus, t1
  csrw mtvec, t0
  ret
.endm

  .option push
  .option norvc
  .text
// unsigned long unprivileged_load8(a0 = address, a1 = AccessFault*)
  .globl unprivileged_load8
unprivileged_load8:
  begin_access MSTATUS_MPRV
  lbu a0, 0(a0)
  end_access

// unsigned long unprivileged_fetch8(a0 = address, a1 = AccessFault*): also from execute-only pages
  .globl unprivileged_fetch8
unprivileged_fetch8:
  begin_access MSTATUS_MPRV | MSTATUS_MXR
  lbu a0, 0(a0)
  end_access

// void unprivileged_store8(a0 = address, a1 = AccessFault*, a2 = value)
  .globl unprivileged_store8
unprivileged_store8:
  begin_access MSTATUS_MPRV
  sb a2, 0(a0)
  end_access

// Goes on after the faulting instruction, which is 4 bytes long because of norvc.
  .balign 4
access_fault:
  li t2, 1
  REG_S t2, INFO_FAULTED(a1)
  csrr t2, mcause
  REG_S t2, INFO_CAUSE(a1)
  csrr t2, mtval
  REG_S t2, INFO_TVAL(a1)
  csrr t2, mepc
  addi t2, t2, 4
  csrw mepc, t2
  mret
  .option pop
