// What page tables are made of (privileged specification 1.12, sections 4.3 to 4.5): entries and their bits,
// how many levels there are and which part of an address is the index at each. The class PageTable and the
// functions of asm/pgtable.h both stand on this. Level 0 holds the entries of 4 KiB pages.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define _PAGE_PRESENT (1ul << 0)
#define _PAGE_READ (1ul << 1)
#define _PAGE_WRITE (1ul << 2)
#define _PAGE_EXEC (1ul << 3)
#define _PAGE_USER (1ul << 4)
#define _PAGE_GLOBAL (1ul << 5)
#define _PAGE_ACCESSED (1ul << 6)
#define _PAGE_DIRTY (1ul << 7)
// A valid entry with none of these points to a table of the next level.
#define _PAGE_LEAF (_PAGE_READ | _PAGE_WRITE | _PAGE_EXEC)

#define _PAGE_PFN_SHIFT 10
#if BITS_PER_LONG == 64
#define _PAGE_PFN_MASK (((1ul << 44) - 1) << _PAGE_PFN_SHIFT)
#define PGTABLE_INDEX_BITS 9
// 3 for Sv39, 4 for Sv48. Set at start, before the first table.
extern unsigned pgtable_levels;
#else
#define _PAGE_PFN_MASK (~0ul << _PAGE_PFN_SHIFT)
#define PGTABLE_INDEX_BITS 10
#define pgtable_levels 2u
#endif
#define PGTABLE_ENTRIES (1u << PGTABLE_INDEX_BITS)

// Bits of the address below the index of `level`: a leaf there maps 1 << shift bytes.
static inline unsigned pgtable_shift(unsigned level) { return 12 + PGTABLE_INDEX_BITS * level; }
static inline unsigned pgtable_index(unsigned long va, unsigned level) {
  return (unsigned)(va >> pgtable_shift(level)) & (PGTABLE_ENTRIES - 1);
}

static inline unsigned long pgtable_entry(phys_addr_t address, unsigned long bits) {
  return ((unsigned long)(address >> 12) << _PAGE_PFN_SHIFT) | bits;
}
// Physical address an entry points to.
static inline phys_addr_t pgtable_address(unsigned long entry) {
  return (phys_addr_t)((entry & _PAGE_PFN_MASK) >> _PAGE_PFN_SHIFT) << 12;
}
static inline bool pgtable_is_leaf(unsigned long entry) { return (entry & _PAGE_LEAF) != 0; }
static inline bool pgtable_is_table(unsigned long entry) {
  return (entry & (_PAGE_PRESENT | _PAGE_LEAF)) == _PAGE_PRESENT;
}

// Entries of the four generic levels. Where the hardware has fewer, the upper ones are folded: their table is
// the entry above seen again.
typedef struct {
  unsigned long pte;
} pte_t;
typedef struct {
  unsigned long pmd;
} pmd_t;
typedef struct {
  unsigned long pud;
} pud_t;
typedef struct {
  unsigned long pgd;
} pgd_t;
typedef struct {
  unsigned long pgprot;
} pgprot_t;

#ifdef __cplusplus
}
#endif
