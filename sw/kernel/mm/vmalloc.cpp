// vmalloc(), vmap() and the areas they and ioremap() live in. The mapping is made in the kernel's own table;
// other address spaces take over its root entry on their first fault there (mm/fault.cpp). Tables made for
// the area stay for ever, so that no copied root entry can go stale.
#include <asm/layout.h>
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "kernel/task.h"
#include "kernel/vmalloc_space.h"

vm_struct* vmlist;

namespace memio {
namespace {

VmallocSpace space;
spinlock_t vmlist_lock;
// Two tasks that both miss a page table must not both make it.
struct mutex table_mutex;
kmem_cache* area_cache;

char* caller_text(const void* caller, char* text, size_t size) {
  return symbol_text(reinterpret_cast<unsigned long>(caller), text, size);
}

// Takes pages for all of `area`; those taken before a failure are in area->pages.
bool take_pages(vm_struct* area, gfp_t gfp_mask) {
  const unsigned long count = (area->size - PAGE_SIZE) / PAGE_SIZE;
  const unsigned long bytes = count * sizeof(struct page*);
  const gfp_t array_mask = (gfp_mask & ~__GFP_HIGHMEM) | __GFP_ZERO;
  if (bytes > PAGE_SIZE) {
    area->pages = static_cast<struct page**>(__vmalloc(bytes, array_mask | __GFP_HIGHMEM, PAGE_KERNEL));
    area->flags |= VM_VPAGES;
  } else {
    area->pages = static_cast<struct page**>(kmalloc(bytes, array_mask));
  }
  if (area->pages == nullptr) return false;
  while (area->nr_pages < count) {
    struct page* page = alloc_page(gfp_mask);
    if (page == nullptr) return false;
    area->pages[area->nr_pages++] = page;
  }
  return true;
}

void give_pages(vm_struct* area) {
  for (unsigned i = 0; i < area->nr_pages; i++) __free_page(area->pages[i]);
  if ((area->flags & VM_VPAGES) != 0) {
    vfree(area->pages);
  } else {
    kfree(area->pages);
  }
}

// Maps each page of pages[0..count); false, with nothing mapped, when memory for page tables is out.
bool map_pages(unsigned long va, struct page** pages, unsigned count, pgprot_t prot) {
  const Pte flags = pgprot_val(prot);
  bool done = true;
  mutex_lock(&table_mutex);
  for (unsigned i = 0; i < count && done; i++) {
    done = kernel_page_table().map(va + i * PAGE_SIZE, page_to_phys(pages[i]), PAGE_SIZE, flags, 0);
  }
  mutex_unlock(&table_mutex);
  const unsigned long end = va + count * PAGE_SIZE;
  if (!done) kernel_page_table().unmap(va, end - va);
  // A hart may have cached that these pages were invalid.
  flush_tlb_kernel_range(va, end);
  return done;
}

// The pages the area may own stay allocated.
void release_addresses(vm_struct* area, const void* freed_by) {
  kernel_page_table().unmap(area_start(*area), area->size - PAGE_SIZE);
  flush_tlb_kernel_range(area_start(*area), area_guard(*area));
  // Only now may another task get the addresses.
  spin_lock(&vmlist_lock);
  space.remove(area, freed_by);
  spin_unlock(&vmlist_lock);
}

void* vmalloc_pages(unsigned long size, gfp_t gfp_mask, pgprot_t prot, const void* caller) {
  if (!vmalloc_request_valid("vmalloc", size, caller)) return nullptr;
  char who[64];
  const unsigned long most = page_allocator().managed_pages();
  // Waiting for memory that does not exist would first take all there is.
  if ((size - 1) / PAGE_SIZE >= most) {
    printk("vmalloc: 0x%lx bytes asked by %s, more than the %lu pages of RAM\n", size,
           caller_text(caller, who, sizeof who), most);
    return nullptr;
  }
  vm_struct* area = vmalloc_area(size, VM_ALLOC, caller);
  if (area == nullptr) return nullptr;
  if (take_pages(area, gfp_mask) && map_pages(area_start(*area), area->pages, area->nr_pages, prot)) {
    return area->addr;
  }
  if ((gfp_mask & __GFP_NOWARN) == 0) {
    printk("vmalloc: out of memory after %u of %lu pages, asked by %s\n", area->nr_pages,
           (area->size - PAGE_SIZE) / PAGE_SIZE, caller_text(caller, who, sizeof who));
  }
  vmalloc_free(area, caller);
  return nullptr;
}

// Copies the first area that starts at `va` or above; false behind the last one.
bool next_area(unsigned long va, vm_struct* area) {
  spin_lock(&vmlist_lock);
  const vm_struct* found = space.next_from(va);
  if (found != nullptr) *area = *found;
  spin_unlock(&vmlist_lock);
  return found != nullptr;
}

// Printing may take long, so each area is copied, and the list not held.
int vmallocinfo_show(seq_file* file, void*) {
  vm_struct area;
  for (unsigned long va = 0; next_area(va, &area); va = area_guard(area)) show_area(file, area);
  return 0;
}

}  // namespace

unsigned long vmalloc_most() { return space.end() - space.start() - PAGE_SIZE; }

void vmalloc_init() {
  space.init(VMALLOC_START, VMALLOC_END, &vmlist);
  spin_lock_init(&vmlist_lock);
  mutex_init(&table_mutex);
  area_cache = kmem_cache_create("vm_struct", sizeof(vm_struct), 0, SLAB_PANIC, nullptr, nullptr);
  proc_create_single("vmallocinfo", 0, nullptr, vmallocinfo_show);
}

vm_struct* vmalloc_area(unsigned long size, unsigned long flags, const void* caller) {
  vm_struct* area = static_cast<vm_struct*>(kmem_cache_alloc(area_cache, GFP_KERNEL));
  if (area == nullptr) return nullptr;
  *area = {};
  area->flags = flags;
  area->caller = caller;
  spin_lock(&vmlist_lock);
  const bool found = space.insert(area, PAGE_ALIGN(size));
  const unsigned long largest = found ? 0 : space.use().largest_chunk;
  spin_unlock(&vmlist_lock);
  if (found) return area;
  char who[64];
  printk("vmalloc: no room for 0x%lx bytes, asked by %s: the largest free range is 0x%lx (see vmalloc=)\n",
         size, caller_text(caller, who, sizeof who), largest);
  kmem_cache_free(area_cache, area);
  return nullptr;
}

bool vmalloc_map(vm_struct* area, phys_addr_t pa, pgprot_t prot) {
  const unsigned long va = area_start(*area);
  const unsigned long size = area_guard(*area) - va;
  mutex_lock(&table_mutex);
  const bool done = kernel_page_table().map(va, pa, size, pgprot_val(prot), 0);
  mutex_unlock(&table_mutex);
  if (!done) kernel_page_table().unmap(va, size);
  flush_tlb_kernel_range(va, va + size);
  return done;
}

void vmalloc_free(vm_struct* area, const void* freed_by) {
  release_addresses(area, freed_by);
  if ((area->flags & VM_ALLOC) != 0) give_pages(area);
  kmem_cache_free(area_cache, area);
}

bool vmalloc_map_pages(vm_struct* area, struct page** pages, pgprot_t prot, const void*) {
  return map_pages(area_start(*area), pages, area->nr_pages, prot);
}

vm_struct* vmalloc_find(const void* addr, unsigned long flag) {
  vm_struct* area = find_vm_area(addr);
  return area != nullptr && (area->flags & flag) != 0 ? area : nullptr;
}

bool vmalloc_describe(unsigned long va, char* text, size_t size) {
  if (!space.holds(va)) return false;
  const vm_struct* area = space.containing(va);
  const VmallocSpace::Freed* freed = space.freed_at(va);
  if (area != nullptr) {
    describe_area(va, *area, text, size);
  } else if (freed != nullptr) {
    describe_freed(va, *freed, text, size);
  } else {
    scnprintf(text, size, "0x%lx is free in the vmalloc area", va);
  }
  return true;
}

extern "C" {

void* vmalloc(unsigned long size) {
  return vmalloc_pages(size, GFP_KERNEL | __GFP_HIGHMEM, PAGE_KERNEL, __builtin_return_address(0));
}

void* vzalloc(unsigned long size) {
  return vmalloc_pages(size, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO, PAGE_KERNEL,
                       __builtin_return_address(0));
}

void* __vmalloc(unsigned long size, gfp_t gfp_mask, pgprot_t prot) {
  return vmalloc_pages(size, gfp_mask, prot, __builtin_return_address(0));
}

unsigned long vmalloc_to_pfn(const void* addr) {
  const unsigned long va = reinterpret_cast<unsigned long>(addr);
  const Pte* entry = space.holds(va) ? kernel_page_table().find(va) : nullptr;
  return entry == nullptr ? 0 : static_cast<unsigned long>(pte_address(*entry) >> PAGE_SHIFT);
}

struct page* vmalloc_to_page(const void* addr) {
  const unsigned long pfn = vmalloc_to_pfn(addr);
  return pfn != 0 && pfn_valid(pfn) ? pfn_to_page(pfn) : nullptr;
}

bool is_vmalloc_addr(const void* addr) { return space.holds(reinterpret_cast<unsigned long>(addr)); }

vm_struct* get_vm_area(unsigned long size, unsigned long flags) {
  return get_vm_area_caller(size, flags, __builtin_return_address(0));
}

vm_struct* get_vm_area_caller(unsigned long size, unsigned long flags, const void* caller) {
  if (!vmalloc_request_valid("get_vm_area", size, caller)) return nullptr;
  return vmalloc_area(size, flags, caller);
}

vm_struct* find_vm_area(const void* addr) {
  spin_lock(&vmlist_lock);
  vm_struct* area = space.find(reinterpret_cast<unsigned long>(addr));
  spin_unlock(&vmlist_lock);
  return area;
}

int map_vm_area(vm_struct* area, pgprot_t prot, struct page*** pages) {
  const unsigned count = static_cast<unsigned>((area->size - PAGE_SIZE) / PAGE_SIZE);
  if (!map_pages(area_start(*area), *pages, count, prot)) return -ENOMEM;
  *pages += count;
  return 0;
}

vm_struct* remove_vm_area(const void* addr) {
  vm_struct* area = find_vm_area(addr);
  if (area != nullptr) release_addresses(area, __builtin_return_address(0));
  return area;
}

void free_vm_area(vm_struct* area) {
  release_addresses(area, __builtin_return_address(0));
  kmem_cache_free(area_cache, area);
}

void get_vmalloc_info(struct vmalloc_info* info) {
  spin_lock(&vmlist_lock);
  *info = space.use();
  spin_unlock(&vmlist_lock);
}
}

}  // namespace memio
