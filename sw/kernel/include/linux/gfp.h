// Allocation flags and the page allocator. Meaning of each flag: docs/kernel-memory.md; bodies:
// mm/page_alloc.cpp.
#pragma once

#include <linux/mm_types.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Which zones may serve.
#define __GFP_DMA 0x01u
#define __GFP_HIGHMEM 0x02u
// What the allocator may do.
#define __GFP_WAIT 0x10u       // sleep until memory is freed
#define __GFP_HIGH 0x20u       // use the emergency reserve
#define __GFP_IO 0x40u         // start I/O to free memory
#define __GFP_FS 0x80u         // call into file systems to free memory
#define __GFP_COLD 0x100u      // a page that will not be used soon, from the cold list
#define __GFP_NOWARN 0x200u    // no message on failure
#define __GFP_REPEAT 0x400u    // try hard; may still fail
#define __GFP_NOFAIL 0x800u    // try for ever
#define __GFP_NORETRY 0x1000u  // give up after the first try at freeing memory
#define __GFP_COMP 0x4000u     // a compound page: its tail pages point to the first
#define __GFP_ZERO 0x8000u     // filled with zeroes

#define GFP_ATOMIC (__GFP_HIGH)
#define GFP_NOIO (__GFP_WAIT)
#define GFP_NOFS (__GFP_WAIT | __GFP_IO)
#define GFP_KERNEL (__GFP_WAIT | __GFP_IO | __GFP_FS)
#define GFP_USER (__GFP_WAIT | __GFP_IO | __GFP_FS)
#define GFP_HIGHUSER (__GFP_WAIT | __GFP_IO | __GFP_FS | __GFP_HIGHMEM)
#define GFP_DMA (__GFP_DMA)

// Other spellings of the same flags.
#define _GFP_DMA __GFP_DMA
#define _GFP_HIGHMEM __GFP_HIGHMEM
#define _GFP_NORMAL 0u
#define _GFP_WAIT __GFP_WAIT
#define _GFP_HIGH __GFP_HIGH

// 2^order pages, physically contiguous and naturally aligned, as the descriptor of the first; null when there
// are none. order: 0 .. 10, or 11 with the kernel option max-order=11.
struct page* alloc_pages(gfp_t gfp_mask, unsigned long order);
#define alloc_page(gfp_mask) alloc_pages((gfp_mask), 0)
// Drops a reference; the pages are free when it was the last.
void __free_pages(struct page* page, unsigned long order);
#define __free_page(page) __free_pages((page), 0)
// As __free_page, to the cold list.
void free_cold_page(struct page* page);

// The same by address in the direct map; 0 when there are none. High memory has no address there, so
// __GFP_HIGHMEM is refused with a report.
unsigned long __get_free_pages(gfp_t gfp_mask, unsigned long order);
#define __get_free_page(gfp_mask) __get_free_pages((gfp_mask), 0)
#define __get_dma_pages(gfp_mask, order) __get_free_pages((gfp_mask) | GFP_DMA, (order))
// One page of zeroes, or 0.
unsigned long get_zeroed_page(gfp_t gfp_mask);
void free_pages(unsigned long addr, unsigned long order);
#define free_page(addr) free_pages((addr), 0)

#ifdef __cplusplus
}
#endif
