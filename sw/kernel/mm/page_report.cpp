// Messages of the page allocator: memory that is not there, frees that cannot be.
#include <linux/sched.h>

#include "kernel/page_allocator.h"

namespace memio {
namespace {

struct FlagName {
  gfp_t flag;
  const char* name;
};

constexpr FlagName kFlagNames[] = {
    {__GFP_DMA, "__GFP_DMA"},       {__GFP_HIGHMEM, "__GFP_HIGHMEM"}, {__GFP_WAIT, "__GFP_WAIT"},
    {__GFP_HIGH, "__GFP_HIGH"},     {__GFP_IO, "__GFP_IO"},           {__GFP_FS, "__GFP_FS"},
    {__GFP_COLD, "__GFP_COLD"},     {__GFP_NOWARN, "__GFP_NOWARN"},   {__GFP_REPEAT, "__GFP_REPEAT"},
    {__GFP_NOFAIL, "__GFP_NOFAIL"}, {__GFP_NORETRY, "__GFP_NORETRY"}, {__GFP_COMP, "__GFP_COMP"},
    {__GFP_ZERO, "__GFP_ZERO"},
};

const char* zones_text(gfp_t flags) {
  switch (gfp_zone(flags)) {
    case ZONE_DMA:
      return "zone DMA only";
    case ZONE_NORMAL:
      return "zones Normal, DMA";
    default:
      return "zones HighMem, Normal, DMA";
  }
}

const char* reclaim_text(gfp_t flags) {
  if ((flags & __GFP_WAIT) == 0) return "may not sleep or free memory";
  if ((flags & __GFP_NORETRY) != 0) return "may free memory, once";
  if ((flags & __GFP_NOFAIL) != 0) return "waits for ever";
  return (flags & __GFP_REPEAT) != 0 ? "may free memory and wait, long" : "may free memory and wait";
}

const char* reserve_text(gfp_t flags) {
  if ((flags & __GFP_HIGH) != 0) {
    return (flags & __GFP_WAIT) != 0 ? "down to 1/2 of min" : "down to 3/8 of min";
  }
  return (flags & __GFP_WAIT) != 0 ? "down to min" : "down to 3/4 of min";
}

const char* shrinkers_text(gfp_t flags) {
  if ((flags & __GFP_WAIT) == 0) return "no shrinkers";
  if ((flags & __GFP_IO) == 0) return "shrinkers without I/O";
  return (flags & __GFP_FS) == 0 ? "shrinkers without file systems" : "all shrinkers";
}

void print_zone(const Zone& zone) {
  printk("zone %s: %lu free (%u hot, %u cold), min %lu, low %lu, high %lu; blocks by order:", zone.name(),
         zone.free_pages(), zone.hot().count, zone.cold().count, zone.marks().min, zone.marks().low,
         zone.marks().high);
  for (unsigned order = 0; order <= zone.buddy().max_order(); order++) {
    printk(" %lu", zone.buddy().free_blocks(order));
  }
  printk("\n");
}

}  // namespace

char* gfp_text(gfp_t flags, char* text, size_t size) {
  size_t length = static_cast<size_t>(scnprintf(text, size, "%s", flags == 0 ? "0" : ""));
  for (const FlagName& flag : kFlagNames) {
    if ((flags & flag.flag) == 0) continue;
    length += static_cast<size_t>(
        scnprintf(text + length, size - length, "%s%s", length == 0 ? "" : "|", flag.name));
  }
  return text;
}

void PageAllocator::report_failure(gfp_t flags, unsigned long order, unsigned long caller,
                                   long waited) const {
  char names[200];
  char symbol[80];
  const task_struct* task = get_current();
  printk("page allocation failure: task %s[%d] asked for order %lu (%lu KiB) in %s\n", task->comm, task->pid,
         order, (static_cast<unsigned long>(PAGE_SIZE) / 1024) << order,
         symbol_text(caller, symbol, sizeof symbol));
  printk("flags 0x%x: %s\n", flags, gfp_text(flags, names, sizeof names));
  for (const Zone& zone : zones_) {
    if (zone.managed_pages() != 0) print_zone(zone);
  }
  printk("policy: %s, %s, %s, %s; waited %ld ticks\n", zones_text(flags), reserve_text(flags),
         reclaim_text(flags), shrinkers_text(flags), waited);
  dump_stack();
}

// The allocated block that contains `inside` behind its first page; null when there is none.
const page* PageAllocator::find_block(const page* inside) const {
  const unsigned long frame = page_to_pfn(inside);
  for (unsigned order = 1; order <= max_order_; order++) {
    const unsigned long start = frame & ~(BIT(order) - 1);
    if (start < ARCH_PFN_OFFSET) return nullptr;
    const page* block = pfn_to_page(start);
    if (block != inside && block->count > 0 && block->order >= order) return block;
  }
  return nullptr;
}

// What a page is that cannot be freed as asked.
void PageAllocator::describe(const page* block, char* text, size_t size) const {
  char symbol[80];
  const page* around = block->count == 0 ? find_block(block) : nullptr;
  symbol_text(around != nullptr ? around->caller : block->caller, symbol, sizeof symbol);
  if (PageReserved(block)) {
    scnprintf(text, size, "is reserved");
  } else if (PageSlab(block)) {
    scnprintf(text, size, "belongs to a slab, taken by %s", symbol);
  } else if (around != nullptr) {
    scnprintf(text, size, "is inside the block of order %u at 0x%llx, allocated by %s", around->order,
              page_to_phys(around), symbol);
  } else if (block->count > 0) {
    scnprintf(text, size, "has order %u, allocated by %s", block->order, symbol);
  } else {
    scnprintf(text, size, "is free already, last freed by %s", symbol);
  }
}

void PageAllocator::report_bad_free(const page* block, unsigned long order, unsigned long caller) const {
  char asked[80];
  symbol_text(caller, asked, sizeof asked);
  if (block < mem_map || block >= map_end_) {
    report_bug("free of order %lu by %s: %p is not a page descriptor", order, asked,
               static_cast<const void*>(block));
    return;
  }
  char text[160];
  describe(block, text, sizeof text);
  report_bug("free of order %lu by %s: the page at 0x%llx %s", order, asked, page_to_phys(block), text);
}

void PageAllocator::report_bad_address(unsigned long address, unsigned long order, unsigned long caller) {
  char asked[80];
  symbol_text(caller, asked, sizeof asked);
  report_bug("free of order %lu by %s: 0x%lx is not a page of the direct map 0x%lx..0x%lx", order, asked,
             address, static_cast<unsigned long>(PAGE_OFFSET),
             reinterpret_cast<unsigned long>(high_memory) - 1);
}

}  // namespace memio
