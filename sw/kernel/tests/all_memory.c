#include "all_memory.h"

unsigned long take_all(gfp_t flags, struct list_head* pages) {
  unsigned long count = 0;
  for (int order = (int)max_page_order(); order >= 0; order--) {
    struct page* block;
    while ((block = alloc_pages(flags, (unsigned long)order)) != NULL) {
      list_add(&block->lru, pages);
      count += 1ul << order;
    }
  }
  return count;
}

void give_all(struct list_head* pages) {
  struct page* block;
  struct page* next;
  list_for_each_entry_safe(block, next, pages, lru) __free_pages(block, block->order);
  INIT_LIST_HEAD(pages);
}
