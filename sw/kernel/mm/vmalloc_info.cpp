// What can be said about addresses of the vmalloc area: messages about faults there, and /proc/vmallocinfo.
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>

#include "kernel/vmalloc_space.h"

namespace memio {
namespace {

constexpr size_t kSymbolSize = 48;

const char* symbol(const void* address, char (&text)[kSymbolSize]) {
  return symbol_text(reinterpret_cast<unsigned long>(address), text, sizeof text);
}

const char* maker(unsigned long flags) {
  if ((flags & VM_IOREMAP) != 0) return "ioremap'ed";
  if ((flags & VM_ALLOC) != 0) return "vmalloc'ed";
  return (flags & VM_MAP) != 0 ? "vmap'ed" : "reserved";
}

void describe_area(unsigned long va, const vm_struct& area, char* text, size_t size) {
  const unsigned long start = area_start(area);
  const unsigned long guard = area_guard(area);
  char by[kSymbolSize];
  const char* where = va >= guard ? "guard page behind" : "inside";
  scnprintf(text, size, "%s 0x%lx-0x%lx (%lu pages, %s by %s)", where, start, guard,
            (guard - start) / PAGE_SIZE, maker(area.flags), symbol(area.caller, by));
}

void describe_freed(unsigned long va, const VmallocSpace::Freed& freed, char* text, size_t size) {
  char by[kSymbolSize];
  char freed_by[kSymbolSize];
  scnprintf(text, size, "0x%lx was unmapped: area 0x%lx-0x%lx, %s by %s, freed by %s", va, freed.start,
            freed.end, maker(freed.flags), symbol(freed.caller, by), symbol(freed.freed_by, freed_by));
}

// One line, in the format of Linux.
void show_area(seq_file* file, const vm_struct& area) {
  char by[kSymbolSize];
  const unsigned long start = area_start(area);
  seq_printf(file, "0x%p-0x%p %7lu %s", area.addr, reinterpret_cast<void*>(start + area.size), area.size,
             symbol(area.caller, by));
  if (area.nr_pages != 0) seq_printf(file, " pages=%u", area.nr_pages);
  if (area.phys_addr != 0) seq_printf(file, " phys=%llx", area.phys_addr);
  if ((area.flags & VM_IOREMAP) != 0) seq_puts(file, " ioremap");
  if ((area.flags & VM_ALLOC) != 0) seq_puts(file, " vmalloc");
  if ((area.flags & VM_MAP) != 0) seq_puts(file, " vmap");
  if ((area.flags & VM_VPAGES) != 0) seq_puts(file, " vpages");
  seq_putc(file, '\n');
}

}  // namespace

int vmallocinfo_show(seq_file* file, void*) {
  vm_struct area;
  // Printing may take long, so each area is copied, and the list not held.
  for (unsigned long va = 0; vmalloc_next_area(va, &area); va = area_guard(area)) show_area(file, area);
  return 0;
}

bool vmalloc_describe(unsigned long va, char* text, size_t size) {
  const VmallocSpace& space = vmalloc_space();
  if (!space.holds(va)) return false;
  const vm_struct* area = space.containing(va);
  const VmallocSpace::Freed* freed = space.freed_at(va);
  if (area != nullptr) {
    describe_area(va, *area, text, size);
  } else if (freed != nullptr) {
    describe_freed(va, *freed, text, size);
  } else {
    scnprintf(text, size, "0x%lx is free in the vmalloc area", va);
  }
  return true;
}

}  // namespace memio
