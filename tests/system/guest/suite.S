// A program in the manner of riscv-tests' environment "p": probes what the hart may lack with mtvec behind the
// probe, then runs its tests in machine mode and reports by `tohost`. What it does is a constant at assembly:
// BEHAVIOUR 0 passes, 1 fails test 7, 2 never ends, 3 writes a signature, 4 fails test 1000,
// 5 resets the machine.
#if __riscv_xlen == 64
#define STORE sd
#else
#define STORE sw
#endif

// Goes on behind the probe, whether an instruction of it trapped or not.
.macro probe label:vararg
  la t0, 9f
  csrw mtvec, t0
  \label
  .balign 4
9:
.endm

  .section .text.init, "ax"
  .globl _start
_start:
  csrr a0, mhartid
1:
  bnez a0, 1b
  probe csrwi 0x744, 8               // mnstatus.NMIE
  probe csrwi satp, 0
  la t0, 9f
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  .balign 4
9:
  csrwi mie, 0
  probe csrwi medeleg, 0
  csrwi mideleg, 0
  .balign 4
9:
  la t0, trapped
  csrw mtvec, t0
  csrwi mstatus, 0
  // To the tests by mret, as the environment does.
  li t0, 0x1800
  csrs mstatus, t0
  la t0, tests
  csrw mepc, t0
  mret

tests:
  li gp, 7
#if BEHAVIOUR == 1
  li t0, 1
  j fail
#elif BEHAVIOUR == 2
  j .
#elif BEHAVIOUR == 3
  la t0, begin_signature
  li t1, 0x12345678
  sw t1, 0(t0)
  li t1, 0x9abcdef0
  sw t1, 4(t0)
  li t1, 0x1f
  sb t1, 8(t0)
  li t1, 0xc0ffee
  sw t1, 12(t0)
#elif BEHAVIOUR == 4
  li gp, 1000
  j fail
#elif BEHAVIOUR == 5
  li t0, 0x100000                    // the finisher
  li t1, 0x7777
  sw t1, 0(t0)
  j .
#endif
  li gp, 1
  ecall

fail:
  sll gp, gp, 1
  or gp, gp, 1
  ecall

  .balign 4
trapped:
  csrr t0, mcause
  li t1, 11                          // a call from machine mode
  beq t0, t1, write_tohost
  li gp, 1337
write_tohost:
  la t0, tohost
  sw gp, 0(t0)
  sw zero, 4(t0)
  j write_tohost

  .section .tohost, "aw"
  .balign 64
  .globl tohost
tohost: .dword 0
  .balign 64
  .globl fromhost
fromhost: .dword 0

  .data
  .balign 16
  .globl begin_signature
begin_signature:
  .fill 5, 4, 0xdeadbeef
  .globl end_signature
end_signature:
