// A cache of objects of one size, after Bonwick's slab allocator as classic Linux has it: blocks of pages cut
// into objects (slabs, on lists of partial, full and empty ones), and in front of them an array of free
// objects from which the common case is served. One hart: interrupts off is all the locking. No array shared
// between CPUs, no memory nodes.
#pragma once

#include <asm/irqflags.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "kernel/slab_debug.h"
#include "kernel/slab_geometry.h"
#include "string.h"

namespace memio {

using SlabHook = void (*)(void*, kmem_cache*, unsigned long);

// What /proc/slabinfo says of a cache.
struct SlabStats {
  const char* name;
  unsigned long active_objects;  // with callers
  unsigned long cached_objects;  // free, in the array
  unsigned long objects;
  unsigned long active_slabs;  // partial and full ones
  unsigned long slabs;
  u32 object_bytes;  // of a slot
  u32 objects_per_slab;
  u32 pages_per_slab;
  u32 limit;
  u32 batch_count;
};

// For a request that may sleep where that is forbidden: reports it; the flags it is served with.
inline gfp_t refuse_to_sleep(gfp_t flags) {
  might_sleep();
  return (flags & ~(__GFP_WAIT | __GFP_IO | __GFP_FS | __GFP_REPEAT | __GFP_NOFAIL)) | GFP_ATOMIC;
}

class SlabCache {
 public:
  static constexpr u32 kMaxLimit = 120;
  static constexpr size_t kMaxSize = 128 * 1024;

  constexpr SlabCache() = default;

  // Arguments as kmem_cache_create()'s, checked by it. `outside_allowed`: kmalloc() may serve the management.
  void init(const char* name, size_t size, size_t align, unsigned long flags, SlabHook ctor, SlabHook dtor,
            bool outside_allowed);

  // `caller`: the instruction behind the call, for the records of who did it. `asked`: how many bytes of the
  // object may be touched where that is checked; 0: all.
  void* allocate(gfp_t flags, unsigned long caller, size_t asked = 0) {
    // Nothing but a call at the end leaves this path, so that it saves no registers.
    const bool plain = (flags & (refused_flags_ | __GFP_ZERO)) == 0 && !debug_.on();
    if (likely(plain && ((flags & __GFP_WAIT) == 0 || !in_atomic()))) {
      const unsigned long irq = arch_local_irq_save();
      if (likely(available_ != 0)) {
        void* object = array_[--available_];
        arch_local_irq_restore(irq);
        return object;
      }
      arch_local_irq_restore(irq);
    }
    return allocate_carefully(flags, caller, asked);
  }

  // `page` is the descriptor of the object's page, which belongs to this cache.
  void free(void* object, const page* page, unsigned long caller) {
    if (unlikely(index_in(page->slab, object) == SlabGeometry::kNoObject)) {
      return report_not_object(object, caller);
    }
    if (unlikely(debug_.on()) && !debug_.end_use(object, caller)) return;
    const unsigned long irq = arch_local_irq_save();
    if (unlikely(available_ != 0 && array_[available_ - 1] == object)) {
      arch_local_irq_restore(irq);
      return debug_.report_double_free(object, caller);
    }
    if (likely(available_ < limit_)) {
      array_[available_++] = object;
      arch_local_irq_restore(irq);
      return;
    }
    arch_local_irq_restore(irq);
    free_slow(object);
  }

  // Empties the array and gives back the slabs that have no object in use; the number of their pages.
  unsigned long shrink();
  bool has_slabs() const { return slabs_ != 0; }
  // For a cache that cannot be destroyed after shrink().
  void report_in_use(unsigned long caller) const;

  SlabStats stats() const;
  const char* name() const { return name_; }
  size_t object_size() const { return size_; }
  // Bytes of an object in use that its user may touch.
  size_t usable_size(const void* object) const { return debug_.on() ? debug_.used_size(object) : size_; }

  kmem_cache* next = nullptr;  // in the list of all caches

 private:
  friend struct MemoryInfo;

  void set_limits();
  u32 index_in(const slab* in, const void* object) const {
    return geometry_.index_at(static_cast<u32>(static_cast<const unsigned char*>(object) - in->objects));
  }
  unsigned char* object_at(const slab* in, u32 index) const {
    return in->objects + static_cast<size_t>(index) * geometry_.stride;
  }
  void* allocate_carefully(gfp_t flags, unsigned long caller, size_t asked);
  void* take_or_grow(gfp_t flags);
  void refill();
  bool grow(gfp_t flags);
  slab* place_management(page* first, gfp_t flags);
  void construct_objects(slab* made, unsigned long ctor_flags);
  void* take_object(slab* from);
  void free_slow(void* object);
  // Moves the `count` oldest objects of the array to their slabs; slabs to give back end up in `surplus`.
  void flush(u32 count, list_head* surplus);
  void return_object(void* object, list_head* surplus);
  void unlink_empty(slab* unused, list_head* surplus);
  unsigned long give_back(list_head* surplus);
  void give_back(slab* unused);

  // slab_report.cpp
  bool flags_fit(gfp_t flags, unsigned long caller) const;
  void report_not_object(const void* object, unsigned long caller) const;
  const void* find_in_use() const;

  // The fast path's members first: they share a cache line or two.
  u32 available_ = 0;
  u32 limit_ = 0;
  u32 size_ = 0;  // bytes of an object
  gfp_t refused_flags_ = 0;
  SlabGeometry geometry_;
  SlabDebug debug_;

  const char* name_ = nullptr;
  u32 batch_count_ = 0;
  u32 colour_next_ = 0;
  gfp_t page_flags_ = 0;  // __GFP_DMA or none
  SlabHook ctor_ = nullptr;
  SlabHook dtor_ = nullptr;

  list_head partial_ = {};
  list_head full_ = {};
  list_head empty_ = {};
  unsigned long slabs_ = 0;
  unsigned long empty_slabs_ = 0;
  unsigned long in_use_ = 0;  // sum over the slabs

  void* array_[kMaxLimit] = {};
};

// The pages of all slabs.
extern unsigned long slab_pages;
// The descriptor of the slab page that holds `object`, or null.
inline page* slab_page_of(const void* object) {
  const unsigned long offset = reinterpret_cast<unsigned long>(object) - PAGE_OFFSET;
  if (unlikely(offset >= reinterpret_cast<unsigned long>(high_memory) - PAGE_OFFSET)) return nullptr;
  page* page = mem_map + (offset >> PAGE_SHIFT);
  return likely((page->flags & BIT(PG_slab)) != 0) ? page : nullptr;
}

}  // namespace memio

// The C name of the class.
struct kmem_cache final : memio::SlabCache {};
