// See stress_kinds.h. Each slot has a range of ports and of physical addresses of its own that nobody else
// claims.
#include "stress_kinds.h"

#include <asm/io.h>
#include <asm/page.h>
#include <linux/highmem.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

namespace memio {
namespace {

constexpr gfp_t kQuiet = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
constexpr unsigned kMostVmallocPages = 6;  // as a power of two
constexpr u32 kConstructed = 0x600dc0de;
constexpr unsigned kCaches = 3;
constexpr unsigned kCacheSizes[kCaches] = {24, 200, 1500};
constexpr int kPoolReserve = 8;

// Ports and physical addresses for the slots to claim, from here on.
constexpr unsigned long kFirstPort = 0xa000;
constexpr unsigned long kPortsOfSlot = 8;
constexpr unsigned long kFirstMemory = 0x0a000000;
constexpr unsigned long kMemoryOfSlot = 0x100;

kmem_cache* caches[kCaches];
mempool_t* pool;
unsigned long wrongly_constructed;
unsigned long not_cleared;

// The first word of a free object says that it was constructed.
void construct(void* object, kmem_cache*, unsigned long) { *static_cast<u32*>(object) = kConstructed; }

// Mostly requests that may free memory, some that may not sleep and use the reserve, some that want zeroes.
gfp_t random_flags(Random* random) {
  static constexpr gfp_t kRest[] = {0, 0, 0, __GFP_ZERO, __GFP_DMA, __GFP_COLD, __GFP_HIGH, __GFP_ZERO};
  const gfp_t basis = random->below(4) == 0 ? GFP_ATOMIC | __GFP_NOWARN : kQuiet;
  return basis | kRest[random->below(8)];
}

// Looks at the two ends of memory that was asked for with `flags`.
void check_cleared(const void* memory, unsigned long size, gfp_t flags) {
  const unsigned char* bytes = static_cast<const unsigned char*>(memory);
  if (memory == nullptr || (flags & __GFP_ZERO) == 0) return;
  if (bytes[0] != 0 || bytes[size - 1] != 0) not_cleared++;
}

bool allocate_kmalloc(StressSlot* slot, Random* random) {
  slot->size = 1 + random->below(32u << random->halving(9));
  const gfp_t flags = random_flags(random);
  slot->address = kmalloc(slot->size, flags);
  check_cleared(slot->address, slot->size, flags);
  return slot->address != nullptr;
}
bool resize_kmalloc(StressSlot* slot, Random* random) {
  const unsigned long size = 1 + random->below(32u << random->halving(9));
  void* moved = krealloc(slot->address, size, kQuiet);
  if (moved == nullptr) return false;
  slot->address = moved;
  slot->size = size;
  return true;
}
void release_kmalloc(StressSlot* slot) { kfree(slot->address); }

bool allocate_low_pages(StressSlot* slot, Random* random) {
  const unsigned order = random->halving(max_page_order());
  slot->size = static_cast<unsigned long>(PAGE_SIZE) << order;
  const gfp_t flags = random_flags(random);
  slot->address = reinterpret_cast<void*>(__get_free_pages(flags, order));
  check_cleared(slot->address, slot->size, flags);
  return slot->address != nullptr;
}
void release_low_pages(StressSlot* slot) {
  free_pages(reinterpret_cast<unsigned long>(slot->address), get_order(slot->size));
}

bool allocate_any_page(StressSlot* slot, Random* random) {
  slot->size = PAGE_SIZE;
  const gfp_t cold = random->below(4) == 0 ? __GFP_COLD : 0;
  slot->pages = alloc_page(kQuiet | __GFP_HIGHMEM | cold);
  return slot->pages != nullptr;
}
void release_any_page(StressSlot* slot) { __free_page(slot->pages); }

// Few are mapped for long, because all of the area in use would make kmap() wait for ever.
bool allocate_kmap(StressSlot* slot, Random*) {
  slot->size = PAGE_SIZE;
  slot->pages = alloc_page(kQuiet | __GFP_HIGHMEM);
  if (slot->pages == nullptr) return false;
  if (slot->number % 8 == 0) slot->address = kmap(slot->pages);
  return true;
}
void release_kmap(StressSlot* slot) {
  if (slot->address != nullptr) kunmap(slot->pages);
  __free_page(slot->pages);
}

bool allocate_vmalloc(StressSlot* slot, Random* random) {
  slot->size = 1 + random->below(static_cast<u32>(PAGE_SIZE) << random->halving(kMostVmallocPages));
  slot->address = __vmalloc(slot->size, kQuiet | __GFP_HIGHMEM, PAGE_KERNEL);
  return slot->address != nullptr;
}
void release_vmalloc(StressSlot* slot) { vfree(slot->address); }

bool allocate_object(StressSlot* slot, Random*) {
  slot->size = kCacheSizes[slot->number % kCaches];
  slot->address = kmem_cache_alloc(caches[slot->number % kCaches], kQuiet);
  if (slot->address == nullptr) return false;
  if (*static_cast<u32*>(slot->address) != kConstructed) wrongly_constructed++;
  return true;
}
void release_object(StressSlot* slot) {
  *static_cast<u32*>(slot->address) = kConstructed;
  kmem_cache_free(caches[slot->number % kCaches], slot->address);
}

// Without waiting: all elements may be this thread's own.
bool allocate_from_pool(StressSlot* slot, Random*) {
  slot->size = kCacheSizes[0];
  slot->address = mempool_alloc(pool, GFP_ATOMIC | __GFP_NOWARN);
  return slot->address != nullptr;
}
void release_to_pool(StressSlot* slot) {
  *static_cast<u32*>(slot->address) = kConstructed;
  mempool_free(slot->address, pool);
}

// The first device in memory space that someone has claimed.
const resource* some_device() {
  const resource* device = iomem_resource.child;
  while (device != nullptr && device->start >= MEMORY_START) device = device->sibling;
  return device;
}

// Mapped and unmapped only: reading a device's registers may change it.
bool allocate_ioremap(StressSlot* slot, Random*) {
  const resource* device = some_device();
  if (device == nullptr) return false;
  void* mapped = ioremap(static_cast<unsigned long>(device->start), 4);
  slot->pages = static_cast<page*>(mapped);
  return mapped != nullptr;
}
void release_ioremap(StressSlot* slot) { iounmap(slot->pages); }

bool allocate_ports(StressSlot* slot, Random*) {
  return request_region(kFirstPort + slot->number * kPortsOfSlot, kPortsOfSlot, "stress") != nullptr;
}
void release_ports(StressSlot* slot) {
  release_region(kFirstPort + slot->number * kPortsOfSlot, kPortsOfSlot);
}

bool allocate_memory_range(StressSlot* slot, Random*) {
  return request_mem_region(kFirstMemory + slot->number * kMemoryOfSlot, kMemoryOfSlot, "stress") != nullptr;
}
void release_memory_range(StressSlot* slot) {
  release_mem_region(kFirstMemory + slot->number * kMemoryOfSlot, kMemoryOfSlot);
}

const StressKind kKinds[] = {
    {"kmalloc", 40, allocate_kmalloc, release_kmalloc, resize_kmalloc},
    {"pages", 15, allocate_low_pages, release_low_pages, nullptr},
    {"high pages", 10, allocate_any_page, release_any_page, nullptr},
    {"kmap", 4, allocate_kmap, release_kmap, nullptr},
    {"vmalloc", 4, allocate_vmalloc, release_vmalloc, nullptr},
    {"cache", 15, allocate_object, release_object, nullptr},
    {"mempool", 6, allocate_from_pool, release_to_pool, nullptr},
    {"ioremap", 2, allocate_ioremap, release_ioremap, nullptr},
    {"ports", 2, allocate_ports, release_ports, nullptr},
    {"memory range", 2, allocate_memory_range, release_memory_range, nullptr},
};

u32 word_of(u32 tag, unsigned long offset) { return tag ^ static_cast<u32>(offset * 0x9e3779b1u); }

// Calls visit(offset) for the words that carry the pattern. The first one is left out: slab objects keep
// their mark there while they are free.
template <typename Visit>
void for_each_word(unsigned long size, Visit visit) {
  constexpr unsigned long kSmall = 128;
  constexpr unsigned long kWord = sizeof(u32);
  const unsigned long end = size & ~(kWord - 1);
  const unsigned long step = size <= kSmall ? kWord : static_cast<unsigned long>(PAGE_SIZE);
  for (unsigned long offset = 0; offset < end; offset += step) visit(offset);
  if (size > kSmall) visit(end - kWord);
}

template <typename Visit>
void with_memory(const StressSlot& slot, Visit visit) {
  if (slot.address != nullptr) {
    visit(static_cast<char*>(slot.address));
  } else if (slot.size != 0) {
    void* mapped = kmap_atomic(slot.pages);
    visit(static_cast<char*>(mapped));
    kunmap_atomic(mapped);
  }
}

}  // namespace

u32 Random::next() {
  state_ ^= state_ << 13;
  state_ ^= state_ >> 17;
  state_ ^= state_ << 5;
  return state_;
}

unsigned Random::halving(unsigned most) {
  unsigned n = 0;
  for (u32 bits = next(); n < most && (bits & 1) != 0; bits >>= 1) n++;
  return n;
}

bool stress_kinds_init() {
  static const char* const kNames[kCaches] = {"stress-24", "stress-200", "stress-1500"};
  wrongly_constructed = 0;
  not_cleared = 0;
  for (unsigned i = 0; i < kCaches; i++) {
    caches[i] =
        kmem_cache_create(kNames[i], kCacheSizes[i], 0, i == 1 ? SLAB_HWCACHE_ALIGN : 0, construct, nullptr);
  }
  if (caches[0] != nullptr)
    pool = mempool_create(kPoolReserve, mempool_alloc_slab, mempool_free_slab, caches[0]);
  if (caches[0] != nullptr && caches[1] != nullptr && caches[2] != nullptr && pool != nullptr) return true;
  stress_kinds_exit();
  return false;
}

void stress_kinds_exit() {
  if (wrongly_constructed != 0) report_bug("stress: %lu objects were not constructed", wrongly_constructed);
  if (not_cleared != 0) report_bug("stress: %lu blocks were not cleared", not_cleared);
  if (pool != nullptr) mempool_destroy(pool);
  pool = nullptr;
  for (kmem_cache*& cache : caches) {
    if (cache != nullptr) kmem_cache_destroy(cache);
    cache = nullptr;
  }
}

const StressKind& random_kind(Random* random) {
  u32 sum = 0;
  for (const StressKind& kind : kKinds) sum += kind.weight;
  u32 at = random->below(sum);
  const StressKind* kind = kKinds;
  while (at >= kind->weight) at -= kind++->weight;
  return *kind;
}

void stress_fill(const StressSlot& slot) {
  with_memory(slot, [&slot](char* memory) {
    for_each_word(slot.size, [&](unsigned long offset) {
      *reinterpret_cast<u32*>(memory + offset) = word_of(slot.tag, offset);
    });
  });
}

unsigned long stress_check(const StressSlot& slot, unsigned long size) {
  unsigned long bad = 0;
  with_memory(slot, [&](char* memory) {
    for_each_word(slot.size, [&](unsigned long offset) {
      if (offset + sizeof(u32) > size) return;
      if (*reinterpret_cast<const u32*>(memory + offset) != word_of(slot.tag, offset)) bad += sizeof(u32);
    });
  });
  return bad;
}

}  // namespace memio
