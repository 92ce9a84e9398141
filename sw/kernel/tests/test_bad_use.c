// Every mistake that the kernel survives, each in a function whose name the report must show. What it says is
// checked from outside (tests/system/bad_use_test.py).
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "all_memory.h"
#include "ktest.h"

// A call at the end must stay a call, so that the function is still there when the report is made.
#define MISTAKE(name) \
  static __attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) void name(void)

static int no_block;

MISTAKE(double_free_of_pages) {
  const unsigned long block = __get_free_pages(GFP_KERNEL, 2);
  free_pages(block, 2);
  free_pages(block, 2);
}

MISTAKE(double_free_of_kmalloc) {
  void* block = kmalloc(100, GFP_KERNEL);
  kfree(block);
  kfree(block);
}

MISTAKE(double_free_of_vmalloc) {
  void* area = vmalloc(5000);
  vfree(area);
  vfree(area);
}

MISTAKE(foreign_pointer_to_kfree) { kfree(&no_block); }

MISTAKE(foreign_pointer_to_free_pages) { free_pages((unsigned long)high_memory, 0); }

MISTAKE(foreign_object_to_a_cache) {
  kmem_cache_t* cache = kmem_cache_create("bad-use", 100, 0, 0, NULL, NULL);
  void* block = kmalloc(100, GFP_KERNEL);
  kmem_cache_free(cache, block);
  kfree(block);
  kmem_cache_destroy(cache);
}

MISTAKE(middle_of_a_block) {
  char* block = kmalloc(100, GFP_KERNEL);
  kfree(block + 8);
  kfree(block);
}

MISTAKE(wrong_order) {
  const unsigned long block = __get_free_pages(GFP_KERNEL, 3);
  free_pages(block, 1);
  free_pages(block, 3);
}

MISTAKE(unbalanced_kunmap) {
  struct page* page = alloc_page(GFP_HIGHUSER);
  kmap(page);
  kunmap(page);
  kunmap(page);
  __free_page(page);
}

MISTAKE(unbalanced_kunmap_atomic) { kunmap_atomic(&no_block); }

MISTAKE(ports_never_requested) { release_region(0x7000, 8); }

MISTAKE(memory_never_requested) { release_mem_region(0x60000000, 0x1000); }

MISTAKE(part_of_a_region) {
  request_mem_region(0x60000000, 0x1000, "whole");
  release_mem_region(0x60000000, 0x800);
  release_mem_region(0x60000000, 0x1000);
}

MISTAKE(iounmap_of_memory) {
  void* area = vmalloc(100);
  iounmap(area);
  vfree(area);
}

MISTAKE(ioremap_of_memory_in_use) {
  const unsigned long page = __get_free_page(GFP_KERNEL);
  ioremap(virt_to_phys((void*)page), PAGE_SIZE);
  free_page(page);
}

MISTAKE(kmalloc_with_a_lock_held) {
  DEFINE_SPINLOCK(lock);
  spin_lock(&lock);
  void* block = kmalloc(100, GFP_KERNEL);
  spin_unlock(&lock);
  kfree(block);
}

MISTAKE(vmalloc_with_a_lock_held) {
  DEFINE_SPINLOCK(lock);
  spin_lock(&lock);
  EXPECT(vmalloc(100) == NULL);
  spin_unlock(&lock);
}

MISTAKE(high_memory_by_address) { EXPECT_EQ(0, __get_free_page(GFP_HIGHUSER)); }

static const struct {
  const char* name;
  void (*run)(void);
} mistakes[] = {
#define ENTRY(function) \
  { #function, function }
    ENTRY(double_free_of_pages),
    ENTRY(double_free_of_kmalloc),
    ENTRY(double_free_of_vmalloc),
    ENTRY(foreign_pointer_to_kfree),
    ENTRY(foreign_pointer_to_free_pages),
    ENTRY(foreign_object_to_a_cache),
    ENTRY(middle_of_a_block),
    ENTRY(wrong_order),
    ENTRY(unbalanced_kunmap),
    ENTRY(unbalanced_kunmap_atomic),
    ENTRY(ports_never_requested),
    ENTRY(memory_never_requested),
    ENTRY(part_of_a_region),
    ENTRY(iounmap_of_memory),
    ENTRY(ioremap_of_memory_in_use),
    ENTRY(kmalloc_with_a_lock_held),
    ENTRY(vmalloc_with_a_lock_held),
    ENTRY(high_memory_by_address),
};

KTEST(bad_use) {
  for (unsigned i = 0; i < ARRAY_SIZE(mistakes); i++) {
    printk("bad use: %s\n", mistakes[i].name);
    mistakes[i].run();
    EXPECT_BUGS(1);
  }
  printk("bad use: end\n");
}

MISTAKE(out_of_memory) { EXPECT(alloc_pages(GFP_KERNEL | __GFP_NORETRY, 3) == NULL); }

MISTAKE(out_of_dma_memory) { EXPECT_EQ(0, __get_dma_pages(GFP_ATOMIC, 1)); }

KTEST(bad_use_out_of_memory) {
  LIST_HEAD(blocks);
  take_all(GFP_ATOMIC | __GFP_NOWARN, &blocks);
  printk("bad use: out_of_memory\n");
  out_of_memory();
  printk("bad use: out_of_dma_memory\n");
  out_of_dma_memory();
  printk("bad use: end\n");
  give_all(&blocks);
}

MISTAKE(read_behind_an_area) {
  volatile char* area = vmalloc(100);
  (void)area[PAGE_SIZE];
}

KTEST(panic_read_behind_an_area) { read_behind_an_area(); }

MISTAKE(use_after_iounmap) {
  volatile u32* registers = ioremap(0x10020000, 0x1000);
  iounmap(registers);
  (void)registers[1];
}

KTEST(panic_use_after_iounmap) { use_after_iounmap(); }
