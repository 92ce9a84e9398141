// A busy memory, for tests that read it from outside: makes use of every allocator, writes patterns, prints
// the files of /proc that describe it all, and ends the run at once, so that what was printed stays true.
#include <asm/io.h>
#include <linux/highmem.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "kernel/console.h"
#include "kernel/platform.h"
#include "ktest.h"

namespace memio {
namespace {

constexpr u32 kGolden = 0x9e3779b1;

// The word `index` of a pattern; the reader outside computes the same.
u32 pattern(u32 seed, u32 index) { return (seed + index) * kGolden; }

void fill_page(void* address, u32 seed) {
  u32* words = static_cast<u32*>(address);
  for (u32 i = 0; i < PAGE_SIZE / sizeof(u32); i++) words[i] = pattern(seed, i);
}

void to_console(seq_file*, const char* text, size_t length) { console_write(text, length); }

void print_file(const char* name) {
  seq_file file = {to_console, nullptr};
  const proc_dir_entry* entry = proc_find(name);
  printk("== %s\n", name);
  if (entry != nullptr) entry->show(&file, entry->data);
}

// Blocks of all orders, every second of which is freed again.
void fragment() {
  page* blocks[44];
  for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++) {
    blocks[i] = alloc_pages(i % 3 == 0   ? GFP_HIGHUSER
                            : i % 3 == 1 ? GFP_KERNEL
                                         : GFP_DMA | __GFP_NOWARN,
                            i % 11 < 8 ? i % 11 : 0);
  }
  for (unsigned i = 0; i < ARRAY_SIZE(blocks); i += 2) {
    if (blocks[i] != nullptr) __free_pages(blocks[i], i % 11 < 8 ? i % 11 : 0);
  }
}

void use_slabs() {
  kmem_cache* cache = kmem_cache_create("state", 200, 0, SLAB_HWCACHE_ALIGN, nullptr, nullptr);
  void* objects[300];
  for (void*& object : objects) object = kmem_cache_alloc(cache, GFP_KERNEL);
  for (unsigned i = 0; i < ARRAY_SIZE(objects); i += 3) kmem_cache_free(cache, objects[i]);
  void* blocks[60];
  for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++) blocks[i] = kmalloc(1u << i % 14, GFP_KERNEL);
  for (unsigned i = 0; i < ARRAY_SIZE(blocks); i += 2) kfree(blocks[i]);
}

void use_kmap() {
  for (u32 i = 0; i < 20; i++) {
    page* page = alloc_page(GFP_HIGHUSER);
    const u32 seed = 1000 * (i + 1);
    fill_page(kmap(page), seed);
    printk("state: page 0x%llx seed %u\n", static_cast<unsigned long long>(page_to_phys(page)), seed);
    if (i % 2 == 0) kunmap(page);
  }
}

void use_vmalloc() {
  constexpr u32 kPages[] = {1, 5, 40, 300};
  void* gap = vmalloc(3 * PAGE_SIZE);
  for (u32 pages : kPages) {
    char* area = static_cast<char*>(vmalloc(pages * PAGE_SIZE));
    for (u32 i = 0; i < pages; i++) fill_page(area + i * PAGE_SIZE, pages * 0x10000 + i);
    printk("state: area 0x%lx pages %u\n", reinterpret_cast<unsigned long>(area), pages);
  }
  vfree(gap);
}

}  // namespace

KTEST(only_memory_state) {
  fragment();
  use_slabs();
  use_kmap();
  use_vmalloc();
  EXPECT(ioremap(0x10020000, 0x1000) != nullptr);
  EXPECT(request_mem_region(0x70001000, 0x100, "state") != nullptr);
  constexpr const char* kFiles[] = {"buddyinfo", "zoneinfo", "slabinfo", "vmallocinfo", "iomem", "ioports"};
  for (const char* name : kFiles) print_file(name);
  printk("== end\n");
  power_off(0);
}

}  // namespace memio
