// Slabs: how they are laid out, made, filled, emptied and given back. The fast path is in the header.
#include "kernel/slab_cache.h"

#include <linux/bitops.h>

namespace memio {
namespace {

// Larger blocks are hard to get once memory is fragmented: above this order waste is accepted.
constexpr unsigned kBreakOrder = 1;
// Holds the largest object with the largest red zones.
constexpr unsigned kMaxOrder = 6;
// Slots from this size on have the management outside, where it does not cost them a slot.
constexpr u32 kOutsideSize = PAGE_SIZE / 8;
constexpr u32 kDefaultAlign = sizeof(u64);
// Chain entry of an object that is not free in its slab.
constexpr u16 kTaken = 0xfffe;
// What concerns the caller's object or its pages only.
constexpr gfp_t kNotForSlabs = __GFP_ZERO | __GFP_COMP | __GFP_COLD | __GFP_HIGHMEM;

size_t round_up(size_t value, size_t to) { return (value + to - 1) & ~(to - 1); }

}  // namespace

unsigned long slab_pages;

void SlabCache::init(const char* name, size_t size, size_t align, unsigned long flags, SlabHook ctor,
                     SlabHook dtor, bool outside_allowed) {
  *this = {};
  name_ = name;
  size_ = static_cast<u32>(size);
  ctor_ = ctor;
  dtor_ = dtor;
  INIT_LIST_HEAD(&partial_);
  INIT_LIST_HEAD(&full_);
  INIT_LIST_HEAD(&empty_);
  page_flags_ = (flags & SLAB_CACHE_DMA) != 0 ? __GFP_DMA : 0;
  refused_flags_ = __GFP_HIGHMEM | (page_flags_ ^ __GFP_DMA);

  align_ = kDefaultAlign;
  if ((flags & SLAB_HWCACHE_ALIGN) != 0) {
    align_ = L1_CACHE_BYTES;
    while (align_ > kDefaultAlign && size_ <= align_ / 2) align_ /= 2;
  }
  if (align > align_) align_ = static_cast<u32>(align);

  constexpr unsigned long kAllChecks = SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;
  debug_flags_ = static_cast<u32>(slab_debug_wanted(name) ? kAllChecks : flags & kAllChecks);
  // The pattern would destroy what the constructor made.
  if (ctor != nullptr) debug_flags_ &= ~static_cast<u32>(SLAB_POISON);
  set_debug_layout();
  set_geometry(outside_allowed);
  set_limits();
}

size_t SlabCache::management_size(u32 objects) const {
  return round_up(sizeof(slab) + objects * sizeof(u16), align_);
}

u32 SlabCache::objects_that_fit(unsigned order) const {
  const size_t bytes = static_cast<size_t>(PAGE_SIZE) << order;
  u32 count = static_cast<u32>(bytes / stride_);
  if (!outside_) {
    while (count != 0 && management_size(count) + static_cast<size_t>(count) * stride_ > bytes) count--;
  }
  return count;
}

// The smallest order that wastes an eighth at most, or the smallest above kBreakOrder that does at all.
void SlabCache::set_geometry(bool outside_allowed) {
  reciprocal_ = static_cast<u32>(((u64{1} << 32) + stride_ - 1) / stride_);
  outside_ = outside_allowed && stride_ >= kOutsideSize;
  size_t left = 0;
  for (order_ = 0; order_ <= kMaxOrder; order_++) {
    const size_t bytes = static_cast<size_t>(PAGE_SIZE) << order_;
    per_slab_ = objects_that_fit(order_);
    left = bytes - per_slab_ * static_cast<size_t>(stride_) - (outside_ ? 0 : management_size(per_slab_));
    if (per_slab_ != 0 && (order_ >= kBreakOrder || left * 8 <= bytes)) break;
  }
  if (outside_ && left >= management_size(per_slab_)) {
    outside_ = false;
    left -= management_size(per_slab_);
  }
  colour_step_ = align_ > L1_CACHE_BYTES ? align_ : L1_CACHE_BYTES;
  colours_ = static_cast<u32>(left / colour_step_) + 1;
}

// How many free objects the array may hold back from others.
void SlabCache::set_limits() {
  limit_ = stride_ > PAGE_SIZE ? 8 : stride_ > 1024 ? 24 : stride_ > 256 ? 54 : kMaxLimit;
  batch_count_ = (limit_ + 1) / 2;
}

bool SlabCache::flags_fit(gfp_t flags, unsigned long caller) const {
  char who[48];
  report_bug("slab %s: %s asks for %s memory (flags 0x%x); this cache has %s", name_,
             symbol_text(caller, who, sizeof who), (flags & __GFP_HIGHMEM) != 0 ? "high" : "DMA", flags,
             page_flags_ != 0 ? "DMA memory" : "low memory of any zone");
  return false;
}

void* SlabCache::allocate_slow(gfp_t flags) {
  for (;;) {
    const unsigned long irq = arch_local_irq_save();
    if (available_ == 0) refill();
    void* object = available_ != 0 ? array_[--available_] : nullptr;
    arch_local_irq_restore(irq);
    if (object != nullptr || !grow(flags)) return object;
  }
}

// Fills the array up to the batch count, from partial slabs first.
void SlabCache::refill() {
  while (available_ < batch_count_) {
    list_head* from = list_empty(&partial_) ? &empty_ : &partial_;
    if (list_empty(from)) return;
    slab* source = list_first_entry(from, slab, list);
    if (source->in_use == 0) empty_slabs_--;
    while (available_ < batch_count_ && source->first_free != slab::kEnd) {
      array_[available_++] = take_object(source);
    }
    list_move(&source->list, source->first_free == slab::kEnd ? &full_ : &partial_);
  }
}

void* SlabCache::take_object(slab* from) {
  const u16 index = from->first_free;
  from->first_free = from->chain()[index];
  from->chain()[index] = kTaken;
  from->in_use++;
  in_use_++;
  return from->objects + static_cast<size_t>(index) * stride_;
}

// A new empty slab. May sleep if the flags say so; another task may take the objects meanwhile.
bool SlabCache::grow(gfp_t flags) {
  const gfp_t own_flags = flags & ~kNotForSlabs;
  page* first = alloc_pages(own_flags | page_flags_, order_);
  if (first == nullptr) return false;
  slab* made = place_management(first, own_flags & ~__GFP_DMA);
  if (made == nullptr) {
    __free_pages(first, order_);
    return false;
  }
  for (page* at = first; at != first + (1ul << order_); at++) {
    __set_bit(PG_slab, &at->flags);
    at->slab_cache = static_cast<kmem_cache*>(this);
    at->slab = made;
  }
  construct_objects(made, SLAB_CTOR_CONSTRUCTOR | ((flags & __GFP_WAIT) != 0 ? 0 : SLAB_CTOR_ATOMIC));

  const unsigned long irq = arch_local_irq_save();
  list_add_tail(&made->list, &empty_);
  slabs_++;
  empty_slabs_++;
  slab_pages += 1ul << order_;
  arch_local_irq_restore(irq);
  return true;
}

// Slabs start their objects at different cache lines as far as there is room, so that objects with the same
// index do not all compete for the same sets of a cache.
slab* SlabCache::place_management(page* first, gfp_t flags) {
  const unsigned long irq = arch_local_irq_save();
  const size_t offset = static_cast<size_t>(colour_next_) * colour_step_;
  colour_next_ = colour_next_ + 1 == colours_ ? 0 : colour_next_ + 1;
  arch_local_irq_restore(irq);

  unsigned char* objects = static_cast<unsigned char*>(page_address(first)) + offset;
  slab* made = reinterpret_cast<slab*>(objects);
  if (outside_) {
    made = static_cast<slab*>(__kmalloc(management_size(per_slab_), flags));
    if (made == nullptr) return nullptr;
  } else {
    objects += management_size(per_slab_);
  }
  made->pages = first;
  made->objects = objects + left_red_;
  made->in_use = 0;
  return made;
}

void SlabCache::construct_objects(slab* made, unsigned long ctor_flags) {
  for (u32 i = 0; i < per_slab_; i++) {
    unsigned char* object = made->objects + static_cast<size_t>(i) * stride_;
    if (debug_flags_ != 0) prepare_new(object);
    if (ctor_ != nullptr) ctor_(object, static_cast<kmem_cache*>(this), ctor_flags);
    made->chain()[i] = static_cast<u16>(i + 1);
  }
  made->chain()[per_slab_ - 1] = slab::kEnd;
  made->first_free = 0;
}

void SlabCache::free_slow(void* object) {
  list_head surplus;
  INIT_LIST_HEAD(&surplus);
  const unsigned long irq = arch_local_irq_save();
  if (available_ == limit_) flush(batch_count_, &surplus);
  array_[available_++] = object;
  arch_local_irq_restore(irq);
  give_back(&surplus);
}

void SlabCache::flush(u32 count, list_head* surplus) {
  for (u32 i = 0; i < count; i++) return_object(array_[i], surplus);
  available_ -= count;
  for (u32 i = 0; i < available_; i++) array_[i] = array_[i + count];
}

void SlabCache::return_object(void* object, list_head* surplus) {
  slab* home = slab_page_of(object)->slab;
  const u32 offset = static_cast<u32>(static_cast<unsigned char*>(object) - home->objects);
  const u32 index = static_cast<u32>(static_cast<u64>(offset) * reciprocal_ >> 32);
  if (unlikely(home->chain()[index] != kTaken)) return report_double_free(object, 0);
  home->chain()[index] = home->first_free;
  home->first_free = static_cast<u16>(index);
  in_use_--;
  if (--home->in_use != 0) {
    list_move(&home->list, &partial_);
    return;
  }
  list_move(&home->list, &empty_);
  empty_slabs_++;
  // Room for a round trip of the array and one slab is kept.
  if (slabs_ * per_slab_ - in_use_ > 2 * batch_count_ + per_slab_) unlink_empty(home, surplus);
}

void SlabCache::unlink_empty(slab* unused, list_head* surplus) {
  list_move(&unused->list, surplus);
  slabs_--;
  empty_slabs_--;
}

unsigned long SlabCache::shrink() {
  list_head surplus;
  INIT_LIST_HEAD(&surplus);
  const unsigned long irq = arch_local_irq_save();
  flush(available_, &surplus);
  while (!list_empty(&empty_)) unlink_empty(list_first_entry(&empty_, slab, list), &surplus);
  arch_local_irq_restore(irq);
  return give_back(&surplus);
}

unsigned long SlabCache::give_back(list_head* surplus) {
  unsigned long pages = 0;
  while (!list_empty(surplus)) {
    slab* unused = list_first_entry(surplus, slab, list);
    list_del(&unused->list);
    give_back(unused);
    pages += 1ul << order_;
  }
  return pages;
}

void SlabCache::give_back(slab* unused) {
  for (u32 i = 0; i < per_slab_ && (debug_flags_ != 0 || dtor_ != nullptr); i++) {
    unsigned char* object = unused->objects + static_cast<size_t>(i) * stride_;
    if (debug_flags_ != 0) check_unused(object);
    if (dtor_ != nullptr) dtor_(object, static_cast<kmem_cache*>(this), 0);
  }
  page* first = unused->pages;
  if (outside_) kfree(unused);
  for (page* at = first; at != first + (1ul << order_); at++) {
    __clear_bit(PG_slab, &at->flags);
    at->slab_cache = nullptr;
    at->slab = nullptr;
  }
  const unsigned long irq = arch_local_irq_save();
  slab_pages -= 1ul << order_;
  arch_local_irq_restore(irq);
  __free_pages(first, order_);
}

SlabStats SlabCache::stats() const {
  const unsigned long irq = arch_local_irq_save();
  const SlabStats stats{
      name_,     in_use_ - available_, available_, slabs_ * per_slab_, slabs_ - empty_slabs_, slabs_, stride_,
      per_slab_, 1u << order_,         limit_,     batch_count_};
  arch_local_irq_restore(irq);
  return stats;
}

void* SlabCache::find_in_use() const {
  const list_head* const lists[] = {&full_, &partial_};
  for (const list_head* head : lists) {
    slab* at = nullptr;
    list_for_each_entry(at, head, list) {
      for (u32 i = 0; i < per_slab_; i++) {
        if (at->chain()[i] == kTaken) return at->objects + static_cast<size_t>(i) * stride_;
      }
    }
  }
  return nullptr;
}

}  // namespace memio
