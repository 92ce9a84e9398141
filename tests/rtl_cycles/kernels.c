#include "run.h"
#if defined(K_alu)
u32 kernel(void) {
  u32 a = 1, b = 3;
  for (int i = 0; i < 20000; i++) {
    __asm__ volatile("add %0,%0,%1\n xor %1,%1,%0\n sll %0,%0,%1\n srl %1,%1,%0\n add %0,%0,%1\n or %1,%1,%0"
                     : "+r"(a), "+r"(b));
  }
  return a;
}
#elif defined(K_mul)
u32 kernel(void) {
  u32 a = 7;
  for (int i = 0; i < 20000; i++)
    __asm__ volatile("mul %0,%0,%1\n mul %0,%0,%1\n mul %0,%0,%1" : "+r"(a) : "r"(a | 1));
  return a;
}
#elif defined(K_div)
u32 kernel(void) {
  u32 a = 0x7fffffff, s = 0;
  for (int i = 1; i < 4000; i++) {
    u32 q;
    __asm__ volatile("divu %0,%1,%2" : "=r"(q) : "r"(a), "r"(i));
    s += q;
    __asm__ volatile("remu %0,%1,%2" : "=r"(q) : "r"(a), "r"(i));
    s ^= q;
  }
  return s;
}
#elif defined(K_branch_taken)
u32 kernel(void) {
  u32 n = 60000;
  __asm__ volatile("1: addi %0,%0,-1\n bnez %0,1b" : "+r"(n));
  return n;
}
#elif defined(K_branch_random)
u32 kernel(void) {
  u32 s = 1, t = 0;
  for (u32 i = 0; i < 20000; i++) {
    u32 r = next_random(&s);
    __asm__ volatile("andi t0,%1,64\n beqz t0,1f\n addi %0,%0,1\n1: addi %0,%0,2" : "+r"(t) : "r"(r) : "t0");
  }
  return t;
}
#elif defined(K_load_use)
u32 kernel(void) {
  HEAP[0] = 0x40100000u;
  u32 p = 0x40100000u;
  for (int i = 0; i < 20000; i++) __asm__ volatile("lw %0,0(%0)\n lw %0,0(%0)\n lw %0,0(%0)" : "+r"(p));
  return p;
}
#elif defined(K_pages)
u32 kernel(void) {
  u32 s = 0;
  for (u32 r = 0; r < 20000 / PAGES; r++)
    for (u32 p = 0; p < PAGES; p++) s += HEAP[p * 1024 + (p & 63) * 8];
  return s;
}
#elif defined(K_lines)
u32 kernel(void) {
  u32 s = 0;
  for (u32 r = 0; r < 40000 / (BYTES / 32); r++)
    for (u32 i = 0; i < BYTES / 4; i += 8) s += HEAP[i];
  return s;
}
#elif defined(K_chase)
u32 kernel(void) {
  u32 n = BYTES / 32, s = 5;
  for (u32 i = 0; i < n; i++) HEAP[i * 8] = i;
  for (u32 i = n - 1; i > 0; i--) {
    u32 j = next_random(&s) % i;
    u32 t = HEAP[i * 8];
    HEAP[i * 8] = HEAP[j * 8];
    HEAP[j * 8] = t;
  }
  u32 p = 0;
  for (int i = 0; i < 20000; i++) p = HEAP[p * 8];
  return p;
}
#elif defined(K_copy)
u32 kernel(void) {
  volatile u32 *a = HEAP, *b = HEAP + 0x20000;
  for (int r = 0; r < 3; r++)
    for (u32 i = 0; i < 8192; i++) b[i] = a[i];
  return b[5];
}
#elif defined(K_store)
u32 kernel(void) {
  for (int r = 0; r < 4; r++)
    for (u32 i = 0; i < 8192; i++) HEAP[i] = i;
  return HEAP[3];
}
#elif defined(K_code_lines)
#define A "addi %0,%0,3\n"
#define A8 A A A A A A A A
#define A64 A8 A8 A8 A8 A8 A8 A8 A8
#define A512 A64 A64 A64 A64 A64 A64 A64 A64
u32 kernel(void) {
  u32 a = 0;
  for (int i = 0; i < 20; i++) __asm__ volatile(A512 A512 A512 A512 : "+r"(a));
  return a;
}
#elif defined(K_sort)
static void sort(volatile u32* a, int lo, int hi) {
  while (lo < hi) {
    u32 p = a[(lo + hi) / 2];
    int i = lo, j = hi;
    while (i <= j) {
      while (a[i] < p) i++;
      while (a[j] > p) j--;
      if (i <= j) {
        u32 t = a[i];
        a[i++] = a[j];
        a[j--] = t;
      }
    }
    if (j - lo < hi - i) {
      sort(a, lo, j);
      lo = i;
    } else {
      sort(a, i, hi);
      hi = j;
    }
  }
}
u32 kernel(void) {
  u32 s = 9;
  for (u32 i = 0; i < 3000; i++) HEAP[i] = next_random(&s);
  sort(HEAP, 0, 2999);
  return HEAP[1500];
}
#elif defined(K_matrix)
u32 kernel(void) {
  volatile u32 *a = HEAP, *b = HEAP + 4096, *c = HEAP + 8192;
  for (int i = 0; i < 32; i++)
    for (int j = 0; j < 32; j++) {
      a[i * 32 + j] = i + j;
      b[i * 32 + j] = i ^ j;
    }
  for (int i = 0; i < 32; i++)
    for (int j = 0; j < 32; j++) {
      u32 s = 0;
      for (int k = 0; k < 32; k++) s += a[i * 32 + k] * b[k * 32 + j];
      c[i * 32 + j] = s;
    }
  return c[77];
}
#elif defined(K_crc)
u32 kernel(void) {
  static u32 t[256];
  for (u32 i = 0; i < 256; i++) {
    u32 c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
    t[i] = c;
  }
  volatile u8* p = (volatile u8*)HEAP;
  u32 c = ~0u;
  for (u32 i = 0; i < 12000; i++) c = t[(c ^ p[i]) & 255] ^ c >> 8;
  return ~c;
}
#endif
