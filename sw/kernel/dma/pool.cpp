// Pools of small coherent blocks: pages of coherent memory, each with a map of the blocks in use beside it,
// so that nothing of the pool's lies in memory that the device writes.
#include <linux/dmapool.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kernel/dma.h"

namespace memio {
namespace {

struct PoolPage {
  list_head node;
  char* cpu;
  dma_addr_t address;
  unsigned in_use;
  unsigned long map[1];  // a bit for each block in use; as many words as the pool needs
};

constexpr unsigned kBitsPerWord = BITS_PER_LONG;

bool is_power_of_two(size_t value) { return value != 0 && (value & (value - 1)) == 0; }

}  // namespace
}  // namespace memio

struct dma_pool {
  const char* name;
  struct device* dev;
  size_t size;       // of a block, with its alignment
  size_t boundary;   // that no block crosses
  size_t page_size;  // bytes taken at a time
  unsigned per_boundary;
  unsigned per_page;
  list_head pages;
  spinlock_t lock;
};

namespace memio {
namespace {

unsigned words_of(const dma_pool& pool) { return DIV_ROUND_UP(pool.per_page, kBitsPerWord); }

size_t offset_of(const dma_pool& pool, unsigned block) {
  return block / pool.per_boundary * pool.boundary + block % pool.per_boundary * pool.size;
}

// The block at `offset` of a page; per_page when none starts there.
unsigned block_at(const dma_pool& pool, size_t offset) {
  const size_t in_boundary = offset % pool.boundary;
  const size_t block = offset / pool.boundary * pool.per_boundary + in_boundary / pool.size;
  const bool starts = in_boundary % pool.size == 0 && in_boundary / pool.size < pool.per_boundary;
  return starts && block < pool.per_page ? static_cast<unsigned>(block) : pool.per_page;
}

// A block of the page marked in use; null when all are.
void* take_from(const dma_pool& pool, PoolPage* page, dma_addr_t* handle) {
  if (page->in_use == pool.per_page) return nullptr;
  unsigned word = 0;
  while (page->map[word] == ~0ul) word++;
  const unsigned bit = static_cast<unsigned>(__builtin_ctzl(~page->map[word]));
  page->map[word] |= 1ul << bit;
  page->in_use++;
  const size_t offset = offset_of(pool, word * kBitsPerWord + bit);
  *handle = page->address + offset;
  return page->cpu + offset;
}

void* take(dma_pool* pool, dma_addr_t* handle) {
  PoolPage* page;
  void* block = nullptr;
  unsigned long flags;
  spin_lock_irqsave(&pool->lock, flags);
  list_for_each_entry(page, &pool->pages, node) {
    block = take_from(*pool, page, handle);
    if (block != nullptr) break;
  }
  spin_unlock_irqrestore(&pool->lock, flags);
  return block;
}

PoolPage* new_page(const dma_pool& pool, gfp_t gfp) {
  auto* page = static_cast<PoolPage*>(
      kzalloc(sizeof(PoolPage) + (words_of(pool) - 1) * sizeof(unsigned long), gfp & ~__GFP_DMA));
  if (page == nullptr) return nullptr;
  page->cpu = static_cast<char*>(dma_alloc_coherent(pool.dev, pool.page_size, &page->address, gfp));
  if (page->cpu != nullptr) return page;
  kfree(page);
  return nullptr;
}

PoolPage* page_of(const dma_pool& pool, const char* block) {
  PoolPage* page;
  list_for_each_entry(page, &pool.pages, node) {
    if (block >= page->cpu && block < page->cpu + pool.page_size) return page;
  }
  return nullptr;
}

// Marks the block free; else says what is wrong with it.
const char* give(const dma_pool& pool, const char* block, dma_addr_t handle) {
  PoolPage* page = page_of(pool, block);
  if (page == nullptr) return "not in the pool";
  const size_t offset = static_cast<size_t>(block - page->cpu);
  const unsigned number = block_at(pool, offset);
  if (number == pool.per_page) return "not the start of a block";
  if (handle != page->address + offset) return "another block's address for the device";
  unsigned long& word = page->map[number / kBitsPerWord];
  const unsigned long bit = 1ul << number % kBitsPerWord;
  if ((word & bit) == 0) return "the block is free already";
  word &= ~bit;
  page->in_use--;
  return nullptr;
}

const char* argument_mistake(size_t size, size_t align, size_t boundary) {
  if (size == 0) return "size must be 1 or more";
  if (!is_power_of_two(align)) return "alignment must be a power of two";
  if (boundary != 0 && (!is_power_of_two(boundary) || boundary < ALIGN(size, align))) {
    return "boundary must be a power of two and not below the size";
  }
  return nullptr;
}

}  // namespace

extern "C" {

dma_pool* dma_pool_create(const char* name, device* dev, size_t size, size_t align, size_t boundary) {
  if (align == 0) align = 1;
  const char* mistake = argument_mistake(size, align, boundary);
  if (mistake != nullptr) {
    char by[64];
    report_bug("dma_pool_create(%s, %s, %zu, %zu, %zu) by %s: %s", name, dev_name(dev), size, align, boundary,
               symbol_text(_RET_IP_, by, sizeof by), mistake);
    return nullptr;
  }
  auto* pool = static_cast<dma_pool*>(kzalloc(sizeof(dma_pool), GFP_KERNEL));
  if (pool == nullptr) return nullptr;
  pool->name = name;
  pool->dev = dev;
  pool->size = ALIGN(size, align);
  pool->page_size = PAGE_ALIGN(pool->size);
  pool->boundary = boundary == 0 || boundary > pool->page_size ? pool->page_size : boundary;
  pool->per_boundary = static_cast<unsigned>(pool->boundary / pool->size);
  pool->per_page = static_cast<unsigned>(pool->page_size / pool->boundary * pool->per_boundary);
  INIT_LIST_HEAD(&pool->pages);
  spin_lock_init(&pool->lock);
  return pool;
}

void dma_pool_destroy(dma_pool* pool) {
  if (pool == nullptr) return;
  PoolPage* page;
  PoolPage* next;
  unsigned in_use = 0;
  list_for_each_entry(page, &pool->pages, node) in_use += page->in_use;
  if (in_use != 0) {
    char by[64];
    report_bug("dma_pool_destroy(%s) by %s: %u blocks are in use; the pool stays", pool->name,
               symbol_text(_RET_IP_, by, sizeof by), in_use);
    return;
  }
  list_for_each_entry_safe(page, next, &pool->pages, node) {
    dma_free_coherent(pool->dev, pool->page_size, page->cpu, page->address);
    kfree(page);
  }
  kfree(pool);
}

void* dma_pool_alloc(dma_pool* pool, gfp_t gfp, dma_addr_t* handle) {
  for (;;) {
    void* block = take(pool, handle);
    if (block != nullptr) return block;
    PoolPage* page = new_page(*pool, gfp);
    if (page == nullptr) return nullptr;
    unsigned long flags;
    spin_lock_irqsave(&pool->lock, flags);
    list_add(&page->node, &pool->pages);
    spin_unlock_irqrestore(&pool->lock, flags);
  }
}

void dma_pool_free(dma_pool* pool, void* block, dma_addr_t handle) {
  unsigned long flags;
  spin_lock_irqsave(&pool->lock, flags);
  const char* mistake = give(*pool, static_cast<const char*>(block), handle);
  spin_unlock_irqrestore(&pool->lock, flags);
  if (likely(mistake == nullptr)) return;
  char by[64];
  report_bug("dma_pool_free(%s, 0x%p, 0x%llx) by %s: %s", pool->name, block, handle,
             symbol_text(_RET_IP_, by, sizeof by), mistake);
}

}  // extern "C"

}  // namespace memio
