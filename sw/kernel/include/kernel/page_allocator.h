// The page allocator: the zones of RAM, what each allocation flag permits, freeing memory when there is none
// left, and refusal of bad frees. The functions of linux/gfp.h and linux/mm.h are its C interface.
// There is one hart, so interrupts off is all the locking there is.
#pragma once

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/wait.h>

#include "kernel/boot_memory.h"
#include "kernel/dma_idle.h"
#include "kernel/zone.h"

namespace memio {

class PageAllocator {
 public:
  // Takes mem_map from `memory`, makes the zones by the kernel options dma-zone, max-order and
  // min-free-kbytes, and hands them all that is not reserved. Requests do not sleep until allow_sleep().
  void init(BootMemory& memory);
  void allow_sleep();

  // 2^order pages or null. `caller` is code, for messages.
  page* allocate(gfp_t flags, unsigned long order, unsigned long caller) {
    flags &= allowed_flags_;
    if ((flags & __GFP_WAIT) != 0 && unlikely(in_atomic())) flags = refuse_to_sleep(flags);
    Zone* zone = first_zone_[flags & kZoneFlags];
    page* block = zone->take(order, (flags & __GFP_COLD) != 0, zone->marks().low);
    if (unlikely(block == nullptr)) {
      block = allocate_slowly(flags, order, caller);
      if (block == nullptr) return nullptr;
    }
    block->count = 1;
    block->order = static_cast<u32>(order);
    block->private_data = 0;
    block->caller = caller;
    if (unlikely((flags & (__GFP_ZERO | __GFP_COMP)) != 0)) prepare(block, flags, order);
    return block;
  }

  // Drops a reference; with the last one the block of 2^order pages is free. A block that cannot be freed so
  // is reported and stays as it is.
  void free(page* block, unsigned long order, bool cold, unsigned long caller) {
    const unsigned long irq = arch_local_irq_save();
    if (unlikely(!is_block_in_use(block, order))) {
      arch_local_irq_restore(irq);
      report_bad_free(block, order, caller);
      return;
    }
    if (--block->count == 0) release(block, order, cold, caller);
    arch_local_irq_restore(irq);
  }
  // Reports a free of an address that has no page.
  void report_bad_address(unsigned long address, unsigned long order, unsigned long caller);

  void drain();
  const Zone& zone(unsigned index) const { return zones_[index]; }
  unsigned max_order() const { return max_order_; }
  unsigned long free_pages() const;
  unsigned long managed_pages() const;

  // How many free pages a request leaves in a zone: the watermark min; half of it with __GFP_HIGH; a further
  // quarter less for requests that cannot wait.
  static unsigned long mark_for(const Zone& zone, gfp_t flags);

 private:
  friend struct MemoryInfo;

  static constexpr gfp_t kZoneFlags = __GFP_DMA | __GFP_HIGHMEM;
  static constexpr unsigned long kNotFreeable =
      BIT(PG_reserved) | BIT(PG_buddy) | BIT(PG_slab) | BIT(PG_tail);

  // Waiting for memory, in timer ticks: at a time, at most, and at most with __GFP_REPEAT.
  static constexpr long kWaitTicks = 10;
  static constexpr long kMaxWait = 10 * kWaitTicks;
  static constexpr long kMaxWaitRepeat = 50 * kWaitTicks;

  bool is_block_in_use(const page* block, unsigned long order) const {
    return block >= mem_map && block < map_end_ && (block->flags & kNotFreeable) == 0 && block->count > 0 &&
           block->order == order;
  }
  void release(page* block, unsigned long order, bool cold, unsigned long caller) {
    block->caller = caller;
#ifdef CONFIG_DEBUG_VM
    if (unlikely(dma_debug_on))
      dma_debug_freed("free_pages", page_to_phys(block), PAGE_SIZE << order, caller);
#endif
    if (unlikely(PageHead(block))) dissolve(block);
    zones_[page_zonenum(block)].give(block, static_cast<unsigned>(order), cold);
    if (unlikely(waiters_ != 0)) wake_waiters();
  }
  static void prepare(page* block, gfp_t flags, unsigned long order);
  static void dissolve(page* block);

  // page_alloc_init.cpp
  void init_map(BootMemory& memory, unsigned long end);
  void init_zone(unsigned index, const BootMemory& memory, unsigned long start, unsigned long end);
  void set_watermarks();

  // page_reclaim.cpp: when the first zone does not serve at once.
  gfp_t refuse_to_sleep(gfp_t flags) const;
  page* allocate_slowly(gfp_t flags, unsigned long order, unsigned long caller);
  page* take_above_low(gfp_t flags, unsigned long order);
  page* take_above_min(gfp_t flags, unsigned long order);
  page* wait_for_memory(gfp_t flags, unsigned long order, long* waited);
  void wake_waiters();

  // page_report.cpp
  void report_failure(gfp_t flags, unsigned long order, unsigned long caller, long waited) const;
  void report_bad_free(const page* block, unsigned long order, unsigned long caller) const;
  const page* find_block(const page* inside) const;
  void describe(const page* block, char* text, size_t size) const;

  Zone zones_[MAX_NR_ZONES];
  Zone* first_zone_[4] = {};  // by __GFP_DMA and __GFP_HIGHMEM: the highest that has pages
  const page* map_end_ = nullptr;
  gfp_t allowed_flags_ = 0;  // the others are taken away from each request
  unsigned max_order_ = 0;
  unsigned waiters_ = 0;
  wait_queue_head_t waiting_ = {};
  unsigned long wakeups_ = 0;  // frees seen while there were waiters
};

PageAllocator& page_allocator();
// Names of the flags of a request, as "__GFP_WAIT|__GFP_IO"; "0" for none. Returns `text`.
char* gfp_text(gfp_t flags, char* text, size_t size);
// The highest zone a request may take from; it falls back to those below.
inline zone_type gfp_zone(gfp_t flags) {
  if ((flags & __GFP_DMA) != 0) return ZONE_DMA;
  return (flags & __GFP_HIGHMEM) != 0 ? ZONE_HIGHMEM : ZONE_NORMAL;
}
// page_reclaim.cpp
void shrinkers_init();
// Calls the shrinkers that a request with these flags may use; pages freed, by their own word.
unsigned long run_shrinkers(unsigned long pages, gfp_t flags);

// page_alloc_init.cpp, page_proc.cpp
void page_allocator_init(BootMemory& memory);
void page_proc_init();

}  // namespace memio
