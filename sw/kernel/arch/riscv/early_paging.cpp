// The first page tables, built while the kernel still runs at physical addresses. Nothing here may use an
// absolute address, so no switch tables and no pointers in data.
#include <asm/page.h>

#include "kernel/page_table.h"

unsigned long memory_start;

namespace memio {
namespace {

// From the start of RAM: enough for the image and for the final tables.
constexpr unsigned long kEarlyMapSize = 16ul << 20;

// RV64 needs a middle table each for the identity map, the direct map and FIXMAP beside the root.
constexpr unsigned kTables = 4;

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
  // Two megapages hold any tree of up to one, wherever it starts.
  table.map(FIXADDR_START, tree & ~(MEGAPAGE_SIZE - 1ul), 2ul * MEGAPAGE_SIZE, kPteKernelData);
  return table.satp();
}

}  // namespace memio
