// Memory pools: a thread waits for an element that another gives back, and the reserve serves when the
// allocator does not.
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mempool.h>
#include <linux/mm.h>

#include "ktest.h"

static bool source_dry;

static void* source_alloc(int gfp_mask, void* pool_data) {
  return source_dry ? NULL : mempool_kmalloc(gfp_mask, pool_data);
}

struct borrower {
  mempool_t* pool;
  void* element;
  unsigned long when;  // jiffies
};

static int borrow(void* data) {
  struct borrower* borrower = data;
  borrower->element = mempool_alloc(borrower->pool, GFP_KERNEL);
  borrower->when = jiffies;
  while (!kthread_should_stop()) msleep(10);
  return 0;
}

KTEST(mempool_waits_for_an_element) {
  source_dry = false;
  mempool_t* pool = mempool_create(1, source_alloc, mempool_kfree, (void*)100);
  source_dry = true;
  void* held = mempool_alloc(pool, GFP_KERNEL);
  EXPECT(held != NULL);
  EXPECT(mempool_alloc(pool, GFP_ATOMIC) == NULL);

  struct borrower borrower = {pool, NULL, 0};
  struct task_struct* thread = kthread_run(borrow, &borrower, "borrower");
  const unsigned long start = jiffies;
  msleep(50);
  EXPECT(borrower.element == NULL);
  mempool_free(held, pool);
  msleep(20);
  // Woken at once, not by its own time-out.
  EXPECT(borrower.element == held);
  EXPECT(borrower.when - start >= 5 && borrower.when - start <= 8);
  kthread_stop(thread);
  mempool_free(borrower.element, pool);
  mempool_destroy(pool);
}

KTEST(mempool_standard_allocators) {
  struct kmem_cache* cache = kmem_cache_create("elements", 50, 0, 0, NULL, NULL);
  mempool_t* pools[3] = {mempool_create_slab_pool(4, cache), mempool_create_kmalloc_pool(4, 500),
                         mempool_create_page_pool(2, 1)};
  for (int i = 0; i < 3; i++) {
    void* element = mempool_alloc(pools[i], GFP_NOIO);
    EXPECT(element != NULL);
    mempool_free(element, pools[i]);
    mempool_destroy(pools[i]);
  }
  EXPECT_EQ(0, kmem_cache_destroy(cache));
}

KTEST(mempool_outstanding_is_reported) {
  mempool_t* pool = mempool_create_kmalloc_pool(2, 100);
  void* element = mempool_alloc(pool, GFP_KERNEL);
  mempool_destroy(pool);
  EXPECT_BUGS(1);
  mempool_free(element, pool);
  mempool_destroy(pool);
  EXPECT_BUGS(0);
}
