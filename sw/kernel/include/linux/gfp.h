// Page allocation by count of pages, powers of two, from one pool. Of the flags only __GFP_ZERO has an
// effect.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define __GFP_ZERO 0x8000u
#define GFP_KERNEL 0x10u
#define GFP_ATOMIC 0x20u

// Address in the direct map of 2^order contiguous pages (order 0..10), naturally aligned; 0 when there are
// none.
unsigned long __get_free_pages(unsigned int flags, unsigned int order);
#define __get_free_page(flags) __get_free_pages((flags), 0)
// One page of zeroes, or 0.
unsigned long get_zeroed_page(unsigned int flags);
void free_pages(unsigned long addr, unsigned long order);
#define free_page(addr) free_pages((addr), 0)

#ifdef __cplusplus
}
#endif
