// Slab caches and kmalloc(): layout, lists, constructors, the size caches, /proc/slabinfo, and what is
// refused without any kernel option.
#include "slab_bench.h"

namespace memio {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

int constructed;
int destroyed;
unsigned long last_ctor_flags;

void count_construction(void* object, kmem_cache*, unsigned long flags) {
  constructed++;
  last_ctor_flags = flags;
  *static_cast<unsigned*>(object) = 0xc0ffee;
}
void count_destruction(void* object, kmem_cache*, unsigned long) {
  EXPECT_EQ(*static_cast<unsigned*>(object), 0xc0ffeeu);
  destroyed++;
}

class SlabTest : public SlabBench {
 protected:
  SlabTest() { constructed = destroyed = 0; }

  kmem_cache* create(size_t size, size_t align = 0, unsigned long flags = 0) {
    return kmem_cache_create("test", size, align, flags, nullptr, nullptr);
  }
};

TEST_F(SlabTest, ObjectsAreAlignedAndApart) {
  for (const size_t align : {0, 8, 16, 64, 256, 4096}) {
    kmem_cache* cache = create(40, align);
    const size_t expected = align == 0 ? 8 : align;
    void* first = kmem_cache_alloc(cache, GFP_KERNEL);
    void* second = kmem_cache_alloc(cache, GFP_KERNEL);
    EXPECT_EQ(address(first) % expected, 0u) << align;
    EXPECT_EQ(address(second) % expected, 0u) << align;
    const unsigned long apart =
        first < second ? address(second) - address(first) : address(first) - address(second);
    EXPECT_GE(apart, 40u);
    kmem_cache_free(cache, first);
    kmem_cache_free(cache, second);
    EXPECT_EQ(kmem_cache_destroy(cache), 0);
  }
}

TEST_F(SlabTest, CacheLineAlignmentDividesTheLineForSmallObjects) {
  struct Case {
    size_t size;
    size_t align;
  };
  // The line of 64 bytes is halved as long as the object fits into a half.
  for (const Case& at : {Case{65, 64}, Case{64, 64}, Case{33, 64}, Case{32, 32}, Case{17, 32}, Case{16, 16},
                         Case{8, 8}, Case{1, 8}}) {
    kmem_cache* cache = create(at.size, 0, SLAB_HWCACHE_ALIGN);
    const size_t stride = (at.size + at.align - 1) / at.align * at.align;
    EXPECT_EQ(cache->stats().object_bytes, stride) << at.size;
    void* object = kmem_cache_alloc(cache, GFP_KERNEL);
    EXPECT_EQ(address(object) % at.align, 0u) << at.size;
    kmem_cache_free(cache, object);
    kmem_cache_destroy(cache);
  }
}

TEST_F(SlabTest, GeometryOfSlabs) {
  struct Case {
    size_t size;
    u32 objects;
    u32 pages;
  };
  // Up to 511 bytes the management, 40 bytes and two for each object, lies in the slab; above that it takes
  // no room, unless a slab has it to spare. More than one page is taken where one wastes over an eighth.
  for (const Case& at : {Case{32, 119, 1}, Case{128, 31, 1}, Case{256, 15, 1}, Case{512, 8, 1},
                         Case{1000, 4, 1}, Case{2048, 2, 1}, Case{4096, 1, 1}, Case{5000, 1, 2},
                         Case{8192, 1, 2}, Case{20000, 1, 8}, Case{131072, 1, 32}}) {
    kmem_cache* cache = create(at.size);
    EXPECT_EQ(cache->stats().objects_per_slab, at.objects) << at.size;
    EXPECT_EQ(cache->stats().pages_per_slab, at.pages) << at.size;
    void* object = kmem_cache_alloc(cache, GFP_KERNEL);
    ASSERT_NE(object, nullptr);
    kmem_cache_free(cache, object);
    kmem_cache_destroy(cache);
  }
}

TEST_F(SlabTest, SlabsStartAtDifferentColours) {
  // 13 objects of 300 bytes and the management leave 4096 - 13 * 304 - 72 = 72 bytes: two colours.
  kmem_cache* cache = create(300);
  ASSERT_EQ(cache->stats().objects_per_slab, 13u);
  std::vector<unsigned long> offsets;
  std::vector<void*> objects;
  for (int i = 0; i < 3 * 13; i++) objects.push_back(kmem_cache_alloc(cache, GFP_KERNEL));
  for (void* object : objects) {
    const slab* home = slab_page_of(object)->slab;
    const unsigned long offset = address(home->objects) % PAGE_SIZE;
    if (offsets.empty() || offsets.back() != offset) offsets.push_back(offset);
  }
  EXPECT_EQ(offsets, (std::vector<unsigned long>{72, 136, 72}));
  for (void* object : objects) kmem_cache_free(cache, object);
  kmem_cache_destroy(cache);
}

TEST_F(SlabTest, SlabsMoveBetweenTheLists) {
  kmem_cache* cache = create(1000);  // 4 objects a slab
  EXPECT_EQ(cache->stats().slabs, 0u);
  std::vector<void*> objects;
  for (int i = 0; i < 6; i++) objects.push_back(kmem_cache_alloc(cache, GFP_KERNEL));
  SlabStats stats = cache->stats();
  EXPECT_EQ(stats.active_objects, 6u);
  EXPECT_EQ(stats.slabs, 2u);
  EXPECT_EQ(stats.cached_objects, 2u);
  EXPECT_EQ(stats.active_slabs, 2u);

  // Shrinking empties the array: one slab is full, one half so.
  EXPECT_EQ(kmem_cache_shrink(cache), 1);
  stats = cache->stats();
  EXPECT_EQ(stats.cached_objects, 0u);
  EXPECT_EQ(stats.active_objects, 6u);
  EXPECT_EQ(stats.slabs, 2u);

  // The free ones of the partial slab come first: no third slab yet.
  objects.push_back(kmem_cache_alloc(cache, GFP_KERNEL));
  objects.push_back(kmem_cache_alloc(cache, GFP_KERNEL));
  EXPECT_EQ(cache->stats().slabs, 2u);

  // Empty again: free objects stay until the cache is shrunk.
  for (void* object : objects) kmem_cache_free(cache, object);
  stats = cache->stats();
  EXPECT_EQ(stats.active_objects, 0u);
  EXPECT_EQ(stats.cached_objects, 8u);
  EXPECT_EQ(kmem_cache_shrink(cache), 0);
  EXPECT_EQ(cache->stats().slabs, 0u);
  EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

TEST_F(SlabTest, ManyFreeObjectsGoBackByThemselves) {
  kmem_cache* cache = create(1000);
  std::vector<void*> objects;
  for (int i = 0; i < 400; i++) objects.push_back(kmem_cache_alloc(cache, GFP_KERNEL));
  EXPECT_EQ(cache->stats().slabs, 100u);
  for (void* object : objects) kmem_cache_free(cache, object);
  // Of the 400 two batches of 27 and a slab of 4 may stay free, and the 54 in the array.
  EXPECT_LE(cache->stats().objects, 2u * 27 + 4 + 54);
  EXPECT_EQ(kmem_cache_shrink(cache), 0);
  kmem_cache_destroy(cache);
}

TEST_F(SlabTest, ConstructorsRunOnceForEachObjectOfASlab) {
  kmem_cache* cache = kmem_cache_create("ctor", 1000, 0, 0, count_construction, count_destruction);
  void* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_EQ(constructed, 4);
  EXPECT_EQ(last_ctor_flags, SLAB_CTOR_CONSTRUCTOR);
  EXPECT_EQ(*static_cast<unsigned*>(object), 0xc0ffeeu);
  kmem_cache_free(cache, object);
  EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
  EXPECT_EQ(constructed, 4);
  EXPECT_EQ(destroyed, 0);
  std::vector<void*> more;
  for (int i = 0; i < 4; i++) more.push_back(kmem_cache_alloc(cache, GFP_ATOMIC));
  EXPECT_EQ(constructed, 8);
  EXPECT_EQ(last_ctor_flags, SLAB_CTOR_CONSTRUCTOR | SLAB_CTOR_ATOMIC);
  for (void* at : more) kmem_cache_free(cache, at);
  kmem_cache_free(cache, object);
  EXPECT_EQ(kmem_cache_destroy(cache), 0);
  EXPECT_EQ(destroyed, 8);
}

TEST_F(SlabTest, ZeroFlagClears) {
  kmem_cache* cache = create(64);
  void* object = kmem_cache_alloc(cache, GFP_KERNEL);
  memset(object, 0x77, 64);
  kmem_cache_free(cache, object);
  unsigned char* again = static_cast<unsigned char*>(kmem_cache_zalloc(cache, GFP_KERNEL));
  EXPECT_EQ(again, object);
  for (int i = 0; i < 64; i++) EXPECT_EQ(again[i], 0);
  kmem_cache_free(cache, again);
  kmem_cache_destroy(cache);
}

TEST_F(SlabTest, DmaCachesServeFromTheDmaZone) {
  kmem_cache* cache = create(100, 0, SLAB_CACHE_DMA);
  void* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_LT(virt_to_phys(object), FakeMachine::kMemoryStart + 16 * kMiB);
  kmem_cache_free(cache, object);
  kmem_cache_destroy(cache);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(SlabTest, WrongZoneFlagsAreReported) {
  kmem_cache* cache = create(100);
  EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL | __GFP_DMA), nullptr);
  EXPECT_THAT(take_bug(),
              HasSubstr("asks for DMA memory (flags 0xd1); this cache has low memory of any zone"));
  EXPECT_EQ(kmem_cache_alloc(cache, GFP_HIGHUSER), nullptr);
  EXPECT_THAT(take_bug(), HasSubstr("slab test: "));
  kmem_cache_destroy(cache);
}

TEST_F(SlabTest, DestroyRefusesWhileObjectsAreInUse) {
  kmem_cache* cache = create(100);
  void* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_EQ(kmem_cache_destroy(cache), 1);
  EXPECT_THAT(take_bug(), HasSubstr("1 objects in use, first " + hex(object)));
  kmem_cache_free(cache, object);
  EXPECT_EQ(kmem_cache_destroy(cache), 0);
  EXPECT_EQ(slabinfo_line("test"), "");
}

TEST_F(SlabTest, WrongArgumentsOfCreateAreReported) {
  const auto refused = [&](const char* name, size_t size, size_t align, unsigned long flags) {
    EXPECT_EQ(kmem_cache_create(name, size, align, flags, nullptr, nullptr), nullptr);
    return take_bug();
  };
  EXPECT_THAT(refused(nullptr, 8, 0, 0), HasSubstr("a cache needs a name"));
  EXPECT_THAT(refused("x", 0, 0, 0), HasSubstr("size must be 1 .. 131072"));
  EXPECT_THAT(refused("x", 131073, 0, 0), HasSubstr("kmem_cache_create(x, size 131073, align 0, flags 0x0)"));
  EXPECT_THAT(refused("x", 8, 24, 0), HasSubstr("power of two"));
  EXPECT_THAT(refused("x", 8, 8192, 0), HasSubstr("power of two up to 4096"));
  EXPECT_THAT(refused("x", 8, 0, 1), HasSubstr("unknown flags"));
  EXPECT_THAT(refused("size-32", 8, 0, 0), HasSubstr("the name is taken"));
  EXPECT_THROW(kmem_cache_create("size-32", 8, 0, SLAB_PANIC, nullptr, nullptr), KernelPanic);
  machine.bugs.clear();
  EXPECT_EQ(kmem_cache_create("x", 8, 0, 0, nullptr, count_destruction), nullptr);
  EXPECT_THAT(take_bug(), HasSubstr("a destructor needs a constructor"));
}

TEST_F(SlabTest, NameAndSize) {
  kmem_cache* cache = create(100);
  EXPECT_EQ(kmem_cache_size(cache), 100u);
  EXPECT_STREQ(kmem_cache_name(cache), "test");
  kmem_cache_destroy(cache);
}

TEST_F(SlabTest, SleepingRequestsInAtomicContextAreReported) {
  kmem_cache* cache = create(100);
  preempt_disable();
  void* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_EQ(take_bug(), "sleeping function called from invalid context");
  EXPECT_NE(object, nullptr);
  void* atomic = kmem_cache_alloc(cache, GFP_ATOMIC);
  kmem_cache_free(cache, atomic);
  preempt_enable();
  EXPECT_TRUE(machine.bugs.empty());
  kmem_cache_free(cache, object);
  kmem_cache_destroy(cache);
}

TEST_F(SlabTest, SlabinfoHasTheFormatOfVersion2_1) {
  kmem_cache* cache = create(1000);
  void* object = kmem_cache_alloc(cache, GFP_KERNEL);
  EXPECT_THAT(read_proc("slabinfo"),
              StartsWith("slabinfo - version: 2.1\n"
                         "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
                         " : tunables <limit> <batchcount> <sharedfactor>"
                         " : slabdata <active_slabs> <num_slabs> <sharedavail>\n"
                         "kmem_cache "));
  EXPECT_EQ(slabinfo_line("test"),
            "test                   1      4   1000    4    1"
            " : tunables   54   27    0 : slabdata      1      1      0");
  EXPECT_THAT(slabinfo_line("size-8192(DMA)"),
              StartsWith("size-8192(DMA)         0      0   8192    1    2 :"));
  kmem_cache_free(cache, object);
  kmem_cache_destroy(cache);
}

TEST_F(SlabTest, BadFreesAreRefused) {
  kmem_cache* cache = create(100);
  kmem_cache* other = kmem_cache_create("other", 100, 0, 0, nullptr, nullptr);
  char* object = static_cast<char*>(kmem_cache_alloc(cache, GFP_KERNEL));
  const unsigned long active = cache->stats().active_objects;

  kmem_cache_free(other, object);
  EXPECT_THAT(take_bug(), HasSubstr("an object of test, not of other"));
  kmem_cache_free(cache, object + 8);
  EXPECT_THAT(take_bug(), HasSubstr("8 bytes into object " + hex(object)));
  kmem_cache_free(cache, slab_page_of(object)->slab);
  EXPECT_THAT(take_bug(), HasSubstr("the slab's own data"));
  int local = 0;
  kmem_cache_free(cache, &local);
  EXPECT_THAT(take_bug(), HasSubstr("an object of no slab cache, not of test"));
  EXPECT_EQ(cache->stats().active_objects, active);

  kmem_cache_free(cache, object);
  kmem_cache_free(cache, object);
  EXPECT_THAT(take_bug(), HasSubstr("slab test: double free of object " + hex(object)));
  EXPECT_EQ(cache->stats().active_objects, active - 1);
  EXPECT_EQ(kmem_cache_destroy(cache), 0);
  EXPECT_EQ(kmem_cache_destroy(other), 0);
}

TEST_F(SlabTest, ADoubleFreeIsNoticedAtTheLatestWhenTheArrayIsEmptied) {
  kmem_cache* cache = create(100);
  void* first = kmem_cache_alloc(cache, GFP_KERNEL);
  void* second = kmem_cache_alloc(cache, GFP_KERNEL);
  kmem_cache_free(cache, first);
  kmem_cache_free(cache, second);
  kmem_cache_free(cache, first);
  kmem_cache_shrink(cache);
  EXPECT_THAT(take_bug(), HasSubstr("double free of object " + hex(first) + " by someone before"));
}

TEST_F(SlabTest, ADoubleFreeIsNoticedEvenWhenTheSlabIsGone) {
  kmem_cache* cache = create(3000);
  void* first = kmem_cache_alloc(cache, GFP_KERNEL);
  void* second = kmem_cache_alloc(cache, GFP_KERNEL);
  kmem_cache_free(cache, first);
  kmem_cache_free(cache, second);
  kmem_cache_free(cache, first);
  // The array now holds one of them twice, which is what two owners get.
  EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), first);
  EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), second);
  kmem_cache_shrink(cache);
  kmem_cache_free(cache, second);
  kmem_cache_shrink(cache);
  EXPECT_TRUE(machine.bugs.empty());
  kmem_cache_free(cache, first);
  EXPECT_THAT(take_bug(), HasSubstr("an object of no slab cache, not of test"));
}

TEST_F(SlabTest, FailsCleanlyWithoutMemory) {
  const unsigned long free_before = nr_free_pages();
  kmem_cache* cache = create(3000);
  std::vector<void*> objects;
  while (void* object = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN)) objects.push_back(object);
  EXPECT_GT(objects.size(), 10000u);
  for (void* object : objects) kmem_cache_free(cache, object);
  EXPECT_EQ(kmem_cache_destroy(cache), 0);
  // The management of its slabs was in size-64.
  kmem_cache_shrink(kmalloc_caches[0][1]);
  EXPECT_EQ(nr_free_pages(), free_before);
}

TEST_F(SlabTest, FreeObjectsAreGivenUpWhenMemoryIsShort) {
  kmem_cache* cache = create(1000);
  std::vector<void*> objects;
  for (int i = 0; i < 40; i++) objects.push_back(kmem_cache_alloc(cache, GFP_KERNEL));
  for (void* object : objects) kmem_cache_free(cache, object);
  EXPECT_NE(cache->stats().slabs, 0u);
  std::vector<page*> pages;
  while (page* block = alloc_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY, 0)) pages.push_back(block);
  EXPECT_EQ(cache->stats().slabs, 0u);
  for (page* block : pages) __free_pages(block, 0);
  kmem_cache_destroy(cache);
}

}  // namespace
}  // namespace memio
