// The pages of user address spaces: made on demand, taken away, found for the kernel. A read of a page that
// was never written maps the page of zeroes, read-only; the first write gives a page of its own, from high
// memory where there is some. Entries of pages without any right keep the page but not the present bit.
// Tables are freed with the address space only.
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

#include "kernel/page_table.h"
#include "kernel/user_memory.h"
#include "string.h"

namespace memio {
namespace {

page* zero_page;
unsigned long table_pages;

Pte* take_table(gfp_t flags) {
  Pte* table = reinterpret_cast<Pte*>(get_zeroed_page(flags));
  if (table != nullptr) __atomic_fetch_add(&table_pages, 1, __ATOMIC_RELAXED);
  return table;
}

void give_table(Pte* table) {
  __atomic_fetch_sub(&table_pages, 1, __ATOMIC_RELAXED);
  free_page(reinterpret_cast<unsigned long>(table));
}

Pte* new_table() { return take_table(GFP_ATOMIC | __GFP_NOWARN); }

Pte* root_of(const mm_struct* mm) { return reinterpret_cast<Pte*>(mm->pgd); }

Pte* table_at(Pte entry) { return static_cast<Pte*>(phys_to_virt(pgtable_address(entry))); }

page* page_of(Pte entry) { return phys_to_page(pgtable_address(entry)); }

bool is_zero_page(Pte entry) { return page_of(entry) == zero_page; }

// Bits for an entry that maps `mapped` in an area with `flags`: the page of zeroes is everyone's.
Pte make_entry(page* mapped, unsigned long flags) {
  if (mapped == zero_page) flags &= ~VM_WRITE;
  return pgtable_entry(page_to_phys(mapped), vma_page_bits(flags));
}

// The entry of the page at `va`; null when no table leads to it. `*next` is where the next entry or table
// begins.
Pte* find_entry(const mm_struct* mm, unsigned long va, unsigned long* next) {
  Pte* table = root_of(mm);
  for (unsigned level = pgtable_levels - 1; level > 0; level--) {
    const Pte entry = table[pgtable_index(va, level)];
    *next = (va | ((1ul << pgtable_shift(level)) - 1)) + 1;
    if (!pgtable_is_table(entry)) return nullptr;
    table = table_at(entry);
  }
  *next = (va | (PAGE_SIZE - 1)) + 1;
  return &table[pgtable_index(va, 0)];
}

// Calls visit(entry) for each page in [start, end) that has one.
template <typename Visit>
void for_each_page(const mm_struct* mm, unsigned long start, unsigned long end, Visit visit) {
  unsigned long next;
  for (unsigned long va = start; va < end; va = next) {
    Pte* entry = find_entry(mm, va, &next);
    if (entry != nullptr && *entry != 0) visit(entry);
  }
}

// The entry of the page at `va`, with the tables above it made; null when memory is out. Two tasks must not
// make the same table, so it happens under the lock, and waiting for memory outside of it.
Pte* make_tables(mm_struct* mm, unsigned long va) {
  PageTable table(root_of(mm), PAGE_OFFSET - MEMORY_START, new_table);
  while (true) {
    spin_lock(&mm->page_table_lock);
    Pte* entry = table.entry(va, 0);
    spin_unlock(&mm->page_table_lock);
    if (entry != nullptr) return entry;
    page* spare = alloc_page(GFP_KERNEL);
    if (spare == nullptr) return nullptr;
    put_page(spare);
  }
}

// What a write needs at `entry`, if it is still `seen`: a fresh page, or the right to write to the one there.
// `fresh` is null in the second case.
bool install(mm_struct* mm, Pte* entry, Pte seen, page* fresh, unsigned long flags) {
  spin_lock(&mm->page_table_lock);
  const bool unchanged = *entry == seen;
  if (unchanged) {
    if (seen == 0 && fresh != zero_page) mm->rss++;
    if (seen != 0 && fresh != nullptr && is_zero_page(seen)) mm->rss++;
    *entry = make_entry(fresh == nullptr ? page_of(seen) : fresh, flags);
  }
  spin_unlock(&mm->page_table_lock);
  return unchanged;
}

page* new_user_page() {
  page* fresh = alloc_page(GFP_HIGHUSER);
  if (fresh != nullptr) clear_highpage(fresh);
  return fresh;
}

// Whether the entry serves an access of this kind; with `force` a page of one's own serves writes too.
bool serves(Pte entry, bool write, bool force) {
  if (entry == 0 || ((entry & kPteValid) == 0 && !force)) return false;
  return !write || (entry & kPteWrite) != 0 || (force && !is_zero_page(entry));
}

bool may_access(const vm_area_struct* area, bool write, bool force) {
  if (force) return true;
  return (area->vm_flags & (write ? VM_WRITE : VM_READ | VM_WRITE | VM_EXEC)) != 0;
}

// The page of `mm` at `va`, with one more reference, or null and in `*error` why.
page* get_user_page(mm_struct* mm, vm_area_struct* area, unsigned long va, bool write, bool force,
                    int* error) {
  while (true) {
    spin_lock(&mm->page_table_lock);
    unsigned long next;
    const Pte* entry = find_entry(mm, va, &next);
    page* found = entry != nullptr && serves(*entry, write, force) ? page_of(*entry) : nullptr;
    if (found != nullptr) get_page(found);
    spin_unlock(&mm->page_table_lock);
    if (found != nullptr) return found;
    if (handle_mm_fault(mm, area, va, write) == VM_FAULT_OOM) {
      *error = -ENOMEM;
      return nullptr;
    }
  }
}

}  // namespace

pgd_t* new_user_root() {
  Pte* root = take_table(GFP_KERNEL);
  if (root != nullptr) memcpy(root, init_mm.pgd, PAGE_SIZE);
  return reinterpret_cast<pgd_t*>(root);
}

void free_page_tables(mm_struct* mm) {
  PageTable table(root_of(mm), PAGE_OFFSET - MEMORY_START, nullptr);
  table.free_tables(pgtable_index(TASK_SIZE - 1, pgtable_levels - 1), give_table);
  mm->pgd = nullptr;
}

unsigned long user_table_pages() { return table_pages; }

void zero_page_init() {
  zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
  if (zero_page == nullptr) panic("no memory for the page of zeroes");
}

void zap_pages(mm_struct* mm, unsigned long start, unsigned long end) {
  spin_lock(&mm->page_table_lock);
  for_each_page(mm, start, end, [mm](Pte* entry) {
    page* mapped = page_of(*entry);
    *entry = 0;
    if (mapped == zero_page) return;
    mm->rss--;
    put_page(mapped);
  });
  spin_unlock(&mm->page_table_lock);
}

void protect_pages(mm_struct* mm, unsigned long start, unsigned long end, unsigned long flags) {
  spin_lock(&mm->page_table_lock);
  for_each_page(mm, start, end, [flags](Pte* entry) { *entry = make_entry(page_of(*entry), flags); });
  spin_unlock(&mm->page_table_lock);
  flush_tlb_kernel_range(start, end);
}

bool populate_pages(mm_struct* mm, unsigned long start, unsigned long end) {
  for (vm_area_struct* area = find_vma(mm, start); area != nullptr && area->vm_start < end;
       area = area->vm_next) {
    if ((area->vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) == 0) continue;
    const int write = (area->vm_flags & VM_WRITE) != 0;
    unsigned long va = area->vm_start > start ? area->vm_start : start;
    for (; va < area->vm_end && va < end; va += PAGE_SIZE) {
      if (handle_mm_fault(mm, area, va, write) == VM_FAULT_OOM) return false;
    }
  }
  return true;
}

extern "C" int handle_mm_fault(mm_struct* mm, vm_area_struct* vma, unsigned long address, int write_access) {
  address &= PAGE_MASK;
  Pte* entry = make_tables(mm, address);
  if (entry == nullptr) return VM_FAULT_OOM;
  const Pte seen = *entry;
  page* fresh = nullptr;
  if (seen != 0 && (write_access == 0 || (seen & kPteWrite) != 0)) return VM_FAULT_MINOR;
  if (write_access == 0) {
    fresh = zero_page;
  } else if (seen == 0 || is_zero_page(seen)) {
    fresh = new_user_page();
    if (fresh == nullptr) return VM_FAULT_OOM;
  }
  const bool installed = install(mm, entry, seen, fresh, vma->vm_flags);
  // If someone else was faster the access is tried again with what they made.
  if (!installed && fresh != nullptr && fresh != zero_page) put_page(fresh);
  flush_tlb_page(address);
  return VM_FAULT_MINOR;
}

extern "C" int get_user_pages(task_struct*, mm_struct* mm, unsigned long start, int len, int write, int force,
                              page** pages, vm_area_struct** vmas) {
  int done = 0;
  int error = -EFAULT;
  for (unsigned long va = start & PAGE_MASK; done < len; va += PAGE_SIZE, done++) {
    vm_area_struct* area = find_vma_intersection(mm, va, va + PAGE_SIZE);
    if (area == nullptr || !may_access(area, write != 0, force != 0)) break;
    page* found = get_user_page(mm, area, va, write != 0, force != 0, &error);
    if (found == nullptr) break;
    if (pages != nullptr) {
      pages[done] = found;
    } else {
      put_page(found);
    }
    if (vmas != nullptr) vmas[done] = area;
  }
  return done > 0 || len <= 0 ? done : error;
}

extern "C" int access_process_vm(mm_struct* mm, unsigned long addr, void* buffer, int len, int write) {
  char* bytes = static_cast<char*>(buffer);
  int done = 0;
  while (done < len) {
    page* mapped;
    if (get_user_pages(nullptr, mm, addr, 1, write, 1, &mapped, nullptr) != 1) break;
    const unsigned long in_page = addr & (PAGE_SIZE - 1);
    const unsigned long rest = PAGE_SIZE - in_page;
    const unsigned long left = static_cast<unsigned long>(len - done);
    const unsigned long count = left < rest ? left : rest;
    char* at = static_cast<char*>(kmap(mapped)) + in_page;
    memcpy(write ? at : bytes + done, write ? bytes + done : at, count);
    kunmap(mapped);
    put_page(mapped);
    addr += count;
    done += static_cast<int>(count);
  }
  return done;
}

}  // namespace memio
