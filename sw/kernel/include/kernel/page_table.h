// Hardware page tables: Sv32 on RV32, Sv39 or Sv48 on RV64 (privileged specification 1.12, sections 4.3 to
// 4.5). Entries are made with A and D set, so the hart never has to update them. One class serves the early
// tables, built at physical addresses, and all later ones. The walk by Linux's names is in asm/pgtable.h.
#pragma once

#include <asm/pgtable_types.h>
#include <linux/types.h>

namespace memio {

using Pte = unsigned long;

constexpr Pte kPteValid = _PAGE_PRESENT;
constexpr Pte kPteRead = _PAGE_READ;
constexpr Pte kPteWrite = _PAGE_WRITE;
constexpr Pte kPteExecute = _PAGE_EXEC;
constexpr Pte kPteUser = _PAGE_USER;
constexpr Pte kPteGlobal = _PAGE_GLOBAL;
constexpr Pte kPteAccessed = _PAGE_ACCESSED;
constexpr Pte kPteDirty = _PAGE_DIRTY;
constexpr Pte kPteKernelData = kPteRead | kPteWrite | kPteGlobal;
constexpr Pte kPteKernelCode = kPteRead | kPteWrite | kPteExecute | kPteGlobal;

// Physical address an entry points to.
inline phys_addr_t pte_address(Pte entry) { return pgtable_address(entry); }

class PageTable {
 public:
  static constexpr unsigned kEntries = PGTABLE_ENTRIES;
  // Pages of any size the hardware has.
  static constexpr unsigned kLargest = ~0u;

  // Gives one zeroed page for a table, as a pointer the caller can follow; null when there is none.
  using AllocateTable = Pte* (*)();

  constexpr PageTable() = default;
  // `offset` is what a pointer to a table exceeds its physical address by (0 before paging). The table has
  // pgtable_levels levels.
  PageTable(Pte* root, unsigned long offset, AllocateTable allocate)
      : root_(root), offset_(offset), allocate_(allocate) {}

  // Maps [va, va + size) to physical `pa` with the largest pages up to level `max_level` that alignment
  // allows (level 0: 4 KiB). All three in whole pages. False when no page for a table is left. The caller
  // fences.
  bool map(unsigned long va, phys_addr_t pa, unsigned long size, Pte flags, unsigned max_level = kLargest);
  // Takes away the 4 KiB pages of [va, va + size). The caller fences.
  void unmap(unsigned long va, unsigned long size);

  // The leaf entry that translates `va`, or null.
  Pte* find(unsigned long va) const;
  // The entry for `va` at `level`, valid or not, with the tables above it made where they are missing. Null
  // when there is no page for them, or a larger page is in the way.
  Pte* entry(unsigned long va, unsigned level);

  // Gives back all tables below the entries 0 to `last` of the root, and the root.
  void free_tables(unsigned last, void (*give)(Pte* table));

  Pte* root() const { return root_; }
  // Physical address of the root.
  phys_addr_t root_address() const { return reinterpret_cast<unsigned long>(root_) - offset_; }
  // Value of the satp register that activates this table, with ASID 0.
  unsigned long satp() const;

 private:
  Pte* next_table(Pte entry) const;
  void free_tables_of(Pte* table, unsigned level, unsigned last, void (*give)(Pte* table));

  Pte* root_ = nullptr;
  unsigned long offset_ = 0;
  AllocateTable allocate_ = nullptr;
};

}  // namespace memio
