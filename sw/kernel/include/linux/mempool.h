// Pools that keep a minimum of elements in reserve, so that a request that may wait never fails. Bodies:
// mm/mempool.cpp.
#pragma once

#include <linux/slab.h>
#include <linux/types.h>
#include <linux/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

// Where elements come from and go to; an allocator sleeps only with __GFP_WAIT, and gives null when it has
// none.
typedef void*(mempool_alloc_t)(int gfp_mask, void* pool_data);
typedef void(mempool_free_t)(void* element, void* pool_data);

typedef struct mempool_s {
  spinlock_t lock;
  int min_nr;   // elements the pool keeps when all are back
  int curr_nr;  // elements in the pool now
  int outstanding;
  void** elements;
  void* pool_data;
  mempool_alloc_t* alloc;
  mempool_free_t* free;
  wait_queue_head_t wait;  // for an element to come back
} mempool_t;

// A pool with `min_nr` elements (1 or more) from `alloc_fn`, each called with `pool_data`. Null when memory
// is short (nothing is kept then) or an argument is wrong (reported). May sleep.
mempool_t* mempool_create(int min_nr, mempool_alloc_t* alloc_fn, mempool_free_t* free_fn, void* pool_data);
// Changes the reserve: 0, or -ENOMEM when it cannot grow, -EINVAL for a `new_min_nr` below 1. May sleep.
int mempool_resize(mempool_t* pool, int new_min_nr, int gfp_mask);
// Frees the pool and its reserve. With elements outstanding: a report, and the pool stays.
void mempool_destroy(mempool_t* pool);

// An element from the allocator or, when it has none, from the reserve. When that is used up too: with
// __GFP_WAIT sleeps until an element comes back and never returns null, else null.
void* mempool_alloc(mempool_t* pool, int gfp_mask);
// Refills the reserve first. Null is allowed. May be called from interrupts if the pool's free function may.
void mempool_free(void* element, mempool_t* pool);

// Standard allocators. pool_data: the slab cache.
void* mempool_alloc_slab(int gfp_mask, void* pool_data);
void mempool_free_slab(void* element, void* pool_data);
// pool_data: the size in bytes, as a pointer.
void* mempool_kmalloc(int gfp_mask, void* pool_data);
void* mempool_kzalloc(int gfp_mask, void* pool_data);
void mempool_kfree(void* element, void* pool_data);
// Elements are page descriptors. pool_data: the order, as a pointer.
void* mempool_alloc_pages(int gfp_mask, void* pool_data);
void mempool_free_pages(void* element, void* pool_data);

static inline mempool_t* mempool_create_slab_pool(int min_nr, struct kmem_cache* cache) {
  return mempool_create(min_nr, mempool_alloc_slab, mempool_free_slab, cache);
}
static inline mempool_t* mempool_create_kmalloc_pool(int min_nr, size_t size) {
  return mempool_create(min_nr, mempool_kmalloc, mempool_kfree, (void*)size);
}
static inline mempool_t* mempool_create_kzalloc_pool(int min_nr, size_t size) {
  return mempool_create(min_nr, mempool_kzalloc, mempool_kfree, (void*)size);
}
static inline mempool_t* mempool_create_page_pool(int min_nr, int order) {
  return mempool_create(min_nr, mempool_alloc_pages, mempool_free_pages, (void*)(long)order);
}

#ifdef __cplusplus
}
#endif
