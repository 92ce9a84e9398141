// The kernel without an MMU: no translation, memory of vmalloc() in a row, mappings that are the physical
// addresses themselves.
#include <asm/csr.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/vmalloc.h>

#include "ktest.h"

// No device is here, so that no driver has mapped it.
#define UNUSED_BASE 0x0a000000ul

KTEST(flat_addresses) {
  struct page* page = alloc_page(GFP_HIGHUSER);
  CSR_WRITE(satp, ~0ul);
  EXPECT_EQ(0, CSR_READ(satp));
  EXPECT_EQ(0x80000000, MEMORY_START);
  EXPECT(!PageHighMem(page));
  EXPECT_EQ(page_to_phys(page), (unsigned long)page_address(page));
  EXPECT_EQ(virt_to_phys(page), (unsigned long)page);
  EXPECT(kmap(page) == page_address(page));
  kunmap(page);
  EXPECT(kmap_atomic(page) == page_address(page));
  kunmap_atomic(page_address(page));
  kunmap(page);
  EXPECT_BUGS(1);
  __free_page(page);
}

KTEST(flat_vmalloc) {
  drain_all_pages();
  const unsigned long free = nr_free_pages();
  char* area = vmalloc(5 * PAGE_SIZE - 1);
  EXPECT(area != NULL);
  if (area == NULL) return;
  EXPECT_EQ(free - 5, nr_free_pages());
  for (unsigned i = 0; i < 5 * PAGE_SIZE; i++) area[i] = (char)i;
  EXPECT(vmalloc_to_page(area + 4 * PAGE_SIZE) == virt_to_page(area) + 4);
  struct vmalloc_info info;
  get_vmalloc_info(&info);
  EXPECT(info.used >= 5 * PAGE_SIZE);
  vfree(area + PAGE_SIZE);
  iounmap(area);
  EXPECT_BUGS(2);
  vfree(area);
  EXPECT_EQ(free, nr_free_pages());
  vfree(area);
  EXPECT_BUGS(1);
  const u32* zeroes = vzalloc(2 * PAGE_SIZE);
  u32 set = 0;
  for (unsigned i = 0; i < 2 * PAGE_SIZE / sizeof(u32); i++) set |= zeroes[i];
  EXPECT_EQ(0, set);
  vfree(zeroes);
}

KTEST(flat_vmalloc_refused) {
  EXPECT(vmalloc(0) == NULL);
  preempt_disable();
  EXPECT(vmalloc(100) == NULL);
  preempt_enable();
  EXPECT(vmalloc(~0ul) == NULL);
  EXPECT_BUGS(3);
  // More than the largest block of the buddy allocator.
  EXPECT(vmalloc((PAGE_SIZE << max_page_order()) + 1) == NULL);
  EXPECT_BUGS(0);
}

KTEST(flat_vmap) {
  struct page* block = alloc_pages(GFP_KERNEL, 1);
  struct page* pages[2] = {block, block + 1};
  void* mapped = vmap(pages, 2, VM_MAP, PAGE_KERNEL);
  EXPECT(mapped == page_address(block));
  vunmap(mapped);
  vunmap(mapped);
  EXPECT_BUGS(1);
  struct page* backwards[2] = {block + 1, block};
  EXPECT(vmap(backwards, 2, VM_MAP, PAGE_KERNEL) == NULL);
  __free_pages(block, 1);
}

KTEST(flat_ioremap) {
  u8* first = ioremap(UNUSED_BASE + 4, 4);
  u8* second = ioremap_wc(UNUSED_BASE, 4);
  EXPECT_EQ(UNUSED_BASE + 4, (unsigned long)first);
  EXPECT_EQ(UNUSED_BASE, (unsigned long)second);
  iounmap(first);
  iounmap(second);
  iounmap(second);
  EXPECT_BUGS(1);
  struct page* page = alloc_page(GFP_KERNEL);
  EXPECT(ioremap(page_to_phys(page), PAGE_SIZE) == NULL);
  EXPECT(ioremap(~0ull - 8, 4) == NULL);
  EXPECT_BUGS(2);
  __free_page(page);
}
