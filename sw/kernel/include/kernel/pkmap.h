// The PKMAP area: one page table whose entries kmap() lends to pages of high memory. An entry that nobody
// uses any more keeps its page until the whole table has been used once; then all such entries are cleared
// behind one fence.
#pragma once

#include <linux/highmem.h>
#include <linux/wait.h>

namespace memio {

class Pkmap {
 public:
  constexpr Pkmap() = default;
  // The area of `count` pages starts at `base`; `table` holds its entries, all invalid.
  void init(unsigned long base, unsigned count, pte_t* table);

  // The address of a page of high memory, which is lent an entry if it has none; sleeps while there is none.
  void* map(struct page* page);
  // Ends one use; false when the page has none.
  bool unmap(struct page* page);
  // The page mapped at `va`, or null.
  struct page* page_at(unsigned long va) const;
  // Entries in use; uses of entry `nr`.
  unsigned used() const { return used_; }
  unsigned uses(unsigned nr) const { return uses_[nr] > 1 ? uses_[nr] - 1u : 0; }

 private:
  unsigned long address(unsigned nr) const { return base_ + nr * PAGE_SIZE; }
  unsigned number(const void* address) const {
    return static_cast<unsigned>((reinterpret_cast<unsigned long>(address) - base_) >> PAGE_SHIFT);
  }
  bool take_entry(struct page* page);
  void flush_unused();

  spinlock_t lock_ = SPIN_LOCK_UNLOCKED;
  wait_queue_head_t wait_ = {};
  unsigned long base_ = 0;
  unsigned count_ = 0;
  pte_t* table_ = nullptr;
  // 0: free; 1: mapped, not in use; more: that many uses and one.
  u32 uses_[PGTABLE_ENTRIES] = {};
  unsigned last_ = 0;  // entry taken last
  unsigned used_ = 0;
};

}  // namespace memio
