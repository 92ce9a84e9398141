// User address spaces: areas, demand paging, the heap.
#include "kernel/address_space.h"

#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/gfp.h>

#include "kernel/memory.h"
#include "memio/asm.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned long kMaxHeap = 256ul << 20;

Pte right_for(AccessKind kind) {
  switch (kind) {
    case AccessKind::kFetch:
      return kPteExecute;
    case AccessKind::kLoad:
      return kPteRead;
    default:
      return kPteWrite;
  }
}

}  // namespace

bool AddressSpace::init() {
  Pte* root = allocate_table();
  if (root == nullptr) return false;
  memcpy(root, kernel_page_table().root(), PAGE_SIZE);
  pgd = reinterpret_cast<pgd_t*>(root);
  spin_lock_init(&page_table_lock);
  table_ = PageTable(root, PAGE_OFFSET - MEMORY_START, allocate_table);
  return true;
}

bool AddressSpace::add_area(unsigned long start, unsigned long end, Pte rights) {
  start &= PAGE_MASK;
  if (area_count_ == kMaxAreas || start >= end || end > TASK_SIZE) return false;
  end = PAGE_ALIGN(end);
  for (unsigned i = 0; i < area_count_; i++) {
    if (start < areas_[i].end && areas_[i].start < end) return false;
  }
  areas_[area_count_++] = {start, end, rights};
  return true;
}

const AddressSpace::Area* AddressSpace::find_area(unsigned long va) const {
  if (va >= heap_.start && va < heap_.end) return &heap_;
  for (unsigned i = 0; i < area_count_; i++) {
    if (va >= areas_[i].start && va < areas_[i].end) return &areas_[i];
  }
  return nullptr;
}

void* AddressSpace::page_for(unsigned long va, Pte rights) {
  const Pte* entry = table_.find(va);
  if (entry != nullptr) return phys_to_virt(pte_address(*entry));
  const unsigned long page = get_zeroed_page(GFP_KERNEL);
  if (page == 0) return nullptr;
  if (!table_.map(va & PAGE_MASK, __pa(page), PAGE_SIZE, rights | kPteUser, 0)) {
    free_page(page);
    return nullptr;
  }
  flush_tlb_page(va);
  return reinterpret_cast<void*>(page);
}

bool AddressSpace::write(unsigned long va, const void* data, unsigned long size) {
  const u8* from = static_cast<const u8*>(data);
  while (size > 0) {
    const Area* area = find_area(va);
    if (area == nullptr) return false;
    u8* page = static_cast<u8*>(page_for(va, area->rights));
    if (page == nullptr) return false;
    const unsigned long in_page = va & (PAGE_SIZE - 1);
    const unsigned long rest = PAGE_SIZE - in_page;
    const unsigned long count = size < rest ? size : rest;
    memcpy(page + in_page, from, count);
    va += count;
    from += count;
    size -= count;
  }
  return true;
}

bool AddressSpace::handle_fault(unsigned long va, AccessKind kind) {
  const Area* area = find_area(va);
  if (area == nullptr || (area->rights & right_for(kind)) == 0) return false;
  // A page that is mapped with these rights and still faults cannot be helped.
  if (table_.find(va) != nullptr) return false;
  if (page_for(va, area->rights) == nullptr) return false;
  faults_served_++;
  return true;
}

void AddressSpace::start_heap(unsigned long start) {
  heap_ = {PAGE_ALIGN(start), PAGE_ALIGN(start), kPteRead | kPteWrite};
}

// Pages stay with a heap that shrinks: the address space keeps them for its next growth.
unsigned long AddressSpace::set_heap_end(unsigned long end) {
  if (end < heap_.start || end - heap_.start > kMaxHeap) return heap_.end;
  heap_.end = end;
  return end;
}

void AddressSpace::activate() const {
  CSR_WRITE(satp, table_.satp());
  flush_tlb_all();
}

}  // namespace memio
