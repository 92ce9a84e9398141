// Fixed addresses: pages whose virtual address is known at compile time, counted downwards from FIXADDR_TOP.
#pragma once

#include <asm/layout.h>
#include <asm/page.h>
#include <asm/pgtable_types.h>
#include <linux/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef NR_CPUS
#define NR_CPUS 1
#endif
// Pages a hart may have mapped with kmap_atomic() at a time.
#define KM_TYPE_NR 16

// The device tree, of up to 1 MiB and at any address, takes these pages until memory_init() has copied it.
#define FIX_FDT_PAGES 257

enum fixed_addresses {
  FIX_HOLE,  // the page at FIXADDR_TOP itself belongs to the reserved top
  FIX_KMAP_BEGIN,
  FIX_KMAP_END = FIX_KMAP_BEGIN + KM_TYPE_NR * NR_CPUS - 1,
  __end_of_permanent_fixed_addresses,
  FIX_FDT_END = __end_of_permanent_fixed_addresses,
  FIX_FDT_BEGIN = FIX_FDT_END + FIX_FDT_PAGES - 1,
  __end_of_fixed_addresses
};

#define __FIXADDR_SIZE ((unsigned long)__end_of_permanent_fixed_addresses << PAGE_SHIFT)
#define __FIXADDR_BOOT_SIZE ((unsigned long)__end_of_fixed_addresses << PAGE_SHIFT)

// Where the tree is before a layout has been chosen; it starts as far inside the first page as it does in
// RAM.
#define EARLY_FDT_START (__FIXADDR_TOP - ((unsigned long)FIX_FDT_BEGIN << PAGE_SHIFT))

#define __fix_to_virt(index) (FIXADDR_TOP - ((unsigned long)(index) << PAGE_SHIFT))
#define __virt_to_fix(address) ((FIXADDR_TOP - ((address)&PAGE_MASK)) >> PAGE_SHIFT)

static inline unsigned long fix_to_virt(unsigned index) {
  VM_BUG_ON(index >= __end_of_fixed_addresses);
  return __fix_to_virt(index);
}
static inline unsigned virt_to_fix(unsigned long address) {
  VM_BUG_ON(address >= FIXADDR_TOP || address < FIXADDR_START);
  return (unsigned)__virt_to_fix(address);
}

// Maps the fixed address `index` to the page at `address`, or takes the mapping away; both fence. The tables
// exist from memory_init() on, so neither fails nor sleeps. A bad index panics.
void __set_fixmap(enum fixed_addresses index, phys_addr_t address, pgprot_t protection);
void set_fixmap(enum fixed_addresses index, phys_addr_t address);
void clear_fixmap(enum fixed_addresses index);

#ifdef __cplusplus
}
#endif
