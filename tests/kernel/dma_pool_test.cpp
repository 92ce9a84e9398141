// Pools of coherent blocks, and the allocator of device addresses.
#include <linux/dmapool.h>

#include "dma_bench.h"
#include "kernel/iova_space.h"

namespace memio {
namespace {

class Pool : public DmaBench {
 protected:
  dma_pool* make(size_t size, size_t align, size_t boundary) {
    return dma_pool_create("test", &dev_, size, align, boundary);
  }
};

TEST_F(Pool, BlocksFollowEachOtherInAPage) {
  dma_pool* pool = make(60, 64, 0);
  dma_addr_t handles[65];
  char* blocks[65];
  for (unsigned i = 0; i < 65; i++) {
    blocks[i] = static_cast<char*>(dma_pool_alloc(pool, GFP_KERNEL, &handles[i]));
    ASSERT_NE(blocks[i], nullptr);
    EXPECT_EQ(handles[i], virt_to_phys(blocks[i]));
  }
  EXPECT_EQ(blocks[63], blocks[0] + 63 * 64);
  EXPECT_NE(virt_to_phys(blocks[64]) & PAGE_MASK, virt_to_phys(blocks[0]) & PAGE_MASK);
  dma_pool_free(pool, blocks[5], handles[5]);
  dma_addr_t again;
  dma_pool_free(pool, blocks[64], handles[64]);
  dma_pool_alloc(pool, GFP_KERNEL, &again);
  dma_addr_t second;
  dma_pool_alloc(pool, GFP_KERNEL, &second);
  EXPECT_TRUE((again == handles[5] && second == handles[64]) ||
              (again == handles[64] && second == again + 64));
  for (unsigned i = 0; i < 64; i++) {
    if (i != 5) dma_pool_free(pool, blocks[i], handles[i]);
  }
  EXPECT_EQ(bug(), "");
  dma_pool_destroy(pool);
  EXPECT_NE(bug().find("dma_pool_destroy(test) by "), std::string::npos);  // two are in use
  dma_pool_free(pool, phys_to_virt(again), again);
  dma_pool_free(pool, phys_to_virt(second), second);
  dma_pool_destroy(pool);
  EXPECT_EQ(bug(), "");
}

TEST_F(Pool, NoBlockCrossesTheBoundary) {
  const unsigned long before = held();
  dma_pool* pool = make(96, 32, 256);  // two in 256 bytes, 32 in a page
  dma_addr_t handles[33];
  for (dma_addr_t& handle : handles) dma_pool_alloc(pool, GFP_KERNEL, &handle);
  EXPECT_EQ(handles[1], handles[0] + 96);
  EXPECT_EQ(handles[2], handles[0] + 256);
  EXPECT_EQ(handles[31], handles[0] + 15 * 256 + 96);
  EXPECT_EQ(handles[32] % PAGE_SIZE, 0u);
  for (const dma_addr_t handle : handles) dma_pool_free(pool, phys_to_virt(handle), handle);
  dma_pool_destroy(pool);
  EXPECT_EQ(held(), before);
  EXPECT_EQ(bug(), "");
}

TEST_F(Pool, BlocksMayBeLargerThanAPage) {
  dma_pool* pool = make(5000, 0, 0);
  dma_addr_t handle;
  void* block = dma_pool_alloc(pool, GFP_KERNEL, &handle);
  ASSERT_NE(block, nullptr);
  dma_pool_free(pool, block, handle);
  dma_pool_destroy(pool);
  EXPECT_EQ(bug(), "");
}

TEST_F(Pool, WrongUseIsReported) {
  EXPECT_EQ(make(0, 0, 0), nullptr);
  EXPECT_NE(bug().find("size must be 1 or more"), std::string::npos);
  EXPECT_EQ(make(8, 3, 0), nullptr);
  EXPECT_NE(bug().find("alignment must be a power of two"), std::string::npos);
  EXPECT_EQ(make(40, 32, 32), nullptr);
  EXPECT_NE(bug().find("boundary must be"), std::string::npos);
  dma_pool* pool = make(64, 64, 0);
  dma_addr_t handle;
  char* block = static_cast<char*>(dma_pool_alloc(pool, GFP_KERNEL, &handle));
  dma_pool_free(pool, block + 8, handle + 8);
  EXPECT_NE(bug().find("not the start of a block"), std::string::npos);
  dma_pool_free(pool, block, handle + 64);
  EXPECT_NE(bug().find("another block's address for the device"), std::string::npos);
  dma_pool_free(pool, &handle, handle);
  EXPECT_NE(bug().find("not in the pool"), std::string::npos);
  dma_pool_free(pool, block, handle);
  dma_pool_free(pool, block, handle);
  EXPECT_NE(bug().find("the block is free already"), std::string::npos);
  dma_pool_destroy(pool);
}

TEST_F(Pool, DeviceAddressesAreFirstFitWithAGuardPage) {
  IovaSpace space;
  space.init(0x10000, 0x1ffff);  // 16 pages
  u64 at[4];
  EXPECT_TRUE(space.take(0x2000, ~0ull, &at[0]));
  EXPECT_TRUE(space.take(0x1000, ~0ull, &at[1]));
  EXPECT_TRUE(space.take(0x3000, ~0ull, &at[2]));
  EXPECT_EQ(at[0], 0x10000u);
  EXPECT_EQ(at[1], 0x13000u);
  EXPECT_EQ(at[2], 0x15000u);
  EXPECT_EQ(space.size_of(0x15000), 0x3000u);
  EXPECT_EQ(space.size_of(0x16000), 0u);
  EXPECT_EQ(space.give(0x13000), 0x1000u);
  EXPECT_EQ(space.give(0x13000), 0u);
  EXPECT_TRUE(space.take(0x2000, ~0ull, &at[1]));  // does not fit the hole of two pages
  EXPECT_EQ(at[1], 0x19000u);
  EXPECT_TRUE(space.take(0x1000, ~0ull, &at[3]));
  EXPECT_EQ(at[3], 0x13000u);
  EXPECT_EQ(space.count(), 4u);
  EXPECT_FALSE(space.take(0x4000, ~0ull, &at[3]));
  EXPECT_TRUE(space.take(0x3000, ~0ull, &at[3]));  // to the last page
  EXPECT_EQ(at[3], 0x1c000u);
  EXPECT_FALSE(space.take(0x1000, ~0ull, &at[3]));
  space.clear();
  EXPECT_EQ(space.count(), 0u);
  EXPECT_FALSE(space.take(0x4000, 0x12fff, &at[0]));  // the last byte must be within reach
  EXPECT_TRUE(space.take(0x3000, 0x12fff, &at[0]));
  EXPECT_FALSE(space.take(0x1000, 0x12fff, &at[1]));
  EXPECT_FALSE(space.take(~0xfffull, ~0ull, &at[1]));
  space.clear();
}

}  // namespace
}  // namespace memio
