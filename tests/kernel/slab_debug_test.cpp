// The kernel option slab-debug: every kind of misuse is found and named, and the machine goes on.
#include "slab_bench.h"

namespace memio {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class SlabDebugTest : public SlabBench {
 protected:
  explicit SlabDebugTest(const char* option = "quiet slab-debug") : SlabBench(option) {
    cache = kmem_cache_create("test", 40, 0, 0, nullptr, nullptr);
    object = static_cast<unsigned char*>(kmem_cache_alloc(cache, GFP_KERNEL));
  }
  // What a report says of who had the object: on the host symbols are bare numbers.
  static constexpr const char* kInUse = ".*; allocated by 0x[0-9a-f]+, freed by nobody";
  static constexpr const char* kFreed = ".*; allocated by 0x[0-9a-f]+, freed by 0x[0-9a-f]+";

  kmem_cache* cache;
  unsigned char* object;
};

TEST_F(SlabDebugTest, FreshObjectsHoldAPattern) {
  for (int i = 0; i < 40; i++) EXPECT_EQ(object[i], 0x5a);
  for (int i = 1; i <= 8; i++) EXPECT_EQ(object[-i], 0xcc);
  for (int i = 40; i < 48; i++) EXPECT_EQ(object[i], 0xcc);
  kmem_cache_free(cache, object);
  for (int i = 0; i < 39; i++) EXPECT_EQ(object[i], 0x6b);
  EXPECT_EQ(object[39], 0xa5);
  for (int i = 40; i < 48; i++) EXPECT_EQ(object[i], 0xbb);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(SlabDebugTest, Overrun) {
  object[40] = 0x41;
  kmem_cache_free(cache, object);
  const std::string bug = take_bug();
  EXPECT_THAT(bug, HasSubstr("slab test: overrun of object " + hex(object) +
                             " while it was in use: byte 40 is 0x41, not 0xcc; allocated by 0x"));
  EXPECT_THAT(bug, MatchesRegex(kInUse));
  // Repaired: the object serves on.
  EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
  kmem_cache_free(cache, object);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(SlabDebugTest, Underrun) {
  object[-1] = 0;
  kmem_cache_free(cache, object);
  EXPECT_THAT(take_bug(), HasSubstr("slab test: underrun of object " + hex(object) +
                                    " while it was in use: byte -1 is 0x0, not 0xcc"));
}

TEST_F(SlabDebugTest, UseAfterFreeIsFoundWhenTheObjectIsHandedOutAgain) {
  kmem_cache_free(cache, object);
  object[7] = 0x33;
  EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
  const std::string bug = take_bug();
  EXPECT_THAT(bug, HasSubstr("slab test: use after free of object " + hex(object) +
                             " while it was free: byte 7 is 0x33, not 0x6b"));
  EXPECT_THAT(bug, MatchesRegex(kFreed));
  EXPECT_EQ(object[7], 0x5a);
}

TEST_F(SlabDebugTest, UseAfterFreeIsFoundWhenTheSlabIsGivenBack) {
  kmem_cache_free(cache, object);
  object[39] = 0;
  kmem_cache_shrink(cache);
  EXPECT_THAT(take_bug(), HasSubstr("byte 39 is 0x0, not 0xa5"));
}

TEST_F(SlabDebugTest, DoubleFreeAtAnyTime) {
  void* second = kmem_cache_alloc(cache, GFP_KERNEL);
  kmem_cache_free(cache, object);
  kmem_cache_free(cache, second);
  kmem_cache_free(cache, object);
  const std::string bug = take_bug();
  EXPECT_THAT(bug, HasSubstr("slab test: double free of object " + hex(object) + " by 0x"));
  EXPECT_THAT(bug, MatchesRegex(kFreed));
  EXPECT_EQ(kmem_cache_destroy(cache), 0);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(SlabDebugTest, FreeOfAPointerIntoAnObjectNamesTheObject) {
  kmem_cache_free(cache, object + 4);
  const std::string bug = take_bug();
  EXPECT_THAT(bug, HasSubstr("4 bytes into object " + hex(object)));
  EXPECT_THAT(bug, MatchesRegex(kInUse));
}

TEST_F(SlabDebugTest, ObjectsInUseAtDestroyAreNamed) {
  EXPECT_EQ(kmem_cache_destroy(cache), 1);
  const std::string bug = take_bug();
  EXPECT_THAT(bug, HasSubstr("1 objects in use, first " + hex(object)));
  EXPECT_THAT(bug, MatchesRegex(kInUse));
}

TEST_F(SlabDebugTest, KmallocIsCheckedToo) {
  char* block = static_cast<char*>(kmalloc(32, GFP_KERNEL));
  EXPECT_EQ(ksize(block), 32u);
  EXPECT_EQ(address(block) % 32, 0u);
  block[32] = 1;
  kfree(block);
  EXPECT_THAT(take_bug(), HasSubstr("slab size-32: overrun"));
  kfree(block);
  EXPECT_THAT(take_bug(), HasSubstr("slab size-32: double free"));
  char* large = static_cast<char*>(kzalloc(8192, GFP_KERNEL));
  EXPECT_EQ(large[0], 0);
  large[-1] = 1;
  kfree(large);
  EXPECT_THAT(take_bug(), HasSubstr("slab size-8192: underrun"));
}

// Not only what lies behind the size cache's object.
TEST_F(SlabDebugTest, BytesBeyondThoseAskedForAreChecked) {
  const size_t sizes[] = {1, 33, 40, 63, 700, 8191};
  for (const size_t size : sizes) {
    char* block = static_cast<char*>(kmalloc(size, GFP_KERNEL));
    EXPECT_EQ(ksize(block), size);
    block[size - 1] = 1;
    kfree(block);
    EXPECT_TRUE(machine.bugs.empty()) << size;
    block = static_cast<char*>(kzalloc(size, GFP_KERNEL));
    EXPECT_EQ(block[size - 1], 0);
    block[size] = 1;
    kfree(block);
    EXPECT_THAT(take_bug(),
                HasSubstr("while it was in use: byte " + std::to_string(size) + " is 0x1, not 0xcc"));
  }
  // A constant size takes another way in.
  char* block = static_cast<char*>(kmalloc(40, GFP_KERNEL));
  block[40] = 1;
  kfree(block);
  EXPECT_THAT(take_bug(), HasSubstr("slab size-64: overrun"));
  // What is not asked for is not there for krealloc() either.
  block = static_cast<char*>(kmalloc(40, GFP_KERNEL));
  char* moved = static_cast<char*>(krealloc(block, 50, GFP_KERNEL));
  EXPECT_NE(moved, block);
  EXPECT_EQ(ksize(moved), 50u);
  kfree(moved);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(SlabDebugTest, LargeBlocksAreCheckedBehindTheirEnd) {
  char* block = static_cast<char*>(kmalloc(20000, GFP_KERNEL));
  EXPECT_EQ(ksize(block), 20000u);
  block[19999] = 1;
  kfree(block);
  EXPECT_TRUE(machine.bugs.empty());
  block = static_cast<char*>(kzalloc(20000, GFP_KERNEL));
  EXPECT_EQ(block[19999], 0);
  block[20000] = 1;
  kfree(block);
  EXPECT_THAT(take_bug(), HasSubstr("kmalloc-large: overrun of 20000 bytes at " + hex(block) +
                                    ": byte 20000 is 0x1; allocated by 0x"));
}

TEST_F(SlabDebugTest, ConstructedObjectsKeepTheirStateButHaveRedZones) {
  kmem_cache* built = kmem_cache_create(
      "built", 16, 0, 0, [](void* at, kmem_cache*, unsigned long) { memset(at, 0x11, 16); }, nullptr);
  unsigned char* at = static_cast<unsigned char*>(kmem_cache_alloc(built, GFP_KERNEL));
  for (int i = 0; i < 16; i++) EXPECT_EQ(at[i], 0x11);
  at[16] = 0;
  kmem_cache_free(built, at);
  EXPECT_THAT(take_bug(), HasSubstr("slab built: overrun"));
}

class OneCacheDebugTest : public SlabDebugTest {
 protected:
  OneCacheDebugTest() : SlabDebugTest("slab-debug=test") {}
};

TEST_F(OneCacheDebugTest, OnlyTheNamedCacheIsChecked) {
  object[40] = 0x41;
  kmem_cache_free(cache, object);
  EXPECT_THAT(take_bug(), HasSubstr("slab test: overrun"));
  EXPECT_EQ(kmalloc_caches[0][0]->stats().object_bytes, 32u);
}

TEST(SlabFlags, ACacheMayAskForChecksItself) {
  struct Bench : SlabBench {
    void TestBody() override {
      kmem_cache* cache =
          kmem_cache_create("own", 24, 0, SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER, nullptr, nullptr);
      char* object = static_cast<char*>(kmem_cache_alloc(cache, GFP_KERNEL));
      object[24] = 1;
      kmem_cache_free(cache, object);
      EXPECT_THAT(take_bug(), HasSubstr("slab own: overrun"));
      // Without records of who did it, the report says how to get them.
      kmem_cache* poor = kmem_cache_create("poor", 24, 0, SLAB_RED_ZONE, nullptr, nullptr);
      object = static_cast<char*>(kmem_cache_alloc(poor, GFP_KERNEL));
      kmem_cache_free(poor, object);
      kmem_cache_free(poor, object);
      EXPECT_THAT(take_bug(), HasSubstr("; boot with slab-debug to know who allocated it"));
    }
  } bench;
  bench.TestBody();
}

}  // namespace
}  // namespace memio
