// The calls that are measured. The cache is made by the first call that uses it and kept.
#include <asm/io.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "kernel/bench.h"

// Where ioremap() may map 16 pages: nothing is there, and nothing is touched.
static const unsigned long kNoDevice = 0x0a000000;

static struct kmem_cache* cache;

static void make_kmalloc(struct bench_target* target) {
  target->address = kmalloc(target->amount, target->flags);
}
static void undo_kmalloc(struct bench_target* target) { kfree(target->address); }

static void make_object(struct bench_target* target) {
  if (unlikely(cache == NULL)) cache = kmem_cache_create("bench", target->amount, 0, 0, NULL, NULL);
  if (cache != NULL) target->address = kmem_cache_alloc(cache, target->flags);
}
static void undo_object(struct bench_target* target) { kmem_cache_free(cache, target->address); }

static void make_free_pages(struct bench_target* target) {
  target->address = (void*)__get_free_pages(target->flags, target->amount);
}
static void undo_free_pages(struct bench_target* target) {
  free_pages((unsigned long)target->address, target->amount);
}

static void make_zeroed_page(struct bench_target* target) {
  target->address = (void*)get_zeroed_page(target->flags);
}

static void make_page(struct bench_target* target) {
  target->page = alloc_pages(target->flags, target->amount);
}
static void undo_page(struct bench_target* target) { __free_pages(target->page, target->amount); }

static void make_vmalloc(struct bench_target* target) { target->address = vmalloc(target->amount); }
static void undo_vmalloc(struct bench_target* target) { vfree(target->address); }

static void make_ioremap(struct bench_target* target) {
  target->address = ioremap(kNoDevice, target->amount);
}
static void undo_ioremap(struct bench_target* target) { iounmap(target->address); }

// kmap() maps one page, the same each time: a fresh one is measured by "alloc_pages".
static struct page* page_to_map(gfp_t flags) {
  static struct page* pages[2];
  struct page** page = &pages[(flags & __GFP_HIGHMEM) != 0];
  if (*page == NULL) *page = alloc_page(flags);
  return *page;
}

static void make_kmap(struct bench_target* target) { target->address = kmap(page_to_map(target->flags)); }
static void undo_kmap(struct bench_target* target) { kunmap(page_to_map(target->flags)); }

static void make_kmap_atomic(struct bench_target* target) {
  target->address = kmap_atomic(page_to_map(target->flags));
}
static void undo_kmap_atomic(struct bench_target* target) { kunmap_atomic(target->address); }

#define PAGES(n) ((n)*PAGE_SIZE)
// What is less than a page costs as much to touch as a page.
#define TOUCHED(size) ((size) < PAGE_SIZE ? 0 : (size))
#define KMALLOC(text, size) \
  { "kmalloc", "kmalloc " text, "kfree " text, (size), GFP_KERNEL, make_kmalloc, undo_kmalloc, TOUCHED(size) }
#define FREE_PAGES(order)                                                                       \
  {                                                                                             \
    "pages", "__get_free_pages order " #order, "free_pages order " #order, (order), GFP_KERNEL, \
        make_free_pages, undo_free_pages, PAGES(1ul << (order))                                 \
  }
#define ZONE_PAGE(zone, flags)                                                                              \
  {                                                                                                         \
    "pages", "alloc_pages order 0, " zone, "__free_pages order 0, " zone, 0, (flags), make_page, undo_page, \
        0                                                                                                   \
  }
#define VMALLOC(text, pages) \
  { "vmalloc", "vmalloc " text, "vfree " text, PAGES(pages), 0, make_vmalloc, undo_vmalloc, PAGES(pages) }
#define IOREMAP(text, pages) \
  { "ioremap", "ioremap " text, "iounmap " text, PAGES(pages), 0, make_ioremap, undo_ioremap, 0 }
#define KMAP(zone, flags)                                                                                 \
  {"kmap", "kmap, " zone, "kunmap, " zone, 0, (flags), make_kmap, undo_kmap, PAGE_SIZE}, {                \
    "kmap", "kmap_atomic, " zone, "kunmap_atomic, " zone, 0, (flags), make_kmap_atomic, undo_kmap_atomic, \
        PAGE_SIZE                                                                                         \
  }

const struct bench_call bench_calls[] = {
    KMALLOC("32 B", 32),
    KMALLOC("128 B", 128),
    KMALLOC("1 KiB", 1024),
    KMALLOC("4 KiB", 4096),
    KMALLOC("8 KiB", 8192),
    KMALLOC("64 KiB", 65536),
    KMALLOC("1 MiB", 1 << 20),
    {"cache", "kmem_cache_alloc 200 B", "kmem_cache_free 200 B", 200, GFP_KERNEL, make_object, undo_object,
     0},
    FREE_PAGES(0),
    FREE_PAGES(1),
    FREE_PAGES(3),
    FREE_PAGES(5),
    FREE_PAGES(10),
    {"pages", "get_zeroed_page", "free_page", 0, GFP_KERNEL, make_zeroed_page, undo_free_pages, 0},
    ZONE_PAGE("DMA", GFP_DMA),
    ZONE_PAGE("Normal", GFP_KERNEL),
    ZONE_PAGE("HighMem", GFP_HIGHUSER),
    VMALLOC("1 page", 1),
    VMALLOC("4 pages", 4),
    VMALLOC("16 pages", 16),
    VMALLOC("256 pages", 256),
    IOREMAP("1 page", 1),
    IOREMAP("16 pages", 16),
    KMAP("low page", GFP_KERNEL),
    KMAP("high page", GFP_HIGHUSER),
    {0},
};
