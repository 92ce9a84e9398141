// What each allocation flag means: zones, the emergency reserve, sleeping, hot and cold pages, and who may
// ask for what in which context.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "all_memory.h"
#include "ktest.h"

KTEST(gfp_every_flag_gives_a_page) {
  // Each with the highest zone it may come from, if that has pages.
  static const struct {
    gfp_t flags;
    enum zone_type zone;
  } cases[] = {
      {GFP_KERNEL, ZONE_NORMAL},
      {GFP_ATOMIC, ZONE_NORMAL},
      {GFP_USER, ZONE_NORMAL},
      {GFP_HIGHUSER, ZONE_HIGHMEM},
      {GFP_DMA, ZONE_DMA},
      {GFP_NOIO, ZONE_NORMAL},
      {GFP_NOFS, ZONE_NORMAL},
      {GFP_KERNEL | GFP_DMA, ZONE_DMA},
      {GFP_KERNEL | __GFP_HIGHMEM, ZONE_HIGHMEM},
      {GFP_KERNEL | __GFP_COLD, ZONE_NORMAL},
      {GFP_KERNEL | __GFP_NOWARN, ZONE_NORMAL},
      {GFP_KERNEL | __GFP_HIGH, ZONE_NORMAL},
      {GFP_KERNEL | __GFP_REPEAT, ZONE_NORMAL},
      {GFP_KERNEL | __GFP_NOFAIL, ZONE_NORMAL},
      {GFP_KERNEL | __GFP_NORETRY, ZONE_NORMAL},
      {__GFP_WAIT, ZONE_NORMAL},
      {_GFP_WAIT | _GFP_DMA, ZONE_DMA},
      {_GFP_WAIT | _GFP_HIGHMEM, ZONE_HIGHMEM},
      {_GFP_WAIT | _GFP_NORMAL, ZONE_NORMAL},
      {_GFP_HIGH, ZONE_NORMAL},
  };
  const unsigned long free = nr_free_pages();
  for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
    enum zone_type zone = cases[i].zone;
    while (zone > ZONE_DMA && nr_free_zone_pages(zone) == 0) zone--;
    struct page* page = alloc_pages(cases[i].flags, 1);
    EXPECT(page != NULL);
    if (page == NULL) continue;
    EXPECT_EQ(zone, page_zonenum(page));
    __free_pages(page, 1);
  }
  EXPECT_EQ(free, nr_free_pages());
}

KTEST(gfp_dma_is_below_16_mib) {
  LIST_HEAD(pages);
  EXPECT(take_all(GFP_DMA | __GFP_NOWARN, &pages) > 1000);
  struct page* block;
  unsigned outside = 0;
  list_for_each_entry(block, &pages, lru) {
    outside += page_to_phys(block) + (PAGE_SIZE << block->order) > 0x81000000ul;
  }
  EXPECT_EQ(0, outside);
  give_all(&pages);
}

KTEST(gfp_high_memory_is_beyond_the_direct_map) {
  struct page* page = alloc_page(GFP_HIGHUSER);
  const phys_addr_t end = MEMORY_START + ((unsigned long)high_memory - PAGE_OFFSET);
  const bool some = max_mapnr * (phys_addr_t)PAGE_SIZE > end - MEMORY_START;
  EXPECT_EQ(some, PageHighMem(page));
  EXPECT_EQ(some, page_to_phys(page) >= end);
  __free_page(page);
}

KTEST(gfp_cold_takes_the_cold_list) {
  struct page* hot = alloc_page(GFP_KERNEL);
  struct page* cold = alloc_page(GFP_KERNEL);
  preempt_disable();
  __free_page(hot);
  free_cold_page(cold);
  struct page* first = alloc_page(GFP_ATOMIC | __GFP_COLD);
  struct page* second = alloc_page(GFP_ATOMIC);
  preempt_enable();
  EXPECT(first == cold);
  EXPECT(second == hot);
  __free_page(first);
  __free_page(second);
}

KTEST(gfp_high_uses_the_reserve) {
  LIST_HEAD(pages);
  take_all(GFP_ONCE, &pages);
  EXPECT(alloc_page(GFP_ONCE) == NULL);
  struct page* page = alloc_page(GFP_ONCE | __GFP_HIGH);
  EXPECT(page != NULL);
  if (page != NULL) __free_page(page);
  give_all(&pages);
}

static struct page* kept;

static int free_later(void* ticks) {
  schedule_timeout_uninterruptible((long)ticks);
  __free_page(kept);
  return 0;
}

// Ticks until a request got the page that another thread frees after `after` ticks; -1: it got none.
static long wait_for_page(gfp_t flags, long after) {
  LIST_HEAD(pages);
  struct task_struct* thread = kthread_create(free_later, (void*)after, "frees");
  get_task_struct(thread);
  kept = alloc_page(GFP_KERNEL);
  take_all(GFP_ONCE, &pages);
  const unsigned long start = jiffies;
  wake_up_process(thread);
  struct page* page = alloc_page(flags | __GFP_NOWARN);
  const long waited = (long)(jiffies - start);
  if (page != NULL) __free_page(page);
  kthread_stop(thread);
  put_task_struct(thread);
  give_all(&pages);
  return page == NULL ? -1 : waited;
}

KTEST(gfp_who_waits_for_a_free) {
  const long user = wait_for_page(GFP_USER, 20);
  EXPECT(user >= 19 && user <= 22);
  EXPECT_EQ(-1, wait_for_page(GFP_KERNEL | __GFP_NORETRY, 20));
  // Longer than the second that others wait, and than the five that __GFP_REPEAT does.
  EXPECT_EQ(-1, wait_for_page(GFP_KERNEL, 150));
  const long repeated = wait_for_page(GFP_KERNEL | __GFP_REPEAT, 150);
  EXPECT(repeated >= 149 && repeated <= 152);
  EXPECT_EQ(-1, wait_for_page(GFP_KERNEL | __GFP_REPEAT, 600));
  const long never_fails = wait_for_page(GFP_KERNEL | __GFP_NOFAIL, 600);
  EXPECT(never_fails >= 599 && never_fails <= 602);
}

static unsigned long atomic_page;
static void* atomic_block;

static void allocate_atomically(unsigned long flags) {
  atomic_page = __get_free_page((gfp_t)flags);
  atomic_block = kmalloc(100, (gfp_t)flags);
}

static void free_both(void) {
  EXPECT(atomic_page != 0);
  EXPECT(atomic_block != NULL);
  free_page(atomic_page);
  kfree(atomic_block);
  atomic_page = 0;
  atomic_block = NULL;
}

KTEST(gfp_atomic_in_timers_and_tasklets) {
  struct timer_list timer;
  struct tasklet_struct tasklet;
  setup_timer(&timer, allocate_atomically, GFP_ATOMIC);
  mod_timer(&timer, jiffies + 1);
  msleep(30);
  free_both();
  tasklet_init(&tasklet, allocate_atomically, GFP_ATOMIC);
  tasklet_schedule(&tasklet);
  tasklet_kill(&tasklet);
  free_both();
  EXPECT_BUGS(0);
  // Who asks to sleep there is told, and served without.
  tasklet_init(&tasklet, allocate_atomically, GFP_KERNEL);
  tasklet_schedule(&tasklet);
  tasklet_kill(&tasklet);
  free_both();
  EXPECT_BUGS(2);
}

// An atomic request that cannot be served returns at once.
KTEST(gfp_atomic_never_waits) {
  LIST_HEAD(pages);
  take_all(GFP_ATOMIC | __GFP_NOWARN, &pages);
  const unsigned long start = jiffies;
  EXPECT(alloc_page(GFP_ATOMIC | __GFP_NOWARN) == NULL);
  EXPECT(kmalloc(100000, GFP_ATOMIC | __GFP_NOWARN) == NULL);
  EXPECT(jiffies - start <= 1);
  give_all(&pages);
}

KTEST(gfp_reserved_pages_stay) {
  struct page* page = alloc_page(GFP_KERNEL);
  const unsigned long free = nr_free_pages();
  SetPageReserved(page);
  EXPECT(test_bit(PG_reserved, &page->flags));
  __free_page(page);
  EXPECT_BUGS(1);
  EXPECT_EQ(free, nr_free_pages());
  ClearPageReserved(page);
  __free_page(page);
  EXPECT_EQ(free + 1, nr_free_pages());
}
