// The C functions of slab caches, the list of all caches, /proc/slabinfo (version 2.1), and giving memory
// back when the page allocator has none left.
#include <linux/proc_fs.h>
#include <linux/shrinker.h>

#include "kernel/slab_cache.h"
#include "kernel/slab_internal.h"
#include "string.h"

namespace memio {
namespace {

constexpr size_t kNameBytes = 32;
constexpr unsigned long kKnownFlags =
    SLAB_RED_ZONE | SLAB_POISON | SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA | SLAB_STORE_USER | SLAB_PANIC;

// The cache that caches come from, and the first in the list of all.
kmem_cache cache_cache;
shrinker slab_shrinker;

// The list changes, and is followed, with preemption off.
void link_cache(kmem_cache* cache) {
  preempt_disable();
  kmem_cache* last = &cache_cache;
  while (last->next != nullptr) last = last->next;
  last->next = cache;
  preempt_enable();
}

void unlink_cache(const kmem_cache* cache) {
  kmem_cache* before = &cache_cache;
  while (before->next != cache) before = before->next;
  before->next = cache->next;
}

bool name_taken(const char* name) {
  bool taken = false;
  preempt_disable();
  for (const kmem_cache* at = &cache_cache; at != nullptr; at = at->next) {
    taken = taken || strcmp(at->name(), name) == 0;
  }
  preempt_enable();
  return taken;
}

// What is wrong with the arguments, or null.
const char* argument_error(const char* name, size_t size, size_t align, unsigned long flags, SlabHook ctor,
                           SlabHook dtor) {
  if (name == nullptr || name[0] == 0) return "a cache needs a name";
  if (size == 0 || size > SlabCache::kMaxSize) return "size must be 1 .. 131072";
  if ((align & (align - 1)) != 0 || align > PAGE_SIZE) return "align must be 0 or a power of two up to 4096";
  if ((flags & ~kKnownFlags) != 0) return "unknown flags";
  if (dtor != nullptr && ctor == nullptr) return "a destructor needs a constructor";
  if (in_interrupt()) return "not in an interrupt";
  if (name_taken(name)) return "the name is taken";
  return nullptr;
}

kmem_cache* create(const char* name, size_t size, size_t align, unsigned long flags, SlabHook ctor,
                   SlabHook dtor, unsigned long caller) {
  if (const char* error = argument_error(name, size, align, flags, ctor, dtor)) {
    char who[48];
    report_bug("kmem_cache_create(%s, size %zu, align %zu, flags 0x%lx) by %s: %s",
               name == nullptr ? "(null)" : name, size, align, flags, symbol_text(caller, who, sizeof who),
               error);
    return nullptr;
  }
  kmem_cache* cache = static_cast<kmem_cache*>(cache_cache.allocate(GFP_KERNEL | __GFP_ZERO, caller));
  if (cache == nullptr) return nullptr;
  cache->init(name, size, align, flags, ctor, dtor, true);
  link_cache(cache);
  return cache;
}

// Preemption is off so that no cache goes away meanwhile; destructors therefore may not sleep.
unsigned long shrink_caches(shrinker*, unsigned long pages, gfp_t) {
  unsigned long freed = 0;
  preempt_disable();
  for (kmem_cache* at = &cache_cache; at != nullptr && freed < pages; at = at->next) freed += at->shrink();
  preempt_enable();
  return freed;
}

// What there is to say of the cache with number `n`, since printing, which may take long, must not hold off
// preemption. False behind the last.
bool snapshot(unsigned n, SlabStats* stats, char* name) {
  preempt_disable();
  const kmem_cache* cache = &cache_cache;
  while (n-- != 0 && cache != nullptr) cache = cache->next;
  if (cache != nullptr) {
    *stats = cache->stats();
    scnprintf(name, kNameBytes, "%s", stats->name);
  }
  preempt_enable();
  return cache != nullptr;
}

int show_slabinfo(seq_file* file, void*) {
  seq_puts(file, "slabinfo - version: 2.1\n");
  seq_puts(file, "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>");
  seq_puts(file, " : tunables <limit> <batchcount> <sharedfactor>");
  seq_puts(file, " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
  SlabStats stats;
  char name[kNameBytes];
  for (unsigned n = 0; snapshot(n, &stats, name); n++) {
    seq_printf(file, "%-17s %6lu %6lu %6u %4u %4d", name, stats.active_objects, stats.objects,
               stats.object_bytes, stats.objects_per_slab, static_cast<int>(stats.pages_per_slab));
    seq_printf(file, " : tunables %4u %4u %4u", stats.limit, stats.batch_count, 0u);
    seq_printf(file, " : slabdata %6lu %6lu %6lu\n", stats.active_slabs, stats.slabs, 0ul);
  }
  return 0;
}

}  // namespace

void report_bad_free(const char* function, const void* object, const char* why, unsigned long caller) {
  char who[48];
  report_bug("%s(0x%p) by %s: %s", function, object, symbol_text(caller, who, sizeof who), why);
}

extern "C" void kmem_cache_init() {
  slab_pages = 0;
  // Its management cannot lie in a size cache: there is none yet.
  cache_cache.init("kmem_cache", sizeof(kmem_cache), 0, SLAB_HWCACHE_ALIGN, nullptr, nullptr, false);
  kmalloc_init();
  proc_create_single("slabinfo", 0, nullptr, show_slabinfo);
  slab_shrinker.name = "slab";
  slab_shrinker.shrink = shrink_caches;
  register_shrinker(&slab_shrinker);
}

extern "C" unsigned long slab_page_count() { return slab_pages; }

extern "C" kmem_cache* kmem_cache_create(const char* name, size_t size, size_t align, unsigned long flags,
                                         SlabHook ctor, SlabHook dtor) {
  kmem_cache* cache = create(name, size, align, flags, ctor, dtor, _RET_IP_);
  if (cache == nullptr && (flags & SLAB_PANIC) != 0) panic("kmem_cache_create: no cache %s", name);
  return cache;
}

extern "C" int kmem_cache_destroy(kmem_cache* cache) {
  might_sleep();
  preempt_disable();
  cache->shrink();
  const bool unused = !cache->has_slabs();
  if (unused) unlink_cache(cache);
  preempt_enable();
  if (!unused) {
    cache->report_in_use(_RET_IP_);
    return 1;
  }
  kmem_cache_free(&cache_cache, cache);
  return 0;
}

extern "C" void* kmem_cache_alloc(kmem_cache* cache, gfp_t flags) { return cache->allocate(flags, _RET_IP_); }

extern "C" void* kmem_cache_alloc_trace(kmem_cache* cache, gfp_t flags, size_t size) {
  return cache->allocate(flags, _RET_IP_, size);
}

extern "C" void kmem_cache_free(kmem_cache* cache, void* object) {
  const page* page = slab_page_of(object);
  if (unlikely(page == nullptr || page->slab_cache != cache)) {
    char why[80];
    scnprintf(why, sizeof why, "an object of %s, not of %s",
              page == nullptr ? "no slab cache" : page->slab_cache->name(), cache->name());
    report_bad_free("kmem_cache_free", object, why, _RET_IP_);
    return;
  }
  cache->free(object, page, _RET_IP_);
}

extern "C" int kmem_cache_shrink(kmem_cache* cache) {
  might_sleep();
  cache->shrink();
  return cache->has_slabs() ? 1 : 0;
}

extern "C" unsigned int kmem_cache_size(kmem_cache* cache) {
  return static_cast<unsigned>(cache->object_size());
}
extern "C" const char* kmem_cache_name(kmem_cache* cache) { return cache->name(); }

}  // namespace memio
