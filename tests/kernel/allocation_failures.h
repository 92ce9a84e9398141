// Failures of the allocators on purpose: the n-th call from another source of alloc_pages(),
// kmem_cache_alloc() or kmalloc() gives nothing. A test that includes this is linked with
// memio_kernel_fail_allocations() (CMakeLists.txt).
#pragma once

#include <linux/slab.h>

namespace memio {

class AllocationFailures {
 public:
  // The call after `successes` further ones fails, and only that one.
  static void after(unsigned long successes) {
    left_ = successes;
    armed_ = true;
  }
  static void none() { armed_ = false; }
  // Whether it has failed since after().
  static bool happened() { return !armed_; }

  static bool now() {
    if (!armed_) return false;
    if (left_-- != 0) return false;
    armed_ = false;
    return true;
  }

 private:
  static inline bool armed_ = false;
  static inline unsigned long left_ = 0;
};

}  // namespace memio

extern "C" {
struct page* __real_alloc_pages(gfp_t gfp_mask, unsigned long order);
void* __real_kmem_cache_alloc(struct kmem_cache* cache, gfp_t flags);
void* __real_kmem_cache_alloc_trace(struct kmem_cache* cache, gfp_t flags, size_t size);
void* __real___kmalloc(size_t size, gfp_t flags);

struct page* __wrap_alloc_pages(gfp_t gfp_mask, unsigned long order) {
  return memio::AllocationFailures::now() ? nullptr : __real_alloc_pages(gfp_mask, order);
}
void* __wrap_kmem_cache_alloc(struct kmem_cache* cache, gfp_t flags) {
  return memio::AllocationFailures::now() ? nullptr : __real_kmem_cache_alloc(cache, flags);
}
void* __wrap_kmem_cache_alloc_trace(struct kmem_cache* cache, gfp_t flags, size_t size) {
  return memio::AllocationFailures::now() ? nullptr : __real_kmem_cache_alloc_trace(cache, flags, size);
}
void* __wrap___kmalloc(size_t size, gfp_t flags) {
  return memio::AllocationFailures::now() ? nullptr : __real___kmalloc(size, flags);
}
}
