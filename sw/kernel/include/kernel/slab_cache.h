// A cache of objects of one size, after Bonwick's slab allocator as classic Linux has it: blocks of pages cut
// into objects (slabs, on lists of partial, full and empty ones), and in front of them an array of free
// objects from which the common case is served. One hart: interrupts off is all the locking. No array shared
// between CPUs, no memory nodes.
//
// A slab:  colour offset | struct slab, chain of free objects (unless kept outside) | objects
// A slot:  left red zone | object | right red zone | who allocated, who freed
#pragma once

#include <asm/irqflags.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>

// Management of a slab: at its start, or from kmalloc() where objects are large.
struct slab {
  list_head list;
  page* pages;             // the first
  unsigned char* objects;  // object 0
  u32 in_use;              // objects outside the chain: with callers, or in the array
  u16 first_free;          // head of the chain, kEnd: none

  static constexpr u16 kEnd = 0xffff;
  // For each object the index of the next free one; meaningful for free objects.
  u16* chain() { return reinterpret_cast<u16*>(this + 1); }
};

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

// For a request that may sleep where that is forbidden: reports it; the flags it is served with. Inline, so
// that the report names the function of linux/slab.h.
inline __attribute__((always_inline)) gfp_t refuse_to_sleep(gfp_t flags) {
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

  // `caller`: the instruction behind the call, for the records of who did it.
  void* allocate(gfp_t flags, unsigned long caller) {
    if (unlikely((flags & refused_flags_) != 0) && !flags_fit(flags, caller)) return nullptr;
    if ((flags & __GFP_WAIT) != 0 && unlikely(in_atomic())) flags = refuse_to_sleep(flags);
    const unsigned long irq = arch_local_irq_save();
    void* object = nullptr;
    if (likely(available_ != 0)) object = array_[--available_];
    arch_local_irq_restore(irq);
    if (unlikely(object == nullptr) && (object = allocate_slow(flags)) == nullptr) return nullptr;
    if (unlikely(((flags & __GFP_ZERO) | debug_flags_) != 0)) prepare(object, flags, caller);
    return object;
  }

  // `page` is the descriptor of the object's page, which belongs to this cache.
  void free(void* object, const page* page, unsigned long caller) {
    const u32 offset = static_cast<u32>(static_cast<unsigned char*>(object) - page->slab->objects);
    const u32 index = static_cast<u32>(static_cast<u64>(offset) * reciprocal_ >> 32);
    if (unlikely(index >= per_slab_ || index * stride_ != offset)) return report_not_object(object, caller);
    if (unlikely(debug_flags_ != 0) && !check_free(object, caller)) return;
    const unsigned long irq = arch_local_irq_save();
    if (unlikely(available_ != 0 && array_[available_ - 1] == object)) {
      arch_local_irq_restore(irq);
      return report_double_free(object, caller);
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
  // For the report of a cache that cannot be destroyed: an object in use, null when there is none.
  void* find_in_use() const;
  void report_in_use(unsigned long caller) const;

  SlabStats stats() const;
  const char* name() const { return name_; }
  size_t object_size() const { return size_; }

  kmem_cache* next = nullptr;  // in the list of all caches

 private:
  void set_geometry(bool outside_allowed);
  u32 objects_that_fit(unsigned order) const;
  size_t management_size(u32 objects) const;
  void set_limits();

  bool flags_fit(gfp_t flags, unsigned long caller) const;
  void* allocate_slow(gfp_t flags);
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

  // slab_debug.cpp
  struct Track {
    unsigned long allocated_by;
    unsigned long freed_by;  // 0: in use
  };
  void set_debug_layout();
  bool checks(unsigned long flag) const { return (debug_flags_ & flag) != 0; }
  Track* track(const void* object) const;
  void fill_red_zones(void* object, unsigned char value) const;
  const unsigned char* damaged_red_zone(const void* object, unsigned char value) const;
  void poison(void* object) const;
  const unsigned char* damaged_poison(const void* object) const;
  void prepare_new(void* object) const;
  void prepare(void* object, gfp_t flags, unsigned long caller) const;
  void check_unused(void* object) const;
  bool check_free(void* object, unsigned long caller) const;
  void report_damage(const void* object, const char* when, const unsigned char* at,
                     unsigned char expected) const;
  void report_double_free(const void* object, unsigned long caller) const;
  void report_not_object(const void* object, unsigned long caller) const;
  void describe_users(const void* object, char* text, size_t size) const;

  // The fast path's members first: they share a cache line or two.
  u32 available_ = 0;
  u32 limit_ = 0;
  gfp_t refused_flags_ = 0;
  u32 debug_flags_ = 0;  // SLAB_RED_ZONE, SLAB_POISON, SLAB_STORE_USER
  u32 stride_ = 0;       // bytes from object to object
  u32 reciprocal_ = 0;   // 2^32 / stride_, rounded up: exact for the start of an object
  u32 per_slab_ = 0;
  u32 batch_count_ = 0;

  const char* name_ = nullptr;
  u32 size_ = 0;      // bytes of an object
  u32 align_ = 0;     // of objects
  u32 left_red_ = 0;  // bytes of the red zones
  u32 right_red_ = 0;
  u32 track_offset_ = 0;  // from the object
  gfp_t page_flags_ = 0;  // __GFP_DMA or none
  unsigned order_ = 0;    // of a slab
  bool outside_ = false;  // management is not in the slab
  u32 colours_ = 0;
  u32 colour_next_ = 0;
  u32 colour_step_ = 0;  // bytes
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
// Whether the kernel option slab-debug asks for checks on the cache `name`.
bool slab_debug_wanted(const char* name);
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
