// The walk through page tables by Linux's four generic levels, PGD, PUD, PMD and PTE, folded to what the
// hardware has: Sv48 all four, Sv39 without PUD, Sv32 without PUD and PMD. A folded level costs nothing: its
// entry is the one above seen again, which then is never none and never bad. The machinery is that of the
// class PageTable: asm/pgtable_types.h. No transparent huge pages; large ones exist in the direct map.
#pragma once

#include <asm/page.h>
#include <asm/pgtable_types.h>
#ifndef CONFIG_MMU
#include <asm/pgtable_flat.h>
#else
#include <asm/tlbflush.h>
#include <linux/mm_types.h>
#include <linux/spinlock.h>

#ifdef __cplusplus
extern "C" {
#endif

// An entry of these levels covers 1 << shift bytes. On RV64 PGDIR_SHIFT and PUD_SHIFT depend on the hart.
#define PMD_SHIFT pgtable_shift(1)
#define PMD_SIZE (1ul << PMD_SHIFT)
#define PMD_MASK (~(PMD_SIZE - 1))
#define PUD_SHIFT pgtable_shift(pgtable_levels > 2 ? 2 : 1)
#define PUD_SIZE (1ul << PUD_SHIFT)
#define PUD_MASK (~(PUD_SIZE - 1))
#define PGDIR_SHIFT pgtable_shift(pgtable_levels - 1)
#define PGDIR_SIZE (1ul << PGDIR_SHIFT)
#define PGDIR_MASK (~(PGDIR_SIZE - 1))

// Entries of one table; a folded level has one.
#define PTRS_PER_PTE PGTABLE_ENTRIES
#define PTRS_PER_PMD (pgtable_levels > 2 ? PGTABLE_ENTRIES : 1u)
#define PTRS_PER_PUD (pgtable_levels > 3 ? PGTABLE_ENTRIES : 1u)
#define PTRS_PER_PGD PGTABLE_ENTRIES

#define pte_val(x) ((x).pte)
#define pmd_val(x) ((x).pmd)
#define pud_val(x) ((x).pud)
#define pgd_val(x) ((x).pgd)
#define pgprot_val(x) ((x).pgprot)
#ifdef __cplusplus
#define PGTABLE_MAKE(type, value) (type{value})
#else
#define PGTABLE_MAKE(type, value) ((type){value})
#endif
#define __pte(x) PGTABLE_MAKE(pte_t, x)
#define __pmd(x) PGTABLE_MAKE(pmd_t, x)
#define __pud(x) PGTABLE_MAKE(pud_t, x)
#define __pgd(x) PGTABLE_MAKE(pgd_t, x)
#define __pgprot(x) PGTABLE_MAKE(pgprot_t, x)

// Rights of a page. Entries are made accessed and, if writable, dirty: the hart never has to update them.
#define _PAGE_BASE (_PAGE_PRESENT | _PAGE_ACCESSED)
#define PAGE_KERNEL __pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_WRITE | _PAGE_DIRTY | _PAGE_GLOBAL)
#define PAGE_KERNEL_EXEC __pgprot(pgprot_val(PAGE_KERNEL) | _PAGE_EXEC)
#define PAGE_KERNEL_RO __pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_GLOBAL)
#define PAGE_READONLY __pgprot(_PAGE_BASE | _PAGE_USER | _PAGE_READ)
#define PAGE_READONLY_EXEC __pgprot(pgprot_val(PAGE_READONLY) | _PAGE_EXEC)
#define PAGE_SHARED __pgprot(_PAGE_BASE | _PAGE_USER | _PAGE_READ | _PAGE_WRITE | _PAGE_DIRTY)
#define PAGE_SHARED_EXEC __pgprot(pgprot_val(PAGE_SHARED) | _PAGE_EXEC)

// Memory attributes: bits 62 and 61 of an entry on a hart with Svpbmt. Without it both stay 0, and the
// machine's physical memory attributes decide.
extern bool pgtable_has_svpbmt;
#if BITS_PER_LONG == 64
#define _PAGE_NOCACHE (pgtable_has_svpbmt ? 1ul << 61 : 0) /* NC: idempotent, weakly ordered */
#define _PAGE_IO (pgtable_has_svpbmt ? 1ul << 62 : 0)      /* IO: strongly ordered */
#define _PAGE_MTMASK (3ul << 61)
#else
#define _PAGE_NOCACHE 0ul
#define _PAGE_IO 0ul
#define _PAGE_MTMASK 0ul
#endif
static inline pgprot_t pgprot_noncached(pgprot_t protection) {
  return __pgprot((pgprot_val(protection) & ~_PAGE_MTMASK) | _PAGE_IO);
}
static inline pgprot_t pgprot_writecombine(pgprot_t protection) {
  return __pgprot((pgprot_val(protection) & ~_PAGE_MTMASK) | _PAGE_NOCACHE);
}

// none: nothing there. bad: no table below, as a walk needs it.
static inline bool pgd_none(pgd_t entry) { return pgtable_levels > 3 && pgd_val(entry) == 0; }
static inline bool pgd_bad(pgd_t entry) { return pgtable_levels > 3 && !pgtable_is_table(pgd_val(entry)); }
static inline bool pgd_present(pgd_t entry) {
  return pgtable_levels <= 3 || (pgd_val(entry) & _PAGE_PRESENT) != 0;
}
static inline bool pud_none(pud_t entry) { return pgtable_levels > 2 && pud_val(entry) == 0; }
static inline bool pud_bad(pud_t entry) { return pgtable_levels > 2 && !pgtable_is_table(pud_val(entry)); }
static inline bool pud_present(pud_t entry) {
  return pgtable_levels <= 2 || (pud_val(entry) & _PAGE_PRESENT) != 0;
}
static inline bool pmd_none(pmd_t entry) { return pmd_val(entry) == 0; }
static inline bool pmd_bad(pmd_t entry) { return !pgtable_is_table(pmd_val(entry)); }
static inline bool pmd_present(pmd_t entry) { return (pmd_val(entry) & _PAGE_PRESENT) != 0; }

// A PMD that maps a large page itself; its rights lie where those of a PTE do.
static inline bool pmd_thp_or_huge(pmd_t entry) {
  return pmd_present(entry) && pgtable_is_leaf(pmd_val(entry));
}
static inline bool pmd_young(pmd_t entry) { return (pmd_val(entry) & _PAGE_ACCESSED) != 0; }
static inline bool pmd_write(pmd_t entry) { return (pmd_val(entry) & _PAGE_WRITE) != 0; }
static inline bool pmd_dirty(pmd_t entry) { return (pmd_val(entry) & _PAGE_DIRTY) != 0; }
// Whether a store through it would fault.
static inline bool pmd_hugewillfault(pmd_t entry) { return !pmd_young(entry) || !pmd_write(entry); }
// Large pages are never split.
static inline bool pmd_trans_splitting(pmd_t entry) {
  (void)entry;
  return false;
}

#define pgd_index(address) pgtable_index((address), pgtable_levels - 1)
#define pud_index(address) (pgtable_levels > 3 ? pgtable_index((address), 2) : 0u)
#define pmd_index(address) (pgtable_levels > 2 ? pgtable_index((address), 1) : 0u)
#define pte_index(address) pgtable_index((address), 0)

// Tables lie in the direct map.
#define pgtable_table(entry) phys_to_virt(pgtable_address(entry))

#define pgd_offset(mm, address) ((mm)->pgd + pgd_index(address))
#define pgd_offset_k(address) pgd_offset(&init_mm, (address))
static inline pud_t* pud_offset(pgd_t* pgd, unsigned long address) {
  if (pgtable_levels <= 3) return (pud_t*)pgd;
  return (pud_t*)pgtable_table(pgd_val(*pgd)) + pud_index(address);
}
static inline pmd_t* pmd_offset(pud_t* pud, unsigned long address) {
  if (pgtable_levels <= 2) return (pmd_t*)pud;
  return (pmd_t*)pgtable_table(pud_val(*pud)) + pmd_index(address);
}
static inline pte_t* pte_offset_kernel(pmd_t* pmd, unsigned long address) {
  return (pte_t*)pgtable_table(pmd_val(*pmd)) + pte_index(address);
}
// No table is in high memory, so nothing has to be mapped for it.
#define pte_offset_map(pmd, address) pte_offset_kernel((pmd), (address))
#define pte_unmap(pte) ((void)(pte))

// The lock of the table that `pmd` points to.
static inline spinlock_t* pte_lockptr(struct mm_struct* mm, pmd_t* pmd) {
  (void)pmd;
  return &mm->page_table_lock;
}
static inline pte_t* pte_offset_map_lock(struct mm_struct* mm, pmd_t* pmd, unsigned long address,
                                         spinlock_t** lock) {
  *lock = pte_lockptr(mm, pmd);
  spin_lock(*lock);
  return pte_offset_map(pmd, address);
}
#define pte_unmap_unlock(pte, lock) \
  do {                              \
    spin_unlock(lock);              \
    pte_unmap(pte);                 \
  } while (0)

#include <asm/pgtable_pte.h>

#ifdef __cplusplus
}
#endif
#endif
