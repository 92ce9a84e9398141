#include "run.h"
static u32 l1[1024] __attribute__((aligned(4096))), l2[2][1024] __attribute__((aligned(4096)));
static void body(void) {
  u32 r = kernel();
  __asm__ volatile("fence" ::: "memory");
  *(volatile u32*)0xf0001004u = r;
  *(volatile u32*)0xf0001000u = 0x5555;
  for (;;) {
  }
}
__attribute__((used)) static void setup(void) {
  for (u32 i = 0; i < 512; i++) l2[0][i] = ((0x40000000u + (i << 12)) >> 12) << 10 | 0xcf;
  l1[256] = ((u32)l2[0] >> 12) << 10 | 1;
  l1[0x3c0] = (0xf0000000u >> 12) << 10 | 0xcf;
  u32 m;
  __asm__ volatile("csrw satp, %0\n sfence.vma" ::"r"(0x80000000u | ((u32)l1 >> 12)) : "memory");
  __asm__ volatile("csrr %0, mstatus" : "=r"(m));
  m = (m & ~0x1800u) | 0x800;
  __asm__ volatile("csrw mstatus, %0\n csrw mepc, %1\n mret" ::"r"(m), "r"(body));
}
__asm__(".section .text.start,\"ax\"\n.globl _start\n_start: la sp, 0x400ff000\n j setup\n.text");
