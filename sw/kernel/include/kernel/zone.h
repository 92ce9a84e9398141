// A zone of RAM: a buddy system, the hot and cold per-CPU lists in front of its single pages, and watermarks.
// There is one hart, so one pair of lists. It does not model pages kept from requests that could also be
// served by a higher zone (lowmem_reserve).
#pragma once

#include <asm/irqflags.h>
#include <linux/kernel.h>
#include <linux/mmzone.h>

#include "kernel/buddy.h"

namespace memio {

// Free pages below which a request is refused: see PageAllocator::mark_for.
struct Watermarks {
  unsigned long min = 0;
  unsigned long low = 0;
  unsigned long high = 0;
};

// Single free pages kept out of the buddy system; last in, first out.
struct PageList {
  list_head pages;
  unsigned count;
  unsigned high;  // above this many a batch goes back
};

class Zone {
 public:
  // Frames [start, end), which may be none.
  void init(const char* name, unsigned long start, unsigned long end, unsigned max_order);
  // Gives the frames [start, end) of the zone their first freedom.
  void add_range(unsigned long start, unsigned long end);
  // After the last add_range: sizes the per-CPU lists.
  void size_lists();
  void set_watermarks(const Watermarks& marks) { marks_ = marks; }

  // A single page if more than `mark` are free; a block of 2^order pages if allows() says so. Null otherwise.
  page* take(unsigned long order, bool cold, unsigned long mark) {
    const unsigned long irq = arch_local_irq_save();
    page* block = nullptr;
    if (likely(order == 0)) {
      if (likely(free_pages() > mark)) block = take_single(lists_[cold]);
    } else if (allows(order, mark)) {
      block = buddy_.allocate(static_cast<unsigned>(order));
    }
    arch_local_irq_restore(irq);
    return block;
  }
  // Frees a block. Interrupts are off.
  void give(page* block, unsigned order, bool cold) {
    if (likely(order == 0)) {
      PageList& list = lists_[cold];
      list_add(&block->lru, &list.pages);
      if (unlikely(++list.count > list.high)) give_back(list, batch_);
    } else {
      buddy_.free(block, order);
    }
  }
  // Empties the per-CPU lists into the buddy system.
  void drain();

  // Whether the buddy system may give a block of `order`. The block counts as one page; of what is free with
  // it, more than `mark` pages must stay, more than half of `mark` in blocks of order 1 and above, more than
  // a quarter in those of order 2 and above, and so on up to `order`.
  bool allows(unsigned long order, unsigned long mark) const;

  const char* name() const { return name_; }
  const BuddyAllocator& buddy() const { return buddy_; }
  const Watermarks& marks() const { return marks_; }
  const PageList& hot() const { return lists_[0]; }
  const PageList& cold() const { return lists_[1]; }
  unsigned batch() const { return batch_; }
  unsigned long spanned_pages() const { return buddy_.end() - buddy_.start(); }
  // Pages that are not reserved from the start.
  unsigned long managed_pages() const { return managed_pages_; }
  // In the buddy system and on the per-CPU lists.
  unsigned long free_pages() const { return buddy_.free_pages() + lists_[0].count + lists_[1].count; }

 private:
  friend struct MemoryInfo;

  page* take_single(PageList& list) {
    if (unlikely(list.count == 0) && !refill(list)) return nullptr;
    page* single = list_first_entry(&list.pages, page, lru);
    list_del(&single->lru);
    list.count--;
    return single;
  }
  bool refill(PageList& list);
  void give_back(PageList& list, unsigned count);

  BuddyAllocator buddy_;
  PageList lists_[2];  // hot, cold
  Watermarks marks_;
  unsigned batch_ = 0;  // pages moved at a time
  unsigned long managed_pages_ = 0;
  const char* name_ = nullptr;
};

}  // namespace memio
