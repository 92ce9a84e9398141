// Split and coalesce.
#include "kernel/buddy.h"

#include <linux/mm.h>

namespace memio {

void BuddyAllocator::init(unsigned long start, unsigned long end, unsigned max_order) {
  start_ = start;
  end_ = end;
  free_pages_ = 0;
  max_order_ = max_order;
  for (Area& area : areas_) {
    INIT_LIST_HEAD(&area.blocks);
    area.count = 0;
  }
}

void BuddyAllocator::insert(page* block, unsigned order) {
  block->flags |= BIT(PG_buddy);
  block->order = order;
  list_add(&block->lru, &areas_[order].blocks);
  areas_[order].count++;
}

void BuddyAllocator::remove(page* block, unsigned order) {
  list_del(&block->lru);
  block->flags &= ~BIT(PG_buddy);
  areas_[order].count--;
}

bool BuddyAllocator::is_free_block(const page* block, unsigned order) const {
  return (block->flags & BIT(PG_buddy)) != 0 && block->order == order;
}

void BuddyAllocator::add_range(unsigned long start, unsigned long end) {
  while (start < end) {
    unsigned order = max_order_;
    while ((start & (BIT(order) - 1)) != 0 || end - start < BIT(order)) order--;
    free(pfn_to_page(start), order);
    start += BIT(order);
  }
}

page* BuddyAllocator::allocate(unsigned order) {
  unsigned from = order;
  while (from <= max_order_ && areas_[from].count == 0) from++;
  if (from > max_order_) return nullptr;
  page* block = list_first_entry(&areas_[from].blocks, page, lru);
  remove(block, from);
  free_pages_ -= BIT(order);
  while (from > order) {
    from--;
    insert(block + BIT(from), from);
  }
  return block;
}

void BuddyAllocator::free(page* block, unsigned order) {
  unsigned long frame = page_to_pfn(block);
  VM_BUG_ON(frame % BIT(order) != 0 || PageBuddy(block));
  free_pages_ += BIT(order);
  for (; order < max_order_; order++) {
    const unsigned long buddy_frame = frame ^ BIT(order);
    if (buddy_frame - start_ >= end_ - start_) break;
    page* buddy = pfn_to_page(buddy_frame);
    if (!is_free_block(buddy, order)) break;
    remove(buddy, order);
    if (buddy_frame < frame) {
      frame = buddy_frame;
      block = buddy;
    }
  }
  insert(block, order);
}

}  // namespace memio
