// Entry and trap entry of the machine-mode firmware. a0 = hart number, a1 = device tree, as the boot ROM and
// every RISC-V boot stage hand them on.
#include "memio/asm.h"

#define MAX_HARTS 8    // with a stack (firmware.ld) and a place in the table of harts (harts.cpp)
#define STACK_SHIFT 13
#define FRAME_BYTES (36 * REG_BYTES)  // a multiple of 16, as the ABI wants of sp
#define FRAME_MEPC (32 * REG_BYTES)
#define FRAME_MSTATUS (33 * REG_BYTES)

.macro each_saved op
  .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, \
          18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  \op x\n, (\n * REG_BYTES)(sp)
  .endr
.endm

// One PMP entry opens all of memory; a hart without PMP traps, and goes on after it.
.macro open_memory
  la t0, 3f
  csrw mtvec, t0
  li t1, -1
  csrw pmpaddr0, t1
  li t1, 0x1f
  csrw pmpcfg0, t1
  .balign 4
3:
.endm

  .section .text.entry, "ax"
  .globl _start
_start:
  // After a soft reset this code runs again in whatever state the call left the machine.
  csrw mie, zero
  csrw mip, zero
  li t0, MSTATUS_MIE | MSTATUS_MPRV
  csrc mstatus, t0
  csrw satp, zero

  bnez a0, park
  la t0, __bss_start
  la t1, __bss_end
1:
  bgeu t0, t1, 2f
  REG_S zero, 0(t0)
  addi t0, t0, REG_BYTES
  j 1b
2:
  la sp, __stack_top
  open_memory
  la t0, trap_entry
  csrw mtvec, t0
  csrw mscratch, zero
  mv s0, a0
  mv s1, a1
  call firmware_main
  // Returns the kernel's address; the kernel gets what the boot ROM gave us.
  csrw mepc, a0
  mv a0, s0
  mv a1, s1
  la t0, __stack_top
  csrw mscratch, t0
  mret

// The other harts wait, each with a stack of its own, until they are started.
park:
  li t0, MAX_HARTS
  bgeu a0, t0, 2f
  la sp, __stack_top
  slli t0, a0, STACK_SHIFT
  sub sp, sp, t0
  open_memory
  la t0, trap_entry
  csrw mtvec, t0
  csrw mscratch, zero
  mv s0, a0
  mv s1, sp
  addi sp, sp, -16
  mv a1, sp
  call secondary_main
  csrw mepc, a0
  mv a0, s0
  REG_L a1, 0(sp)
  csrw mscratch, s1
  mret
2:
  wfi
  j 2b

// mscratch holds the firmware's stack while S or U mode runs and 0 while the firmware runs.
  .text
  .balign 4
trap_entry:
  csrrw sp, mscratch, sp
  bnez sp, 1f
  csrr sp, mscratch
1:
  addi sp, sp, -FRAME_BYTES
  REG_S zero, 0(sp)
  each_saved REG_S
  csrrw t0, mscratch, zero
  REG_S t0, (2 * REG_BYTES)(sp)
  csrr t0, mepc
  REG_S t0, FRAME_MEPC(sp)
  csrr t0, mstatus
  REG_S t0, FRAME_MSTATUS(sp)

  mv a0, sp
  csrr a1, mcause
  csrr a2, mtval
  call trap_dispatch

  REG_L t0, FRAME_MEPC(sp)
  csrw mepc, t0
  REG_L t0, FRAME_MSTATUS(sp)
  csrw mstatus, t0
  addi t0, sp, FRAME_BYTES
  csrw mscratch, t0
  each_saved REG_L
  REG_L sp, (2 * REG_BYTES)(sp)
  mret
