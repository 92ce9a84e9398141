// When the first zone does not serve a request at once: other zones, the reserve, the per-CPU lists,
// shrinkers, waiting. Which of these a request may use is in its flags.
#include <linux/sched.h>
#include <linux/shrinker.h>

#include "kernel/page_allocator.h"

namespace memio {
namespace {

constexpr unsigned long kShrinkPages = 32;  // asked of the shrinkers at least

list_head shrinkers;
// Who goes through the shrinkers now. A request made by a shrinker must not go through them again.
task_struct* reclaimer;

bool begin_reclaim() {
  const unsigned long irq = arch_local_irq_save();
  const bool begun = reclaimer == nullptr;
  if (begun) reclaimer = get_current();
  arch_local_irq_restore(irq);
  return begun;
}

void end_reclaim() { reclaimer = nullptr; }

}  // namespace

extern "C" void register_shrinker(shrinker* shrinker) {
  const unsigned long irq = arch_local_irq_save();
  list_add_tail(&shrinker->list, &shrinkers);
  arch_local_irq_restore(irq);
}

extern "C" void unregister_shrinker(shrinker* shrinker) {
  while (!begin_reclaim()) {
    set_current_state(TASK_UNINTERRUPTIBLE);
    schedule_timeout(1);
  }
  list_del(&shrinker->list);
  end_reclaim();
}

void shrinkers_init() {
  INIT_LIST_HEAD(&shrinkers);
  reclaimer = nullptr;
}

unsigned long run_shrinkers(unsigned long pages, gfp_t flags) {
  if (!begin_reclaim()) return 0;
  unsigned long freed = 0;
  shrinker* at;
  list_for_each_entry(at, &shrinkers, list) {
    if ((at->needs & ~flags & (__GFP_IO | __GFP_FS)) != 0) continue;
    freed += at->shrink(at, pages > kShrinkPages ? pages : kShrinkPages, flags);
  }
  end_reclaim();
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

page* PageAllocator::wait_for_memory(gfp_t flags, unsigned long order, long* waited) {
  if (reclaimer == get_current()) return nullptr;
  const bool for_ever = (flags & __GFP_NOFAIL) != 0;
  long most = (flags & __GFP_REPEAT) != 0 ? kMaxWaitRepeat : kMaxWait;
  if ((flags & __GFP_NORETRY) != 0) most = 0;
  // From here on frees are seen, also one between the try and the sleep.
  __atomic_fetch_add(&waiters_, 1, __ATOMIC_RELAXED);
  page* block = nullptr;
  for (;;) {
    const unsigned long seen = wakeups_;
    run_shrinkers(BIT(order), flags);
    drain();
    block = take_above_min(flags, order);
    if (block != nullptr || (*waited >= most && !for_ever)) break;
    const long left = wait_event_timeout(waiting_, wakeups_ != seen, kWaitTicks);
    *waited += left < kWaitTicks ? kWaitTicks - left : 1;
  }
  __atomic_fetch_sub(&waiters_, 1, __ATOMIC_RELAXED);
  return block;
}

void PageAllocator::wake_waiters() {
  wakeups_++;
  wake_up(&waiting_);
}

}  // namespace memio
