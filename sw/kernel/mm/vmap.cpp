// Address ranges of the vmalloc area: first fit in a list sorted by address, one guard page after each area.
#include <asm/page.h>

#include "kernel/memory.h"

namespace memio {
namespace {

constexpr unsigned kMaxAreas = 64;

VmArea areas[kMaxAreas];  // sorted by start; the first `area_count` are in use
unsigned area_count;

unsigned long end_with_guard(const VmArea& area) { return area.start + area.size + PAGE_SIZE; }

}  // namespace

VmArea* vm_area_allocate(unsigned long size) {
  if (area_count == kMaxAreas || size == 0) return nullptr;
  unsigned long start = VMALLOC_START;
  unsigned at = 0;
  while (at < area_count && areas[at].start - start < size + PAGE_SIZE) start = end_with_guard(areas[at++]);
  if (VMALLOC_END - start < size + PAGE_SIZE) return nullptr;
  for (unsigned i = area_count++; i > at; i--) areas[i] = areas[i - 1];
  areas[at] = {start, size};
  return &areas[at];
}

VmArea* vm_area_find(unsigned long start) {
  for (unsigned i = 0; i < area_count; i++) {
    if (areas[i].start == start) return &areas[i];
  }
  return nullptr;
}

void vm_area_release(VmArea* area) {
  area_count--;
  for (unsigned i = static_cast<unsigned>(area - areas); i < area_count; i++) areas[i] = areas[i + 1];
}

}  // namespace memio
