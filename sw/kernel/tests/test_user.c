// User memory as a driver's read, write and ioctl see it: areas, copies, single values, bad addresses, and
// the pages behind it. In an address space of the test's own.
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmu_context.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "ktest.h"
#include "string.h"

#define BASE 0x40000000ul
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define READ_WRITE (PROT_READ | PROT_WRITE)

static struct mm_struct* enter(void) {
  struct mm_struct* mm = mm_alloc();
  EXPECT(mm != NULL);
  use_mm(mm);
  EXPECT(current->mm == mm);
  return mm;
}

static void leave(struct mm_struct* mm) {
  unuse_mm(mm);
  EXPECT(current->mm == NULL);
  mmput(mm);
}

static unsigned long map(unsigned long address, unsigned long pages, unsigned long prot) {
  return do_mmap(NULL, address, pages * PAGE_SIZE, prot, ANONYMOUS | MAP_FIXED, 0);
}

KTEST(user_areas_merge_and_split) {
  struct mm_struct* mm = enter();
  EXPECT_EQ(BASE, map(BASE, 2, READ_WRITE));
  EXPECT_EQ(1, mm->map_count);
  // A neighbour with the same rights becomes part of it, one with others does not.
  EXPECT_EQ(BASE + 2 * PAGE_SIZE, map(BASE + 2 * PAGE_SIZE, 2, READ_WRITE));
  EXPECT_EQ(1, mm->map_count);
  EXPECT_EQ(BASE + 4 * PAGE_SIZE, map(BASE + 4 * PAGE_SIZE, 2, PROT_READ));
  EXPECT_EQ(2, mm->map_count);
  struct vm_area_struct* area = find_vma(mm, BASE + PAGE_SIZE);
  EXPECT(area->vm_start == BASE && area->vm_end == BASE + 4 * PAGE_SIZE);
  EXPECT_EQ(0, do_munmap(mm, BASE + PAGE_SIZE, PAGE_SIZE));
  EXPECT_EQ(3, mm->map_count);
  EXPECT_EQ(0, do_ummap(mm, BASE, 6 * PAGE_SIZE));
  EXPECT_EQ(0, mm->map_count);
  EXPECT_EQ(-EINVAL, do_munmap(mm, BASE + 1, PAGE_SIZE));
  EXPECT_EQ(-EINVAL, (long)do_mmap(NULL, BASE, 0, READ_WRITE, ANONYMOUS, 0));
  leave(mm);
}

KTEST(user_copies) {
  struct mm_struct* mm = enter();
  static char out[3 * 4096];
  static char in[3 * 4096];
  map(BASE, 3, READ_WRITE);
  for (unsigned i = 0; i < sizeof out; i++) out[i] = (char)(i * 7 + i / 256);
  EXPECT_EQ(0, copy_to_user((void*)(BASE + 5), out, 2 * PAGE_SIZE));
  EXPECT_EQ(0, copy_from_user(in, (const void*)(BASE + 5), 2 * PAGE_SIZE));
  EXPECT_EQ(0, memcmp(out, in, 2 * PAGE_SIZE));
  // What lies behind the area stays undone, and is zero on the kernel's side.
  memset(in, 0x55, sizeof in);
  EXPECT_EQ(PAGE_SIZE, copy_to_user((void*)(BASE + 2 * PAGE_SIZE), out, 2 * PAGE_SIZE));
  EXPECT_EQ(100, copy_from_user(in, (const void*)(BASE + 3 * PAGE_SIZE - 100), 200));
  EXPECT_EQ(0, memcmp(out + PAGE_SIZE - 100, in, 100));
  unsigned left = 0;
  for (unsigned i = 100; i < 200; i++) left += in[i] != 0;
  EXPECT_EQ(0, left);
  EXPECT_EQ(0, clear_user((void*)BASE, PAGE_SIZE));
  // Kernel addresses are nobody's to pass.
  EXPECT(!access_ok(VERIFY_WRITE, PAGE_OFFSET, 4));
  EXPECT(!access_ok(VERIFY_READ, TASK_SIZE - 2, 4));
  EXPECT(access_ok(VERIFY_READ, TASK_SIZE - 4, 4));
  EXPECT_EQ(16, copy_to_user((void*)PAGE_OFFSET, out, 16));
  EXPECT_EQ(16, copy_from_user(in, (const void*)out, 16));
  leave(mm);
}

KTEST(user_single_values) {
  struct mm_struct* mm = enter();
  map(BASE, 1, READ_WRITE);
  map(BASE + PAGE_SIZE, 1, PROT_READ);
  u8 byte;
  u16 half;
  u32 word;
  u64 wide;
  EXPECT_EQ(0, put_user(0x1122334455667788ull, (u64 __user*)BASE));
  EXPECT_EQ(0, get_user(byte, (u8 __user*)BASE));
  EXPECT_EQ(0x88, byte);
  EXPECT_EQ(0, get_user(half, (u16 __user*)BASE));
  EXPECT_EQ(0x7788, half);
  EXPECT_EQ(0, get_user(word, (u32 __user*)(BASE + 4)));
  EXPECT_EQ(0x11223344, word);
  EXPECT_EQ(0, get_user(wide, (u64 __user*)BASE));
  EXPECT(wide == 0x1122334455667788ull);
  EXPECT_EQ(0, put_user(-1, (int __user*)(BASE + 1)));
  EXPECT_EQ(0, get_user(byte, (u8 __user*)(BASE + 5)));
  EXPECT_EQ(0x33, byte);
  word = 9;
  EXPECT_EQ(-EFAULT, get_user(word, (u32 __user*)(BASE + 4 * PAGE_SIZE)));
  EXPECT_EQ(0, word);
  EXPECT_EQ(-EFAULT, put_user(1, (int __user*)(BASE + PAGE_SIZE)));
  EXPECT_EQ(0, get_user(word, (u32 __user*)(BASE + PAGE_SIZE)));
  EXPECT_EQ(-EFAULT, put_user(1, (int __user*)NULL));
  leave(mm);
}

KTEST(user_pages_for_the_kernel) {
  struct mm_struct* mm = enter();
  struct page* pages[4];
  struct vm_area_struct* areas[4];
  map(BASE, 4, READ_WRITE);
  EXPECT_EQ(0, put_user(0x1234, (int __user*)(BASE + PAGE_SIZE)));
  EXPECT_EQ(4, get_user_pages(current, mm, BASE, 4, 1, 0, pages, areas));
  for (int i = 0; i < 4; i++) {
    EXPECT_EQ(2, page_count(pages[i]));
    EXPECT(areas[i] == find_vma(mm, BASE));
    u32* address = kmap(pages[i]);
    if (i == 1) EXPECT_EQ(0x1234, address[0]);
    address[1] = 100 + (u32)i;
    kunmap(pages[i]);
  }
  u32 value;
  for (int i = 0; i < 4; i++) {
    EXPECT_EQ(0, get_user(value, (u32 __user*)(BASE + (unsigned long)i * PAGE_SIZE + 4)));
    EXPECT_EQ(100 + i, value);
  }
  // The kernel's reference outlives the area.
  EXPECT_EQ(0, do_munmap(mm, BASE, 4 * PAGE_SIZE));
  for (int i = 0; i < 4; i++) {
    EXPECT_EQ(1, page_count(pages[i]));
    put_page(pages[i]);
  }
  // A range that ends before it was complete, and rights.
  map(BASE, 2, PROT_READ);
  EXPECT_EQ(2, get_user_pages(NULL, mm, BASE, 4, 0, 0, pages, NULL));
  put_page(pages[0]);
  put_page(pages[1]);
  EXPECT_EQ(-EFAULT, get_user_pages(NULL, mm, BASE, 1, 1, 0, pages, NULL));
  EXPECT_EQ(1, get_user_pages(NULL, mm, BASE, 1, 1, 1, pages, NULL));
  put_page(pages[0]);
  EXPECT_EQ(-EFAULT, get_user_pages(NULL, mm, BASE + 2 * PAGE_SIZE, 1, 0, 0, pages, NULL));
  leave(mm);
}

// From an address down to its page, by hand; and that all pages come back.
KTEST(user_walk) {
  const unsigned long free = nr_free_pages();
  struct mm_struct* mm = enter();
  map(BASE, 1, READ_WRITE);
  EXPECT_EQ(0, put_user(0x77, (int __user*)(BASE + 0x123 * 4)));
  pgd_t* pgd = pgd_offset(mm, BASE);
  EXPECT(!pgd_none(*pgd) && !pgd_bad(*pgd));
  pud_t* pud = pud_offset(pgd, BASE);
  EXPECT(!pud_none(*pud) && !pud_bad(*pud));
  pmd_t* pmd = pmd_offset(pud, BASE);
  EXPECT(!pmd_none(*pmd) && !pmd_bad(*pmd) && !pmd_thp_or_huge(*pmd));
  spinlock_t* lock;
  pte_t* pte = pte_offset_map_lock(mm, pmd, BASE, &lock);
  EXPECT(pte_present(*pte) && pte_write(*pte) && pte_dirty(*pte) && pte_young(*pte) && pte_user(*pte));
  struct page* page = pte_page(*pte);
  pte_unmap_unlock(pte, lock);
  const u32* words = kmap(page);
  EXPECT_EQ(0x77, words[0x123]);
  kunmap(page);
  leave(mm);
  EXPECT(free - nr_free_pages() <= 4);  // slabs of the areas
}

KTEST(user_space_misuse) {
  struct mm_struct* mm = enter();
  use_mm(mm);
  EXPECT_BUGS(1);
  leave(mm);
  unuse_mm(mm);
  EXPECT_BUGS(1);
}
