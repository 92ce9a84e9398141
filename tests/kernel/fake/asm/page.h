// The pages of the fake machine: low memory is an arena of the host, mapped as the direct map would be.
#pragma once

#include <asm/layout.h>
#include <linux/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)
#define PAGE_MASK (~((1 << PAGE_SHIFT) - 1))
#define PAGE_ALIGN(x) (((x) + PAGE_SIZE - 1) & PAGE_MASK)

#ifdef __cplusplus
extern "C" {
#endif

// Set by memio::FakeMachine: where the arena starts, the physical address it stands for, the end of low
// memory.
extern unsigned long fake_page_offset;
extern unsigned long memory_start;
extern void* high_memory;

#define PAGE_OFFSET fake_page_offset
#define MEMORY_START memory_start
#define ARCH_PFN_OFFSET (MEMORY_START >> PAGE_SHIFT)
// As in the real header, of a debug build.
unsigned long check_direct_map(unsigned long address, const char* function);
phys_addr_t check_direct_map_phys(phys_addr_t address, const char* function);
#define __va(x) \
  ((void*)(unsigned long)(check_direct_map_phys((phys_addr_t)(x), "__va") + PAGE_OFFSET - MEMORY_START))
#define __pa(x) (check_direct_map((unsigned long)(x), "__pa") - PAGE_OFFSET + MEMORY_START)

static inline phys_addr_t virt_to_phys(const volatile void* address) { return __pa(address); }
static inline void* phys_to_virt(phys_addr_t address) { return __va(address); }

#ifdef __cplusplus
}
#endif
