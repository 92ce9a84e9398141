/* Kernels measured on a real core's RTL and on memio: RV32IMA, S-mode, Sv32 4 KiB pages.
   RAM 0x40000000, finisher (0x5555) 0xf0001000, uncached above 0x80000000. */
#pragma once
typedef unsigned u32;
typedef unsigned char u8;
#define HEAP ((volatile u32*)0x40100000u) /* 1 MiB, 256 pages, identity mapped */
#define NOINLINE __attribute__((noinline))
static inline u32 next_random(u32* s) {
  u32 x = *s;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *s = x;
}
u32 kernel(void);
