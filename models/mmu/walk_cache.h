// The page-walk cache: pointers to tables that walks have read, so that a walk can begin below the
// root. Fully associative, LRU. A `Tlb` holds them: the pointer read at level n maps a region of the
// size of a level-n page, so the smallest region that matches is the deepest level, and fences and
// ASIDs work alike. (The specification lets sfence.vma with an address spare non-leaf entries; here
// they go, so a kernel's mistakes show in leaf entries only.)
#pragma once

#include <cstdint>
#include <optional>

#include "mmu/page_format.h"
#include "mmu/tlb.h"

namespace memio {

/// Where a walk goes on: the table of level `level`.
struct TablePointer {
  std::uint64_t table = 0;  ///< physical address
  unsigned level = 0;
  bool global = false;  ///< a pointer on the way had G set: everything below is global
};

class WalkCache {
 public:
  explicit WalkCache(unsigned entries) : regions_({entries, 0, TlbPolicy::lru, 0, 1}) {}

  /// The deepest table known for `va`; none on a miss.
  std::optional<TablePointer> lookup(const PageFormat& format, std::uint64_t va, std::uint16_t asid);
  /// Keeps what a walk read at level `pointer.level` + 1. Nothing of that level is held for `va` yet.
  void fill(const PageFormat& format, std::uint64_t va, std::uint16_t asid, const TablePointer& pointer);
  /// As `Tlb::fence`; an address drops the pointers of every level on its way.
  void fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid);
  void reset() { regions_.reset(); }

  const Tlb& regions() const { return regions_; }

 private:
  static std::uint64_t tagged(PageFormatId format, std::uint64_t va);

  Tlb regions_;
};

}  // namespace memio
