// The rare paths of a zone: moving pages between the per-CPU lists and the buddy system, watermarks.
#include "kernel/zone.h"

#include <asm/page.h>
#include <linux/bitops.h>

namespace memio {
namespace {

// A batch is about a 4000th of the zone, at most 64 KiB, and one less than a power of two, so that pages of
// one batch do not all fall on the same sets of a cache.
unsigned batch_for(unsigned long pages) {
  constexpr unsigned long kMaxPages = (256 << 10) / PAGE_SIZE;
  unsigned long batch = pages / 1024;
  if (batch > kMaxPages) batch = kMaxPages;
  batch /= 4;
  if (batch == 0) batch = 1;
  unsigned power = 1;
  while (power * 2 <= batch + batch / 2) power *= 2;
  return 2 * power - 1;
}

}  // namespace

void Zone::init(const char* name, unsigned long start, unsigned long end, unsigned max_order) {
  name_ = name;
  buddy_.init(start, end, max_order);
  managed_pages_ = 0;
  marks_ = {};
  for (PageList& list : lists_) {
    INIT_LIST_HEAD(&list.pages);
    list.count = 0;
  }
  size_lists();
}

void Zone::add_range(unsigned long start, unsigned long end) {
  buddy_.add_range(start, end);
  managed_pages_ += end - start;
}

void Zone::size_lists() {
  batch_ = batch_for(managed_pages_);
  lists_[0].high = 6 * batch_;
  lists_[1].high = 2 * batch_;
}

bool Zone::refill(PageList& list) {
  for (unsigned i = 0; i < batch_; i++) {
    page* single = buddy_.allocate(0);
    if (single == nullptr) break;
    list_add_tail(&single->lru, &list.pages);
    list.count++;
  }
  return list.count != 0;
}

void Zone::give_back(PageList& list, unsigned count) {
  for (; count > 0 && list.count > 0; count--) {
    page* oldest = list_last_entry(&list.pages, page, lru);
    list_del(&oldest->lru);
    list.count--;
    buddy_.free(oldest, 0);
  }
}

void Zone::drain() {
  const unsigned long irq = arch_local_irq_save();
  for (PageList& list : lists_) give_back(list, list.count);
  arch_local_irq_restore(irq);
}

bool Zone::allows(unsigned long order, unsigned long mark) const {
  if (order > buddy_.max_order() || buddy_.free_pages() < BIT(order)) return false;
  unsigned long free = buddy_.free_pages() - BIT(order) + 1;
  if (free <= mark) return false;
  for (unsigned below = 0; below < order; below++) {
    const unsigned long smaller = buddy_.free_blocks(below) << below;
    if (free <= smaller) return false;
    free -= smaller;
    mark /= 2;
    if (free <= mark) return false;
  }
  return true;
}

}  // namespace memio
