// kmalloc() and its relatives: the size caches, whole blocks of pages, and what is refused.
#include "slab_bench.h"

namespace memio {
namespace {

using ::testing::HasSubstr;

class KmallocTest : public SlabBench {};

TEST_F(KmallocTest, KmallocTakesTheSmallestCacheThatFits) {
  struct Case {
    size_t asked;
    size_t usable;
    size_t align;
  };
  for (const Case& at :
       {Case{1, 32, 32}, Case{32, 32, 32}, Case{33, 64, 64}, Case{65, 96, 32}, Case{97, 128, 64},
        Case{129, 192, 64}, Case{193, 256, 64}, Case{257, 512, 64}, Case{513, 1024, 64}, Case{1025, 2048, 64},
        Case{2049, 4096, 64}, Case{4097, 8192, 64}, Case{8192, 8192, 64}, Case{8193, 16384, 4096},
        Case{100000, 131072, 4096}, Case{4 * kMiB, 4 * kMiB, 4096}}) {
    void* block = kmalloc(at.asked, GFP_KERNEL);
    ASSERT_NE(block, nullptr) << at.asked;
    EXPECT_EQ(ksize(block), at.usable) << at.asked;
    EXPECT_EQ(address(block) % at.align, 0u) << at.asked;
    memset(block, 1, at.usable);
    kfree(block);
  }
}

TEST_F(KmallocTest, IndexOfEverySize) {
  constexpr size_t kSizes[] = {32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};
  for (size_t size = 1; size <= 8192; size++) {
    size_t smallest = 0;
    while (kSizes[smallest] < size) smallest++;
    ASSERT_EQ(kmalloc_index(size), smallest) << size;
    void* block = __kmalloc(size, GFP_KERNEL);
    ASSERT_EQ(slab_page_of(block)->slab_cache, kmalloc_caches[0][smallest]) << size;
    kfree(block);
  }
  void* block = kmalloc(100, GFP_KERNEL);  // the size is known to the compiler
  EXPECT_EQ(slab_page_of(block)->slab_cache, kmalloc_caches[0][3]);
  kfree(block);
}

TEST_F(KmallocTest, KmallocOfNothing) {
  EXPECT_EQ(kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
  EXPECT_EQ(ksize(ZERO_SIZE_PTR), 0u);
  kfree(ZERO_SIZE_PTR);
  kfree(nullptr);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(KmallocTest, TooLargeRequestsFail) {
  EXPECT_EQ(kmalloc(4 * kMiB + 1, GFP_KERNEL | __GFP_NOWARN), nullptr);
  EXPECT_EQ(kmalloc(~size_t{0}, GFP_KERNEL | __GFP_NOWARN), nullptr);
  EXPECT_EQ(kcalloc(~size_t{0} / 2, 4, GFP_KERNEL), nullptr);
  EXPECT_TRUE(machine.bugs.empty());
  EXPECT_EQ(kmalloc(5 * kMiB, GFP_KERNEL), nullptr);
  EXPECT_THAT(take_bug(), HasSubstr("is larger than the largest block of pages"));
}

TEST_F(KmallocTest, KcallocAndKzallocClear) {
  for (const size_t size : {24, 5000, 20000}) {
    void* dirty = kmalloc(size, GFP_KERNEL);
    memset(dirty, 0x77, size);
    kfree(dirty);
    unsigned char* block = static_cast<unsigned char*>(kcalloc(size / 4, 4, GFP_KERNEL));
    for (size_t i = 0; i < size; i++) ASSERT_EQ(block[i], 0);
    kfree(block);
    block = static_cast<unsigned char*>(kzalloc(size, GFP_KERNEL));
    for (size_t i = 0; i < size; i++) ASSERT_EQ(block[i], 0);
    kfree(block);
  }
}

TEST_F(KmallocTest, KreallocKeepsTheContents) {
  unsigned char* block = static_cast<unsigned char*>(krealloc(nullptr, 20, GFP_KERNEL));
  for (int i = 0; i < 20; i++) block[i] = static_cast<unsigned char>(i);
  EXPECT_EQ(krealloc(block, 32, GFP_KERNEL), block);
  EXPECT_EQ(krealloc(block, 5, GFP_KERNEL), block);
  for (const size_t size : {33, 1000, 9000, 100000}) {
    unsigned char* moved = static_cast<unsigned char*>(krealloc(block, size, GFP_KERNEL));
    ASSERT_NE(moved, block);
    for (int i = 0; i < 20; i++) ASSERT_EQ(moved[i], i);
    block = moved;
  }
  EXPECT_EQ(krealloc(block, 8 * kMiB, GFP_KERNEL | __GFP_NOWARN), nullptr);
  EXPECT_EQ(block[19], 19);
  EXPECT_EQ(krealloc(block, 0, GFP_KERNEL), ZERO_SIZE_PTR);
  void* from_nothing = krealloc(ZERO_SIZE_PTR, 10, GFP_KERNEL);
  EXPECT_EQ(ksize(from_nothing), 32u);
  kfree(from_nothing);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(KmallocTest, TheDmaFlagServesFromTheDmaZone) {
  void* small = kmalloc(100, GFP_KERNEL | GFP_DMA);
  EXPECT_LT(virt_to_phys(small), FakeMachine::kMemoryStart + 16 * kMiB);
  void* large = kmalloc(100000, GFP_KERNEL | GFP_DMA);
  EXPECT_LT(virt_to_phys(large), FakeMachine::kMemoryStart + 16 * kMiB);
  void* normal = kmalloc(100, GFP_KERNEL);
  EXPECT_GE(virt_to_phys(normal), FakeMachine::kMemoryStart + 16 * kMiB);
  kfree(small);
  kfree(large);
  kfree(normal);
  EXPECT_TRUE(machine.bugs.empty());
}

TEST_F(KmallocTest, HighMemoryIsRefused) {
  EXPECT_EQ(kmalloc(100, GFP_HIGHUSER), nullptr);
  EXPECT_THAT(take_bug(), HasSubstr("slab size-128: "));
  EXPECT_EQ(kmalloc(20000, GFP_HIGHUSER), nullptr);
  EXPECT_THAT(take_bug(), HasSubstr("asks for high memory"));
}

TEST_F(KmallocTest, BadKfreesOfOtherMemory) {
  int local = 0;
  kfree(&local);
  EXPECT_THAT(take_bug(), HasSubstr("kfree(" + hex(&local) + ") by "));
  kfree(&local);
  EXPECT_THAT(take_bug(), HasSubstr("outside the direct map"));
  kfree(mem_map);
  EXPECT_THAT(take_bug(), HasSubstr("reserved memory"));
}

TEST_F(KmallocTest, BadKfreesOfLargeBlocks) {
  char* block = static_cast<char*>(kmalloc(20000, GFP_KERNEL));
  kfree(block + 4096);
  EXPECT_THAT(take_bug(), HasSubstr("kfree(" + hex(block + 4096) + ") by "));
  kfree(block + 8);
  EXPECT_THAT(take_bug(), HasSubstr("not the start of a block"));
  kfree(block);
  EXPECT_TRUE(machine.bugs.empty());
  kfree(block);
  EXPECT_THAT(take_bug(), HasSubstr("the page is free"));
  const unsigned long single = __get_free_page(GFP_KERNEL);
  kfree(reinterpret_cast<void*>(single));
  EXPECT_THAT(take_bug(), HasSubstr("not a block of kmalloc()"));
  free_page(single);
}

}  // namespace
}  // namespace memio
