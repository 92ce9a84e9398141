// kmap() on one page table and kmap_atomic() on FIXMAP slots.
#include <asm/page.h>
#include <gtest/gtest.h>
#include <linux/highmem.h>
#include <linux/preempt.h>

#include <random>
#include <string>
#include <vector>

#include "fake_paging.h"

namespace memio {
namespace {

constexpr unsigned long kBase = FakePaging::kPkmapBase;
constexpr unsigned kPlaces = FakePaging::kPkmapPages;

unsigned long number(const void* address) { return reinterpret_cast<unsigned long>(address); }

class HighmemTest : public testing::Test {
 protected:
  page* high_page() {
    page* page = alloc_page(GFP_HIGHUSER);
    if (page == nullptr || !PageHighMem(page)) throw std::runtime_error("no high memory left");
    return page;
  }
  std::string last_bug() const { return machine_.bugs.empty() ? "" : machine_.bugs.back(); }

  FakeMachine machine_{16ul << 20, 16ul << 20};
  FakePaging paging_{machine_, 16ul << 20};
};

TEST_F(HighmemTest, HighPagesGetEntriesInOrderAndKeepThem) {
  page* first = high_page();
  page* second = high_page();
  EXPECT_EQ(number(kmap(first)), 0x300080001000u);
  EXPECT_EQ(number(kmap(second)), 0x300080002000u);
  EXPECT_EQ(number(kmap(first)), 0x300080001000u);
  EXPECT_EQ(paging_.access(kBase + 0x1007), page_to_phys(first) + 7);
  EXPECT_EQ(page_address(second), reinterpret_cast<void*>(kBase + 0x2000));
  EXPECT_EQ(kmap_to_page(reinterpret_cast<void*>(kBase + 0x2fff)), second);
  EXPECT_EQ(kmap_to_page(reinterpret_cast<void*>(kBase + 0x3000)), nullptr);
  EXPECT_NE(pkmap_page_table[1].pte, 0u);
  EXPECT_EQ(pkmap_page_table[3].pte, 0u);
  kunmap(first);
  kunmap(first);
  kunmap(second);
  // The entry stays until the table has been used up.
  EXPECT_EQ(number(kmap(first)), 0x300080001000u);
  kunmap(first);
  EXPECT_TRUE(machine_.bugs.empty());
}

TEST_F(HighmemTest, LowPagesHaveTheirLinearAddress) {
  page* page = alloc_page(GFP_KERNEL);
  EXPECT_EQ(kmap(page), page_to_virt(page));
  EXPECT_EQ(kmap_to_page(page_to_virt(page)), page);
  kunmap(page);
  EXPECT_TRUE(machine_.bugs.empty());
  kunmap(page);
  EXPECT_NE(last_bug().find("which is not mapped by kmap"), std::string::npos) << last_bug();
}

TEST_F(HighmemTest, BadUsesAreReported) {
  page* page = high_page();
  kunmap(page);
  EXPECT_NE(last_bug().find("(frame 0x81"), std::string::npos) << last_bug();
  kmap(page);
  kunmap(page);
  kunmap(page);
  EXPECT_EQ(machine_.bugs.size(), 2u);
  EXPECT_EQ(kmap(nullptr), nullptr);
  EXPECT_NE(last_bug().find("no descriptor of a page"), std::string::npos) << last_bug();
  EXPECT_EQ(kmap(mem_map + max_mapnr), nullptr);
  EXPECT_EQ(kmap(reinterpret_cast<struct page*>(number(page) + 8)), nullptr);
  EXPECT_EQ(kmap_atomic(nullptr), nullptr);
  EXPECT_EQ(machine_.bugs.size(), 6u);
  preempt_disable();
  kmap(page);
  preempt_enable();
  EXPECT_EQ(last_bug(), "sleeping function called from invalid context");
  preempt_count_add(HARDIRQ_OFFSET);
  kunmap(page);
  preempt_count_sub(HARDIRQ_OFFSET);
  EXPECT_NE(last_bug().find("in an interrupt"), std::string::npos) << last_bug();
  kunmap(page);
  EXPECT_EQ(machine_.bugs.size(), 8u);
}

TEST_F(HighmemTest, AFullTableSleepsUntilAnEntryIsFree) {
  std::vector<page*> pages;
  for (unsigned i = 0; i < kPlaces; i++) {
    pages.push_back(high_page());
    ASSERT_NE(kmap(pages.back()), nullptr);
  }
  EXPECT_EQ(number(pages.back()->virtual_address), kBase);  // the first one came last
  EXPECT_EQ(machine_.sleeps, 0u);
  machine_.on_sleep = [&] {
    if (machine_.sleeps == 3) kunmap(pages[100]);
  };
  page* late = high_page();
  EXPECT_EQ(number(kmap(late)), kBase + 101 * PAGE_SIZE);
  EXPECT_EQ(machine_.sleeps, 3u);
  EXPECT_EQ(pages[100]->virtual_address, nullptr);
  EXPECT_EQ(paging_.access(kBase + 101 * PAGE_SIZE), page_to_phys(late));
}

TEST_F(HighmemTest, UnusedEntriesAreClearedTogetherBehindOneFence) {
  for (unsigned i = 1; i < kPlaces; i++) {
    page* page = high_page();
    kmap(page);
    paging_.access(kBase + i * PAGE_SIZE);
    if (i % 2 == 0) kunmap(page);
  }
  const unsigned long full = paging_.full_fences;
  const unsigned long single = paging_.page_fences;
  page* page = high_page();
  EXPECT_EQ(number(kmap(page)), kBase);
  EXPECT_LE(paging_.full_fences - full + (paging_.page_fences - single), 1u + kPlaces);
  for (unsigned i = 1; i < kPlaces; i++) {
    EXPECT_EQ(paging_.access(kBase + i * PAGE_SIZE) != 0, i % 2 == 1) << i;
  }
}

TEST_F(HighmemTest, AtomicMappingsAreAStack) {
  page* high = high_page();
  page* other = high_page();
  page* low = alloc_page(GFP_KERNEL);
  char* first = static_cast<char*>(kmap_atomic(high, KM_USER0));
  char* second = static_cast<char*>(kmap_atomic(low));
  char* third = static_cast<char*>(kmap_atomic(other));
  EXPECT_EQ(number(first), fix_to_virt(FIX_KMAP_BEGIN));
  EXPECT_EQ(second, page_to_virt(low));
  EXPECT_EQ(number(third), fix_to_virt(FIX_KMAP_BEGIN + 1));
  EXPECT_EQ(kmap_to_page(third), other);
  EXPECT_TRUE(in_atomic());
  first[9] = 'a';
  third[9] = 'b';
  EXPECT_EQ(*machine_.memory(page_to_phys(high) + 9), 'a');
  EXPECT_EQ(*machine_.memory(page_to_phys(other) + 9), 'b');
  kunmap_atomic(first);
  EXPECT_NE(last_bug().find("not what kmap_atomic gave last (2 slots in use)"), std::string::npos)
      << last_bug();
  kunmap_atomic(third);
  kunmap_atomic(second);
  kunmap_atomic(first, KM_USER0);
  EXPECT_FALSE(in_atomic());
  EXPECT_EQ(paging_.access(number(first)), 0u);
  EXPECT_EQ(machine_.bugs.size(), 1u);
  kunmap_atomic(second);
  EXPECT_EQ(machine_.bugs.size(), 2u);
  EXPECT_FALSE(in_atomic());
}

TEST_F(HighmemTest, TheSeventeenthSlotPanics) {
  page* page = high_page();
  for (unsigned i = 0; i < 16; i++) ASSERT_NE(kmap_atomic(page), nullptr);
  EXPECT_THROW(kmap_atomic(page), KernelPanic);
}

TEST_F(HighmemTest, HighPagesAreClearedAndCopied) {
  page* from = high_page();
  page* to = high_page();
  for (unsigned i = 0; i < PAGE_SIZE; i++) {
    machine_.memory(page_to_phys(from))[i] = static_cast<unsigned char>(i * 7);
  }
  copy_highpage(to, from);
  for (unsigned i = 0; i < PAGE_SIZE; i++) {
    ASSERT_EQ(machine_.memory(page_to_phys(to))[i], static_cast<unsigned char>(i * 7));
  }
  clear_highpage(to);
  for (unsigned i = 0; i < PAGE_SIZE; i++) ASSERT_EQ(machine_.memory(page_to_phys(to))[i], 0);
  EXPECT_FALSE(in_atomic());
}

// Random uses of more pages than there are entries, with another task that ends one use whenever this one
// sleeps.
TEST_F(HighmemTest, CountsFollowTheModel) {
  std::mt19937 random(7);
  std::vector<page*> pages(900);
  for (page*& page : pages) page = high_page();
  std::vector<unsigned> uses(pages.size());
  unsigned mapped = 0;
  const auto end_one = [&] {
    size_t victim = random() % pages.size();
    while (uses[victim] == 0) victim = (victim + 1) % pages.size();
    kunmap(pages[victim]);
    if (--uses[victim] == 0) mapped--;
  };
  machine_.on_sleep = end_one;
  for (unsigned step = 0; step < 300000; step++) {
    const size_t chosen = random() % pages.size();
    if (random() % 100 < 52) {
      const unsigned long address = number(kmap(pages[chosen]));
      ASSERT_EQ(paging_.access(address), page_to_phys(pages[chosen]));
      if (uses[chosen]++ == 0) mapped++;
    } else if (mapped != 0) {
      end_one();
    }
    ASSERT_LE(mapped, kPlaces);
    if (step % 1000 == 0) {
      for (size_t i = 0; i < pages.size(); i++) {
        if (uses[i] == 0) continue;
        ASSERT_EQ(paging_.access(number(page_address(pages[i]))), page_to_phys(pages[i]));
      }
    }
  }
  EXPECT_GT(machine_.sleeps, 100u);
  while (mapped != 0) end_one();
  EXPECT_TRUE(machine_.bugs.empty()) << machine_.bugs.front();
  for (page* page : pages) kunmap(page);
  EXPECT_EQ(machine_.bugs.size(), pages.size());
}

}  // namespace
}  // namespace memio
