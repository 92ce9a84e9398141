// Building and searching page tables (privileged specification 1.12, sections 4.3 to 4.5).
#include "kernel/page_table.h"

#include <asm/pgtable.h>

#if BITS_PER_LONG == 64
unsigned pgtable_levels;
#endif
bool pgtable_has_svpbmt;

namespace memio {

Pte* PageTable::next_table(Pte entry) const {
  return reinterpret_cast<Pte*>(static_cast<unsigned long>(pte_address(entry)) + offset_);
}

Pte* PageTable::entry(unsigned long va, unsigned level) {
  Pte* table = root_;
  for (unsigned at = pgtable_levels - 1; at > level; at--) {
    Pte* entry = &table[pgtable_index(va, at)];
    if ((*entry & kPteValid) == 0) {
      Pte* fresh = allocate_();
      if (fresh == nullptr) return nullptr;
      *entry = pgtable_entry(reinterpret_cast<unsigned long>(fresh) - offset_, kPteValid);
    } else if (pgtable_is_leaf(*entry)) {
      return nullptr;
    }
    table = next_table(*entry);
  }
  return &table[pgtable_index(va, level)];
}

bool PageTable::map(unsigned long va, phys_addr_t pa, unsigned long size, Pte flags, unsigned max_level) {
  if (max_level >= pgtable_levels) max_level = pgtable_levels - 1;
  while (size > 0) {
    unsigned level = max_level;
    while (level > 0) {
      const unsigned long span = 1ul << pgtable_shift(level);
      if (size >= span && ((va | pa) & (span - 1)) == 0) break;
      level--;
    }
    Pte* leaf = entry(va, level);
    if (leaf == nullptr) return false;
    *leaf = pgtable_entry(pa, flags | kPteValid | kPteAccessed | kPteDirty);
    const unsigned long span = 1ul << pgtable_shift(level);
    va += span;
    pa += span;
    size -= span;
  }
  return true;
}

void PageTable::unmap(unsigned long va, unsigned long size) {
  for (unsigned long end = va + size; va != end; va += 1ul << pgtable_shift(0)) {
    Pte* entry = find(va);
    if (entry != nullptr) *entry = 0;
  }
}

Pte* PageTable::find(unsigned long va) const {
  Pte* table = root_;
  for (unsigned level = pgtable_levels - 1;; level--) {
    Pte* entry = &table[pgtable_index(va, level)];
    if ((*entry & kPteValid) == 0) return nullptr;
    if (pgtable_is_leaf(*entry)) return entry;
    if (level == 0) return nullptr;
    table = next_table(*entry);
  }
}

void PageTable::free_tables_of(Pte* table, unsigned level, unsigned last, void (*give)(Pte* table)) {
  for (unsigned i = 0; level > 0 && i <= last; i++) {
    if (pgtable_is_table(table[i])) free_tables_of(next_table(table[i]), level - 1, kEntries - 1, give);
  }
  give(table);
}

void PageTable::free_tables(unsigned last, void (*give)(Pte* table)) {
  free_tables_of(root_, pgtable_levels - 1, last, give);
}

unsigned long PageTable::satp() const {
  // MODE is one bit in Sv32; else 8 stands for Sv39, 9 for Sv48.
  const unsigned long mode =
      BITS_PER_LONG == 64 ? (pgtable_levels + 5ul) << (BITS_PER_LONG - 4) : 1ul << (BITS_PER_LONG - 1);
  return mode | static_cast<unsigned long>(root_address()) >> 12;
}

}  // namespace memio
