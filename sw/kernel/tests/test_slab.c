// Slab caches and kmalloc() on the machine itself: as a driver uses them, from threads, timers and under
// preemption, what is reported, and how many instructions the fast path takes.
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "ktest.h"
#include "memio/asm.h"
#include "string.h"

struct xxx {
  int number;
  char text[84];
};

static kmem_cache_t* xxx_cachep;
static int constructed;

static void xxx_construct(void* object, struct kmem_cache* cache, unsigned long flags) {
  struct xxx* at = object;
  (void)cache;
  if ((flags & SLAB_CTOR_CONSTRUCTOR) != 0) constructed++;
  at->number = 7;
}
static void xxx_destroy(void* object, struct kmem_cache* cache, unsigned long flags) {
  struct xxx* at = object;
  (void)cache;
  (void)flags;
  if (at->number == 7) constructed--;
}

KTEST(slab_driver) {
  xxx_cachep = kmem_cache_create("xxx", sizeof(struct xxx), 0, SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL, NULL);
  struct xxx* ctx = kmem_cache_alloc(xxx_cachep, GFP_KERNEL);
  EXPECT(ctx != NULL);
  EXPECT_EQ(0, (unsigned long)ctx % L1_CACHE_BYTES);
  memset(ctx, 0x11, sizeof *ctx);
  kmem_cache_free(xxx_cachep, ctx);
  EXPECT_EQ(0, kmem_cache_destroy(xxx_cachep));
}

KTEST(slab_constructors) {
  constructed = 0;
  kmem_cache_t* cache = kmem_cache_create("xxx", sizeof(struct xxx), 0, 0, xxx_construct, xxx_destroy);
  struct xxx* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_EQ(7, object->number);
  EXPECT(constructed > 10);
  kmem_cache_free(cache, object);
  EXPECT_EQ(0, kmem_cache_destroy(cache));
  EXPECT_EQ(0, constructed);
}

KTEST(slab_dma) {
  kmem_cache_t* cache = kmem_cache_create("xxx", 200, 0, SLAB_CACHE_DMA, NULL, NULL);
  void* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_EQ(ZONE_DMA, page_zonenum(virt_to_page(object)));
  kmem_cache_free(cache, object);
  EXPECT_EQ(0, kmem_cache_destroy(cache));
  void* block = kmalloc(200, GFP_KERNEL | GFP_DMA);
  EXPECT_EQ(ZONE_DMA, page_zonenum(virt_to_page(block)));
  kfree(block);
}

KTEST(kmalloc_sizes) {
  static const size_t sizes[] = {1,   32,   33,   64,   65,   96,     97,     128,
                                 192, 1000, 4096, 8192, 8193, 100000, 1 << 20};
  static const size_t usable[] = {32,  32,   64,   64,   96,    96,     128,    128,
                                  192, 1024, 4096, 8192, 16384, 131072, 1 << 20};
  // With slab-debug a block ends where what was asked for does.
  bool exact = false;
  for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
    unsigned char* block = kzalloc(sizes[i], GFP_KERNEL);
    EXPECT(block != NULL);
    if (block == NULL) continue;
    if (i == 0) exact = ksize(block) == 1;
    EXPECT_EQ(exact ? sizes[i] : usable[i], ksize(block));
    EXPECT_EQ(0, block[0] | block[sizes[i] - 1]);
    memset(block, 0x33, ksize(block));
    kfree(block);
  }
  EXPECT(kmalloc(0, GFP_KERNEL) == ZERO_SIZE_PTR);
  kfree(ZERO_SIZE_PTR);
  kfree(NULL);
}

KTEST(krealloc_keeps_contents) {
  char* block = kmalloc(20, GFP_KERNEL);
  for (char i = 0; i < 20; i++) block[(int)i] = i;
  for (size_t size = 20; size < 50000; size = size * 3 / 2) {
    block = krealloc(block, size, GFP_KERNEL);
    int kept = 0;
    for (char i = 0; i < 20; i++) kept += block[(int)i] == i;
    EXPECT_EQ(20, kept);
  }
  EXPECT(krealloc(block, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
}

// The messages go to the console; the run goes on.
KTEST(slab_misuse_is_reported) {
  kmem_cache_t* cache = kmem_cache_create("xxx", 100, 0, 0, NULL, NULL);
  kmem_cache_t* other = kmem_cache_create("yyy", 100, 0, 0, NULL, NULL);
  char* object = kmem_cache_alloc(cache, GFP_KERNEL);
  kmem_cache_free(other, object);
  EXPECT_BUGS(1);
  kmem_cache_free(cache, object + 4);
  EXPECT_BUGS(1);
  kfree((void*)&constructed);  // in the image: in no block of kmalloc()
  EXPECT_BUGS(1);
  EXPECT_EQ(1, kmem_cache_destroy(cache));
  EXPECT_BUGS(1);
  kmem_cache_free(cache, object);
  kmem_cache_free(cache, object);
  EXPECT_BUGS(1);
  EXPECT_EQ(0, kmem_cache_destroy(cache));
  EXPECT_EQ(0, kmem_cache_destroy(other));
  preempt_disable();
  void* block = kmalloc(100, GFP_KERNEL);
  EXPECT_BUGS(1);
  kfree(block);
  block = kmalloc(100, GFP_ATOMIC);
  EXPECT_BUGS(0);
  kfree(block);
  preempt_enable();
}

// What the option slab-debug finds, by the flags of one cache.
KTEST(slab_debug_finds_misuse) {
  kmem_cache_t* cache =
      kmem_cache_create("xxx", 60, 0, SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER, NULL, NULL);
  volatile char* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_EQ(0x5a, object[59]);
  object[60] = 1;
  kmem_cache_free(cache, (void*)object);
  EXPECT_BUGS(1);
  object[3] = 1;
  EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == object);
  EXPECT_BUGS(1);
  object[-1] = 1;
  kmem_cache_free(cache, (void*)object);
  EXPECT_BUGS(1);
  void* another = kmem_cache_alloc(cache, GFP_KERNEL);
  void* third = kmem_cache_alloc(cache, GFP_KERNEL);
  kmem_cache_free(cache, another);
  kmem_cache_free(cache, third);
  kmem_cache_free(cache, another);
  EXPECT_BUGS(1);
  EXPECT_EQ(0, kmem_cache_destroy(cache));
}

static unsigned long churn_steps[3];
static unsigned churn_wrong;

// Allocates and frees blocks of many sizes; what it wrote must still be there.
static int churn(void* data) {
  const unsigned number = (unsigned)(unsigned long)data;
  unsigned char* blocks[32] = {NULL};
  unsigned random = number + 1;
  while (!kthread_should_stop()) {
    random = random * 1103515245u + 12345u;
    const unsigned slot = random >> 16 & 31;
    const size_t size = 1 + (random >> 8 & 1023);
    unsigned char* block = blocks[slot];
    if (block == NULL) {
      block = kmalloc(size, GFP_KERNEL);
      const unsigned char stamp = (unsigned char)(number * 64 + slot);
      block[0] = stamp;
      block[ksize(block) - 1] = stamp;
      blocks[slot] = block;
    } else {
      const unsigned char stamp = (unsigned char)(number * 64 + slot);
      if (block[0] != stamp || block[ksize(block) - 1] != stamp) churn_wrong++;
      kfree(block);
      blocks[slot] = NULL;
    }
    churn_steps[number]++;
  }
  for (unsigned i = 0; i < 32; i++) kfree(blocks[i]);
  return 0;
}

static struct timer_list churn_timer;
static void* timer_blocks[8];
static unsigned timer_calls;

static void churn_in_timer(unsigned long data) {
  void** block = &timer_blocks[timer_calls++ % ARRAY_SIZE(timer_blocks)];
  kfree(*block);
  *block = kmalloc(300, GFP_ATOMIC);
  if (*block == NULL) churn_wrong++;
  (void)data;
  mod_timer(&churn_timer, jiffies + 1);
}

KTEST(kmalloc_under_preemption) {
  struct task_struct* threads[3];
  churn_wrong = 0;
  timer_calls = 0;
  setup_timer(&churn_timer, churn_in_timer, 0);
  mod_timer(&churn_timer, jiffies + 1);
  for (unsigned long i = 0; i < 3; i++) {
    churn_steps[i] = 0;
    threads[i] = kthread_run(churn, (void*)i, "churn/%lu", i);
  }
  msleep(60);
  for (int i = 0; i < 3; i++) kthread_stop(threads[i]);
  del_timer_sync(&churn_timer);
  for (unsigned i = 0; i < ARRAY_SIZE(timer_blocks); i++) {
    kfree(timer_blocks[i]);
    timer_blocks[i] = NULL;
  }
  EXPECT_EQ(0, churn_wrong);
  EXPECT(timer_calls >= 5);
  for (int i = 0; i < 3; i++) EXPECT(churn_steps[i] > 30);
}

// Instructions of the cheapest of several calls: what the tick adds to some does not count. The slab layer's
// array has an object whenever one was freed just before.
KTEST(kmalloc_fast_path) {
  unsigned long least_alloc = ~0ul;
  unsigned long least_free = ~0ul;
  bool checked = false;
  for (int i = 0; i < 20; i++) {
    const unsigned long start = CSR_READ(instret);
    unsigned char* block = kmalloc(64, GFP_KERNEL);
    const unsigned long middle = CSR_READ(instret);
    kfree(block);
    const unsigned long end = CSR_READ(instret);
    checked = block[0] == 0x6b;
    least_alloc = min(least_alloc, middle - start);
    least_free = min(least_free, end - middle);
  }
  printk("instructions: kmalloc %lu, kfree %lu\n", least_alloc, least_free);
  // With slab-debug, which leaves its pattern in free blocks, the checks take more than all else.
  EXPECT(checked || least_alloc < 80);
  EXPECT(checked || least_free < 80);
}
