// The page allocator on the machine itself: every function a driver calls, zones, running out of memory,
// waiting for it, what is reported, and how many instructions the fast path takes.
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/spinlock.h>

#include "all_memory.h"
#include "ktest.h"
#include "memio/asm.h"
#include "string.h"

KTEST(pages_by_address) {
  const unsigned long free = nr_free_pages();
  const unsigned long single = __get_free_page(GFP_KERNEL);
  const unsigned long zeroed = get_zeroed_page(GFP_KERNEL);
  const unsigned long block = __get_free_pages(GFP_KERNEL, 10);
  EXPECT(single != 0 && zeroed != 0 && block != 0);
  EXPECT_EQ(0, block % (4ul << 20));
  EXPECT_EQ(free - 1026, nr_free_pages());
  const unsigned long* words = (const unsigned long*)zeroed;
  unsigned long sum = 0;
  for (unsigned long i = 0; i < PAGE_SIZE / sizeof *words; i++) sum |= words[i];
  EXPECT_EQ(0, sum);
  memset((void*)block, 0x5a, 4ul << 20);
  free_page(single);
  free_page(zeroed);
  free_pages(block, 10);
  EXPECT_EQ(free, nr_free_pages());
}

KTEST(pages_by_descriptor) {
  struct page* page = alloc_pages(GFP_KERNEL, 2);
  void* address = page_address(page);
  EXPECT_EQ(page, virt_to_page(address));
  EXPECT_EQ(address, page_to_virt(page));
  EXPECT_EQ(virt_to_phys(address), page_to_phys(page));
  EXPECT_EQ(virt_to_pfn(address), page_to_pfn(page));
  EXPECT_EQ(address, pfn_to_virt(page_to_pfn(page)));
  EXPECT_EQ(page, pfn_to_page(page_to_pfn(page)));
  EXPECT_EQ(mem_map, pfn_to_page(ARCH_PFN_OFFSET));
  EXPECT_EQ(__pa(address), page_to_phys(page));
  EXPECT_EQ(address, __va(page_to_phys(page)));
  EXPECT_EQ(1, page_count(page));
  SetPageReserved(page);
  EXPECT(PageReserved(page));
  ClearPageReserved(page);
  __free_pages(page, 2);
}

KTEST(pages_zones) {
  const unsigned long dma = __get_dma_pages(GFP_KERNEL, 3);
  EXPECT_EQ(ZONE_DMA, page_zonenum(virt_to_page((void*)dma)));
  EXPECT(virt_to_phys((void*)dma) + 8 * PAGE_SIZE <= MEMORY_START + (16ul << 20));
  free_pages(dma, 3);
  struct page* page = alloc_page(GFP_HIGHUSER);
  EXPECT_EQ(nr_free_zone_pages(ZONE_HIGHMEM) != 0, PageHighMem(page));
  EXPECT_EQ(PageHighMem(page), page_to_phys(page) >= virt_to_phys(high_memory));
  __free_page(page);
  EXPECT_EQ(0, __get_free_page(GFP_HIGHUSER));
  EXPECT_BUGS(1);
}

KTEST(pages_run_out) {
  LIST_HEAD(normal);
  LIST_HEAD(reserve);
  drain_all_pages();
  const unsigned long free = nr_free_pages();
  EXPECT(take_all(GFP_HIGHUSER | __GFP_NORETRY | __GFP_NOWARN, &normal) > free * 9 / 10);
  const unsigned long left = nr_free_pages();
  EXPECT(alloc_page(GFP_ONCE) == NULL);
  // Emergencies are served on, down to 3/8 of the watermark.
  const unsigned long taken = take_all(GFP_ATOMIC | __GFP_HIGHMEM | __GFP_NOWARN, &reserve);
  EXPECT(taken > left / 2);
  EXPECT_EQ(left - taken, nr_free_pages());
  give_all(&reserve);
  give_all(&normal);
  EXPECT(nr_free_pages() >= free);
  // All is in one piece again.
  const unsigned long block = __get_free_pages(GFP_KERNEL, 10);
  EXPECT(block != 0);
  free_pages(block, 10);
}

static struct page* kept;

static int free_later(void* ticks) {
  schedule_timeout_uninterruptible((long)ticks);
  __free_page(kept);
  return 0;
}

KTEST(pages_wait_for_a_free) {
  LIST_HEAD(pages);
  struct task_struct* thread = kthread_create(free_later, (void*)5, "frees");
  kept = alloc_page(GFP_KERNEL);
  take_all(GFP_ONCE, &pages);
  const unsigned long start = jiffies;
  wake_up_process(thread);
  struct page* page = alloc_page(GFP_KERNEL);
  const unsigned long waited = jiffies - start;
  EXPECT_EQ(kept, page);
  EXPECT(waited >= 4 && waited <= 7);
  __free_page(page);
  give_all(&pages);
}

KTEST(pages_wait_has_an_end) {
  LIST_HEAD(pages);
  take_all(GFP_ONCE, &pages);
  const unsigned long start = jiffies;
  EXPECT(alloc_page(GFP_KERNEL | __GFP_NOWARN) == NULL);
  const unsigned long waited = jiffies - start;
  EXPECT(waited >= 100 && waited <= 111);
  give_all(&pages);
}

static struct page* stock;

static unsigned long give_stock(struct shrinker* shrinker, unsigned long pages, gfp_t gfp_mask) {
  (void)shrinker;
  (void)pages;
  (void)gfp_mask;
  if (stock == NULL) return 0;
  __free_page(stock);
  stock = NULL;
  return 1;
}

KTEST(pages_from_a_shrinker) {
  LIST_HEAD(pages);
  static struct shrinker shrinker;
  shrinker.name = "stock";
  shrinker.shrink = give_stock;
  shrinker.needs = __GFP_IO;
  stock = alloc_page(GFP_KERNEL);
  take_all(GFP_ONCE, &pages);
  register_shrinker(&shrinker);
  EXPECT(alloc_page(GFP_NOIO | __GFP_NORETRY | __GFP_NOWARN) == NULL);
  EXPECT(stock != NULL);
  struct page* page = alloc_page(GFP_NOFS | __GFP_NORETRY);
  EXPECT(page != NULL && stock == NULL);
  unregister_shrinker(&shrinker);
  __free_page(page);
  give_all(&pages);
}

KTEST(pages_atomic) {
  DEFINE_SPINLOCK(lock);
  spin_lock(&lock);
  const unsigned long sleeping = __get_free_page(GFP_KERNEL);
  EXPECT_BUGS(1);
  const unsigned long atomic = __get_free_page(GFP_ATOMIC);
  EXPECT_BUGS(0);
  spin_unlock(&lock);
  EXPECT(sleeping != 0 && atomic != 0);
  free_page(sleeping);
  free_page(atomic);
}

KTEST(pages_bad_frees) {
  const unsigned long block = __get_free_pages(GFP_KERNEL, 2);
  const unsigned long free = nr_free_pages();
  free_pages(block, 1);
  free_pages(block + PAGE_SIZE, 0);
  free_pages(block + 8, 2);
  free_pages((unsigned long)high_memory, 0);
  __free_page(mem_map);  // the firmware's
  EXPECT_BUGS(5);
  EXPECT_EQ(free, nr_free_pages());
  free_pages(block, 2);
  free_pages(block, 2);
  EXPECT_BUGS(1);
  EXPECT_EQ(free + 4, nr_free_pages());
}

// The image that tests itself is a debug build.
KTEST(pages_wrong_conversions) {
  char* outside = (char*)high_memory + PAGE_SIZE;
  EXPECT(virt_to_phys(outside) != 0);
  EXPECT(virt_to_page(outside) != NULL);
  EXPECT(phys_to_virt(MEMORY_START - PAGE_SIZE) != NULL);
  EXPECT_BUGS(3);
  // A page of high memory keeps the address that kmap() gave it for a while: look for one without.
  struct page* block = alloc_pages(GFP_HIGHUSER, 10);
  struct page* page = block;
  while (PageHighMem(page) && page->virtual_address != NULL && page < block + 1023) page++;
  EXPECT_EQ(PageHighMem(page), page_address(page) == NULL);
  EXPECT_BUGS(PageHighMem(page));
  __free_pages(block, 10);
}

KTEST(pages_fail_loudly) {
  EXPECT(alloc_pages(GFP_KERNEL, max_page_order() + 1) == NULL);
  EXPECT_BUGS(1);
  LIST_HEAD(pages);
  take_all(GFP_DMA | __GFP_NOWARN, &pages);
  EXPECT_EQ(0, __get_dma_pages(GFP_ATOMIC, 5));
  give_all(&pages);
}

KTEST(pages_random) {
  enum { kBlocks = 256, kSteps = 20000 };
  static struct page* blocks[kBlocks];
  static unsigned char orders[kBlocks];
  drain_all_pages();
  const unsigned long free = nr_free_pages();
  unsigned long used = 0;
  u32 random = 1;
  for (int step = 0; step < kSteps; step++) {
    random = random * 1664525 + 1013904223;
    const unsigned slot = random >> 8 & (kBlocks - 1);
    if (blocks[slot] != NULL) {
      __free_pages(blocks[slot], orders[slot]);
      used -= 1ul << orders[slot];
      blocks[slot] = NULL;
      continue;
    }
    orders[slot] = (unsigned char)((random >> 20 & 7) * (random >> 24 & 1));
    blocks[slot] = alloc_pages((random >> 28 & 1) != 0 ? GFP_ATOMIC | __GFP_NOWARN : GFP_ONCE, orders[slot]);
    if (blocks[slot] == NULL) continue;
    used += 1ul << orders[slot];
    if (page_to_pfn(blocks[slot]) % (1ul << orders[slot]) != 0 || nr_free_pages() != free - used) {
      EXPECT_EQ(free - used, nr_free_pages());
      break;
    }
  }
  for (unsigned slot = 0; slot < kBlocks; slot++) {
    if (blocks[slot] != NULL) __free_pages(blocks[slot], orders[slot]);
    blocks[slot] = NULL;
  }
  EXPECT_EQ(free, nr_free_pages());
}

KTEST(pages_fast_path) {
  unsigned long allocating = ~0ul;
  unsigned long freeing = ~0ul;
  // The first time the list may be empty, and again if a tick falls between two rounds: the best round
  // counts.
  for (int i = 0; i < 4; i++) {
    local_irq_disable();
    const unsigned long start = CSR_READ(instret);
    struct page* page = alloc_page(GFP_ATOMIC);
    const unsigned long middle = CSR_READ(instret);
    __free_page(page);
    const unsigned long end = CSR_READ(instret);
    local_irq_enable();
    if (middle - start < allocating) allocating = middle - start;
    if (end - middle < freeing) freeing = end - middle;
  }
  printk("ktest: alloc_page %lu instructions, __free_page %lu\n", allocating, freeing);
  EXPECT(allocating < 150);
  EXPECT(freeing < 150);
}
