// vmalloc(), vmap() and ioremap() on the fake machine: what is mapped where, what is refused and with which
// words, that fences come in time and that nothing leaks.
#include <asm/io.h>
#include <asm/page.h>
#include <gtest/gtest.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <string>

#include "allocation_failures.h"
#include "fake_paging.h"
#include "kernel/page_allocator.h"
#include "kernel/vmalloc_space.h"

namespace memio {
namespace {

using testing::Test;

constexpr unsigned long kStart = FakePaging::kVmallocStart;
constexpr unsigned long kAreaSize = 64ul << 20;
constexpr phys_addr_t kDevice = 0x10000000;

unsigned long number(const void* address) { return reinterpret_cast<unsigned long>(address); }
void* pointer(unsigned long address) { return reinterpret_cast<void*>(address); }

class VmallocTest : public Test {
 protected:
  VmallocTest() {
    // The first of everything makes slabs and page tables, which stay.
    vfree(vmalloc(1));
    before_ = pages_in_use();
  }
  ~VmallocTest() override { AllocationFailures::none(); }

  // Pages taken from the page allocator, without those of page tables.
  unsigned long pages_in_use() const {
    drain_all_pages();
    return page_allocator().managed_pages() - nr_free_pages() - paging_.tables_made - slab_page_count();
  }
  std::string last_bug() const { return machine_.bugs.empty() ? "" : machine_.bugs.back(); }
  std::string describe(unsigned long va) const {
    char text[256];
    return vmalloc_describe(va, text, sizeof text) ? text : "";
  }

  FakeMachine machine_{32ul << 20, 16ul << 20};
  FakePaging paging_{machine_, kAreaSize};
  unsigned long before_ = 0;
};

TEST_F(VmallocTest, PagesAreMappedInARowWithAGuardPageBehind) {
  void* first = vmalloc(10000);
  void* second = vmalloc(4096);
  EXPECT_EQ(number(first), 0x300000000000u);
  EXPECT_EQ(number(second), 0x300000004000u);
  const vm_struct* area = find_vm_area(first);
  ASSERT_NE(area, nullptr);
  EXPECT_EQ(area->size, 0x4000u);
  EXPECT_EQ(area->nr_pages, 3u);
  EXPECT_EQ(area->flags, VM_ALLOC);
  EXPECT_EQ(vmlist, area);
  for (unsigned i = 0; i < 3; i++) {
    EXPECT_EQ(paging_.access(kStart + 4096 * i + 5), page_to_phys(area->pages[i]) + 5);
    EXPECT_EQ(vmalloc_to_page(pointer(kStart + 4096 * i)), area->pages[i]);
    EXPECT_TRUE(PageHighMem(area->pages[i]));
  }
  EXPECT_EQ(paging_.access(kStart + 0x3000), 0u);
  EXPECT_EQ(pages_in_use(), before_ + 4);
  vfree(first);
  vfree(second);
  EXPECT_EQ(pages_in_use(), before_);
  EXPECT_EQ(vmlist, nullptr);
  EXPECT_TRUE(machine_.bugs.empty());
}

TEST_F(VmallocTest, LowMemoryServesWhenHighMemoryIsOut) {
  void* all = vmalloc(20ul << 20);
  const vm_struct* area = find_vm_area(all);
  ASSERT_NE(area, nullptr);
  EXPECT_TRUE(PageHighMem(area->pages[0]));
  EXPECT_FALSE(PageHighMem(area->pages[area->nr_pages - 1]));
  // The array of 5120 pointers is ten pages in the same area.
  EXPECT_EQ(area->flags, VM_ALLOC | VM_VPAGES);
  EXPECT_TRUE(is_vmalloc_addr(area->pages));
  vfree(all);
  EXPECT_EQ(pages_in_use(), before_);
}

TEST_F(VmallocTest, VzallocGivesZeroesInHighMemory) {
  void* dirty = vmalloc(4 * PAGE_SIZE);
  for (unsigned i = 0; i < 4; i++) static_cast<unsigned char*>(dirty)[PAGE_SIZE * i + 77] = 0xaa;
  vfree(dirty);
  void* clean = vzalloc(4 * PAGE_SIZE);
  for (unsigned i = 0; i < 4; i++) EXPECT_EQ(static_cast<unsigned char*>(clean)[PAGE_SIZE * i + 77], 0);
  vfree(clean);
}

TEST_F(VmallocTest, BadRequestsAreRefusedAndNamed) {
  EXPECT_EQ(vmalloc(0), nullptr);
  EXPECT_NE(last_bug().find("vmalloc of 0 bytes, by 0x"), std::string::npos) << last_bug();
  EXPECT_EQ(vmalloc(kAreaSize), nullptr);
  EXPECT_NE(last_bug().find("holds 0x3fff000 at most"), std::string::npos) << last_bug();
  EXPECT_EQ(vmalloc(~0ul), nullptr);
  preempt_disable();
  EXPECT_EQ(vmalloc(100), nullptr);
  preempt_enable();
  EXPECT_NE(last_bug().find("vmalloc of 0x64 bytes in atomic context"), std::string::npos) << last_bug();
  local_irq_disable();
  EXPECT_EQ(vmalloc(100), nullptr);
  EXPECT_EQ(ioremap(kDevice, 100), nullptr);
  local_irq_enable();
  EXPECT_NE(last_bug().find("ioremap of 0x64 bytes in atomic context"), std::string::npos) << last_bug();
  EXPECT_EQ(machine_.bugs.size(), 6u - 0u);
  EXPECT_EQ(pages_in_use(), before_);
}

TEST_F(VmallocTest, AFullAreaIsToldWithTheLargestFreeRange) {
  void* most = vmalloc(24ul << 20);
  void* device = ioremap(kDevice, 39ul << 20);
  EXPECT_NE(device, nullptr);
  EXPECT_EQ(vmalloc(1 << 20), nullptr);
  EXPECT_NE(machine_.log.find("vmalloc: no room for 0x100000 bytes"), std::string::npos) << machine_.log;
  EXPECT_NE(machine_.log.find("the largest free range is 0xf1000"), std::string::npos) << machine_.log;
  vfree(most);
  iounmap(device);
}

TEST_F(VmallocTest, WrongAddressesAreReportedByTheirArea) {
  void* memory = vmalloc(8192);
  void* device = ioremap(kDevice + 16, 16);
  vfree(nullptr);
  iounmap(nullptr);
  EXPECT_TRUE(machine_.bugs.empty());
  vfree(pointer(kStart + 1));
  EXPECT_NE(last_bug().find("inside 0x300000000000-0x300000002000 (2 pages, vmalloc'ed by 0x"),
            std::string::npos)
      << last_bug();
  vfree(device);
  EXPECT_NE(last_bug().find("ioremap'ed by"), std::string::npos) << last_bug();
  iounmap(memory);
  EXPECT_NE(last_bug().find("vmalloc'ed by"), std::string::npos) << last_bug();
  vunmap(memory);
  vfree(pointer(PAGE_OFFSET));
  EXPECT_NE(last_bug().find("not in the vmalloc area"), std::string::npos) << last_bug();
  vfree(memory);
  EXPECT_EQ(machine_.bugs.size(), 5u);
  vfree(memory);
  EXPECT_NE(last_bug().find("was unmapped: area 0x300000000000-0x300000002000, vmalloc'ed by 0x"),
            std::string::npos)
      << last_bug();
  preempt_count_add(HARDIRQ_OFFSET);
  iounmap(device);
  preempt_count_sub(HARDIRQ_OFFSET);
  EXPECT_NE(last_bug().find("in an interrupt"), std::string::npos) << last_bug();
  iounmap(device);
  EXPECT_EQ(machine_.bugs.size(), 7u);
}

TEST_F(VmallocTest, AddressesAreDescribed) {
  void* memory = vmalloc(8192);
  void* device = ioremap(kDevice, 4096);
  EXPECT_EQ(describe(kStart + 0x1fff).find("inside 0x300000000000-0x300000002000 (2 pages,"), 0u);
  EXPECT_EQ(describe(kStart + 0x2000)
                .find("guard page behind 0x300000000000-0x300000002000 (2 pages, "
                      "vmalloc'ed by 0x"),
            0u)
      << describe(kStart + 0x2000);
  EXPECT_EQ(describe(kStart + 0x5000), "0x300000005000 is free in the vmalloc area");
  iounmap(device);
  const std::string gone = describe(kStart + 0x3004);
  EXPECT_EQ(gone.find("0x300000003004 was unmapped: area 0x300000003000-0x300000004000, "
                      "ioremap'ed by 0x"),
            0u)
      << gone;
  EXPECT_NE(gone.find(", freed by 0x"), std::string::npos);
  EXPECT_EQ(describe(kStart - 1), "");
  EXPECT_EQ(describe(kStart + kAreaSize), "");
  vfree(memory);
}

TEST_F(VmallocTest, NoTranslationOutlivesItsArea) {
  for (unsigned long pages : {1ul, 64ul, 65ul, 300ul}) {
    char* memory = static_cast<char*>(vmalloc(pages * PAGE_SIZE));
    for (unsigned long i = 0; i <= pages; i++) {
      EXPECT_EQ(paging_.access(number(memory) + i * PAGE_SIZE) != 0, i < pages);
    }
    vfree(memory);
    for (unsigned long i = 0; i <= pages; i++) {
      ASSERT_EQ(paging_.access(number(memory) + i * PAGE_SIZE), 0u) << i << " of " << pages;
    }
  }
}

TEST_F(VmallocTest, VmapShowsPagesInTheOrderGiven) {
  page* pages[3] = {alloc_page(GFP_KERNEL), alloc_page(GFP_KERNEL | __GFP_HIGHMEM), alloc_page(GFP_KERNEL)};
  void* mapped = vmap(pages, 3, VM_MAP, PAGE_KERNEL);
  ASSERT_EQ(number(mapped), kStart);
  for (unsigned i = 0; i < 3; i++) EXPECT_EQ(vmalloc_to_page(pointer(kStart + i * PAGE_SIZE)), pages[i]);
  EXPECT_EQ(vmap(pages, 0, VM_MAP, PAGE_KERNEL), nullptr);
  vunmap(mapped);
  EXPECT_EQ(paging_.access(kStart), 0u);
  for (page* page : pages) {
    EXPECT_EQ(page_count(page), 1);
    __free_page(page);
  }
  EXPECT_EQ(pages_in_use(), before_);
}

TEST_F(VmallocTest, AreasWithoutPagesAreForTheirMaker) {
  vm_struct* area = get_vm_area(5000, VM_MAP);
  ASSERT_NE(area, nullptr);
  EXPECT_EQ(area->size, 0x3000u);
  page* pages[2] = {alloc_page(GFP_KERNEL), alloc_page(GFP_KERNEL)};
  page** next = pages;
  EXPECT_EQ(map_vm_area(area, PAGE_KERNEL, &next), 0);
  EXPECT_EQ(next, pages + 2);
  EXPECT_EQ(paging_.access(kStart + PAGE_SIZE), page_to_phys(pages[1]));
  EXPECT_EQ(remove_vm_area(area->addr), area);
  EXPECT_EQ(remove_vm_area(pointer(kStart)), nullptr);
  EXPECT_EQ(paging_.access(kStart), 0u);
  kfree(area);
  for (page* page : pages) __free_page(page);
  free_vm_area(get_vm_area(1, VM_MAP));
  EXPECT_EQ(pages_in_use(), before_);
  EXPECT_TRUE(machine_.bugs.empty());
}

TEST_F(VmallocTest, IoremapKeepsTheOffsetInThePage) {
  void* registers = ioremap(0x10000ffc, 8);
  EXPECT_EQ(number(registers), 0x300000000ffcu);
  EXPECT_EQ(paging_.access(kStart + 0xffc), 0x10000ffcu);
  EXPECT_EQ(paging_.access(kStart + 0x1000), 0x10001000u);
  EXPECT_EQ(paging_.access(kStart + 0x2000), 0u);
  const vm_struct* area = find_vm_area(pointer(kStart));
  ASSERT_NE(area, nullptr);
  EXPECT_EQ(area->phys_addr, 0x10000000u);
  EXPECT_EQ(area->flags, VM_IOREMAP);
  EXPECT_EQ(vmalloc_to_pfn(registers), 0x10000u);
  EXPECT_EQ(vmalloc_to_page(registers), nullptr);
  iounmap(registers);
  EXPECT_EQ(paging_.access(kStart + 0xffc), 0u);
  void* high = ioremap_wc(0x3ff000000, 0x1000);
  EXPECT_EQ(paging_.access(number(high)), 0x3ff000000u);
  iounmap(high);
  EXPECT_EQ(pages_in_use(), before_);
}

TEST_F(VmallocTest, IoremapRefusesRamInUseAndImpossibleRanges) {
  page* page = alloc_page(GFP_KERNEL);
  const phys_addr_t ram = page_to_phys(page);
  EXPECT_EQ(ioremap(ram, 16), nullptr);
  EXPECT_NE(last_bug().find("is RAM in use; reserved pages are allowed"), std::string::npos) << last_bug();
  EXPECT_EQ(ioremap(FakeMachine::kMemoryStart - 4096, 4097), nullptr);
  SetPageReserved(page);
  void* reserved = ioremap_cache(ram, 16);
  EXPECT_EQ(paging_.access(number(reserved)), ram);
  iounmap(reserved);
  ClearPageReserved(page);
  __free_page(page);
  EXPECT_EQ(ioremap(kDevice, 0), nullptr);
  EXPECT_NE(last_bug().find("ioremap of 0 bytes"), std::string::npos) << last_bug();
  EXPECT_EQ(ioremap(~phys_addr_t{0} - 100, 4096), nullptr);
  EXPECT_EQ(ioremap((phys_addr_t{1} << 56) - 4096, 8192), nullptr);
  EXPECT_NE(last_bug().find("physical addresses end at 0xffffffffffffff"), std::string::npos) << last_bug();
  EXPECT_EQ(machine_.bugs.size(), 5u);
  EXPECT_EQ(pages_in_use(), before_);
}

TEST_F(VmallocTest, ProcFileListsAreasByAddress) {
  void* memory = vmalloc(3 * PAGE_SIZE);
  void* device = ioremap(kDevice, 8192);
  find_vm_area(memory)->caller = pointer(0x1234);
  find_vm_area(device)->caller = pointer(0x5678);
  std::string text;
  seq_file file = {[](seq_file* out, const char* part, size_t length) {
                     static_cast<std::string*>(out->private_data)->append(part, length);
                   },
                   &text};
  const proc_dir_entry* entry = proc_find("vmallocinfo");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->show(&file, entry->data), 0);
  EXPECT_EQ(text,
            "0x0000300000000000-0x0000300000004000   16384 0x1234 pages=3 vmalloc\n"
            "0x0000300000004000-0x0000300000007000   12288 0x5678 phys=10000000 ioremap\n");
  vfree(memory);
  iounmap(device);
}

TEST_F(VmallocTest, EveryFailedAllocationIsUnwound) {
  // The page of pointers, 600 pages, the array of 600 pointers as an area of its own, tables for each.
  constexpr unsigned long kPages = 600;
  unsigned failures = 0;
  for (;; failures++) {
    AllocationFailures::after(failures);
    void* memory = vmalloc(kPages * PAGE_SIZE);
    const bool failed = AllocationFailures::happened();
    AllocationFailures::none();
    EXPECT_EQ(memory == nullptr, failed) << failures;
    vfree(memory);
    ASSERT_EQ(pages_in_use(), before_) << failures;
    ASSERT_EQ(vmlist, nullptr);
    if (!failed) break;
  }
  // Two descriptors, a small array, two pages for the large one, 600 pages.
  EXPECT_EQ(failures, 2u + 1 + 2 + kPages);
  EXPECT_TRUE(machine_.bugs.empty());
}

TEST_F(VmallocTest, FailedPageTablesAreUnwound) {
  // A new region of 2 MiB each needs a table.
  void* low = ioremap(kDevice, 0x1ff000 - 0x2000);
  paging_.tables_left = 0;
  EXPECT_EQ(vmalloc(32 * PAGE_SIZE), nullptr);
  EXPECT_EQ(ioremap(kDevice, 32 * PAGE_SIZE), nullptr);
  page* pages[8] = {};
  for (page*& page : pages) page = alloc_page(GFP_KERNEL);
  EXPECT_EQ(vmap(pages, 8, VM_MAP, PAGE_KERNEL), nullptr);
  for (page* page : pages) __free_page(page);
  for (unsigned long i = 0; i < 32; i++) EXPECT_EQ(paging_.access(kStart + 0x1fe000 + i * PAGE_SIZE), 0u);
  EXPECT_EQ(vmlist->next, nullptr);
  EXPECT_EQ(pages_in_use(), before_);
  paging_.tables_left = ~0ul;
  void* memory = vmalloc(32 * PAGE_SIZE);
  EXPECT_EQ(number(memory), kStart + 0x1fe000);
  vfree(memory);
  iounmap(low);
}

// 64 MiB of area; an area of 100 KiB takes a guard page more.
TEST_F(VmallocTest, MeminfoShowsTheArea) {
  void* area = vmalloc(100 << 10);
  const std::string text = proc_text("meminfo");
  EXPECT_NE(text.find("VmallocTotal:    65536 kB\nVmallocUsed:       104 kB\nVmallocChunk:    65432 kB\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("Slab:                0 kB"), std::string::npos);
  EXPECT_EQ(text.find("PageTables:          0 kB"), std::string::npos);
  vfree(area);
}

}  // namespace
}  // namespace memio
