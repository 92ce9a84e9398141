// Areas of vmalloc() and ioremap() with and without an MMU: the checks of requests and of what is given back,
// and what can be said about an area, in messages and in /proc/vmallocinfo.
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/seq_file.h>

#include "kernel/task.h"
#include "kernel/vmalloc_space.h"

namespace memio {
namespace {

constexpr size_t kSymbolSize = 64;

const char* symbol(const void* address, char (&text)[kSymbolSize]) {
  return symbol_text(reinterpret_cast<unsigned long>(address), text, sizeof text);
}

const char* maker(unsigned long flags) {
  if ((flags & VM_IOREMAP) != 0) return "ioremap'ed";
  if ((flags & VM_ALLOC) != 0) return "vmalloc'ed";
  return (flags & VM_MAP) != 0 ? "vmap'ed" : "reserved";
}

}  // namespace

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

bool vmalloc_request_valid(const char* what, unsigned long size, const void* caller) {
  const unsigned long most = vmalloc_most();
  // Before the scheduler runs, interrupts are off and nothing can sleep.
  const bool atomic = preempt_count() != 0 || (irqs_disabled() && sched_running());
  if (likely(!atomic && size - 1 < most)) return true;
  char who[kSymbolSize];
  symbol(caller, who);
  if (atomic) {
    report_bug("%s of 0x%lx bytes in atomic context, by %s: it may sleep", what, size, who);
  } else if (size == 0) {
    report_bug("%s of 0 bytes, by %s", what, who);
  } else {
    report_bug("%s of 0x%lx bytes, by %s: an area holds 0x%lx at most", what, size, who, most);
  }
  return false;
}

vm_struct* vmalloc_area_of(const void* addr, unsigned long flag, const char* undo, const void* caller) {
  vm_struct* area = in_interrupt() ? nullptr : vmalloc_find(addr, flag);
  if (likely(area != nullptr)) return area;
  char who[kSymbolSize];
  char where[200];
  symbol(caller, who);
  if (in_interrupt()) {
    scnprintf(where, sizeof where, "not allowed in an interrupt");
  } else if (!vmalloc_describe(reinterpret_cast<unsigned long>(addr), where, sizeof where)) {
    scnprintf(where, sizeof where, "not in the vmalloc area");
  }
  report_bug("%s(%p) by %s: %s", undo, addr, who, where);
  return nullptr;
}

}  // namespace memio
