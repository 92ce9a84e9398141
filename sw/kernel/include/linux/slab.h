// Objects of one size from slab caches, and kmalloc() of any size on top of them. Bodies: mm/slab.cpp,
// mm/kmalloc.cpp; the class behind a cache: kernel/slab_cache.h. All memory is in the direct map.
#pragma once

#include <linux/gfp.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kmem_cache;
typedef struct kmem_cache kmem_cache_t;

// Flags of a cache.
#define SLAB_RED_ZONE 0x00000400ul       // guard bytes around each object
#define SLAB_POISON 0x00000800ul         // free objects are filled with a pattern; not with a constructor
#define SLAB_HWCACHE_ALIGN 0x00002000ul  // objects start at a cache line, or divide it evenly
#define SLAB_CACHE_DMA 0x00004000ul      // objects lie in the DMA zone
#define SLAB_STORE_USER 0x00010000ul     // keeps who allocated and who freed an object
#define SLAB_PANIC 0x00040000ul          // panic when the cache cannot be made

// Third argument of constructors; destructors get 0.
#define SLAB_CTOR_CONSTRUCTOR 0x1ul
#define SLAB_CTOR_ATOMIC 0x2ul  // may not sleep

#define L1_CACHE_BYTES 64

// A cache of objects of `size` bytes, 1 .. 128 KiB, aligned to `align`, a power of two up to PAGE_SIZE; 0: to
// eight bytes. `name` is kept by reference and must differ from those of the others. `ctor` is called for
// each object when its slab is made, `dtor` when the slab is given back, so an object must be freed in the
// state it was constructed in; `dtor` may not sleep. Either may be null. Null when memory is short or an
// argument is wrong (reported). May sleep.
struct kmem_cache* kmem_cache_create(const char* name, size_t size, size_t align, unsigned long flags,
                                     void (*ctor)(void*, struct kmem_cache*, unsigned long),
                                     void (*dtor)(void*, struct kmem_cache*, unsigned long));
// Gives all slabs back and ends the cache: 0. With objects in use: 1, a report, and the cache stays.
int kmem_cache_destroy(struct kmem_cache* cachep);

// An object, or null. Sleeps only with __GFP_WAIT; __GFP_ZERO clears it. A wrong zone flag is reported.
void* kmem_cache_alloc(struct kmem_cache* cachep, gfp_t flags);
// An object of which `size` bytes are used, for kmalloc().
void* kmem_cache_alloc_trace(struct kmem_cache* cachep, gfp_t flags, size_t size);
static inline void* kmem_cache_zalloc(struct kmem_cache* cachep, gfp_t flags) {
  return kmem_cache_alloc(cachep, flags | __GFP_ZERO);
}
void kmem_cache_free(struct kmem_cache* cachep, void* objp);

// Gives back the slabs without objects in use: 0 when none are left, else 1. May sleep.
int kmem_cache_shrink(struct kmem_cache* cachep);
unsigned int kmem_cache_size(struct kmem_cache* cachep);
const char* kmem_cache_name(struct kmem_cache* cachep);

// What kmalloc(0) returns: not null, faults when it is followed, may be freed.
#define ZERO_SIZE_PTR ((void*)16)
#define ZERO_OR_NULL_PTR(x) ((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)

// Sizes of the caches behind kmalloc(), in bytes; larger requests take whole blocks of pages.
#define KMALLOC_CACHES 11
#define KMALLOC_MAX_CACHE_SIZE 8192
// Objects start at a multiple of this, and larger powers of two at a multiple of L1_CACHE_BYTES.
#define ARCH_KMALLOC_MINALIGN 32
// [0]: low memory, [1]: the DMA zone. Rows are a power of two long, which saves a multiplication.
extern struct kmem_cache* kmalloc_caches[2][16];

// Index of the smallest cache for `size`, 1 .. 8192; folds to a constant.
static inline unsigned kmalloc_index(size_t size) {
  return size <= 32     ? 0
         : size <= 64   ? 1
         : size <= 96   ? 2
         : size <= 128  ? 3
         : size <= 192  ? 4
         : size <= 256  ? 5
         : size <= 512  ? 6
         : size <= 1024 ? 7
         : size <= 2048 ? 8
         : size <= 4096 ? 9
                        : 10;
}

void* __kmalloc(size_t size, gfp_t flags);

// `size` bytes, physically contiguous, or null; __GFP_DMA: from the DMA zone. Freed by kfree().
static inline __attribute__((always_inline)) void* kmalloc(size_t size, gfp_t flags) {
  if (__builtin_constant_p(size) && size != 0 && size <= KMALLOC_MAX_CACHE_SIZE) {
    return kmem_cache_alloc_trace(kmalloc_caches[(flags & __GFP_DMA) != 0][kmalloc_index(size)], flags, size);
  }
  return __kmalloc(size, flags);
}
static inline __attribute__((always_inline)) void* kzalloc(size_t size, gfp_t flags) {
  return kmalloc(size, flags | __GFP_ZERO);
}
// `n` cleared elements of `size` bytes; null when the product does not fit a size_t.
void* kcalloc(size_t n, size_t size, gfp_t flags);
// Makes the block at least `new_size` bytes, in place or by moving what it holds. Null when there is no
// memory: the old block stays. A null pointer: kmalloc(); size 0: kfree(), returns ZERO_SIZE_PTR.
void* krealloc(const void* objp, size_t new_size, gfp_t flags);
// Null and ZERO_SIZE_PTR are allowed; anything else that kmalloc() did not give, or that is free, is reported
// and left alone.
void kfree(const void* objp);
// Bytes of the block that may be used: at least what was asked for, and exactly that with slab-debug.
size_t ksize(const void* objp);

// Once, when the page allocator is up.
void kmem_cache_init(void);
// Pages in slabs of all caches.
unsigned long slab_page_count(void);

#ifdef __cplusplus
}
#endif
