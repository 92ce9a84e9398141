// User address spaces on the fake machine: the areas against a model with one entry a page, demand paging
// with the page of zeroes, and that nothing is left behind.
#include <asm/page.h>
#include <gtest/gtest.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/vma.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>

#include "fake_machine.h"
#include "fake_paging.h"
#include "kernel/page_table.h"
#include "kernel/user_memory.h"

namespace memio {
namespace {

constexpr unsigned long kPage = 4096;
constexpr unsigned long kBase = 0x10000000;
constexpr unsigned long kReadWrite = PROT_READ | PROT_WRITE;
constexpr unsigned long kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

class Mmap : public testing::Test {
 protected:
  Mmap() {
    kernel_layout.task_size = 1ul << 38;
    init_mm.pgd = reinterpret_cast<pgd_t*>(get_zeroed_page(GFP_KERNEL));
    vma_init();
    mm_ = mm_alloc();
  }

  unsigned long map(unsigned long page, unsigned long pages, unsigned long prot,
                    unsigned long flags = MAP_FIXED) {
    return do_mmap_in(mm_, kBase + page * kPage, pages * kPage, prot, kAnonymous | flags);
  }
  // The entry of a page, 0 if it has none.
  Pte entry(unsigned long va) {
    const PageTable table(reinterpret_cast<Pte*>(mm_->pgd), PAGE_OFFSET - MEMORY_START, nullptr);
    const Pte* found = table.find(va);
    return found == nullptr ? 0 : *found;
  }
  int fault(unsigned long va, bool write) {
    return handle_mm_fault(mm_, find_vma(mm_, va), va, write ? 1 : 0);
  }
  // The areas as text: pages from kBase on and rights, "0-4rw 6-7r".
  std::string areas() {
    std::string text;
    for (const vm_area_struct* area = mm_->mmap; area != nullptr; area = area->vm_next) {
      if (!text.empty()) text += ' ';
      text += std::to_string((area->vm_start - kBase) / kPage) + "-" +
              std::to_string((area->vm_end - kBase) / kPage);
      if ((area->vm_flags & VM_READ) != 0) text += 'r';
      if ((area->vm_flags & VM_WRITE) != 0) text += 'w';
      if ((area->vm_flags & VM_EXEC) != 0) text += 'x';
    }
    return text;
  }

  static constexpr unsigned long kLowBytes = 32 << 20;
  static constexpr unsigned long kHighBytes = 16 << 20;
  FakeMachine machine_{kLowBytes, kHighBytes};
  FakePaging paging_{machine_, 16ul << 20};
  mm_struct* mm_ = nullptr;
};

TEST_F(Mmap, NeighboursOfEqualRightsBecomeOneArea) {
  EXPECT_EQ(map(0, 2, kReadWrite), kBase);
  map(4, 2, kReadWrite);
  EXPECT_EQ(areas(), "0-2rw 4-6rw");
  map(2, 2, kReadWrite);
  EXPECT_EQ(areas(), "0-6rw");
  EXPECT_EQ(mm_->map_count, 1);
  map(6, 1, PROT_READ);
  EXPECT_EQ(areas(), "0-6rw 6-7r");
  map(7, 1, PROT_READ);
  EXPECT_EQ(areas(), "0-6rw 6-8r");
  EXPECT_EQ(mm_->total_vm, 8u);
}

TEST_F(Mmap, UnmappingCutsAreas) {
  map(0, 10, kReadWrite);
  EXPECT_EQ(do_munmap(mm_, kBase + 4 * kPage, 2 * kPage), 0);
  EXPECT_EQ(areas(), "0-4rw 6-10rw");
  EXPECT_EQ(do_ummap(mm_, kBase, kPage + 1), 0);
  EXPECT_EQ(areas(), "2-4rw 6-10rw");
  EXPECT_EQ(do_munmap(mm_, kBase + 3 * kPage, 4 * kPage), 0);
  EXPECT_EQ(areas(), "2-3rw 7-10rw");
  EXPECT_EQ(mm_->total_vm, 4u);
  EXPECT_EQ(do_munmap(mm_, kBase + 100 * kPage, kPage), 0);
  EXPECT_EQ(do_munmap(mm_, kBase + 1, kPage), -EINVAL);
  EXPECT_EQ(do_munmap(mm_, kBase, 0), -EINVAL);
}

TEST_F(Mmap, ProtectionSplitsAndMerges) {
  map(0, 6, kReadWrite);
  EXPECT_EQ(do_mprotect(mm_, kBase + 2 * kPage, 2 * kPage, PROT_READ), 0);
  EXPECT_EQ(areas(), "0-2rw 2-4r 4-6rw");
  EXPECT_EQ(do_mprotect(mm_, kBase, 6 * kPage, PROT_READ | PROT_EXEC), 0);
  EXPECT_EQ(areas(), "0-6rx");
  EXPECT_EQ(do_mprotect(mm_, kBase, 7 * kPage, PROT_READ), -ENOMEM);
  EXPECT_EQ(areas(), "0-6rx");
}

TEST_F(Mmap, FindsRoomAndRefusesNonsense) {
  const unsigned long first = map(0, 4, kReadWrite);
  const unsigned long second = map(0, 4, PROT_READ, 0);  // the wish is taken
  EXPECT_EQ(first, kBase);
  EXPECT_EQ(second, (TASK_SIZE / 3) & PAGE_MASK);
  EXPECT_EQ(do_mmap_in(mm_, 0, 0, kReadWrite, kAnonymous), static_cast<unsigned long>(-EINVAL));
  EXPECT_EQ(do_mmap_in(mm_, 0, kPage, kReadWrite, MAP_PRIVATE), static_cast<unsigned long>(-EINVAL));
  EXPECT_EQ(do_mmap_in(mm_, 0, ~0ul, kReadWrite, kAnonymous), static_cast<unsigned long>(-EINVAL));
  EXPECT_EQ(do_mmap_in(mm_, 0, 1ul << 30, kReadWrite, kAnonymous), static_cast<unsigned long>(-ENOMEM));
  EXPECT_EQ(do_mmap_in(mm_, kBase + 1, kPage, kReadWrite, kAnonymous | MAP_FIXED),
            static_cast<unsigned long>(-EINVAL));
  EXPECT_EQ(do_mmap_in(mm_, TASK_SIZE, kPage, kReadWrite, kAnonymous | MAP_FIXED),
            static_cast<unsigned long>(-ENOMEM));
}

TEST_F(Mmap, ReadsMapThePageOfZeroesAndWritesAllocate) {
  map(0, 4, kReadWrite);
  fault(kBase, false);
  fault(kBase + kPage, false);
  const Pte zero = entry(kBase);
  EXPECT_EQ(zero & (kPteValid | kPteRead | kPteWrite | kPteUser), kPteValid | kPteRead | kPteUser);
  EXPECT_EQ(entry(kBase + kPage), zero);
  EXPECT_EQ(mm_->rss, 0u);
  fault(kBase + 3 * kPage, true);  // the window in which pages are cleared needs a table once
  const unsigned long free_before = nr_free_pages();
  fault(kBase, true);
  EXPECT_EQ(nr_free_pages(), free_before - 1);
  EXPECT_EQ(mm_->rss, 2u);
  const Pte own = entry(kBase);
  EXPECT_NE(own & kPteWrite, 0u);
  EXPECT_GE(pte_address(own), machine_.low_end()) << "not from high memory";
  for (unsigned i = 0; i < kPage; i++) ASSERT_EQ(machine_.memory(pte_address(own))[i], 0);
  // A right taken and given back leaves the page in place.
  EXPECT_EQ(do_mprotect(mm_, kBase, kPage, PROT_NONE), 0);
  EXPECT_EQ(entry(kBase), 0u);
  EXPECT_EQ(do_mprotect(mm_, kBase, 2 * kPage, kReadWrite), 0);
  EXPECT_EQ(entry(kBase), own);
  EXPECT_EQ(entry(kBase + kPage) & kPteWrite, 0u) << "the page of zeroes became writable";
}

TEST_F(Mmap, UserPagesAreCounted) {
  map(0, 4, kReadWrite);
  map(4, 1, PROT_READ);
  page* pages[6];
  vm_area_struct* areas[6];
  EXPECT_EQ(get_user_pages(nullptr, mm_, kBase + 2 * kPage, 6, 0, 0, pages, areas), 3);
  EXPECT_EQ(pages[0], pages[2]) << "not the page of zeroes";
  EXPECT_EQ(areas[1], mm_->mmap);
  EXPECT_EQ(areas[2], mm_->mmap->vm_next);
  for (int i = 0; i < 3; i++) put_page(pages[i]);
  EXPECT_EQ(get_user_pages(nullptr, mm_, kBase + 3 * kPage, 2, 1, 0, pages, nullptr), 1);
  EXPECT_EQ(page_count(pages[0]), 2);
  EXPECT_EQ(do_munmap(mm_, kBase, 5 * kPage), 0);
  EXPECT_EQ(page_count(pages[0]), 1);
  put_page(pages[0]);
  map(0, 1, PROT_READ);
  EXPECT_EQ(get_user_pages(nullptr, mm_, kBase, 1, 1, 0, pages, nullptr), -EFAULT);
  EXPECT_EQ(get_user_pages(nullptr, mm_, kBase, 1, 1, 1, pages, nullptr), 1) << "force";
  EXPECT_EQ(entry(kBase) & kPteWrite, 0u);
  put_page(pages[0]);
  EXPECT_EQ(get_user_pages(nullptr, mm_, kBase + 9 * kPage, 1, 0, 1, pages, nullptr), -EFAULT);
}

TEST_F(Mmap, AccessFromOutsideCrossesPages) {
  map(0, 2, PROT_READ);
  char text[] = "across the border of two pages";
  EXPECT_EQ(access_process_vm(mm_, kBase + kPage - 10, text, sizeof text, 1), static_cast<int>(sizeof text));
  char back[sizeof text] = {};
  EXPECT_EQ(access_process_vm(mm_, kBase + kPage - 10, back, sizeof back, 0), static_cast<int>(sizeof back));
  EXPECT_STREQ(back, text);
  EXPECT_EQ(access_process_vm(mm_, kBase + 2 * kPage - 4, back, sizeof back, 0), 4);
}

TEST_F(Mmap, HeapGrowsAndShrinks) {
  mm_->start_brk = mm_->brk = kBase + 100;
  EXPECT_EQ(do_brk(mm_, 0), kBase + 100);
  EXPECT_EQ(do_brk(mm_, kBase + 3 * kPage), kBase + 3 * kPage);
  EXPECT_EQ(areas(), "1-3rw");
  EXPECT_EQ(do_brk(mm_, kBase + 2 * kPage - 1), kBase + 2 * kPage - 1);
  EXPECT_EQ(areas(), "1-2rw");
  map(5, 1, PROT_READ);
  EXPECT_EQ(do_brk(mm_, kBase + 5 * kPage), kBase + 2 * kPage - 1)
      << "no free page left before the next area";
  EXPECT_EQ(do_brk(mm_, kBase + 4 * kPage), kBase + 4 * kPage);
}

TEST_F(Mmap, LockedAreasArePopulated) {
  map(0, 2, kReadWrite);
  EXPECT_EQ(do_mlockall(mm_, MCL_CURRENT | MCL_FUTURE), 0);
  EXPECT_EQ(mm_->rss, 2u);
  map(2, 2, kReadWrite);
  EXPECT_EQ(mm_->rss, 4u);
  EXPECT_EQ(areas(), "0-4rw");
  EXPECT_EQ(do_mlockall(mm_, 0), -EINVAL);
  EXPECT_EQ(do_mlockall(mm_, 8), -EINVAL);
}

TEST_F(Mmap, OutOfMemoryIsSaidAndLeavesNoPageBehind) {
  const unsigned long most = nr_free_pages();
  const unsigned long all = map(0, most + 10, kReadWrite);
  ASSERT_EQ(all, kBase);
  unsigned long page = 0;
  while (fault(kBase + page * kPage, true) == VM_FAULT_MINOR) page++;
  EXPECT_GT(page, most / 2);
  EXPECT_EQ(fault(kBase + page * kPage, true), VM_FAULT_OOM);
  EXPECT_EQ(mm_->rss, page);
  EXPECT_EQ(do_munmap(mm_, kBase, (most + 10) * kPage), 0);
  EXPECT_EQ(mm_->rss, 0u);
}

TEST_F(Mmap, EverythingIsFreedAtTheEnd) {
  mmput(mm_);
  const unsigned long before = nr_free_pages();
  for (int round = 0; round < 3; round++) {
    mm_ = mm_alloc();
    for (unsigned long i = 0; i < 300; i++) {
      map(i * 1000, 3, i % 2 == 0 ? kReadWrite : PROT_READ);
      fault(kBase + i * 1000 * kPage, i % 2 == 0);
    }
    EXPECT_EQ(mm_->rss, 150u);
    mmput(mm_);
    drain_all_pages();
  }
  // The slabs of areas may keep a few pages until they are shrunk.
  EXPECT_LE(before - nr_free_pages(), slab_page_count());
  EXPECT_TRUE(machine_.bugs.empty());
}

// What an address space is, one page at a time.
struct Model {
  static constexpr unsigned long kPages = 64;
  std::optional<unsigned long> prot[kPages];  // of mapped pages
  bool written[kPages] = {};

  std::string areas() const {
    std::string text;
    for (unsigned long i = 0; i < kPages;) {
      if (!prot[i]) {
        i++;
        continue;
      }
      unsigned long end = i;
      while (end < kPages && prot[end] == prot[i]) end++;
      if (!text.empty()) text += ' ';
      text += std::to_string(i) + "-" + std::to_string(end);
      if ((*prot[i] & PROT_READ) != 0) text += 'r';
      if ((*prot[i] & PROT_WRITE) != 0) text += 'w';
      if ((*prot[i] & PROT_EXEC) != 0) text += 'x';
      i = end;
    }
    return text;
  }
};

TEST_F(Mmap, RandomHistoryFollowsTheModel) {
  std::mt19937 random(20260101);
  const auto below = [&](unsigned long limit) { return random() % limit; };
  Model model;
  for (int step = 0; step < 50000; step++) {
    const unsigned long start = below(Model::kPages);
    const unsigned long count = 1 + below(std::min(Model::kPages - start, 12ul));
    const unsigned long prot = below(4) == 0 ? PROT_NONE : below(8);
    switch (below(4)) {
      case 0:
        ASSERT_EQ(map(start, count, prot), kBase + start * kPage);
        for (unsigned long i = start; i < start + count; i++) {
          model.prot[i] = prot;
          model.written[i] = false;
        }
        break;
      case 1:
        ASSERT_EQ(do_munmap(mm_, kBase + start * kPage, count * kPage), 0);
        for (unsigned long i = start; i < start + count; i++) {
          model.prot[i].reset();
          model.written[i] = false;
        }
        break;
      case 2: {
        bool whole = true;
        for (unsigned long i = start; i < start + count; i++) whole = whole && model.prot[i].has_value();
        ASSERT_EQ(do_mprotect(mm_, kBase + start * kPage, count * kPage, prot), whole ? 0 : -ENOMEM);
        for (unsigned long i = start; whole && i < start + count; i++) model.prot[i] = prot;
        break;
      }
      default: {
        const bool may_write = model.prot[start] && (*model.prot[start] & PROT_WRITE) != 0;
        page* got;
        const int result = get_user_pages(nullptr, mm_, kBase + start * kPage, 1, 1, 0, &got, nullptr);
        ASSERT_EQ(result, may_write ? 1 : -EFAULT);
        if (!may_write) break;
        unsigned char* bytes = machine_.memory(page_to_phys(got));
        ASSERT_EQ(bytes[0], model.written[start] ? start + 1 : 0) << "page " << start << ", step " << step;
        bytes[0] = static_cast<unsigned char>(start + 1);
        model.written[start] = true;
        put_page(got);
        break;
      }
    }
    ASSERT_EQ(areas(), model.areas()) << "step " << step;
    unsigned long written = 0;
    for (const bool page : model.written) written += page ? 1 : 0;
    ASSERT_EQ(mm_->rss, written) << "step " << step;
  }
  EXPECT_TRUE(machine_.bugs.empty());
}

}  // namespace
}  // namespace memio
