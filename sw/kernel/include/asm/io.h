// Access to devices: ports of port space, and registers in memory space mapped by ioremap(). The port
// functions work on a CPU with port instructions and through the memory window of a host bridge; without port
// space reads give all ones and writes vanish, as on a bus nobody drives.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

unsigned inb(unsigned port);
unsigned inw(unsigned port);
unsigned inl(unsigned port);
void outb(unsigned char byte, unsigned port);
void outw(unsigned short word, unsigned port);
void outl(unsigned longword, unsigned port);

// Repeated access to one port; `count` in units of the access size.
void insb(unsigned port, void* addr, unsigned long count);
void insw(unsigned port, void* addr, unsigned long count);
void insl(unsigned port, void* addr, unsigned long count);
void outsb(unsigned port, const void* addr, unsigned long count);
void outsw(unsigned port, const void* addr, unsigned long count);
void outsl(unsigned port, const void* addr, unsigned long count);

// Maps `size` bytes of physical address space from `offset` on into the vmalloc area, in 4 KiB pages.
// Null when the area is full.
void* ioremap(unsigned long offset, unsigned long size);
void iounmap(void* addr);

#define __iormb() __asm__ volatile("fence i, ir" ::: "memory")
#define __iowmb() __asm__ volatile("fence w, o" ::: "memory")

#define MEMIO_READ(suffix, type)                                                                         \
  static inline type read##suffix##_relaxed(const volatile void* c) { return *(const volatile type*)c; } \
  static inline type read##suffix(const volatile void* c) {                                              \
    const type value = read##suffix##_relaxed(c);                                                        \
    __iormb();                                                                                           \
    return value;                                                                                        \
  }

#define MEMIO_WRITE(suffix, type)                                                                  \
  static inline void write##suffix##_relaxed(type v, volatile void* c) { *(volatile type*)c = v; } \
  static inline void write##suffix(type v, volatile void* c) {                                     \
    __iowmb();                                                                                     \
    write##suffix##_relaxed(v, c);                                                                 \
  }

MEMIO_READ(b, u8)
MEMIO_READ(w, u16)
MEMIO_READ(l, u32)
MEMIO_WRITE(b, u8)
MEMIO_WRITE(w, u16)
MEMIO_WRITE(l, u32)
#if __riscv_xlen == 64
MEMIO_READ(q, u64)
MEMIO_WRITE(q, u64)
#endif

#undef MEMIO_READ
#undef MEMIO_WRITE

#ifdef __cplusplus
}
#endif
