// Pages outside the direct map: kmap() until its area is full, and RAM above 4 GiB. Without high memory the
// linear addresses of low memory are checked.
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/vmalloc.h>

#include "ktest.h"

KTEST(highmem_low_pages_have_their_linear_address) {
  struct page* page = alloc_page(GFP_KERNEL);
  EXPECT(kmap(page) == page_address(page));
  EXPECT(kmap_atomic(page) == page_address(page));
  kunmap_atomic(page_address(page));
  kunmap(page);
  __free_page(page);
}

#ifdef CONFIG_HIGHMEM
KTEST(highmem_kmap_uses_one_page_table) {
  struct page* page = alloc_page(GFP_HIGHUSER);
  if (!PageHighMem(page)) return __free_page(page);
  const unsigned long first = (unsigned long)kmap(page);
  EXPECT(first >= PKMAP_BASE && first < PKMAP_BASE + LAST_PKMAP * PAGE_SIZE);
  EXPECT_EQ(first, PKMAP_ADDR(PKMAP_NR(first)));
  EXPECT_EQ(page_to_pfn(page), pte_pfn(pkmap_page_table[PKMAP_NR(first)]));
  // A count, and one address.
  EXPECT_EQ(first, (unsigned long)kmap(page));
  EXPECT_EQ(first, (unsigned long)page_address(page));
  kunmap(page);
  *(volatile u32*)first = 77;
  kunmap(page);
  EXPECT_BUGS(0);
  kunmap(page);
  EXPECT_BUGS(1);
  const unsigned long atomic = (unsigned long)kmap_atomic(page);
  EXPECT(atomic >= FIXADDR_START && atomic < FIXADDR_TOP);
  EXPECT_EQ(77, *(volatile u32*)atomic);
  kunmap_atomic((void*)atomic);
  __free_page(page);
}

struct mapper {
  struct page* page;
  void* volatile address;
};

static int map_one_more(void* data) {
  struct mapper* mapper = data;
  mapper->address = kmap(mapper->page);
  *(volatile u32*)mapper->address = 0xabcdef01;
  kunmap(mapper->page);
  while (!kthread_should_stop()) msleep(10);
  return 0;
}

KTEST(highmem_full_pkmap_makes_a_thread_wait) {
  struct page* block = alloc_pages(GFP_HIGHUSER, 10);
  struct page* extra = alloc_page(GFP_HIGHUSER);
  struct mapper mapper = {extra, NULL};
  if (!PageHighMem(block)) {
    __free_pages(block, 10);
    return __free_page(extra);
  }
  for (unsigned long i = 0; i < LAST_PKMAP; i++) *(volatile u32*)kmap(block + i) = (u32)i;
  struct task_struct* thread = kthread_run(map_one_more, &mapper, "mapper");
  msleep(50);
  EXPECT(mapper.address == NULL);
  const void* freed = page_address(block + 5);
  kunmap(block + 5);
  msleep(20);
  // The only entry there is.
  EXPECT(mapper.address == freed);
  kthread_stop(thread);
  unsigned wrong = 0;
  for (unsigned long i = 0; i < LAST_PKMAP; i++) {
    if (i == 5) continue;
    wrong += *(volatile u32*)page_address(block + i) != i;
    kunmap(block + i);
  }
  EXPECT_EQ(0, wrong);
  EXPECT_EQ(5, *(volatile u32*)kmap(block + 5));
  kunmap(block + 5);
  EXPECT_EQ(0xabcdef01, *(volatile u32*)kmap(extra));
  kunmap(extra);
  __free_pages(block, 10);
  __free_page(extra);
}

// Frame numbers above 0xfffff need the 34 bits of an Sv32 entry. All three ways of mapping must agree.
KTEST(highmem_above_four_gigabytes) {
  const phys_addr_t four_gib = 1ull << 32;
  if (page_to_phys(mem_map + max_mapnr - 1) < four_gib) return;
  LIST_HEAD(blocks);
  struct page* block;
  struct page* next;
  while ((block = alloc_pages(GFP_HIGHUSER, 10)) != NULL) {
    if (page_to_phys(block) >= four_gib || !PageHighMem(block)) break;
    list_add(&block->lru, &blocks);
  }
  EXPECT(block != NULL && page_to_phys(block) >= four_gib);
  volatile u32* mapped = kmap(block);
  mapped[0] = 0x11111111;
  mapped[1023] = 0x22222222;
  kunmap(block);
  volatile u32* atomic = kmap_atomic(block);
  EXPECT_EQ(0x11111111, atomic[0]);
  EXPECT_EQ(0x22222222, atomic[1023]);
  atomic[1] = 0x33333333;
  kunmap_atomic((const void*)atomic);
  struct page* pages[2] = {block + 1, block};
  volatile u32* row = vmap(pages, 2, VM_MAP, PAGE_KERNEL);
  EXPECT_EQ(0x33333333, row[1025]);
  EXPECT(vmalloc_to_page((const void*)(row + 1024)) == block);
  row[0] = 0x44444444;
  vunmap((const void*)row);
  EXPECT_EQ(0x44444444, *(volatile u32*)kmap(block + 1));
  kunmap(block + 1);
  // Nothing was written 4 GiB below: there is no RAM there, but the frame number cut to 20 bits names some.
  EXPECT((u32)page_to_pfn(block) >= 0x100000);
  __free_pages(block, 10);
  list_for_each_entry_safe(block, next, &blocks, lru) __free_pages(block, 10);
}
#endif

KTEST(highmem_vmalloc_takes_high_memory_first) {
  const bool some = nr_free_zone_pages(ZONE_HIGHMEM) > 1000;
  void* area = vmalloc(16 * PAGE_SIZE);
  const struct vm_struct* vm = find_vm_area(area);
  unsigned high = 0;
  for (unsigned i = 0; i < vm->nr_pages; i++) high += PageHighMem(vm->pages[i]);
  EXPECT_EQ(some ? 16 : 0, high);
  EXPECT((unsigned long)area >= VMALLOC_START && (unsigned long)area + 17 * PAGE_SIZE <= VMALLOC_END);
  EXPECT_EQ(17 * PAGE_SIZE, vm->size);
  vfree(area);
}
