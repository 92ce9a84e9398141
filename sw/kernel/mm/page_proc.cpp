// /proc/buddyinfo, /proc/meminfo and /proc/zoneinfo, in Linux's formats.
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "kernel/user_memory.h"

namespace memio {
namespace {

#ifdef CONFIG_HIGHMEM
constexpr unsigned kShownZones = MAX_NR_ZONES;
#else
constexpr unsigned kShownZones = ZONE_HIGHMEM;
#endif

int show_buddyinfo(seq_file* file, void*) {
  for (unsigned i = 0; i < kShownZones; i++) {
    const Zone& zone = page_allocator().zone(i);
    seq_printf(file, "Node 0, zone %8s", zone.name());
    for (unsigned order = 0; order <= zone.buddy().max_order(); order++) {
      seq_printf(file, " %6lu", zone.buddy().free_blocks(order));
    }
    seq_putc(file, '\n');
  }
  return 0;
}

void show_kbytes(seq_file* file, const char* name, unsigned long pages) {
  seq_printf(file, "%-13s %8lu kB\n", name, pages * (PAGE_SIZE / 1024));
}

int show_meminfo(seq_file* file, void*) {
  const PageAllocator& allocator = page_allocator();
  const Zone& high = allocator.zone(ZONE_HIGHMEM);
  show_kbytes(file, "MemTotal:", allocator.managed_pages());
  show_kbytes(file, "MemFree:", allocator.free_pages());
  show_kbytes(file, "HighTotal:", high.managed_pages());
  show_kbytes(file, "HighFree:", high.free_pages());
  show_kbytes(file, "LowTotal:", allocator.managed_pages() - high.managed_pages());
  show_kbytes(file, "LowFree:", allocator.free_pages() - high.free_pages());
  show_kbytes(file, "Slab:", slab_page_count());
  show_kbytes(file, "PageTables:", kernel_table_pages() + user_table_pages());
  vmalloc_info area;
  get_vmalloc_info(&area);
  show_kbytes(file, "VmallocTotal:", VMALLOC_TOTAL / PAGE_SIZE);
  show_kbytes(file, "VmallocUsed:", area.used / PAGE_SIZE);
  show_kbytes(file, "VmallocChunk:", area.largest_chunk / PAGE_SIZE);
  return 0;
}

void show_list(seq_file* file, const char* name, const PageList& list, unsigned batch) {
  seq_printf(file, "    cpu: 0 %s\n              count: %u\n              high:  %u\n", name, list.count,
             list.high);
  seq_printf(file, "              batch: %u\n", batch);
}

int show_zoneinfo(seq_file* file, void*) {
  for (unsigned i = 0; i < kShownZones; i++) {
    const Zone& zone = page_allocator().zone(i);
    if (zone.spanned_pages() == 0) continue;
    seq_printf(file, "Node 0, zone %8s\n", zone.name());
    seq_printf(file, "  pages free     %lu\n", zone.buddy().free_pages());
    seq_printf(file, "        min      %lu\n        low      %lu\n        high     %lu\n", zone.marks().min,
               zone.marks().low, zone.marks().high);
    seq_printf(file, "        spanned  %lu\n        present  %lu\n  pagesets\n", zone.spanned_pages(),
               zone.managed_pages());
    show_list(file, "hot", zone.hot(), zone.batch());
    show_list(file, "cold", zone.cold(), zone.batch());
    seq_printf(file, "  start_pfn:         %lu\n", zone.buddy().start());
  }
  return 0;
}

}  // namespace

void page_proc_init() {
  if (proc_find("buddyinfo") != nullptr) return;
  proc_create_single("buddyinfo", 0, NULL, show_buddyinfo);
  proc_create_single("meminfo", 0, NULL, show_meminfo);
  proc_create_single("zoneinfo", 0, NULL, show_zoneinfo);
}

}  // namespace memio
