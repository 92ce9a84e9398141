// Areas of the vmalloc area in other address spaces, which take over a root entry on the first fault there.
#include <asm/page.h>
#include <linux/vma.h>
#include <linux/vmalloc.h>

#include "kernel/memory.h"
#include "kernel/task.h"
#include "ktest.h"

namespace memio {
namespace {

unsigned long root_span() { return 1ul << pgtable_shift(pgtable_levels - 1); }

unsigned long* root_of(const mm_struct* mm) { return reinterpret_cast<unsigned long*>(mm->pgd); }

unsigned root_entries_missing(const mm_struct* mm) {
  unsigned missing = 0;
  for (unsigned i = 0; i < PGTABLE_ENTRIES; i++) {
    const Pte here = kernel_page_table().root()[i];
    missing += here != 0 && here != root_of(mm)[i];
  }
  return missing;
}

unsigned wrong_pages(const volatile unsigned long* words, unsigned long pages) {
  unsigned wrong = 0;
  for (unsigned long i = 0; i < pages; i++) wrong += words[i * (PAGE_SIZE / sizeof(long))] != i;
  return wrong;
}

}  // namespace

KTEST(vmalloc_spaces) {
  mm_struct* mm = mm_alloc();
  EXPECT(mm != nullptr);
  // Made after the space, at root entries that nothing has used so far. With Sv48 the whole area has only
  // one.
  const bool has_fresh_entries = VMALLOC_END - VMALLOC_START > 8 * root_span();
  vm_struct* filler = get_vm_area(has_fresh_entries ? 4 * root_span() : PAGE_SIZE, VM_MAP);
  constexpr unsigned long kPages = 40;
  auto* words = static_cast<volatile unsigned long*>(vmalloc(kPages * PAGE_SIZE));
  EXPECT(mm != nullptr && filler != nullptr && words != nullptr);
  if (mm == nullptr || filler == nullptr || words == nullptr) return;
  for (unsigned long i = 0; i < kPages; i++) words[i * (PAGE_SIZE / sizeof(long))] = i;
  EXPECT_EQ(has_fresh_entries, root_entries_missing(mm) != 0);

  get_current()->mm = mm;
  switch_address_space(get_current());
  EXPECT(active_root() == root_of(mm));
  EXPECT_EQ(0, wrong_pages(words, kPages));
  EXPECT_EQ(0, root_entries_missing(mm));
  get_current()->mm = nullptr;
  // As a kernel thread in the borrowed space.
  EXPECT_EQ(0, wrong_pages(words, kPages));
  leave_address_space(mm);

  EXPECT_EQ(0, wrong_pages(words, kPages));
  vfree(const_cast<unsigned long*>(words));
  free_vm_area(filler);
  mmput(mm);
}

}  // namespace memio
