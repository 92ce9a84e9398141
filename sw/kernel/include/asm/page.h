// Pages, the direct map, and conversions between its addresses and physical ones. RV32: Sv32 with a 3G/1G
// split, or 2G/2G; RV64: the upper half of Sv39, also under Sv48. Where the areas above lie: asm/layout.h.
// Without an MMU the direct map is RAM itself, from a fixed address on, and there is nothing above it.
#pragma once

#ifdef __ASSEMBLER__
#define _AC(number, suffix) number
#else
#define _AC_(number, suffix) number##suffix
#define _AC(number, suffix) _AC_(number, suffix)
#endif

#define PAGE_SHIFT 12
#define PAGE_SIZE (_AC(1, UL) << PAGE_SHIFT)
// An int, so that it widens with ones to any type of address.
#define PAGE_MASK (~((1 << PAGE_SHIFT) - 1))

#ifndef CONFIG_MMU
#define PAGE_OFFSET _AC(0x80000000, UL)
#define TEXT_OFFSET 0
#elif __riscv_xlen == 64
#define PAGE_OFFSET _AC(0xffffffc000000000, UL)
#define TEXT_OFFSET 0x200000
#define MEGAPAGE_SHIFT 21
#define __FIXADDR_TOP _AC(0xfffffffffffff000, UL)
#else
#ifdef CONFIG_VMSPLIT_2G
#define PAGE_OFFSET _AC(0x80000000, UL)
#else
#define PAGE_OFFSET _AC(0xc0000000, UL)
#endif
#define TEXT_OFFSET 0x400000
#define MEGAPAGE_SHIFT 22
#define __FIXADDR_TOP _AC(0xfffff000, UL)
#endif
#define MEGAPAGE_SIZE (1 << MEGAPAGE_SHIFT)

// Where the image is linked; it may be loaded TEXT_OFFSET above any megapage boundary of RAM.
#define KERNEL_LINK_ADDRESS (PAGE_OFFSET + TEXT_OFFSET)

#ifndef __ASSEMBLER__
#ifdef CONFIG_MMU
#include <asm/layout.h>
#endif
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Physical address of the start of RAM, where PAGE_OFFSET points, and the end of the direct map.
#ifdef CONFIG_MMU
extern unsigned long memory_start;
#define MEMORY_START memory_start
#else
#define MEMORY_START PAGE_OFFSET
#endif
extern void* high_memory;

#define ARCH_PFN_OFFSET (MEMORY_START >> PAGE_SHIFT)

// Debug builds report addresses outside the direct map, or its end, that `function` was given:
// mm/page_debug.cpp.
#ifdef CONFIG_DEBUG_VM
unsigned long check_direct_map(unsigned long address, const char* function);
phys_addr_t check_direct_map_phys(phys_addr_t address, const char* function);
#else
#define check_direct_map(address, function) (address)
#define check_direct_map_phys(address, function) (address)
#endif

// Only for addresses of the direct map. The two forms are the same sum.
#ifdef CONFIG_BOOKE
#define VIRT_PHYS_OFFSET (PAGE_OFFSET - MEMORY_START)
#define __va(x) ((void*)(unsigned long)(check_direct_map_phys((phys_addr_t)(x), "__va") + VIRT_PHYS_OFFSET))
#define __pa(x) (check_direct_map((unsigned long)(x), "__pa") - VIRT_PHYS_OFFSET)
#else
#define __va(x) \
  ((void*)(unsigned long)(check_direct_map_phys((phys_addr_t)(x), "__va") + PAGE_OFFSET - MEMORY_START))
#define __pa(x) (check_direct_map((unsigned long)(x), "__pa") - PAGE_OFFSET + MEMORY_START)
#endif

static inline phys_addr_t virt_to_phys(const volatile void* address) { return __pa(address); }
static inline void* phys_to_virt(phys_addr_t address) { return __va(address); }

#define PAGE_ALIGN(x) (((x) + PAGE_SIZE - 1) & PAGE_MASK)

#ifdef __cplusplus
}
#endif
#endif
