// Pages and the kernel's half of the address space. RV32: Sv32 with a 3G/1G split, or 2G/2G; RV64: Sv39,
// upper half. The areas above the direct map follow the x86 layout: vmalloc area, PKMAP, FIXMAP. The map:
// docs/kernel.md.
#pragma once

#define PAGE_SHIFT 12
#define PAGE_SIZE (1 << PAGE_SHIFT)

#if __riscv_xlen == 64
#define PAGE_OFFSET 0xffffffc000000000
#define TASK_SIZE 0x4000000000
#define TEXT_OFFSET 0x200000
#define MEGAPAGE_SHIFT 21
#define LOWMEM_MAX 0x2000000000 /* 128 GiB of direct map */
#define VMALLOC_END 0xfffffff000000000
#define FIXADDR_START 0xffffffffff800000
#else
#ifdef CONFIG_VMSPLIT_2G
#define PAGE_OFFSET 0x80000000
#else
#define PAGE_OFFSET 0xc0000000
#endif
#define TASK_SIZE PAGE_OFFSET
#define TEXT_OFFSET 0x400000
#define MEGAPAGE_SHIFT 22
#define LOWMEM_MAX 0x38000000 /* 896 MiB of direct map */
#define PKMAP_BASE 0xff400000
#define VMALLOC_END (PKMAP_BASE - 2 * PAGE_SIZE)
#define FIXADDR_START 0xff800000
#endif
#define MEGAPAGE_SIZE (1 << MEGAPAGE_SHIFT)

// Where the image is linked; it may be loaded TEXT_OFFSET above any megapage boundary of RAM.
#define KERNEL_LINK_ADDRESS (PAGE_OFFSET + TEXT_OFFSET)

#ifndef __ASSEMBLER__
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Physical address of the start of RAM, where PAGE_OFFSET points, and the end of the direct map.
extern unsigned long memory_start;
extern void* high_memory;

#define MEMORY_START memory_start

#if __riscv_xlen == 64
#define VMALLOC_START 0xffffffe000000000
#else
#define VMALLOC_OFFSET (8 * 1024 * 1024)
#define VMALLOC_START \
  (((unsigned long)high_memory + 2 * VMALLOC_OFFSET - 1) & ~(unsigned long)(VMALLOC_OFFSET - 1))
#endif

#define __va(x) ((void*)(unsigned long)((phys_addr_t)(x) + PAGE_OFFSET - MEMORY_START))
#define __pa(x) ((unsigned long)(x)-PAGE_OFFSET + MEMORY_START)

// Only for addresses of the direct map.
static inline phys_addr_t virt_to_phys(const volatile void* address) { return __pa(address); }
static inline void* phys_to_virt(phys_addr_t address) { return __va(address); }

#define PAGE_ALIGN(x) (((x) + PAGE_SIZE - 1) & ~(unsigned long)(PAGE_SIZE - 1))
#define PAGE_MASK (~(unsigned long)(PAGE_SIZE - 1))

#ifdef __cplusplus
}
#endif
#endif
