// Kernel entry: supervisor mode, paging off, a0 = hart number, a1 = physical address of the device tree.
// Turns paging on with tables that map the image both where it runs now and where it is linked.
#include <asm/page.h>

#include "memio/asm.h"

  .section .text.head, "ax"
  .globl _start
_start:
  csrw sie, zero
  csrw satp, zero
  mv s1, a0
  mv s2, a1

  la t0, __bss_start
  la t1, __bss_end
1:
  bgeu t0, t1, 2f
  REG_S zero, 0(t0)
  addi t0, t0, REG_BYTES
  j 1b
2:
  la sp, boot_stack_top
  li s0, 0
  la a0, _start
  mv a1, s2
  call early_paging
  // s3: what linked addresses exceed the present ones by
  li s3, KERNEL_LINK_ADDRESS
  la t1, _start
  sub s3, s3, t1
  csrw satp, a0
  sfence.vma
  la t1, 3f
  add t1, t1, s3
  add sp, sp, s3
  jr t1
3:
  la t0, trap_entry
  csrw stvec, t0
  csrw sscratch, zero
  la tp, boot_task
  mv a0, s1
  mv a1, s2
  call start_kernel
4:
  wfi
  j 4b

  .section .bss.page_aligned, "aw", @nobits
  .balign 16
  .globl boot_stack
boot_stack:
  .skip 16384
boot_stack_top:
