// Access to devices: ports of port space, and registers in memory space mapped by ioremap(). The port
// functions work on a CPU with port instructions and through the memory window of a host bridge; without port
// space reads give all ones and writes vanish, as on a bus nobody drives.
#pragma once

#include <asm/barrier.h>
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

// Maps `size` bytes (1 or more) of physical address space from `offset` on into the vmalloc area, not cached;
// ioremap_wc: writes may be combined; ioremap_cache: as RAM, which for RAM must be marked PG_reserved. Null
// when the area or memory is out. Null and a report for RAM in use, addresses beyond what a page table can
// hold (34 bits with Sv32), and in atomic context.
void __iomem* ioremap(phys_addr_t offset, unsigned long size);
void __iomem* ioremap_nocache(phys_addr_t offset, unsigned long size);
void __iomem* ioremap_wc(phys_addr_t offset, unsigned long size);
void* ioremap_cache(phys_addr_t offset, unsigned long size);
// Ends a mapping; `addr` is any address in its first page, or null. Others are reported.
void iounmap(const volatile void __iomem* addr);

// readb() ... writeq(): one access of a mapped register. The plain forms are ordered with RAM by a fence, the
// _relaxed forms only with accesses to the same device, __raw_ forms are the same here, where the CPU's byte
// order is the devices'.
#define MEMIO_READ(suffix, type)                                                                      \
  static inline type __raw_read##suffix(const volatile void* c) { return *(const volatile type*)c; }  \
  static inline type read##suffix##_relaxed(const volatile void* c) { return __raw_read##suffix(c); } \
  static inline type read##suffix(const volatile void* c) {                                           \
    const type value = read##suffix##_relaxed(c);                                                     \
    __iormb();                                                                                        \
    return value;                                                                                     \
  }

#define MEMIO_WRITE(suffix, type)                                                                     \
  static inline void __raw_write##suffix(type v, volatile void* c) { *(volatile type*)c = v; }        \
  static inline void write##suffix##_relaxed(type v, volatile void* c) { __raw_write##suffix(v, c); } \
  static inline void write##suffix(type v, volatile void* c) {                                        \
    __iowmb();                                                                                        \
    write##suffix##_relaxed(v, c);                                                                    \
  }

MEMIO_READ(b, u8)
MEMIO_READ(w, u16)
MEMIO_READ(l, u32)
MEMIO_WRITE(b, u8)
MEMIO_WRITE(w, u16)
MEMIO_WRITE(l, u32)
#if BITS_PER_LONG == 64
MEMIO_READ(q, u64)
MEMIO_WRITE(q, u64)
#endif

#undef MEMIO_READ
#undef MEMIO_WRITE

// The names for mapped registers that do not say which space they stand for.
static inline unsigned int ioread8(const volatile void* addr) { return readb(addr); }
static inline unsigned int ioread16(const volatile void* addr) { return readw(addr); }
static inline unsigned int ioread32(const volatile void* addr) { return readl(addr); }
static inline void iowrite8(u8 value, volatile void* addr) { writeb(value, addr); }
static inline void iowrite16(u16 value, volatile void* addr) { writew(value, addr); }
static inline void iowrite32(u32 value, volatile void* addr) { writel(value, addr); }

// Repeated access to one register; `count` in units of the access size. Bodies: drivers/base/iomap.cpp.
void readsb(const volatile void* addr, void* buf, unsigned long count);
void readsw(const volatile void* addr, void* buf, unsigned long count);
void readsl(const volatile void* addr, void* buf, unsigned long count);
void writesb(volatile void* addr, const void* buf, unsigned long count);
void writesw(volatile void* addr, const void* buf, unsigned long count);
void writesl(volatile void* addr, const void* buf, unsigned long count);
#define ioread8_rep(addr, buf, count) readsb((addr), (buf), (count))
#define ioread16_rep(addr, buf, count) readsw((addr), (buf), (count))
#define ioread32_rep(addr, buf, count) readsl((addr), (buf), (count))
#define iowrite8_rep(addr, buf, count) writesb((addr), (buf), (count))
#define iowrite16_rep(addr, buf, count) writesw((addr), (buf), (count))
#define iowrite32_rep(addr, buf, count) writesl((addr), (buf), (count))

// Blocks of mapped device memory, byte by byte so that any address and count will do.
void memcpy_fromio(void* to, const volatile void* from, unsigned long count);
void memcpy_toio(volatile void* to, const void* from, unsigned long count);
void memset_io(volatile void* to, int value, unsigned long count);

#ifdef __cplusplus
}
#endif
