// The PKMAP area.
#include "kernel/pkmap.h"

#include <asm/page.h>
#include <asm/tlbflush.h>

namespace memio {
namespace {

// Null for an invalid entry.
struct page* page_of(pte_t entry) {
  return (entry.pte & _PAGE_PRESENT) != 0 ? phys_to_page(pgtable_address(entry.pte)) : nullptr;
}

}  // namespace

void Pkmap::init(unsigned long base, unsigned count, pte_t* table) {
  *this = Pkmap();
  spin_lock_init(&lock_);
  init_waitqueue_head(&wait_);
  base_ = base;
  count_ = count;
  table_ = table;
}

void* Pkmap::map(struct page* page) {
  for (;;) {
    spin_lock(&lock_);
    if (page->virtual_address != nullptr || take_entry(page)) {
      if (uses_[number(page->virtual_address)]++ == 1) used_++;
      spin_unlock(&lock_);
      return page->virtual_address;
    }
    spin_unlock(&lock_);
    wait_event(wait_, used_ < count_);
  }
}

bool Pkmap::unmap(struct page* page) {
  spin_lock(&lock_);
  u32* count = page->virtual_address == nullptr ? nullptr : &uses_[number(page->virtual_address)];
  const bool mapped = count != nullptr && *count > 1;
  const bool last = mapped && --*count == 1;
  if (last) used_--;
  spin_unlock(&lock_);
  if (last) wake_up(&wait_);
  return mapped;
}

struct page* Pkmap::page_at(unsigned long va) const {
  if (va < base_ || va - base_ >= count_ * PAGE_SIZE) return nullptr;
  return page_of(table_[(va - base_) >> PAGE_SHIFT]);
}

// Lends `page` the next free entry, with a count of 1; false when all are in use.
bool Pkmap::take_entry(struct page* page) {
  if (used_ == count_) return false;
  do {
    last_ = (last_ + 1) % count_;
    if (last_ == 0) flush_unused();
  } while (uses_[last_] != 0);
  table_[last_] = {pgtable_entry(page_to_phys(page), pgprot_val(PAGE_KERNEL))};
  // The entry was invalid, and a hart may have cached that.
  flush_tlb_page(address(last_));
  uses_[last_] = 1;
  page->virtual_address = reinterpret_cast<void*>(address(last_));
  return true;
}

void Pkmap::flush_unused() {
  bool flushed = false;
  for (unsigned nr = 0; nr < count_; nr++) {
    if (uses_[nr] != 1) continue;
    page_of(table_[nr])->virtual_address = nullptr;
    table_[nr] = {0};
    uses_[nr] = 0;
    flushed = true;
  }
  if (flushed) flush_tlb_kernel_range(address(0), address(count_));
}

}  // namespace memio
