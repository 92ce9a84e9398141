// Memory pools: a reserve of elements behind an allocator. The reserve is a stack of pointers.
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mempool.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "string.h"

namespace memio {
namespace {

// Ticks after which a sleeper looks again whether the allocator has memory: it is not told when it has.
constexpr long kRetryTicks = 5 * HZ;

size_t array_bytes(int elements) { return static_cast<size_t>(elements) * sizeof(void*); }

// Takes an element out of the reserve, or null.
void* take_reserved(mempool_t* pool) {
  unsigned long flags = 0;
  spin_lock_irqsave(&pool->lock, flags);
  void* element = pool->curr_nr != 0 ? pool->elements[--pool->curr_nr] : nullptr;
  spin_unlock_irqrestore(&pool->lock, flags);
  return element;
}

// Puts an element into the reserve; false when that is complete.
bool put_reserved(mempool_t* pool, void* element) {
  unsigned long flags = 0;
  spin_lock_irqsave(&pool->lock, flags);
  const bool fits = pool->curr_nr < pool->min_nr;
  if (fits) pool->elements[pool->curr_nr++] = element;
  spin_unlock_irqrestore(&pool->lock, flags);
  return fits;
}

void count_outstanding(mempool_t* pool, int change) {
  unsigned long flags = 0;
  spin_lock_irqsave(&pool->lock, flags);
  pool->outstanding += change;
  spin_unlock_irqrestore(&pool->lock, flags);
}

// Elements from the allocator until the reserve is complete; false when it has none.
bool fill(mempool_t* pool, int gfp_mask) {
  while (pool->curr_nr < pool->min_nr) {
    void* element = pool->alloc(gfp_mask, pool->pool_data);
    if (element == nullptr) return false;
    // Someone may have given one back meanwhile.
    if (!put_reserved(pool, element)) pool->free(element, pool->pool_data);
  }
  return true;
}

void release(mempool_t* pool) {
  while (void* element = take_reserved(pool)) pool->free(element, pool->pool_data);
  kfree(pool->elements);
  kfree(pool);
}

void wait_for_element(mempool_t* pool) {
  DEFINE_WAIT(entry);
  prepare_to_wait(&pool->wait, &entry, TASK_UNINTERRUPTIBLE);
  if (pool->curr_nr == 0) schedule_timeout(kRetryTicks);
  finish_wait(&pool->wait, &entry);
}

}  // namespace

extern "C" mempool_t* mempool_create(int min_nr, mempool_alloc_t* alloc_fn, mempool_free_t* free_fn,
                                     void* pool_data) {
  if (min_nr < 1 || alloc_fn == nullptr || free_fn == nullptr) {
    char who[48];
    report_bug("mempool_create(%d) by %s: needs 1 element or more, and both functions", min_nr,
               symbol_text(_RET_IP_, who, sizeof who));
    return nullptr;
  }
  mempool_t* pool = static_cast<mempool_t*>(kzalloc(sizeof(mempool_t), GFP_KERNEL));
  if (pool == nullptr) return nullptr;
  spin_lock_init(&pool->lock);
  init_waitqueue_head(&pool->wait);
  pool->min_nr = min_nr;
  pool->alloc = alloc_fn;
  pool->free = free_fn;
  pool->pool_data = pool_data;
  pool->elements = static_cast<void**>(kmalloc(array_bytes(min_nr), GFP_KERNEL));
  if (pool->elements == nullptr || !fill(pool, GFP_KERNEL)) {
    release(pool);
    return nullptr;
  }
  return pool;
}

extern "C" int mempool_resize(mempool_t* pool, int new_min_nr, int gfp_mask) {
  if (new_min_nr < 1) return -EINVAL;
  void** elements = static_cast<void**>(kmalloc(array_bytes(new_min_nr), static_cast<gfp_t>(gfp_mask)));
  if (elements == nullptr) return -ENOMEM;
  const int old_min_nr = pool->min_nr;
  // What the smaller reserve has no room for leaves first.
  unsigned long flags = 0;
  spin_lock_irqsave(&pool->lock, flags);
  if (new_min_nr < pool->min_nr) pool->min_nr = new_min_nr;
  spin_unlock_irqrestore(&pool->lock, flags);
  while (pool->curr_nr > new_min_nr) {
    void* element = take_reserved(pool);
    if (element != nullptr) pool->free(element, pool->pool_data);
  }
  spin_lock_irqsave(&pool->lock, flags);
  memcpy(elements, pool->elements, array_bytes(pool->curr_nr));
  void** old_elements = pool->elements;
  pool->elements = elements;
  pool->min_nr = new_min_nr;
  spin_unlock_irqrestore(&pool->lock, flags);
  kfree(old_elements);
  if (new_min_nr <= old_min_nr || fill(pool, gfp_mask)) return 0;
  spin_lock_irqsave(&pool->lock, flags);
  pool->min_nr = pool->curr_nr > old_min_nr ? pool->curr_nr : old_min_nr;
  spin_unlock_irqrestore(&pool->lock, flags);
  return -ENOMEM;
}

extern "C" void mempool_destroy(mempool_t* pool) {
  if (pool == nullptr) return;
  if (pool->outstanding != 0) {
    char who[48];
    report_bug("mempool_destroy by %s: %d elements of the pool are outstanding; it stays",
               symbol_text(_RET_IP_, who, sizeof who), pool->outstanding);
    return;
  }
  release(pool);
}

extern "C" void* mempool_alloc(mempool_t* pool, int gfp_mask) {
  const gfp_t flags = static_cast<gfp_t>(gfp_mask);
  if ((flags & __GFP_WAIT) != 0) might_sleep();
  // The reserve is there to be used: the allocator neither tries hard nor complains, and does not wait before
  // the reserve is empty.
  const gfp_t patient = (flags & ~__GFP_NOFAIL) | __GFP_NORETRY | __GFP_NOWARN;
  gfp_t trial = patient & ~(__GFP_WAIT | __GFP_IO);
  for (;;) {
    void* element = pool->alloc(static_cast<int>(trial), pool->pool_data);
    if (element == nullptr) element = take_reserved(pool);
    if (element != nullptr) {
      count_outstanding(pool, 1);
      return element;
    }
    if ((flags & __GFP_WAIT) == 0) return nullptr;
    if (trial == patient) wait_for_element(pool);
    trial = patient;
  }
}

extern "C" void mempool_free(void* element, mempool_t* pool) {
  if (element == nullptr) return;
  count_outstanding(pool, -1);
  if (put_reserved(pool, element)) {
    wake_up(&pool->wait);
  } else {
    pool->free(element, pool->pool_data);
  }
}

extern "C" void* mempool_alloc_slab(int gfp_mask, void* pool_data) {
  return kmem_cache_alloc(static_cast<kmem_cache*>(pool_data), static_cast<gfp_t>(gfp_mask));
}
extern "C" void mempool_free_slab(void* element, void* pool_data) {
  kmem_cache_free(static_cast<kmem_cache*>(pool_data), element);
}
extern "C" void* mempool_kmalloc(int gfp_mask, void* pool_data) {
  return kmalloc(reinterpret_cast<size_t>(pool_data), static_cast<gfp_t>(gfp_mask));
}
extern "C" void* mempool_kzalloc(int gfp_mask, void* pool_data) {
  return kzalloc(reinterpret_cast<size_t>(pool_data), static_cast<gfp_t>(gfp_mask));
}
extern "C" void mempool_kfree(void* element, void*) { kfree(element); }
extern "C" void* mempool_alloc_pages(int gfp_mask, void* pool_data) {
  return alloc_pages(static_cast<gfp_t>(gfp_mask), reinterpret_cast<unsigned long>(pool_data));
}
extern "C" void mempool_free_pages(void* element, void* pool_data) {
  __free_pages(static_cast<page*>(element), reinterpret_cast<unsigned long>(pool_data));
}

}  // namespace memio
