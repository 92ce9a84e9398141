// kmalloc() and its relatives: size caches up to 8 KiB, above that compound pages of the page allocator, with
// the kernel option slab-debug (or slab-debug=kmalloc-large) a red zone in what these have too much.
#include <linux/bitops.h>

#include "kernel/dma_idle.h"
#include "kernel/slab_cache.h"
#include "kernel/slab_internal.h"
#include "string.h"

kmem_cache* kmalloc_caches[2][16];

namespace memio {
namespace {

bool large_checked;  // blocks of pages have red zones

struct SizeCache {
  u32 size;
  const char* name;
  const char* dma_name;
};
constexpr SizeCache kSizes[KMALLOC_CACHES] = {
    {32, "size-32", "size-32(DMA)"},       {64, "size-64", "size-64(DMA)"},
    {96, "size-96", "size-96(DMA)"},       {128, "size-128", "size-128(DMA)"},
    {192, "size-192", "size-192(DMA)"},    {256, "size-256", "size-256(DMA)"},
    {512, "size-512", "size-512(DMA)"},    {1024, "size-1024", "size-1024(DMA)"},
    {2048, "size-2048", "size-2048(DMA)"}, {4096, "size-4096", "size-4096(DMA)"},
    {8192, "size-8192", "size-8192(DMA)"},
};

// kmalloc_index() of a size that the compiler does not know: by (size - 1) / 32 up to 256, above that by
// (size - 1) / 256. Two loads instead of ten comparisons.
constexpr u8 kSmallIndex[] = {0, 1, 2, 3, 4, 4, 5, 5};
constexpr u8 kLargeIndex[] = {5,  6,  7,  7,  8,  8,  8,  8,  9,  9,  9,  9,  9,  9,  9,  9,
                              10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10};

unsigned index_of(size_t size) {
  return size <= 256 ? kSmallIndex[(size - 1) / 32] : kLargeIndex[(size - 1) / 256];
}

// Powers of two start at multiples of themselves, up to a cache line.
size_t alignment_of(u32 size) {
  const u32 lowest_bit = size & (~size + 1);
  return lowest_bit < L1_CACHE_BYTES ? lowest_bit : L1_CACHE_BYTES;
}

// Why a request beyond the size caches cannot be served, or null.
const char* large_error(unsigned order, gfp_t flags) {
  if ((flags & __GFP_HIGHMEM) != 0) return "asks for high memory";
  if (order > max_page_order() && (flags & __GFP_NOWARN) == 0)
    return "is larger than the largest block of pages";
  return nullptr;
}

size_t block_bytes(const page* head) { return static_cast<size_t>(PAGE_SIZE) << compound_order(head); }

void* allocate_large(size_t size, gfp_t flags, unsigned long caller) {
  if ((flags & __GFP_WAIT) != 0 && in_atomic()) flags = refuse_to_sleep(flags);
  const unsigned order = get_order(size);
  if (const char* error = large_error(order, flags)) {
    char who[48];
    report_bug("kmalloc(%zu, flags 0x%x) by %s %s", size, flags, symbol_text(caller, who, sizeof who), error);
    return nullptr;
  }
  if (order > max_page_order()) return nullptr;
  page* pages = alloc_pages(flags | __GFP_COMP, order);
  if (pages == nullptr) return nullptr;
  pages->caller = caller;
  char* block = static_cast<char*>(page_address(pages));
  if (large_checked) {
    pages->private_data = size;
    fill_red_zone(block + size, block_bytes(pages) - size);
  }
  return block;
}

inline __attribute__((always_inline)) void* allocate(size_t size, gfp_t flags, unsigned long caller) {
  // 0 - 1 wraps round, so one comparison tells both.
  if (unlikely(size - 1 >= KMALLOC_MAX_CACHE_SIZE)) {
    return size == 0 ? ZERO_SIZE_PTR : allocate_large(size, flags, caller);
  }
  return kmalloc_caches[(flags & __GFP_DMA) != 0][index_of(size)]->allocate(flags, caller, size);
}

// The block of allocate_large() that starts at `object`; null after a report by `function`.
page* large_block(const char* function, const void* object, unsigned long caller) {
  const char* why = nullptr;
  page* head = nullptr;
  if (!virt_addr_valid(object)) {
    why = "outside the direct map";
  } else {
    page* page = virt_to_page(object);
    head = compound_head(page);
    if (PageReserved(page)) {
      why = "reserved memory, as the kernel's image is";
    } else if (PageBuddy(page) || head->count == 0) {
      why = "the page is free";
    } else if (!PageHead(head)) {
      why = "not a block of kmalloc()";
    } else if (page_address(head) != object) {
      why = "not the start of a block";
    }
  }
  if (why == nullptr) return head;
  report_bad_free(function, object, why, caller);
  return nullptr;
}

void check_large(const page* head, const void* object, unsigned long caller) {
  const unsigned char* bytes = static_cast<const unsigned char*>(object);
  const size_t size = head->private_data;
  const unsigned char* at = damaged_red_zone(bytes + size, block_bytes(head) - size);
  if (at == nullptr) return;
  char who[48];
  char freer[48];
  report_bug("kmalloc-large: overrun of %zu bytes at 0x%p: byte %ld is 0x%x; allocated by %s, freed by %s",
             size, object, static_cast<long>(at - bytes), static_cast<unsigned>(*at),
             symbol_text(head->caller, who, sizeof who), symbol_text(caller, freer, sizeof freer));
}

void release_large(const void* object, unsigned long caller) {
  page* head = large_block("kfree", object, caller);
  if (head == nullptr) return;
  if (large_checked) check_large(head, object, caller);
  __free_pages(head, compound_order(head));
}

inline __attribute__((always_inline)) void release(const void* object, unsigned long caller) {
  if (ZERO_OR_NULL_PTR(object)) return;
  const page* page = slab_page_of(object);
  if (unlikely(page == nullptr)) return release_large(object, caller);
#ifdef CONFIG_DEBUG_VM
  if (unlikely(dma_debug_on)) {
    dma_debug_freed("kfree", virt_to_phys(object), page->slab_cache->usable_size(object), caller);
  }
#endif
  page->slab_cache->free(const_cast<void*>(object), page, caller);
}

size_t usable_size(const void* object, unsigned long caller) {
  if (ZERO_OR_NULL_PTR(object)) return 0;
  if (const page* page = slab_page_of(object)) return page->slab_cache->usable_size(object);
  const page* head = large_block("ksize", object, caller);
  if (head == nullptr) return 0;
  return large_checked ? head->private_data : block_bytes(head);
}

}  // namespace

void kmalloc_init() {
  large_checked = slab_debug_wanted("kmalloc-large");
  // Small ones first: the management of slabs of larger objects comes from them.
  for (unsigned i = 0; i < KMALLOC_CACHES; i++) {
    const SizeCache& size = kSizes[i];
    kmalloc_caches[0][i] =
        kmem_cache_create(size.name, size.size, alignment_of(size.size), SLAB_PANIC, nullptr, nullptr);
    kmalloc_caches[1][i] = kmem_cache_create(size.dma_name, size.size, alignment_of(size.size),
                                             SLAB_PANIC | SLAB_CACHE_DMA, nullptr, nullptr);
  }
}

extern "C" void* __kmalloc(size_t size, gfp_t flags) { return allocate(size, flags, _RET_IP_); }

extern "C" void* kcalloc(size_t n, size_t size, gfp_t flags) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(n, size, &bytes)) return nullptr;
  return allocate(bytes, flags | __GFP_ZERO, _RET_IP_);
}

extern "C" void* krealloc(const void* old, size_t new_size, gfp_t flags) {
  if (new_size == 0) {
    release(old, _RET_IP_);
    return ZERO_SIZE_PTR;
  }
  const size_t old_size = usable_size(old, _RET_IP_);
  if (old_size >= new_size) return const_cast<void*>(old);
  if (old_size == 0 && !ZERO_OR_NULL_PTR(old)) return nullptr;
  void* moved = allocate(new_size, flags, _RET_IP_);
  if (moved == nullptr || old_size == 0) return moved;
  memcpy(moved, old, old_size);
  release(old, _RET_IP_);
  return moved;
}

extern "C" void kfree(const void* object) { release(object, _RET_IP_); }
extern "C" size_t ksize(const void* object) { return usable_size(object, _RET_IP_); }

}  // namespace memio
