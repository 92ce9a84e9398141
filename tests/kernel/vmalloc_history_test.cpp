// A random history of vmalloc(), vmap() and ioremap() against a model that is a map of the areas.
#include <asm/io.h>
#include <gtest/gtest.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <map>
#include <random>
#include <vector>

#include "fake_paging.h"
#include "kernel/page_allocator.h"
#include "kernel/vmalloc_space.h"

namespace memio {
namespace {

constexpr unsigned long kStart = FakePaging::kVmallocStart;
constexpr unsigned long kAreaSize = 4ul << 20;
constexpr unsigned long kEnd = kStart + kAreaSize;
constexpr unsigned kSteps = 1'000'000;
constexpr unsigned kSharedPages = 12;

class History {
 public:
  History() {
    vfree(vmalloc(1));
    for (page*& shared : shared_) shared = alloc_page(GFP_KERNEL | __GFP_HIGHMEM);
    owner_.assign(max_mapnr, 0);
    before_ = pages_in_use();
  }
  ~History() {
    for (page* shared : shared_) __free_page(shared);
  }

  void step() {
    const unsigned choice = pick(1000);
    if (areas_.empty() || choice < 620 - areas_.size()) {
      allocate(choice % 10);
    } else {
      auto victim = areas_.lower_bound(kStart + pick(kAreaSize));
      if (victim == areas_.end()) victim = areas_.begin();
      free(victim);
    }
  }

  void free_all() {
    while (!areas_.empty()) free(areas_.begin());
  }

  // All of the table and the list against the model, and the count of pages.
  void check_all() {
    const vm_struct* listed = vmlist;
    unsigned long mapped = 0;
    unsigned long owned = 0;
    for (const auto& [start, area] : areas_) {
      ASSERT_NE(listed, nullptr);
      ASSERT_EQ(area_start(*listed), start);
      ASSERT_EQ(listed->size, (area.pages + 1) * PAGE_SIZE);
      listed = listed->next;
      mapped += area.pages;
      if (area.kind == Kind::kMemory) owned += area.pages;
    }
    ASSERT_EQ(listed, nullptr);
    unsigned long valid = 0;
    for (unsigned long va = kStart; va != kEnd; va += PAGE_SIZE) valid += paging_.table.find(va) != nullptr;
    ASSERT_EQ(valid, mapped);
    unsigned long owners = 0;
    for (unsigned char count : owner_) owners += count;
    ASSERT_EQ(owners, owned);
    ASSERT_EQ(pages_in_use(), before_ + owned);
    ASSERT_TRUE(machine_.bugs.empty()) << machine_.bugs.front();
    machine_.log.clear();
  }

  unsigned long refused() const { return refused_; }
  unsigned long from_low_memory() const { return from_low_memory_; }

 private:
  enum class Kind { kMemory, kDevice, kShared };
  struct Area {
    unsigned long pages;
    Kind kind;
    phys_addr_t device;
  };
  using Areas = std::map<unsigned long, Area>;

  unsigned long pick(unsigned long below) { return random_() % below; }

  unsigned long pages_in_use() const {
    drain_all_pages();
    return page_allocator().managed_pages() - nr_free_pages() - paging_.tables_made - slab_page_count();
  }

  // Where the first hole for `pages` and a guard page is, or 0.
  unsigned long first_fit(unsigned long pages) const {
    unsigned long at = kStart;
    const unsigned long size = (pages + 1) * PAGE_SIZE;
    for (const auto& [start, area] : areas_) {
      if (start - at >= size) return at;
      at = start + (area.pages + 1) * PAGE_SIZE;
    }
    return kEnd - at >= size ? at : 0;
  }

  void allocate(unsigned choice) {
    Area area = {1 + pick(pick(100) == 0 ? 300 : 12), Kind::kMemory, 0};
    const unsigned long bytes = area.pages * PAGE_SIZE - pick(PAGE_SIZE);
    unsigned long start = 0;
    unsigned long expected = first_fit(area.pages);
    if (choice < 7) {
      void* memory = choice == 0 ? vzalloc(bytes) : vmalloc(bytes);
      start = reinterpret_cast<unsigned long>(memory);
    } else if (choice < 9) {
      area.kind = Kind::kDevice;
      area.device = 0x10000000 + pick(0x1000) * PAGE_SIZE;
      const unsigned long offset = area.pages * PAGE_SIZE - bytes;
      start = reinterpret_cast<unsigned long>(ioremap(area.device + offset, bytes));
      if (start != 0) start -= offset;
    } else {
      area.kind = Kind::kShared;
      area.pages = 1 + pick(kSharedPages);
      expected = first_fit(area.pages);
      start = reinterpret_cast<unsigned long>(
          vmap(shared_, static_cast<unsigned>(area.pages), VM_MAP, PAGE_KERNEL));
    }
    ASSERT_EQ(start, expected);
    if (start == 0) {
      refused_++;
      return;
    }
    areas_[start] = area;
    check_mapping(start, area, +1);
  }

  void free(Areas::iterator victim) {
    const auto [start, area] = *victim;
    check_mapping(start, area, -1);
    void* address = reinterpret_cast<void*>(start);
    if (area.kind == Kind::kMemory) {
      vfree(address);
    } else if (area.kind == Kind::kDevice) {
      iounmap(static_cast<char*>(address) + pick(PAGE_SIZE));
    } else {
      vunmap(address);
    }
    areas_.erase(victim);
    for (unsigned long page = 0; page <= area.pages; page++) {
      ASSERT_EQ(paging_.access(start + page * PAGE_SIZE), 0u);
    }
  }

  // Each page reaches what the area owns, which nobody else owns; `change` is +1 when the area has just been
  // made and -1 when it is about to go.
  void check_mapping(unsigned long start, const Area& area, int change) {
    const vm_struct* found = find_vm_area(reinterpret_cast<void*>(start));
    ASSERT_NE(found, nullptr);
    for (unsigned long i = 0; i < area.pages; i++) {
      const phys_addr_t reached = paging_.access(start + i * PAGE_SIZE);
      if (area.kind == Kind::kMemory) {
        const page* page = found->pages[i];
        ASSERT_EQ(reached, page_to_phys(page));
        unsigned char& owners = owner_[page_to_pfn(page) - ARCH_PFN_OFFSET];
        ASSERT_EQ(owners, change > 0 ? 0 : 1);
        owners = static_cast<unsigned char>(owners + change);
        from_low_memory_ += !PageHighMem(page);
      } else if (area.kind == Kind::kDevice) {
        ASSERT_EQ(reached, area.device + i * PAGE_SIZE);
      } else {
        ASSERT_EQ(reached, page_to_phys(shared_[i]));
      }
    }
    ASSERT_EQ(paging_.access(start + area.pages * PAGE_SIZE), 0u);
  }

  FakeMachine machine_{16ul << 20, 2ul << 20};
  FakePaging paging_{machine_, kAreaSize};
  std::mt19937 random_{20240601};
  Areas areas_;
  page* shared_[kSharedPages] = {};
  std::vector<unsigned char> owner_;  // areas that own the page, by its place in mem_map
  unsigned long before_ = 0;
  unsigned long refused_ = 0;
  unsigned long from_low_memory_ = 0;
};

TEST(VmallocHistory, AMillionStepsFollowTheModel) {
  History history;
  for (unsigned step = 0; step < kSteps; step++) {
    history.step();
    if (testing::Test::HasFatalFailure()) FAIL() << "step " << step;
    if (step % 20000 == 0) history.check_all();
  }
  history.check_all();
  EXPECT_GT(history.refused(), 100u);
  EXPECT_GT(history.from_low_memory(), 1000u);
  history.free_all();
  history.check_all();
}

}  // namespace
}  // namespace memio
