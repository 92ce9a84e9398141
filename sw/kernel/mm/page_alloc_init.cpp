// The start of the page allocator: mem_map, zones, watermarks.
#include <asm/page.h>
#include <linux/bitops.h>

#include "kernel/command_line.h"
#include "kernel/page_allocator.h"
#include "string.h"

namespace memio {
namespace {

constexpr phys_addr_t kDmaZoneSize = 16 << 20;
constexpr unsigned kMaxOrder = 10;
constexpr const char* kZoneNames[MAX_NR_ZONES] = {"DMA", "Normal", "HighMem"};

unsigned long frame_of(phys_addr_t address) { return static_cast<unsigned long>(address >> PAGE_SHIFT); }

unsigned long clamp(unsigned long value, unsigned long low, unsigned long high) {
  return value < low ? low : value > high ? high : value;
}

// The largest number whose square is at most `value`.
unsigned long square_root(unsigned long value) {
  unsigned long root = 0;
  for (unsigned long bit = BIT(BITS_PER_LONG / 2 - 1); bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= value) root += bit;
  }
  return root;
}

bool parse_size(const char* text, phys_addr_t* size) {
  char* end;
  *size = memparse(text, &end);
  return end != text && *end == 0;
}

// Bytes of RAM in the DMA zone; dma-zone=all and dma-zone=0 stand for all of low memory.
phys_addr_t dma_zone_size(phys_addr_t low_memory) {
  char value[16];
  if (!command_line_value("dma-zone", value, sizeof value)) return kDmaZoneSize;
  if (strcmp(value, "all") == 0) return low_memory;
  phys_addr_t size = 0;
  if (!parse_size(value, &size) || size % PAGE_SIZE != 0) {
    printk("dma-zone=%s: allowed are all, 0 and whole pages of 4K, e.g. 16M; taking 16M\n", value);
    return kDmaZoneSize;
  }
  return size == 0 ? low_memory : size;
}

unsigned max_order_option() {
  char value[16];
  if (!command_line_value("max-order", value, sizeof value) || strcmp(value, "10") == 0) return kMaxOrder;
  if (strcmp(value, "11") == 0) return kMaxOrder + 1;
  printk("max-order=%s: allowed are 10 and 11; taking 10\n", value);
  return kMaxOrder;
}

// Kilobytes to keep free: four times the root of low memory, as in Linux.
unsigned long min_free_kbytes(unsigned long low_kbytes) {
  constexpr unsigned long kLeast = 128;
  constexpr unsigned long kMost = 65536;
  const unsigned long standard = clamp(square_root(low_kbytes * 16), kLeast, kMost);
  char value[16];
  if (!command_line_value("min-free-kbytes", value, sizeof value)) return standard;
  phys_addr_t wanted = 0;
  if (!parse_size(value, &wanted) || wanted > low_kbytes / 2) {
    printk("min-free-kbytes=%s: allowed are 0 to %lu; taking %lu\n", value, low_kbytes / 2, standard);
    return standard;
  }
  return static_cast<unsigned long>(wanted);
}

void fill(unsigned long start, unsigned long end, unsigned long flags) {
  page* const last = pfn_to_page(end);
  for (page* at = pfn_to_page(start); at < last; at++) {
    at->flags = flags;
    at->count = 0;
    at->order = 0;
    at->private_data = 0;
    at->virtual_address = nullptr;
    at->caller = 0;
  }
}

// Calls use(start, end) for each stretch of frames in [start, end) that is not reserved.
template <typename Use>
void for_each_free(const BootMemory& memory, unsigned long start, unsigned long end, Use use) {
  while (start < end) {
    const PhysicalRange range = memory.next_free(static_cast<phys_addr_t>(start) << PAGE_SHIFT);
    if (range.start == range.end) return;
    const unsigned long first = frame_of(range.start);
    const unsigned long behind = frame_of(range.end) < end ? frame_of(range.end) : end;
    if (first >= end) return;
    use(first, behind);
    start = behind;
  }
}

}  // namespace

void PageAllocator::init_map(BootMemory& memory, unsigned long end) {
  max_mapnr = end - ARCH_PFN_OFFSET;
  const phys_addr_t size = PAGE_ALIGN(static_cast<phys_addr_t>(max_mapnr) * sizeof(page));
  const phys_addr_t address = memory.allocate(size, PAGE_SIZE);
  if (address == 0) panic("page allocator: no %llu KiB of low memory for mem_map", size >> 10);
  mem_map = static_cast<page*>(__va(address));
  map_end_ = mem_map + max_mapnr;
}

void PageAllocator::init_zone(unsigned index, const BootMemory& memory, unsigned long start,
                              unsigned long end) {
  Zone& zone = zones_[index];
  zone.init(kZoneNames[index], start, end, max_order_);
  const unsigned long flags = static_cast<unsigned long>(index) << PG_zone_shift;
  // All descriptors first: a block looks at its buddy's when it is freed.
  unsigned long filled = start;
  for_each_free(memory, start, end, [&](unsigned long first, unsigned long behind) {
    fill(filled, first, flags | BIT(PG_reserved));
    fill(first, behind, flags);
    filled = behind;
  });
  fill(filled, end, flags | BIT(PG_reserved));
  for_each_free(memory, start, end,
                [&](unsigned long first, unsigned long behind) { zone.add_range(first, behind); });
  zone.size_lists();
}

void PageAllocator::set_watermarks() {
  const unsigned long low_pages = zones_[ZONE_DMA].managed_pages() + zones_[ZONE_NORMAL].managed_pages();
  if (low_pages == 0) return;
  const unsigned long min_pages = min_free_kbytes(low_pages * (PAGE_SIZE / 1024)) / (PAGE_SIZE / 1024);
  for (Zone& zone : zones_) {
    if (zone.managed_pages() == 0) continue;
    const u64 share = static_cast<u64>(min_pages) * zone.managed_pages() / low_pages;
    const unsigned long spread = static_cast<unsigned long>(share);
    unsigned long min = spread;
    // No request of the kernel's own depends on high memory, so its emergency reserve is small.
    if (&zone == &zones_[ZONE_HIGHMEM]) min = clamp(zone.managed_pages() / 1024, 32, 128);
    zone.set_watermarks({min, min + spread / 4, min + spread / 2});
  }
}

void PageAllocator::init(BootMemory& memory) {
  allowed_flags_ = ~(__GFP_WAIT | __GFP_IO | __GFP_FS);
  max_order_ = max_order_option();
  waiters_ = 0;
  init_waitqueue_head(&waiting_);
  shrinkers_init();
  const unsigned long start = ARCH_PFN_OFFSET;
  const unsigned long low_end = frame_of(memory.low_end());
#ifdef CONFIG_HIGHMEM
  const unsigned long end = frame_of(memory.ram().end);
#else
  const unsigned long end = low_end;
#endif
  const phys_addr_t low_memory = static_cast<phys_addr_t>(low_end - start) << PAGE_SHIFT;
  const phys_addr_t dma_size = dma_zone_size(low_memory);
  const unsigned long dma_end = dma_size < low_memory ? start + frame_of(dma_size) : low_end;

  init_map(memory, end);
  init_zone(ZONE_DMA, memory, start, dma_end);
  init_zone(ZONE_NORMAL, memory, dma_end, low_end);
  init_zone(ZONE_HIGHMEM, memory, low_end, end);
  set_watermarks();
  for (gfp_t flags = 0; flags <= kZoneFlags; flags++) {
    unsigned index = gfp_zone(flags);
    while (index > ZONE_DMA && zones_[index].managed_pages() == 0) index--;
    first_zone_[flags] = &zones_[index];
  }
}

void PageAllocator::allow_sleep() { allowed_flags_ = ~gfp_t{0}; }

void page_allocator_init(BootMemory& memory) {
  PageAllocator& allocator = page_allocator();
  allocator.init(memory);
  for (unsigned i = 0; i < MAX_NR_ZONES; i++) {
    const Zone& zone = allocator.zone(i);
    if (zone.managed_pages() == 0) continue;
    printk("memory: zone %-7s %8lu pages, %lu free, watermarks %lu %lu %lu\n", zone.name(),
           zone.spanned_pages(), zone.free_pages(), zone.marks().min, zone.marks().low, zone.marks().high);
  }
  page_proc_init();
}

}  // namespace memio
