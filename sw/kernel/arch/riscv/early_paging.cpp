// The first page tables, built while the kernel still runs at physical addresses. Nothing here may use an
// absolute address, so no switch tables and no pointers in data.
#include <asm/fixmap.h>
#include <asm/page.h>
#include <asm/tlbflush.h>

#include "kernel/memory.h"
#include "memio/asm.h"

unsigned long memory_start;

namespace memio {
namespace {

// RV64 needs the root, a middle table each for the identity map, the direct map and FIXMAP, a last one, and a
// root of Sv48.
constexpr unsigned kTables = 6;

__attribute__((section(".bss.page_aligned"), aligned(PAGE_SIZE))) Pte tables[kTables][PageTable::kEntries];
unsigned tables_used;

Pte* next_early_table() { return tables_used < kTables ? tables[tables_used++] : nullptr; }

}  // namespace

// Returns the satp value. `load_address` is where _start is, `tree` the device tree; both physical.
extern "C" unsigned long early_paging(unsigned long load_address, unsigned long tree) {
  memory_start = load_address - TEXT_OFFSET;
#if BITS_PER_LONG == 64
  pgtable_levels = 3;
#endif
  PageTable table(next_early_table(), 0, next_early_table);
  table.map(load_address, load_address, MEGAPAGE_SIZE, kPteKernelCode & ~kPteGlobal);
  table.map(PAGE_OFFSET, memory_start, kEarlyMapSize, kPteKernelCode);
  // The layout, and so FIXADDR_TOP, is not known before the tree has been read.
  table.map(EARLY_FDT_START, tree & PAGE_MASK, FIX_FDT_PAGES * PAGE_SIZE, kPteKernelData, 0);
  return table.satp();
}

#if BITS_PER_LONG == 64
// The upper half of Sv39 is what the last entry of an Sv48 root covers. A mode the hart does not have leaves
// satp as it was (privileged specification 1.12, section 4.1.11).
bool enter_sv48() {
  constexpr unsigned long kPpnMask = (1ul << 44) - 1;
  const phys_addr_t sv39_root = (CSR_READ(satp) & kPpnMask) << PAGE_SHIFT;
  Pte* root = next_early_table();
  root[PageTable::kEntries - 1] = pgtable_entry(sv39_root, kPteValid);
  pgtable_levels = 4;
  const unsigned long satp = PageTable(root, PAGE_OFFSET - MEMORY_START, nullptr).satp();
  CSR_WRITE(satp, satp);
  flush_tlb_all();
  if (CSR_READ(satp) == satp) return true;
  pgtable_levels = 3;
  return false;
}
#endif

}  // namespace memio
