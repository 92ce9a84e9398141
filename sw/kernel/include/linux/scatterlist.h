// Lists of pieces of memory for DMA: where each piece is for the CPU and, once dma_map_sg() has run, where
// the device finds it. Tables are one array; chaining is not modelled.
#pragma once

#include <linux/mm.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scatterlist {
  unsigned long page_link;  // the page's descriptor; bit 1 marks the last entry
  unsigned int offset;      // of the piece in its page, bytes; may exceed a page
  unsigned int length;      // bytes
  dma_addr_t dma_address;   // set by dma_map_sg(), with dma_length
  unsigned int dma_length;
};

#define SG_END 0x02ul

#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->dma_length)

static inline bool sg_is_last(const struct scatterlist* sg) { return (sg->page_link & SG_END) != 0; }
// The entry behind `sg`; null behind the last one.
static inline struct scatterlist* sg_next(struct scatterlist* sg) { return sg_is_last(sg) ? NULL : sg + 1; }
#define for_each_sg(list, sg, count, i) for ((i) = 0, (sg) = (list); (i) < (count); (i)++, (sg) = sg_next(sg))

static inline struct page* sg_page(const struct scatterlist* sg) {
  return (struct page*)(sg->page_link & ~SG_END);
}
static inline phys_addr_t sg_phys(const struct scatterlist* sg) {
  return page_to_phys(sg_page(sg)) + sg->offset;
}
// The piece's address in the direct map; not for high memory.
static inline void* sg_virt(const struct scatterlist* sg) {
  return (char*)page_address(sg_page(sg)) + sg->offset;
}

static inline void sg_mark_end(struct scatterlist* sg) { sg->page_link |= SG_END; }
static inline void sg_unmark_end(struct scatterlist* sg) { sg->page_link &= ~SG_END; }

// The entry becomes `length` bytes from `offset` in `page` on; whether it is the last one stays.
static inline void sg_set_page(struct scatterlist* sg, struct page* page, unsigned int length,
                               unsigned int offset) {
  sg->page_link = (sg->page_link & SG_END) | (unsigned long)page;
  sg->offset = offset;
  sg->length = length;
}
// The same for memory of the direct map.
static inline void sg_set_buf(struct scatterlist* sg, const void* buffer, unsigned int length) {
  sg_set_page(sg, virt_to_page(buffer), length, (unsigned int)((unsigned long)buffer & (PAGE_SIZE - 1)));
}

// Makes `count` (1 or more) empty entries, the last of them marked so.
void sg_init_table(struct scatterlist* list, unsigned int count);
// A table of one entry.
void sg_init_one(struct scatterlist* sg, const void* buffer, unsigned int length);
// Entries up to the one marked last.
int sg_nents(struct scatterlist* list);

// Copies between `buffer` and the pieces of the list, also of high memory, as far as both go; bytes copied.
// Does not sleep.
size_t sg_copy_from_buffer(struct scatterlist* list, unsigned int count, const void* buffer, size_t size);
size_t sg_copy_to_buffer(struct scatterlist* list, unsigned int count, void* buffer, size_t size);

#ifdef __cplusplus
}
#endif
