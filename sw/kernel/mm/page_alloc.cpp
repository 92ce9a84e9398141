// The C interface of the page allocator, and the work on compound pages.
#include <linux/highmem.h>

#include "kernel/page_allocator.h"
#include "string.h"

struct page* mem_map;
unsigned long max_mapnr;

namespace memio {
namespace {

PageAllocator allocator;

}  // namespace

PageAllocator& page_allocator() { return allocator; }

void PageAllocator::prepare(page* block, gfp_t flags, unsigned long order) {
  if ((flags & __GFP_COMP) != 0 && order > 0) {
    block->flags |= BIT(PG_head);
    for (page* tail = block + 1; tail != block + BIT(order); tail++) {
      tail->flags |= BIT(PG_tail);
      tail->first_page = block;
    }
  }
  if ((flags & __GFP_ZERO) == 0) return;
  if (!PageHighMem(block)) {
    memset(page_address(block), 0, static_cast<unsigned long>(PAGE_SIZE) << order);
    return;
  }
  for (page* part = block; part != block + BIT(order); part++) clear_highpage(part);
}

void PageAllocator::dissolve(page* block) {
  block->flags &= ~BIT(PG_head);
  for (page* tail = block + 1; tail != block + BIT(block->order); tail++) tail->flags &= ~BIT(PG_tail);
}

void PageAllocator::drain() {
  for (Zone& zone : zones_) zone.drain();
}

unsigned long PageAllocator::free_pages() const {
  unsigned long pages = 0;
  for (const Zone& zone : zones_) pages += zone.free_pages();
  return pages;
}

unsigned long PageAllocator::managed_pages() const {
  unsigned long pages = 0;
  for (const Zone& zone : zones_) pages += zone.managed_pages();
  return pages;
}

extern "C" {

page* alloc_pages(gfp_t gfp_mask, unsigned long order) {
  return allocator.allocate(gfp_mask, order, _RET_IP_);
}

void __free_pages(page* page, unsigned long order) { allocator.free(page, order, false, _RET_IP_); }

void free_cold_page(page* page) { allocator.free(page, 0, true, _RET_IP_); }

unsigned long __get_free_pages(gfp_t gfp_mask, unsigned long order) {
  if (unlikely((gfp_mask & __GFP_HIGHMEM) != 0)) {
    report_bug("__get_free_pages: __GFP_HIGHMEM is not allowed, high memory has no address; use alloc_pages");
    return 0;
  }
  const page* block = allocator.allocate(gfp_mask, order, _RET_IP_);
  return block != nullptr ? reinterpret_cast<unsigned long>(page_to_virt(block)) : 0;
}

unsigned long get_zeroed_page(gfp_t gfp_mask) {
  const page* single = allocator.allocate((gfp_mask | __GFP_ZERO) & ~__GFP_HIGHMEM, 0, _RET_IP_);
  return single != nullptr ? reinterpret_cast<unsigned long>(page_to_virt(single)) : 0;
}

void free_pages(unsigned long addr, unsigned long order) {
  if (addr == 0) return;
  const bool valid = virt_addr_valid(reinterpret_cast<void*>(addr)) && addr % PAGE_SIZE == 0;
  if (unlikely(!valid)) {
    allocator.report_bad_address(addr, order, _RET_IP_);
    return;
  }
  allocator.free(pfn_to_page(__pa(addr) >> PAGE_SHIFT), order, false, _RET_IP_);
}

void get_page(page* page) { __atomic_fetch_add(&compound_head(page)->count, 1, __ATOMIC_RELAXED); }

void put_page(page* page) {
  struct page* head = compound_head(page);
  allocator.free(head, head->order, false, _RET_IP_);
}

void split_page(page* page, unsigned order) {
  if (PageCompound(page) || page->count == 0 || page->order != order) {
    report_bug("split_page: the page at 0x%llx is not the first of an allocated plain block of order %u",
               page_to_phys(page), order);
    return;
  }
  page->order = 0;
  for (struct page* part = page + 1; part != page + BIT(order); part++) {
    part->count = page->count;
    part->order = 0;
    part->private_data = 0;
    part->caller = page->caller;
  }
}

void* page_address(const page* page) {
  if (!PageHighMem(page)) return __va(page_to_phys(page));
#ifdef CONFIG_DEBUG_VM
  if (page->virtual_address == nullptr) {
    report_bug("page_address: the page at 0x%llx is high memory that is not mapped; use kmap",
               page_to_phys(page));
  }
#endif
  return page->virtual_address;
}

unsigned long nr_free_pages(void) { return allocator.free_pages(); }
unsigned long nr_free_zone_pages(zone_type zone) { return allocator.zone(zone).free_pages(); }
void drain_all_pages(void) { allocator.drain(); }
unsigned max_page_order(void) { return allocator.max_order(); }

}  // extern "C"

}  // namespace memio
