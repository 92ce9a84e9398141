// Kernel entry: supervisor mode, or machine mode in the kernel without an MMU; paging off, a0 = hart number,
// a1 = physical address of the device tree. Turns paging on with tables that map the image both where it runs
// now and where it is linked.
#include <asm/csr.h>
#include <asm/page.h>

#include "memio/sbi.h"

  .section .text.head, "ax"
  .globl _start
_start:
  // A jump to the reset vector leaves the status as it was.
  csrci CSR_STATUS, STATUS_IE
  csrw CSR_IE, zero
#ifdef CONFIG_MMU
  csrw satp, zero
#endif
  mv s1, a0
  mv s2, a1

  // The initialised data as it was loaded, so that a soft reset starts with the same.
  la t0, __data_start
  la t1, __data_end
  la t2, __data_load
0:
  bgeu t0, t1, 1f
  REG_L t3, 0(t2)
  REG_S t3, 0(t0)
  addi t0, t0, REG_BYTES
  addi t2, t2, REG_BYTES
  j 0b
1:
  la t0, __bss_start
  la t1, __bss_end
2:
  bgeu t0, t1, 3f
  REG_S zero, 0(t0)
  addi t0, t0, REG_BYTES
  j 2b
3:
  la sp, boot_stack_top
  li s0, 0
#ifdef CONFIG_MMU
  la a0, _start
  mv a1, s2
  call early_paging
  // s3: what linked addresses exceed the present ones by
  li s3, KERNEL_LINK_ADDRESS
  la t1, _start
  sub s3, s3, t1
  csrw satp, a0
  // A hart without this translation mode keeps what satp had.
  csrr t0, satp
  bne t0, a0, no_paging
  sfence.vma
  la t1, 4f
  add t1, t1, s3
  add sp, sp, s3
  jr t1
4:
#endif
  la t0, trap_entry
  csrw CSR_TVEC, t0
  csrw CSR_SCRATCH, zero
  la tp, boot_task
  mv a0, s1
  mv a1, s2
  call start_kernel
5:
  wfi
  j 5b

#ifdef CONFIG_MMU
// Says why the kernel cannot run here, through the firmware, and ends the run with a failure.
no_paging:
  la s1, no_paging_text
6:
  lbu a0, 0(s1)
  beqz a0, 7f
  li a7, SBI_EXT_LEGACY_PUTCHAR
  ecall
  addi s1, s1, 1
  j 6b
7:
  li a0, 1
  li a6, SBI_MEMIO_EXIT
  li a7, SBI_EXT_MEMIO
  ecall
  li a7, SBI_EXT_LEGACY_SHUTDOWN
  ecall
  j 5b

  .section .rodata.no_paging, "a"
no_paging_text:
#if __riscv_xlen == 64
  .asciz "kernel panic: the hart cannot translate addresses by Sv39; kernel-nommu is for harts without an MMU\n"
#else
  .asciz "kernel panic: the hart cannot translate addresses by Sv32; kernel-nommu is for harts without an MMU\n"
#endif
#endif

  .section .bss.page_aligned, "aw", @nobits
  .balign 16
  .globl boot_stack
boot_stack:
  .skip 16384
boot_stack_top:
