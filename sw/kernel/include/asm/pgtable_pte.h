// What can be asked of an entry of the last level, and made of it. Part of asm/pgtable.h.
#pragma once

#include <asm/pgtable_types.h>
#include <linux/types.h>

static inline bool pte_none(pte_t entry) { return entry.pte == 0; }
static inline bool pte_present(pte_t entry) { return (entry.pte & _PAGE_PRESENT) != 0; }
static inline bool pte_read(pte_t entry) { return (entry.pte & _PAGE_READ) != 0; }
static inline bool pte_write(pte_t entry) { return (entry.pte & _PAGE_WRITE) != 0; }
static inline bool pte_exec(pte_t entry) { return (entry.pte & _PAGE_EXEC) != 0; }
static inline bool pte_user(pte_t entry) { return (entry.pte & _PAGE_USER) != 0; }
static inline bool pte_young(pte_t entry) { return (entry.pte & _PAGE_ACCESSED) != 0; }
static inline bool pte_dirty(pte_t entry) { return (entry.pte & _PAGE_DIRTY) != 0; }
static inline bool pte_same(pte_t left, pte_t right) { return left.pte == right.pte; }

static inline pte_t pte_with(pte_t entry, unsigned long bits) {
  entry.pte |= bits;
  return entry;
}
static inline pte_t pte_without(pte_t entry, unsigned long bits) {
  entry.pte &= ~bits;
  return entry;
}
static inline pte_t pte_mkwrite(pte_t entry) { return pte_with(entry, _PAGE_WRITE | _PAGE_READ); }
static inline pte_t pte_wrprotect(pte_t entry) { return pte_without(entry, _PAGE_WRITE); }
static inline pte_t pte_mkdirty(pte_t entry) { return pte_with(entry, _PAGE_DIRTY); }
static inline pte_t pte_mkclean(pte_t entry) { return pte_without(entry, _PAGE_DIRTY); }
static inline pte_t pte_mkyoung(pte_t entry) { return pte_with(entry, _PAGE_ACCESSED); }
static inline pte_t pte_mkold(pte_t entry) { return pte_without(entry, _PAGE_ACCESSED); }
static inline pte_t pte_mkexec(pte_t entry) { return pte_with(entry, _PAGE_EXEC); }

static inline unsigned long pte_pfn(pte_t entry) { return (entry.pte & _PAGE_PFN_MASK) >> _PAGE_PFN_SHIFT; }
static inline pte_t pfn_pte(unsigned long pfn, pgprot_t protection) {
  const pte_t entry = {(pfn << _PAGE_PFN_SHIFT) | protection.pgprot};
  return entry;
}
// The same page with other rights; whether it was accessed and written is kept.
static inline pte_t pte_modify(pte_t entry, pgprot_t protection) {
  const unsigned long kept = _PAGE_PFN_MASK | _PAGE_ACCESSED | _PAGE_DIRTY;
  entry.pte = (entry.pte & kept) | protection.pgprot;
  return entry;
}
// With page descriptors: <linux/mm.h>.
#define pte_page(entry) pfn_to_page(pte_pfn(entry))
#define mk_pte(page, protection) pfn_pte(page_to_pfn(page), (protection))

// The caller fences (asm/tlbflush.h).
static inline void set_pte(pte_t* slot, pte_t entry) { *(volatile unsigned long*)&slot->pte = entry.pte; }
#define set_pte_at(mm, address, slot, entry) ((void)(mm), (void)(address), set_pte((slot), (entry)))
static inline pte_t ptep_get_and_clear_(pte_t* slot) {
  const pte_t old = *slot;
  const pte_t none = {0};
  set_pte(slot, none);
  return old;
}
#define ptep_get_and_clear(mm, address, slot) ((void)(mm), (void)(address), ptep_get_and_clear_(slot))
#define pte_clear(mm, address, slot) ((void)ptep_get_and_clear((mm), (address), (slot)))
