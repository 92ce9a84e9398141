// Slabs: how they are laid out, made, filled, emptied and given back. The fast path is in the header.
#include "kernel/slab_cache.h"

#include <linux/bitops.h>

namespace memio {
namespace {

constexpr u32 kDefaultAlign = sizeof(u64);
// What concerns the caller's object or its pages only.
constexpr gfp_t kNotForSlabs = __GFP_ZERO | __GFP_COMP | __GFP_COLD | __GFP_HIGHMEM;

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

  u32 alignment = kDefaultAlign;
  if ((flags & SLAB_HWCACHE_ALIGN) != 0) {
    alignment = L1_CACHE_BYTES;
    while (alignment > kDefaultAlign && size_ <= alignment / 2) alignment /= 2;
  }
  if (align > alignment) alignment = static_cast<u32>(align);
  debug_.init(name, size_, alignment, flags, ctor == nullptr);
  geometry_.choose(debug_.slot_size(), alignment, outside_allowed);
  set_limits();
}

// How many free objects the array may hold back from others.
void SlabCache::set_limits() {
  limit_ = geometry_.stride > PAGE_SIZE ? 8
           : geometry_.stride > 1024    ? 24
           : geometry_.stride > 256     ? 54
                                        : kMaxLimit;
  batch_count_ = (limit_ + 1) / 2;
}

// Checks the request and the object; serves also what the array cannot.
void* SlabCache::allocate_carefully(gfp_t flags, unsigned long caller, size_t asked) {
  if ((flags & refused_flags_) != 0 && !flags_fit(flags, caller)) return nullptr;
  if ((flags & __GFP_WAIT) != 0 && in_atomic()) flags = refuse_to_sleep(flags);
  void* object = take_or_grow(flags);
  if (object == nullptr) return nullptr;
  if (debug_.on()) debug_.start_use(object, static_cast<u32>(asked), caller);
  if ((flags & __GFP_ZERO) != 0) memset(object, 0, usable_size(object));
  return object;
}

void* SlabCache::take_or_grow(gfp_t flags) {
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
  from->chain()[index] = slab::kTaken;
  from->in_use++;
  in_use_++;
  return object_at(from, index);
}

// A new empty slab. May sleep if the flags say so; another task may take the objects meanwhile.
bool SlabCache::grow(gfp_t flags) {
  const gfp_t own_flags = flags & ~kNotForSlabs;
  page* first = alloc_pages(own_flags | page_flags_, geometry_.order);
  if (first == nullptr) return false;
  slab* made = place_management(first, own_flags & ~__GFP_DMA);
  if (made == nullptr) {
    __free_pages(first, geometry_.order);
    return false;
  }
  for (page* at = first; at != first + (1ul << geometry_.order); at++) {
    __set_bit(PG_slab, &at->flags);
    at->slab_cache = static_cast<kmem_cache*>(this);
    at->slab = made;
  }
  construct_objects(made, SLAB_CTOR_CONSTRUCTOR | ((flags & __GFP_WAIT) != 0 ? 0 : SLAB_CTOR_ATOMIC));

  const unsigned long irq = arch_local_irq_save();
  list_add_tail(&made->list, &empty_);
  slabs_++;
  empty_slabs_++;
  slab_pages += 1ul << geometry_.order;
  arch_local_irq_restore(irq);
  return true;
}

// Slabs start their objects at different cache lines as far as there is room, so that objects with the same
// index do not all compete for the same sets of a cache.
slab* SlabCache::place_management(page* first, gfp_t flags) {
  const unsigned long irq = arch_local_irq_save();
  const size_t offset = static_cast<size_t>(colour_next_) * geometry_.colour_step;
  colour_next_ = colour_next_ + 1 == geometry_.colours ? 0 : colour_next_ + 1;
  arch_local_irq_restore(irq);

  unsigned char* objects = static_cast<unsigned char*>(page_address(first)) + offset;
  slab* made = reinterpret_cast<slab*>(objects);
  if (geometry_.outside) {
    made = static_cast<slab*>(__kmalloc(geometry_.management, flags));
    if (made == nullptr) return nullptr;
  } else {
    objects += geometry_.management;
  }
  made->pages = first;
  made->objects = objects + debug_.left_size();
  made->in_use = 0;
  return made;
}

void SlabCache::construct_objects(slab* made, unsigned long ctor_flags) {
  for (u32 i = 0; i < geometry_.objects; i++) {
    unsigned char* object = object_at(made, i);
    if (debug_.on()) debug_.make(object);
    if (ctor_ != nullptr) ctor_(object, static_cast<kmem_cache*>(this), ctor_flags);
    made->chain()[i] = static_cast<u16>(i + 1);
  }
  made->chain()[geometry_.objects - 1] = slab::kEnd;
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
  const page* page = slab_page_of(object);
  slab* home = page != nullptr && page->slab_cache == this ? page->slab : nullptr;
  // What was checked when it was freed no longer holds if it had been freed before.
  if (unlikely(home == nullptr || home->chain()[index_in(home, object)] != slab::kTaken)) {
    return debug_.report_double_free(object, 0);
  }
  const u16 index = static_cast<u16>(index_in(home, object));
  home->chain()[index] = home->first_free;
  home->first_free = index;
  in_use_--;
  if (--home->in_use != 0) {
    list_move(&home->list, &partial_);
    return;
  }
  list_move(&home->list, &empty_);
  empty_slabs_++;
  // Room for a round trip of the array and one slab is kept.
  const unsigned long free_objects = slabs_ * geometry_.objects - in_use_;
  if (free_objects > 2 * batch_count_ + geometry_.objects) unlink_empty(home, surplus);
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
    pages += 1ul << geometry_.order;
  }
  return pages;
}

void SlabCache::give_back(slab* unused) {
  for (u32 i = 0; i < geometry_.objects && (debug_.on() || dtor_ != nullptr); i++) {
    unsigned char* object = object_at(unused, i);
    if (debug_.on()) debug_.check_unused(object);
    if (dtor_ != nullptr) dtor_(object, static_cast<kmem_cache*>(this), 0);
  }
  page* first = unused->pages;
  if (geometry_.outside) kfree(unused);
  for (page* at = first; at != first + (1ul << geometry_.order); at++) {
    __clear_bit(PG_slab, &at->flags);
    at->slab_cache = nullptr;
    at->slab = nullptr;
  }
  const unsigned long irq = arch_local_irq_save();
  slab_pages -= 1ul << geometry_.order;
  arch_local_irq_restore(irq);
  __free_pages(first, geometry_.order);
}

SlabStats SlabCache::stats() const {
  const unsigned long irq = arch_local_irq_save();
  SlabStats stats;
  stats.name = name_;
  stats.active_objects = in_use_ - available_;
  stats.cached_objects = available_;
  stats.objects = slabs_ * geometry_.objects;
  stats.active_slabs = slabs_ - empty_slabs_;
  stats.slabs = slabs_;
  stats.object_bytes = geometry_.stride;
  stats.objects_per_slab = geometry_.objects;
  stats.pages_per_slab = 1u << geometry_.order;
  stats.limit = limit_;
  stats.batch_count = batch_count_;
  arch_local_irq_restore(irq);
  return stats;
}

}  // namespace memio
