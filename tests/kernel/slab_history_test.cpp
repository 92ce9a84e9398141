// A million random steps over many caches and kmalloc() sizes against an obvious model: a map of the blocks
// in use. No overlap, alignment, contents kept, exact accounting, no page lost at the end.
#include <iterator>
#include <map>
#include <random>

#include "slab_bench.h"

namespace memio {
namespace {

constexpr unsigned kCaches = 12;
constexpr unsigned kMaxLive = 3000;

struct Shape {
  size_t size;
  size_t align;
  unsigned long flags;
};
constexpr Shape kShapes[kCaches] = {
    {1, 0, 0},
    {8, 0, 0},
    {24, 16, 0},
    {40, 0, SLAB_HWCACHE_ALIGN},
    {100, 128, 0},
    {300, 0, 0},
    {513, 0, 0},
    {1500, 0, SLAB_HWCACHE_ALIGN},
    {200, 0, SLAB_CACHE_DMA},
    {3000, 1024, 0},
    {5000, 0, 0},
    {20000, 0, 0},
};

struct Block {
  size_t size;
  int cache;  // -1: from kmalloc()
  unsigned char stamp;
};

class History : public SlabBench {
 public:
  explicit History(const char* option) : SlabBench(option, 128 * kMiB) {
    drain_all_pages();
    free_before_ = nr_free_pages();
    for (unsigned i = 0; i < kCaches; i++) {
      names_[i] = "model-" + std::to_string(i);
      const Shape& shape = kShapes[i];
      caches_[i] =
          kmem_cache_create(names_[i].c_str(), shape.size, shape.align, shape.flags, nullptr, nullptr);
    }
  }
  void TestBody() override {}

  void run(unsigned steps) {
    for (unsigned step = 0; step < steps && !HasFailure(); step++) {
      // The bias swings, so that the caches fill and empty many times.
      const bool growing = step / 20000 % 2 == 0;
      const unsigned choice = pick(100);
      if (choice < (growing ? 55u : 40u)) {
        allocate();
      } else if (choice < 95) {
        release();
      } else if (choice < 99) {
        resize();
      } else if (pick(20) == 0) {
        kmem_cache_shrink(caches_[pick(kCaches)]);
      }
      if (step % 50000 == 0) check_accounts();
    }
    check_accounts();
  }

  void finish() {
    while (!blocks_.empty()) release();
    check_accounts();
    for (kmem_cache* cache : caches_) EXPECT_EQ(kmem_cache_destroy(cache), 0);
    // The management of large objects' slabs is in small objects of low memory.
    for (const int zone : {1, 0}) {
      for (int i = KMALLOC_CACHES - 1; i >= 0; i--) EXPECT_EQ(kmem_cache_shrink(kmalloc_caches[zone][i]), 0);
    }
    kmem_cache_shrink(slab_page_of(kmalloc_caches[0][0])->slab_cache);
    EXPECT_EQ(slab_page_count(), pages_of_caches_before_);
    EXPECT_EQ(nr_free_pages(), free_before_);
    EXPECT_TRUE(machine.bugs.empty()) << machine.bugs.front();
  }

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  size_t pick_size() {
    const unsigned kind = pick(100);
    if (kind < 60) return 1 + pick(300);
    if (kind < 90) return 1 + pick(4096);
    return 1 + pick(kind < 99 ? 8192 : 40000);
  }

  void allocate() {
    if (blocks_.size() >= kMaxLive) return release();
    Block block{};
    size_t align = ARCH_KMALLOC_MINALIGN;
    void* memory = nullptr;
    if (pick(2) == 0) {
      block.cache = static_cast<int>(pick(kCaches));
      const Shape& shape = kShapes[block.cache];
      block.size = shape.size;
      align = shape.align == 0 ? 8 : shape.align;
      memory = kmem_cache_alloc(caches_[block.cache], pick(4) == 0 ? GFP_ATOMIC : GFP_KERNEL);
    } else {
      block.cache = -1;
      block.size = pick_size();
      const gfp_t zone = pick(10) == 0 ? __GFP_DMA : 0;
      memory = pick(2) == 0 ? kmalloc(block.size, GFP_KERNEL | zone) : kzalloc(block.size, GFP_KERNEL | zone);
      ASSERT_GE(ksize(memory), block.size);
    }
    ASSERT_NE(memory, nullptr);
    ASSERT_EQ(address(memory) % align, 0u);
    enter(memory, block);
  }

  // Puts a new block in the model, which must not overlap another, and fills it.
  void enter(void* memory, Block block) {
    const unsigned long start = address(memory);
    const auto after = blocks_.lower_bound(start);
    const bool above_fits = after == blocks_.end() || after->first >= start + block.size;
    ASSERT_TRUE(above_fits);
    const bool below_fits =
        after == blocks_.begin() || std::prev(after)->first + std::prev(after)->second.size <= start;
    ASSERT_TRUE(below_fits);
    block.stamp = static_cast<unsigned char>(random_());
    memset(memory, block.stamp, block.size);
    blocks_.emplace_hint(after, start, block);
    live_.push_back(start);
    if (block.cache >= 0) in_use_[block.cache]++;
  }

  static void check_contents(unsigned long start, const Block& block, size_t size) {
    const unsigned char* bytes = reinterpret_cast<const unsigned char*>(start);
    ASSERT_EQ(bytes[0], block.stamp);
    // Equal to itself moved by one: all bytes are the first.
    ASSERT_EQ(memcmp(bytes, bytes + 1, size - 1), 0);
  }

  // Takes a random block out of the model.
  std::pair<unsigned long, Block> leave(size_t position) {
    const unsigned long start = live_[position];
    live_[position] = live_.back();
    live_.pop_back();
    const auto found = blocks_.find(start);
    const Block block = found->second;
    blocks_.erase(found);
    if (block.cache >= 0) in_use_[block.cache]--;
    return {start, block};
  }

  void release() {
    if (live_.empty()) return;
    const auto [start, block] = leave(pick(static_cast<unsigned>(live_.size())));
    check_contents(start, block, block.size);
    if (block.cache >= 0) {
      kmem_cache_free(caches_[block.cache], reinterpret_cast<void*>(start));
    } else {
      kfree(reinterpret_cast<void*>(start));
    }
  }

  void resize() {
    if (live_.empty()) return;
    const size_t position = pick(static_cast<unsigned>(live_.size()));
    if (blocks_.find(live_[position])->second.cache >= 0) return;
    auto [start, block] = leave(position);
    const size_t size = pick_size();
    void* moved = krealloc(reinterpret_cast<void*>(start), size, GFP_KERNEL);
    ASSERT_NE(moved, nullptr);
    check_contents(address(moved), block, size < block.size ? size : block.size);
    block.size = size;
    enter(moved, block);
  }

  void check_accounts() {
    for (unsigned i = 0; i < kCaches; i++) {
      const SlabStats stats = caches_[i]->stats();
      ASSERT_EQ(stats.active_objects, in_use_[i]) << names_[i];
      ASSERT_EQ(stats.objects, stats.slabs * stats.objects_per_slab);
      ASSERT_LE(stats.active_objects + stats.cached_objects, stats.objects);
      ASSERT_LE(stats.active_slabs, stats.slabs);
    }
  }

  std::mt19937 random_{20250607};
  std::string names_[kCaches];
  kmem_cache* caches_[kCaches] = {};
  unsigned long in_use_[kCaches] = {};
  std::map<unsigned long, Block> blocks_;
  std::vector<unsigned long> live_;  // the keys, to pick one at random
  unsigned long free_before_ = 0;
  const unsigned long pages_of_caches_before_ = slab_page_count();
};

TEST(SlabHistory, AMillionSteps) {
  History history("");
  history.run(1000000);
  history.finish();
}

TEST(SlabHistory, WithAllChecksOn) {
  History history("slab-debug");
  history.run(150000);
  history.finish();
}

}  // namespace
}  // namespace memio
