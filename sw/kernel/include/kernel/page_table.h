// RISC-V page tables: Sv32 on RV32, Sv39 on RV64 (privileged specification 1.12, sections 4.3 and 4.4).
// Entries are made with A and D set, so the hart never has to update them. One class serves the early tables,
// built at physical addresses, and all later ones.
#pragma once

#include <linux/types.h>

namespace memio {

using Pte = unsigned long;

constexpr Pte kPteValid = 1 << 0;
constexpr Pte kPteRead = 1 << 1;
constexpr Pte kPteWrite = 1 << 2;
constexpr Pte kPteExecute = 1 << 3;
constexpr Pte kPteUser = 1 << 4;
constexpr Pte kPteGlobal = 1 << 5;
constexpr Pte kPteAccessed = 1 << 6;
constexpr Pte kPteDirty = 1 << 7;
constexpr Pte kPteKernelData = kPteRead | kPteWrite | kPteGlobal;
constexpr Pte kPteKernelCode = kPteRead | kPteWrite | kPteExecute | kPteGlobal;

class PageTable {
 public:
  static constexpr unsigned kLevels = __riscv_xlen == 64 ? 3 : 2;
  static constexpr unsigned kIndexBits = __riscv_xlen == 64 ? 9 : 10;
  static constexpr unsigned kEntries = 1u << kIndexBits;

  // Gives one zeroed page for a table, as a pointer the caller can follow; null when there is none.
  using AllocateTable = Pte* (*)();

  constexpr PageTable() = default;
  // `offset` is what a pointer to a table exceeds its physical address by (0 before paging).
  PageTable(Pte* root, unsigned long offset, AllocateTable allocate)
      : root_(root), offset_(offset), allocate_(allocate) {}

  // Maps [va, va + size) to physical `pa` with the largest pages up to level `max_level` that alignment
  // allows (level 0: 4 KiB). All three in whole pages. False when no page for a table is left. The caller
  // fences.
  bool map(unsigned long va, phys_addr_t pa, unsigned long size, Pte flags, unsigned max_level = kLevels - 1);
  // Takes away the 4 KiB pages of [va, va + size). The caller fences.
  void unmap(unsigned long va, unsigned long size);

  // The leaf entry that translates `va`, or null.
  Pte* find(unsigned long va) const;

  Pte* root() const { return root_; }
  // Value of the satp register that activates this table, with ASID 0.
  unsigned long satp() const;

 private:
  static unsigned shift(unsigned level) { return 12 + kIndexBits * level; }
  static unsigned index(unsigned long va, unsigned level) { return (va >> shift(level)) & (kEntries - 1); }
  Pte* next_table(Pte entry) const;
  Pte* descend(unsigned long va, unsigned level);

  Pte* root_ = nullptr;
  unsigned long offset_ = 0;
  AllocateTable allocate_ = nullptr;
};

// Physical address an entry points to.
inline phys_addr_t pte_address(Pte entry) { return static_cast<phys_addr_t>(entry >> 10) << 12; }

// sfence.vma for one page of all address spaces, and for everything.
inline void flush_tlb_page(unsigned long va) { __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory"); }
inline void flush_tlb_all() { __asm__ volatile("sfence.vma" ::: "memory"); }

}  // namespace memio
