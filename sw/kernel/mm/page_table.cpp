// Building and searching page tables (privileged specification 1.12, sections 4.3 and 4.4).
#include "kernel/page_table.h"

namespace memio {
namespace {

constexpr Pte kPteLeaf = kPteRead | kPteWrite | kPteExecute;
constexpr unsigned kPtePpnShift = 10;
constexpr unsigned long kSatpMode = __riscv_xlen == 64 ? 8ul << (__riscv_xlen - 4) : 1ul << 31;

Pte make_pte(phys_addr_t pa, Pte flags) {
  return static_cast<Pte>(pa >> 12) << kPtePpnShift | flags | kPteValid;
}

}  // namespace

Pte* PageTable::next_table(Pte entry) const {
  return reinterpret_cast<Pte*>(static_cast<unsigned long>(pte_address(entry)) + offset_);
}

// The entry for `va` at `level`, with the tables above it made where they are missing.
Pte* PageTable::descend(unsigned long va, unsigned level) {
  Pte* table = root_;
  for (unsigned at = kLevels - 1; at > level; at--) {
    Pte* entry = &table[index(va, at)];
    if ((*entry & kPteValid) == 0) {
      Pte* fresh = allocate_();
      if (fresh == nullptr) return nullptr;
      *entry = make_pte(reinterpret_cast<unsigned long>(fresh) - offset_, 0);
    }
    table = next_table(*entry);
  }
  return &table[index(va, level)];
}

bool PageTable::map(unsigned long va, phys_addr_t pa, unsigned long size, Pte flags, unsigned max_level) {
  while (size > 0) {
    unsigned level = max_level;
    while (level > 0) {
      const unsigned long span = 1ul << shift(level);
      if (size >= span && ((va | pa) & (span - 1)) == 0) break;
      level--;
    }
    Pte* entry = descend(va, level);
    if (entry == nullptr) return false;
    *entry = make_pte(pa, flags | kPteAccessed | kPteDirty);
    const unsigned long span = 1ul << shift(level);
    va += span;
    pa += span;
    size -= span;
  }
  return true;
}

void PageTable::unmap(unsigned long va, unsigned long size) {
  for (unsigned long end = va + size; va != end; va += 1ul << shift(0)) {
    Pte* entry = find(va);
    if (entry != nullptr) *entry = 0;
  }
}

Pte* PageTable::find(unsigned long va) const {
  Pte* table = root_;
  for (unsigned level = kLevels - 1;; level--) {
    Pte* entry = &table[index(va, level)];
    if ((*entry & kPteValid) == 0) return nullptr;
    if ((*entry & kPteLeaf) != 0) return entry;
    table = next_table(*entry);
  }
}

unsigned long PageTable::satp() const {
  return kSatpMode | (reinterpret_cast<unsigned long>(root_) - offset_) >> 12;
}

}  // namespace memio
