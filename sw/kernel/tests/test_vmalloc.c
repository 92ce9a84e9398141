// vmalloc(), vmap(), ioremap() and kmap() on the machine: memory that is really reached.
#include <asm/io.h>
#include <linux/highmem.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "ktest.h"

// A different word for each page and place.
static u32 pattern(u32 page, u32 round) { return page * 2654435761u + round; }

static void fill(volatile u32* words, u32 pages, u32 round) {
  for (u32 i = 0; i < pages; i++) words[i * (PAGE_SIZE / sizeof(u32)) + i % 1024] = pattern(i, round);
}
static u32 count_wrong(const volatile u32* words, u32 pages, u32 round) {
  u32 wrong = 0;
  for (u32 i = 0; i < pages; i++)
    wrong += words[i * (PAGE_SIZE / sizeof(u32)) + i % 1024] != pattern(i, round);
  return wrong;
}

KTEST(vmalloc) {
  const u32 sizes[] = {1, 3, 64, 65, 700};
  u32* areas[ARRAY_SIZE(sizes)];
  vfree(vmalloc(1));
  for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
    areas[i] = vmalloc(sizes[i] * PAGE_SIZE);
    EXPECT(areas[i] != NULL);
    if (areas[i] == NULL) return;
    fill(areas[i], sizes[i], i);
  }
  for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
    EXPECT_EQ(0, count_wrong(areas[i], sizes[i], i));
    const struct vm_struct* area = find_vm_area(areas[i]);
    EXPECT(area != NULL && area->nr_pages == sizes[i]);
    EXPECT(vmalloc_to_page(areas[i]) == area->pages[0]);
    // The same memory seen through kmap().
    const u32 last = sizes[i] - 1;
    const u32* word = (u32*)kmap(area->pages[last]) + last % 1024;
    EXPECT_EQ(pattern(last, i), *word);
    kunmap(area->pages[last]);
  }
  for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) vfree(areas[i]);
  const u32* zeroes = vzalloc(2 * PAGE_SIZE);
  u32 set = 0;
  for (u32 i = 0; i < 2 * PAGE_SIZE / sizeof(u32); i++) set |= zeroes[i];
  EXPECT_EQ(0, set);
  vfree(zeroes);
}

KTEST(vmalloc_refused) {
  EXPECT(vmalloc(0) == NULL);
  EXPECT(vmalloc(~0ul) == NULL);
  preempt_disable();
  EXPECT(vmalloc(100) == NULL);
  preempt_enable();
  EXPECT_BUGS(3);
  char* area = vmalloc(100);
  vfree(area + 1);
  iounmap(area);
  vfree(area);
  vfree(area);
  EXPECT_BUGS(3);
  char outside;
  vfree(&outside);
  EXPECT_BUGS(1);
}

KTEST(vmap) {
  struct page* pages[4];
  for (u32 i = 0; i < ARRAY_SIZE(pages); i++) pages[i] = alloc_page(GFP_HIGHUSER);
  u32* mapped = vmap(pages, ARRAY_SIZE(pages), VM_MAP, PAGE_KERNEL);
  EXPECT(mapped != NULL);
  fill(mapped, ARRAY_SIZE(pages), 9);
  for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
    const u32* page = kmap_atomic(pages[i]);
    EXPECT_EQ(pattern(i, 9), page[i]);
    kunmap_atomic(page);
  }
  vunmap(mapped);
  for (u32 i = 0; i < ARRAY_SIZE(pages); i++) __free_page(pages[i]);
}

KTEST(ioremap) {
  struct page* page = alloc_page(GFP_KERNEL);
  EXPECT(ioremap(page_to_phys(page), PAGE_SIZE) == NULL);
  EXPECT_BUGS(1);
  SetPageReserved(page);
  u32* mapped = ioremap_cache(page_to_phys(page) + 8, 4);
  EXPECT_EQ(8, (unsigned long)mapped % PAGE_SIZE);
  *mapped = 0x12345678;
  EXPECT_EQ(0x12345678, ((u32*)page_address(page))[2]);
  iounmap(mapped);
  ClearPageReserved(page);
  __free_page(page);
  EXPECT(ioremap(~0ull - 8, 4) == NULL);
  EXPECT(ioremap(0, 0) == NULL);
  EXPECT_BUGS(2);
}

// More pages than the PKMAP area has entries, several times over.
KTEST(kmap) {
  enum { kPages = 64, kRounds = 40 };
  struct page* pages[kPages];
  for (u32 i = 0; i < kPages; i++) pages[i] = alloc_page(GFP_HIGHUSER);
  for (u32 round = 0; round < kRounds; round++) {
    for (u32 i = 0; i < kPages; i++) {
      u32* address = kmap(pages[i]);
      EXPECT(kmap_to_page(address) == pages[i]);
      *address = pattern(i, round);
      kunmap(pages[i]);
    }
    struct page* fresh = alloc_page(GFP_HIGHUSER);
    copy_highpage(fresh, pages[round]);
    __free_page(pages[round]);
    pages[round] = fresh;
    for (u32 i = 0; i < kPages; i++) {
      const u32* address = kmap_atomic(pages[i]);
      EXPECT_EQ(pattern(i, round), *address);
      kunmap_atomic(address);
    }
  }
  for (u32 i = 0; i < kPages; i++) __free_page(pages[i]);
  struct page* page = alloc_page(GFP_HIGHUSER);
  kunmap(page);
  kmap(NULL);
  kunmap_atomic(pages);
  EXPECT_BUGS(3);
  __free_page(page);
}

// Both end the run; the message names the area.
KTEST(panic_vmalloc_guard_page) {
  volatile char* area = vmalloc(2 * PAGE_SIZE);
  area[2 * PAGE_SIZE] = 1;
}

KTEST(panic_use_after_vfree) {
  volatile char* area = vmalloc(2 * PAGE_SIZE);
  vfree((const void*)area);
  area[5] = 1;
}
