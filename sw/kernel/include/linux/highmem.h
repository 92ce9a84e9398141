// Pages of any zone made visible to the kernel: kmap() for long, where the linear map does not reach, and
// kmap_atomic() for a few lines of code. Bodies: mm/highmem.cpp, mm/kmap_atomic.cpp.
#pragma once

#ifdef CONFIG_HIGHMEM
#include <asm/fixmap.h>
#endif
#include <asm/pgtable.h>
#include <linux/mm.h>

#ifdef __cplusplus
extern "C" {
#endif

// An address for `page` until kunmap(): the linear one for low memory, else one in the PKMAP area. Calls
// nest. Sleeps while the area is full. Null, and a report, for something that is no page of RAM.
void* kmap(struct page* page);
// Ends one kmap(). One too many is reported. Not from interrupts.
void kunmap(struct page* page);

// The same without sleeping, until kunmap_atomic(); preemption is off in between. The slots are a stack: they
// are given back in reverse order. A second argument, the slot's type in old drivers, is ignored.
#define kmap_atomic(page, ...) kmap_atomic_page(page)
#define kunmap_atomic(address, ...) kunmap_atomic_address(address)
void* kmap_atomic_page(struct page* page);
void kunmap_atomic_address(const void* address);

// The page behind an address from kmap(), kmap_atomic() or the linear map; null for others.
struct page* kmap_to_page(const void* address);

void clear_highpage(struct page* page);
void copy_highpage(struct page* to, struct page* from);

#ifdef CONFIG_HIGHMEM
// The one page table of the PKMAP area, LAST_PKMAP entries.
extern pte_t* pkmap_page_table;
#define PKMAP_NR(address) (((unsigned long)(address)-PKMAP_BASE) >> PAGE_SHIFT)
#define PKMAP_ADDR(nr) (PKMAP_BASE + ((unsigned long)(nr) << PAGE_SHIFT))
#endif

// Once, when the page tables of the kernel are made.
void kmap_init(void);

#ifdef __cplusplus
}
#endif
