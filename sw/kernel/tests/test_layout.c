// The layout of the kernel's address space, by the formulas that define it, and the conversions between the
// names of a page: address, physical address, frame number, descriptor.
#include <asm/fixmap.h>
#include <asm/io.h>
#include <asm/pgtable.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/preempt.h>

#include "ktest.h"

#define MIB (1024ul * 1024)
#define FOUR_GIB_MINUS_PAGE 0xfffff000ul

#if BITS_PER_LONG == 32
static bool is_arm_layout(void) { return kernel_layout.vectors_start != 0; }

KTEST(layout_rv32_x86) {
  if (is_arm_layout()) return;
  EXPECT_EQ(22, PMD_SHIFT);
  EXPECT_EQ(4 * MIB, PMD_SIZE);
  EXPECT_EQ(0xffc00000ul, PMD_MASK);
  EXPECT_EQ(1024, PTRS_PER_PTE);
  EXPECT_EQ(1024, LAST_PKMAP);
  EXPECT_EQ(FOUR_GIB_MINUS_PAGE, __FIXADDR_TOP);
  EXPECT_EQ((unsigned long)__FIXADDR_TOP, FIXADDR_TOP);
  EXPECT_EQ(FIXADDR_TOP - __FIXADDR_SIZE, FIXADDR_START);
  EXPECT_EQ(FIXADDR_TOP - __FIXADDR_BOOT_SIZE, FIXADDR_BOOT_START);
  EXPECT_EQ((FIXADDR_BOOT_START - PAGE_SIZE * (LAST_PKMAP + 1)) & PMD_MASK, PKMAP_BASE);
  EXPECT_EQ(0xff800000ul, PKMAP_BASE);
  EXPECT_EQ(PKMAP_BASE - 2 * PAGE_SIZE, VMALLOC_END);
  EXPECT_EQ(8 * MIB, VMALLOC_OFFSET);
  EXPECT_EQ(((unsigned long)high_memory + 2 * VMALLOC_OFFSET - 1) & ~(VMALLOC_OFFSET - 1ul), VMALLOC_START);
  EXPECT_EQ(PAGE_OFFSET, TASK_SIZE);
}

KTEST(layout_rv32_arm) {
  if (!is_arm_layout()) return;
  EXPECT_EQ(0xffff0000ul, kernel_layout.vectors_start);
  EXPECT_EQ(0xffff1000ul, kernel_layout.vectors_end);
  EXPECT_EQ(0xffc00000ul, kernel_layout.dma_start);
  EXPECT(kernel_layout.dma_end <= 0xfff00000ul);
  EXPECT(FIXADDR_START >= kernel_layout.dma_end && FIXADDR_TOP <= kernel_layout.vectors_start);
  EXPECT_EQ(PAGE_OFFSET - 16 * MIB, MODULES_VADDR);
  EXPECT_EQ(PAGE_OFFSET - 2 * MIB, MODULES_END);
  EXPECT_EQ(PAGE_OFFSET - 2 * MIB, PKMAP_BASE);
  EXPECT_EQ(PAGE_OFFSET, PKMAP_BASE + LAST_PKMAP * PAGE_SIZE);
  EXPECT_EQ(((unsigned long)high_memory + 2 * VMALLOC_OFFSET - 1) & ~(VMALLOC_OFFSET - 1ul), VMALLOC_START);
  EXPECT(VMALLOC_END <= kernel_layout.dma_start);
  EXPECT_EQ(MODULES_VADDR, TASK_SIZE);
}
#else
KTEST(layout_rv64) {
  EXPECT_EQ(0xffffffc000000000ul, PAGE_OFFSET);
  EXPECT_EQ(0xffffffe000000000ul, VMALLOC_START);
  EXPECT_EQ(0xfffffff000000000ul, VMALLOC_END);
  EXPECT_EQ(0xfffffffffffff000ul, FIXADDR_TOP);
  EXPECT_EQ(FIXADDR_TOP - __FIXADDR_SIZE, FIXADDR_START);
  EXPECT_EQ(21, PMD_SHIFT);
  EXPECT_EQ(512, PTRS_PER_PTE);
  EXPECT_EQ(pgtable_levels == 4 ? 1ul << 47 : 1ul << 38, TASK_SIZE);
  EXPECT_EQ(PAGE_OFFSET + max_mapnr * PAGE_SIZE, (unsigned long)high_memory);
}
#endif

KTEST(layout_areas_do_not_overlap) {
  EXPECT((unsigned long)high_memory > PAGE_OFFSET);
  EXPECT(VMALLOC_START >= (unsigned long)high_memory + 8 * MIB);
  EXPECT(VMALLOC_END > VMALLOC_START);
  EXPECT(VMALLOC_END < FIXADDR_BOOT_START);
  EXPECT(FIXADDR_BOOT_START <= FIXADDR_START && FIXADDR_START < FIXADDR_TOP);
  EXPECT(TASK_SIZE <= PAGE_OFFSET);
}

KTEST(layout_fixed_addresses) {
  enum fixed_addresses last = FIX_KMAP_END;
  EXPECT_EQ(0, FIX_HOLE);
  EXPECT_EQ(FIXADDR_TOP, __fix_to_virt(FIX_HOLE));
  EXPECT_EQ(FIXADDR_TOP - PAGE_SIZE, fix_to_virt(FIX_KMAP_BEGIN));
  EXPECT_EQ(FIXADDR_TOP - 16 * PAGE_SIZE, fix_to_virt(last));
  EXPECT_EQ(last, virt_to_fix(fix_to_virt(last) + 123));

  struct page* page = alloc_page(GFP_HIGHUSER);
  preempt_disable();
  set_fixmap(last, page_to_phys(page));
  volatile u32* fixed = (volatile u32*)fix_to_virt(last);
  fixed[7] = 0x600df00d;
  clear_fixmap(last);
  preempt_enable();
  const u32* mapped = kmap(page);
  EXPECT_EQ(0x600df00d, mapped[7]);
  kunmap(page);
  __free_page(page);
}

KTEST(layout_conversions) {
  EXPECT_EQ(0x80000000ul, MEMORY_START);
  EXPECT_EQ(0x80000ul, ARCH_PFN_OFFSET);
  EXPECT_EQ(0x80000000ul, __pa(PAGE_OFFSET));
  EXPECT_EQ(PAGE_OFFSET, (unsigned long)__va(0x80000000ul));
  EXPECT_EQ(PAGE_OFFSET + 0x1234, (unsigned long)phys_to_virt(0x80001234ul));
  EXPECT_EQ(0x80001234ul, virt_to_phys((void*)(PAGE_OFFSET + 0x1234)));
  EXPECT_EQ(0x80001, virt_to_pfn((void*)(PAGE_OFFSET + 0x1234)));
  EXPECT_EQ(PAGE_OFFSET + 0x1000, (unsigned long)pfn_to_virt(0x80001));
  EXPECT(virt_to_page((void*)(PAGE_OFFSET + 0x1234)) == mem_map + 1);
  EXPECT_EQ(PAGE_OFFSET + 0x1000, (unsigned long)page_to_virt(mem_map + 1));
  EXPECT(__pfn_to_page(0x80003) == mem_map + 3);
  EXPECT_EQ(0x80003, __page_to_pfn(mem_map + 3));
  EXPECT(pfn_to_page(0x80003) == mem_map + 3);
  EXPECT_EQ(0x80003, page_to_pfn(mem_map + 3));
  // Also of a page that has no address.
  EXPECT_EQ(ARCH_PFN_OFFSET + max_mapnr - 1, page_to_pfn(mem_map + max_mapnr - 1));
  EXPECT(page_to_phys(mem_map + max_mapnr - 1) ==
         ((phys_addr_t)(ARCH_PFN_OFFSET + max_mapnr - 1) << PAGE_SHIFT));
  EXPECT(!pfn_valid(ARCH_PFN_OFFSET + max_mapnr));
  EXPECT(pfn_valid(ARCH_PFN_OFFSET + max_mapnr - 1));
}
