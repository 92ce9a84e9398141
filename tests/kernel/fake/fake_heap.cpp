// See fake_heap.h.
#include "fake_heap.h"

#include <asm/io.h>
#include <linux/slab.h>

#include <cstdlib>

#include "kernel/dma.h"

struct kmem_cache {
  size_t size;
};

namespace memio {

FakeHeap fake_heap;

namespace {

void* allocate(size_t size, gfp_t flags) {
  if (fake_heap.next_step_fails()) return nullptr;
  fake_heap.objects++;
  return (flags & __GFP_ZERO) != 0 ? std::calloc(1, size) : std::malloc(size);
}

void release(const void* object) {
  if (object == nullptr) return;
  fake_heap.objects--;
  std::free(const_cast<void*>(object));
}

kmem_cache fixed_caches[KMALLOC_CACHES] = {{32},  {64},   {96},   {128},  {192}, {256},
                                           {512}, {1024}, {2048}, {4096}, {8192}};

}  // namespace

// Devices here do not reach memory themselves: that would take the kernel's own allocators.
int dma_configure(device*) { return 0; }
void dma_deconfigure(device*) {}

extern "C" {

kmem_cache* kmalloc_caches[2][16] = {{&fixed_caches[0], &fixed_caches[1], &fixed_caches[2], &fixed_caches[3],
                                      &fixed_caches[4], &fixed_caches[5], &fixed_caches[6], &fixed_caches[7],
                                      &fixed_caches[8], &fixed_caches[9], &fixed_caches[10]}};

// Caches live as long as the program.
kmem_cache* kmem_cache_create(const char*, size_t size, size_t, unsigned long,
                              void (*)(void*, kmem_cache*, unsigned long),
                              void (*)(void*, kmem_cache*, unsigned long)) {
  static std::vector<kmem_cache*> caches;
  caches.push_back(new kmem_cache{size});
  return caches.back();
}

void* kmem_cache_alloc(kmem_cache* cache, gfp_t flags) { return allocate(cache->size, flags); }
void* kmem_cache_alloc_trace(kmem_cache* cache, gfp_t flags, size_t) { return allocate(cache->size, flags); }
void kmem_cache_free(kmem_cache*, void* object) { release(object); }
void* __kmalloc(size_t size, gfp_t flags) { return allocate(size, flags); }
void kfree(const void* object) { release(object); }

void* ioremap(phys_addr_t, unsigned long size) {
  if (fake_heap.next_step_fails()) return nullptr;
  fake_heap.mappings++;
  return std::calloc(1, size);
}
void iounmap(const volatile void* address) {
  fake_heap.mappings--;
  std::free(const_cast<void*>(address));
}
}

}  // namespace memio
