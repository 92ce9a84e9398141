// Pages by descriptor, frame number and address. The array mem_map has a descriptor for each page of RAM,
// the first for the one at MEMORY_START.
#pragma once

#include <asm/page.h>
#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mmzone.h>
#include <linux/vma.h>

#ifdef __cplusplus
extern "C" {
#endif

extern struct page* mem_map;
// Descriptors in mem_map.
extern unsigned long max_mapnr;

#define __pfn_to_page(pfn) (mem_map + ((pfn)-ARCH_PFN_OFFSET))
#define __page_to_pfn(page) ((unsigned long)((page)-mem_map) + ARCH_PFN_OFFSET)
#define pfn_to_page(pfn) __pfn_to_page(pfn)
#define page_to_pfn(page) __page_to_pfn(page)
// Only for addresses and pages of the direct map; debug builds report others.
#define virt_to_pfn(kaddr) (__pa(kaddr) >> PAGE_SHIFT)
#define pfn_to_virt(pfn) __va((phys_addr_t)(pfn) << PAGE_SHIFT)
#define virt_to_page(addr) pfn_to_page(virt_to_pfn(addr))
#define page_to_virt(page) pfn_to_virt(page_to_pfn(page))

static inline bool pfn_valid(unsigned long pfn) { return pfn - ARCH_PFN_OFFSET < max_mapnr; }
static inline bool virt_addr_valid(const void* address) {
  return (unsigned long)address >= PAGE_OFFSET && address < high_memory;
}
static inline phys_addr_t page_to_phys(const struct page* page) {
  return (phys_addr_t)page_to_pfn(page) << PAGE_SHIFT;
}
#define phys_to_page(phys) pfn_to_page((unsigned long)((phys) >> PAGE_SHIFT))

static inline bool PageHighMem(const struct page* page) { return page_zonenum(page) == ZONE_HIGHMEM; }
// Where the page is in the kernel's address space: the direct map or, for high memory, where kmap put it.
// High memory that is not mapped has none: null, and debug builds report it.
void* page_address(const struct page* page);

static inline bool PageReserved(const struct page* page) { return test_bit(PG_reserved, &page->flags); }
static inline bool PageSlab(const struct page* page) { return test_bit(PG_slab, &page->flags); }
static inline bool PageBuddy(const struct page* page) { return test_bit(PG_buddy, &page->flags); }
static inline bool PageHead(const struct page* page) { return test_bit(PG_head, &page->flags); }
static inline bool PageTail(const struct page* page) { return test_bit(PG_tail, &page->flags); }
static inline bool PageCompound(const struct page* page) {
  return (page->flags & (BIT(PG_head) | BIT(PG_tail))) != 0;
}
// Keeps the page from being freed or taken by reclaim.
#define SetPageReserved(page) set_bit(PG_reserved, &(page)->flags)
#define ClearPageReserved(page) clear_bit(PG_reserved, &(page)->flags)

static inline struct page* compound_head(struct page* page) {
  return unlikely(PageTail(page)) ? page->first_page : page;
}
static inline unsigned compound_order(const struct page* page) { return PageHead(page) ? page->order : 0; }

static inline int page_count(struct page* page) { return compound_head(page)->count; }
// One more reference to a page in use, or to the whole compound page it belongs to.
void get_page(struct page* page);
// Drops one; the last frees the page or compound page.
void put_page(struct page* page);
// Makes 2^order single pages, each with its own reference, of an allocated block that is not compound.
void split_page(struct page* page, unsigned order);

// Smallest order of pages that holds `size` bytes (1 or more).
static inline unsigned get_order(unsigned long size) {
  unsigned order = 0;
  for (size = (size - 1) >> PAGE_SHIFT; size != 0; size >>= 1) order++;
  return order;
}

#ifdef __cplusplus
}
#endif
