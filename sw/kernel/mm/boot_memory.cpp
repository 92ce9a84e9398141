// The list of reserved ranges before the page allocator.
#include "kernel/boot_memory.h"

#include <asm/page.h>
#include <linux/kernel.h>

namespace memio {

void BootMemory::reserve(PhysicalRange range) {
  if (range.start >= range.end) return;
  range.start &= ~static_cast<phys_addr_t>(PAGE_SIZE - 1);
  range.end = (range.end + PAGE_SIZE - 1) & ~static_cast<phys_addr_t>(PAGE_SIZE - 1);
  unsigned first = 0;  // of those that overlap or touch the new one
  while (first < count_ && reserved_[first].end < range.start) first++;
  unsigned last = first;  // behind them
  for (; last < count_ && reserved_[last].start <= range.end; last++) {
    if (reserved_[last].start < range.start) range.start = reserved_[last].start;
    if (reserved_[last].end > range.end) range.end = reserved_[last].end;
  }
  if (first == last) {
    if (count_ == kMaxReserved) panic("boot memory: more than %u reserved ranges", kMaxReserved);
    for (unsigned i = count_++; i > first; i--) reserved_[i] = reserved_[i - 1];
  } else {
    const unsigned merged = last - first - 1;
    for (unsigned i = last; i < count_; i++) reserved_[i - merged] = reserved_[i];
    count_ -= merged;
  }
  reserved_[first] = range;
}

PhysicalRange BootMemory::next_free(phys_addr_t from) const {
  if (from < ram_.start) from = ram_.start;
  for (unsigned i = 0; i < count_ && from < ram_.end; i++) {
    if (from < reserved_[i].start) {
      return {from, reserved_[i].start < ram_.end ? reserved_[i].start : ram_.end};
    }
    if (from < reserved_[i].end) from = reserved_[i].end;
  }
  return from < ram_.end ? PhysicalRange{from, ram_.end} : PhysicalRange{};
}

phys_addr_t BootMemory::allocate(phys_addr_t size, phys_addr_t align) {
  phys_addr_t best = 0;
  for (PhysicalRange range = next_free(0); range.start < range.end && range.start < low_end_;
       range = next_free(range.end)) {
    const phys_addr_t end = range.end < low_end_ ? range.end : low_end_;
    if (end - range.start < size) continue;
    const phys_addr_t start = (end - size) & ~(align - 1);
    if (start >= range.start) best = start;
  }
  if (best != 0) reserve({best, best + size});
  return best;
}

phys_addr_t BootMemory::allocate_low(phys_addr_t size, phys_addr_t align) {
  for (PhysicalRange range = next_free(0); range.start < range.end && range.start < low_end_;
       range = next_free(range.end)) {
    const phys_addr_t end = range.end < low_end_ ? range.end : low_end_;
    const phys_addr_t start = (range.start + align - 1) & ~(align - 1);
    if (start > end || end - start < size) continue;
    reserve({start, start + size});
    return start;
  }
  return 0;
}

}  // namespace memio
