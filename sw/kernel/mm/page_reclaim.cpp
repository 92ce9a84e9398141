// When the first zone does not serve a request at once: other zones, the reserve, the per-CPU lists,
// shrinkers, waiting. Which of these a request may use is in its flags.
#include <linux/shrinker.h>

#include "kernel/page_allocator.h"

namespace memio {
namespace {

constexpr unsigned long kShrinkPages = 32;  // asked of the shrinkers at least

LIST_HEAD(shrinkers);
// Who calls shrinkers now. A request of its own, made by a shrinker, must not call them again.
task_struct* reclaimer;

}  // namespace

extern "C" void register_shrinker(shrinker* shrinker) { list_add_tail(&shrinker->list, &shrinkers); }

extern "C" void unregister_shrinker(shrinker* shrinker) { list_del(&shrinker->list); }

unsigned long run_shrinkers(unsigned long pages, gfp_t flags) {
  if (reclaimer != nullptr) return 0;
  reclaimer = get_current();
  unsigned long freed = 0;
  shrinker* at;
  list_for_each_entry(at, &shrinkers, list) {
    if ((at->needs & ~flags & (__GFP_IO | __GFP_FS)) != 0) continue;
    freed += at->shrink(at, pages > kShrinkPages ? pages : kShrinkPages, flags);
  }
  reclaimer = nullptr;
  return freed;
}

unsigned long PageAllocator::mark_for(const Zone& zone, gfp_t flags) {
  unsigned long mark = zone.marks().min;
  if ((flags & __GFP_HIGH) != 0) mark -= mark / 2;
  if ((flags & __GFP_WAIT) == 0) mark -= mark / 4;
  return mark;
}

gfp_t PageAllocator::refuse_to_sleep(gfp_t flags) const {
  char text[160];
  report_bug("alloc_pages: %s may sleep, which atomic context (preempt count 0x%x, interrupts %s) forbids",
             gfp_text(flags, text, sizeof text), preempt_count(), irqs_disabled() ? "off" : "on");
  return (flags & ~(__GFP_WAIT | __GFP_IO | __GFP_FS | __GFP_REPEAT | __GFP_NOFAIL)) | GFP_ATOMIC;
}

page* PageAllocator::take_above_low(gfp_t flags, unsigned long order) {
  const bool cold = (flags & __GFP_COLD) != 0;
  for (int index = gfp_zone(flags); index >= ZONE_DMA; index--) {
    page* block = zones_[index].take(order, cold, zones_[index].marks().low);
    if (block != nullptr) return block;
  }
  return nullptr;
}

page* PageAllocator::take_above_min(gfp_t flags, unsigned long order) {
  const bool cold = (flags & __GFP_COLD) != 0;
  for (int index = gfp_zone(flags); index >= ZONE_DMA; index--) {
    page* block = zones_[index].take(order, cold, mark_for(zones_[index], flags));
    if (block != nullptr) return block;
  }
  return nullptr;
}

page* PageAllocator::allocate_slowly(gfp_t flags, unsigned long order, unsigned long caller) {
  if (order > max_order_) {
    report_bug("alloc_pages: order %lu, allowed are 0 to %u", order, max_order_);
    return nullptr;
  }
  page* block = take_above_low(flags, order);
  if (block == nullptr) block = take_above_min(flags, order);
  if (block == nullptr) {
    drain();
    block = take_above_min(flags, order);
  }
  long waited = 0;
  if (block == nullptr && (flags & __GFP_WAIT) != 0) block = wait_for_memory(flags, order, &waited);
  if (block == nullptr && (flags & __GFP_NOWARN) == 0) report_failure(flags, order, caller, waited);
  return block;
}

page* PageAllocator::wait_for_memory(gfp_t flags, unsigned long order, long*) {
  if (reclaimer == get_current()) return nullptr;
  run_shrinkers(BIT(order), flags);
  drain();
  return take_above_min(flags, order);
}

void PageAllocator::wake_waiters() { wakeups_++; }

}  // namespace memio
