// Large copies to user memory by memcpy(): the page table is walked by hand, and while its lock is held the
// page that was found present, young, dirty and writable stays so. Faster than a copy that must survive a
// fault at any byte, slower for a few bytes.
#include <asm/csr.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <linux/kernel.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

// The kernel may follow user addresses only in between (sstatus.SUM).
static inline void user_access_begin(void) { CSR_SET(sstatus, SSTATUS_SUM); }
static inline void user_access_end(void) { CSR_CLEAR(sstatus, SSTATUS_SUM); }

// 1: the page at `_addr` can be written and stays so until *ptlp is unlocked; *ptep is its entry, or null if
// it is part of a huge page. 0: it cannot.
static int pin_page_for_write(const void __user* _addr, pte_t** ptep, spinlock_t** ptlp) {
  unsigned long addr = (unsigned long)_addr;
  pgd_t* pgd;
  pmd_t* pmd;
  pte_t* pte;
  pud_t* pud;
  spinlock_t* ptl;

  pgd = pgd_offset(current->mm, addr);
  if (unlikely(pgd_none(*pgd) || pgd_bad(*pgd))) return 0;

  pud = pud_offset(pgd, addr);
  if (unlikely(pud_none(*pud) || pud_bad(*pud))) return 0;

  pmd = pmd_offset(pud, addr);
  if (unlikely(pmd_none(*pmd))) return 0;

  /*
   * A pmd can be bad if it refers to a HugeTLB or THP page.
   *
   * Both THP and HugeTLB pages have the same pmd layout
   * and should not be manipulated by the pte functions.
   *
   * Lock the page table for the destination and check
   * to see that it's still huge and whether or not we will
   * need to fault on write, or if we have a splitting THP.
   */
  if (unlikely(pmd_thp_or_huge(*pmd))) {
    ptl = &current->mm->page_table_lock;
    spin_lock(ptl);
    if (unlikely(!pmd_thp_or_huge(*pmd) || pmd_hugewillfault(*pmd) || pmd_trans_splitting(*pmd))) {
      spin_unlock(ptl);
      return 0;
    }

    *ptep = NULL;
    *ptlp = ptl;
    return 1;
  }

  if (unlikely(pmd_bad(*pmd))) return 0;

  pte = pte_offset_map_lock(current->mm, pmd, addr, &ptl);
  if (unlikely(!pte_present(*pte) || !pte_young(*pte) || !pte_write(*pte) || !pte_dirty(*pte))) {
    pte_unmap_unlock(pte, ptl);
    return 0;
  }

  *ptep = pte;
  *ptlp = ptl;

  return 1;
}

// Makes the page at `to` writable by writing to it, outside of the lock; false when that is not allowed.
static bool fault_in(char __user* to) { return put_user((char)0, to) == 0; }

unsigned long __copy_to_user_memcpy(void __user* to, const void* from, unsigned long n) {
  struct mm_struct* mm = current->mm;
  down_read(&mm->mmap_sem);
  while (n > 0) {
    pte_t* pte;
    spinlock_t* ptl;
    while (!pin_page_for_write(to, &pte, &ptl)) {
      up_read(&mm->mmap_sem);
      if (!fault_in((char*)to)) return n;
      down_read(&mm->mmap_sem);
    }
    const unsigned long rest = PAGE_SIZE - ((unsigned long)to & (PAGE_SIZE - 1));
    const unsigned long count = n < rest ? n : rest;
    user_access_begin();
    memcpy(to, from, count);
    user_access_end();
    to = (char*)to + count;
    from = (const char*)from + count;
    n -= count;
    if (pte) {
      pte_unmap_unlock(pte, ptl);
    } else {
      spin_unlock(ptl);
    }
  }
  up_read(&mm->mmap_sem);
  return 0;
}
