// The buddy system over a range of page frames (D. Knuth, The Art of Computer Programming, 2.5): free blocks
// of 2^order pages, each at a multiple of its size, in one list an order. A block is split to serve a smaller
// request and joined with its buddy when both are free.
// It does not model grouping by mobility. Callers hold off interrupts.
#pragma once

#include <linux/list.h>
#include <linux/mm_types.h>

namespace memio {

class BuddyAllocator {
 public:
  static constexpr unsigned kOrders = 12;

  // Manages frames [start, end), all in use at first; blocks have orders 0 .. max_order (11 at most).
  void init(unsigned long start, unsigned long end, unsigned max_order);
  // Frees frames [start, end), which must be in use, in the largest blocks that fit.
  void add_range(unsigned long start, unsigned long end);

  // The first page of a block of 2^order pages, or null. Its flag PG_buddy is clear.
  page* allocate(unsigned order);
  // Frees a block that was allocated, or a naturally aligned part of one.
  void free(page* block, unsigned order);

  unsigned long free_pages() const { return free_pages_; }
  unsigned long free_blocks(unsigned order) const { return areas_[order].count; }
  unsigned max_order() const { return max_order_; }
  unsigned long start() const { return start_; }
  unsigned long end() const { return end_; }

 private:
  friend struct MemoryInfo;

  struct Area {
    list_head blocks;
    unsigned long count;
  };

  bool is_free_block(const page* block, unsigned order) const;
  void insert(page* block, unsigned order);
  void remove(page* block, unsigned order);

  Area areas_[kOrders];
  unsigned long start_ = 0;
  unsigned long end_ = 0;
  unsigned long free_pages_ = 0;
  unsigned max_order_ = 0;
};

}  // namespace memio
