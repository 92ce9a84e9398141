// Memory pools: the reserve is used when the allocator fails, is refilled first, and waits only when allowed.
#include <linux/mempool.h>

#include <set>

#include "slab_bench.h"

namespace memio {
namespace {

using ::testing::HasSubstr;

// An allocator that can be told to fail.
struct Source {
  int left;
  std::set<void*> out;
  std::vector<int> flags;
};
void* source_alloc(int gfp_mask, void* pool_data) {
  Source* source = static_cast<Source*>(pool_data);
  source->flags.push_back(gfp_mask);
  if (source->left == 0) return nullptr;
  source->left--;
  void* element = ::operator new(16);
  source->out.insert(element);
  return element;
}
void source_free(void* element, void* pool_data) {
  Source* source = static_cast<Source*>(pool_data);
  EXPECT_EQ(source->out.erase(element), 1u);
  source->left++;
  ::operator delete(element);
}

class MempoolTest : public SlabBench {
 protected:
  mempool_t* create(int min_nr) { return mempool_create(min_nr, source_alloc, source_free, &source); }

  Source source{100, {}, {}};
};

TEST_F(MempoolTest, FillsItsReserveAndGivesItBack) {
  mempool_t* pool = create(5);
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(source.out.size(), 5u);
  EXPECT_EQ(pool->min_nr, 5);
  EXPECT_EQ(pool->curr_nr, 5);
  mempool_destroy(pool);
  EXPECT_TRUE(source.out.empty());
}

TEST_F(MempoolTest, PrefersTheAllocator) {
  mempool_t* pool = create(2);
  void* element = mempool_alloc(pool, GFP_KERNEL);
  EXPECT_EQ(source.out.size(), 3u);
  EXPECT_EQ(pool->curr_nr, 2);
  // The first trial neither waits nor warns.
  EXPECT_EQ(source.flags.back(), static_cast<int>(__GFP_FS | __GFP_NORETRY | __GFP_NOWARN));
  mempool_free(element, pool);
  EXPECT_EQ(source.out.size(), 2u);
  mempool_destroy(pool);
}

TEST_F(MempoolTest, TheReserveServesExactlyItsMinimum) {
  mempool_t* pool = create(3);
  source.left = 0;
  void* elements[3];
  for (void*& element : elements) {
    element = mempool_alloc(pool, GFP_ATOMIC);
    EXPECT_NE(element, nullptr);
  }
  EXPECT_EQ(mempool_alloc(pool, GFP_ATOMIC), nullptr);
  EXPECT_EQ(machine.sleeps, 0u);
  // What comes back goes to the reserve, even though the allocator would take it.
  mempool_free(elements[0], pool);
  EXPECT_EQ(pool->curr_nr, 1);
  EXPECT_EQ(source.out.size(), 3u);
  EXPECT_EQ(mempool_alloc(pool, GFP_ATOMIC), elements[0]);
  for (void* element : elements) mempool_free(element, pool);
  mempool_destroy(pool);
  EXPECT_TRUE(source.out.empty());
}

TEST_F(MempoolTest, WaitsUntilAnElementComesBack) {
  mempool_t* pool = create(1);
  source.left = 0;
  void* held = mempool_alloc(pool, GFP_KERNEL);
  machine.on_sleep = [&] {
    if (machine.sleeps == 3) mempool_free(held, pool);
  };
  void* element = mempool_alloc(pool, GFP_KERNEL);
  EXPECT_EQ(element, held);
  EXPECT_EQ(machine.sleeps, 3u);
  // The trials after the first may wait in the allocator too.
  EXPECT_EQ(source.flags.back(), static_cast<int>(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN));
  mempool_free(element, pool);
  mempool_destroy(pool);
}

TEST_F(MempoolTest, WaitsUntilTheAllocatorHasMemoryAgain) {
  mempool_t* pool = create(1);
  source.left = 0;
  void* held = mempool_alloc(pool, GFP_KERNEL);
  machine.on_sleep = [&] { source.left = 1; };
  void* element = mempool_alloc(pool, GFP_NOIO);
  EXPECT_NE(element, nullptr);
  EXPECT_NE(element, held);
  EXPECT_EQ(machine.sleeps, 1u);
  mempool_free(held, pool);
  mempool_free(element, pool);
  mempool_destroy(pool);
}

TEST_F(MempoolTest, WaitingInAtomicContextIsReported) {
  mempool_t* pool = create(1);
  preempt_disable();
  void* element = mempool_alloc(pool, GFP_KERNEL);
  preempt_enable();
  EXPECT_EQ(take_bug(), "sleeping function called from invalid context");
  mempool_free(element, pool);
  mempool_destroy(pool);
}

TEST_F(MempoolTest, AFailedCreationLeaksNothing) {
  const auto in_use = [] {
    unsigned long objects = 0;
    for (int i = 0; i < KMALLOC_CACHES; i++) objects += kmalloc_caches[0][i]->stats().active_objects;
    return objects;
  };
  const unsigned long before = in_use();
  source.left = 3;
  EXPECT_EQ(create(4), nullptr);
  EXPECT_TRUE(source.out.empty());
  EXPECT_EQ(in_use(), before);
}

TEST_F(MempoolTest, DestroyWithElementsOutstandingIsReportedAndRefused) {
  mempool_t* pool = create(2);
  void* element = mempool_alloc(pool, GFP_KERNEL);
  mempool_destroy(pool);
  EXPECT_THAT(take_bug(), HasSubstr("1 elements of the pool are outstanding"));
  mempool_free(element, pool);
  mempool_destroy(pool);
  EXPECT_TRUE(machine.bugs.empty());
  EXPECT_TRUE(source.out.empty());
}

TEST_F(MempoolTest, WrongArgumentsAreReported) {
  EXPECT_EQ(create(0), nullptr);
  EXPECT_THAT(take_bug(), HasSubstr("mempool_create(0)"));
  EXPECT_EQ(mempool_create(1, nullptr, source_free, nullptr), nullptr);
  EXPECT_THAT(take_bug(), HasSubstr("both functions"));
}

TEST_F(MempoolTest, Resize) {
  mempool_t* pool = create(2);
  EXPECT_EQ(mempool_resize(pool, 5, GFP_KERNEL), 0);
  EXPECT_EQ(pool->curr_nr, 5);
  EXPECT_EQ(mempool_resize(pool, 1, GFP_KERNEL), 0);
  EXPECT_EQ(pool->curr_nr, 1);
  EXPECT_EQ(source.out.size(), 1u);
  source.left = 2;
  EXPECT_EQ(mempool_resize(pool, 10, GFP_KERNEL), -ENOMEM);
  EXPECT_EQ(pool->min_nr, 3);
  EXPECT_EQ(mempool_resize(pool, 0, GFP_KERNEL), -EINVAL);
  mempool_destroy(pool);
  EXPECT_TRUE(source.out.empty());
}

TEST_F(MempoolTest, StandardAllocators) {
  kmem_cache* cache = kmem_cache_create("elements", 100, 0, 0, nullptr, nullptr);
  mempool_t* slabs = mempool_create_slab_pool(4, cache);
  EXPECT_EQ(cache->stats().active_objects, 4u);
  void* object = mempool_alloc(slabs, GFP_KERNEL);
  EXPECT_EQ(slab_page_of(object)->slab_cache, cache);
  mempool_free(object, slabs);
  mempool_destroy(slabs);
  EXPECT_EQ(kmem_cache_destroy(cache), 0);

  mempool_t* blocks = mempool_create_kmalloc_pool(4, 100);
  void* block = mempool_alloc(blocks, GFP_KERNEL);
  EXPECT_EQ(ksize(block), 128u);
  mempool_free(block, blocks);
  mempool_destroy(blocks);

  mempool_t* cleared = mempool_create_kzalloc_pool(1, 100);
  unsigned char* zeroes = static_cast<unsigned char*>(mempool_alloc(cleared, GFP_KERNEL));
  for (int i = 0; i < 100; i++) EXPECT_EQ(zeroes[i], 0);
  mempool_free(zeroes, cleared);
  mempool_destroy(cleared);

  mempool_t* pages = mempool_create_page_pool(2, 3);
  page* first = static_cast<page*>(mempool_alloc(pages, GFP_KERNEL));
  EXPECT_EQ(page_to_pfn(first) % 8, 0u);
  EXPECT_EQ(page_count(first), 1);
  mempool_free(first, pages);
  mempool_destroy(pages);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(MempoolTest, ServesItsMinimumOnAMachineWithoutFreePages) {
  mempool_t* pool = mempool_create_page_pool(3, 0);
  std::vector<page*> taken;
  while (page* block = alloc_pages(GFP_ATOMIC | __GFP_NOWARN, 0)) taken.push_back(block);
  void* elements[3];
  for (void*& element : elements) {
    element = mempool_alloc(pool, GFP_ATOMIC);
    EXPECT_NE(element, nullptr);
  }
  EXPECT_EQ(mempool_alloc(pool, GFP_ATOMIC), nullptr);
  for (void* element : elements) mempool_free(element, pool);
  for (page* block : taken) __free_pages(block, 0);
  mempool_destroy(pool);
  EXPECT_TRUE(machine.bugs.empty());
}

}  // namespace
}  // namespace memio
