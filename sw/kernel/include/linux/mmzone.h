// The zones of RAM: what DMA engines with few address lines reach, the rest of the direct map, and what lies
// outside it. Each may be empty.
#pragma once

#include <linux/mm_types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum zone_type {
  ZONE_DMA,      // the first 16 MiB of RAM; kernel option dma-zone
  ZONE_NORMAL,   // up to the end of the direct map
  ZONE_HIGHMEM,  // behind it
  MAX_NR_ZONES,
};

// Number of orders with the kernel option max-order=11; one less without.
#define MAX_ORDER 12

static inline enum zone_type page_zonenum(const struct page* page) {
  return (enum zone_type)(page->flags >> PG_zone_shift & 3);
}

// Free pages in all zones, those on the per-CPU lists included.
unsigned long nr_free_pages(void);
unsigned long nr_free_zone_pages(enum zone_type zone);
// Gives the pages of the per-CPU lists back to the free lists.
void drain_all_pages(void);
// Largest order that alloc_pages serves: 10 or 11.
unsigned max_page_order(void);

#ifdef __cplusplus
}
#endif
