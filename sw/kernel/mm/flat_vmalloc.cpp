// vmalloc(), vmap() and the mapping of ioremap() without an MMU: there is nothing to map, so memory of
// vmalloc() is a row of pages from the buddy allocator, at most the largest block, and vmap() takes only
// pages in a row. The list of areas is kept all the same: it knows sizes, and notices what was never given.
#include <asm/page.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "kernel/vmalloc_space.h"

vm_struct* vmlist;

namespace memio {
namespace {

spinlock_t vmlist_lock;
kmem_cache* area_cache;

// The first area, in the order of the list, that fits(area), or null. The caller holds the list.
template <typename Fits>
vm_struct* first_area(Fits fits) {
  vm_struct* area = vmlist;
  while (area != nullptr && !fits(*area)) area = area->next;
  return area;
}

unsigned page_count_of(const vm_struct& area) { return static_cast<unsigned>(area.size / PAGE_SIZE); }

// Of a whole block, what the area does not need goes back.
bool take_pages(vm_struct* area, gfp_t gfp_mask) {
  const unsigned order = get_order(area->size);
  if (order > max_page_order()) return false;
  struct page* pages = alloc_pages(gfp_mask & ~__GFP_HIGHMEM, order);
  if (pages == nullptr) return false;
  split_page(pages, order);
  area->nr_pages = page_count_of(*area);
  for (unsigned i = area->nr_pages; i < 1u << order; i++) __free_page(pages + i);
  area->addr = page_address(pages);
  return true;
}

void* vmalloc_pages(unsigned long size, gfp_t gfp_mask, const void* caller) {
  if (!vmalloc_request_valid("vmalloc", size, caller)) return nullptr;
  vm_struct* area = vmalloc_area(size, VM_ALLOC, caller);
  if (area == nullptr) return nullptr;
  if (take_pages(area, gfp_mask)) return area->addr;
  char who[64];
  if ((gfp_mask & __GFP_NOWARN) == 0) {
    printk("vmalloc: no %u pages in a row, asked by %s; at most %u are possible\n", page_count_of(*area),
           symbol_text(reinterpret_cast<unsigned long>(caller), who, sizeof who), 1u << max_page_order());
  }
  vmalloc_free(area, caller);
  return nullptr;
}

int vmallocinfo_show(seq_file* file, void*) {
  spin_lock(&vmlist_lock);
  for (const vm_struct* area = vmlist; area != nullptr; area = area->next) show_area(file, *area);
  spin_unlock(&vmlist_lock);
  return 0;
}

}  // namespace

void vmalloc_init() {
  spin_lock_init(&vmlist_lock);
  area_cache = kmem_cache_create("vm_struct", sizeof(vm_struct), 0, SLAB_PANIC, nullptr, nullptr);
  proc_create_single("vmallocinfo", 0, nullptr, vmallocinfo_show);
}

unsigned long vmalloc_most() { return ~0ul >> 1; }

vm_struct* vmalloc_area(unsigned long size, unsigned long flags, const void* caller) {
  vm_struct* area = static_cast<vm_struct*>(kmem_cache_alloc(area_cache, GFP_KERNEL));
  if (area == nullptr) return nullptr;
  *area = {};
  area->size = PAGE_ALIGN(size);
  area->flags = flags;
  area->caller = caller;
  spin_lock(&vmlist_lock);
  area->next = vmlist;
  vmlist = area;
  spin_unlock(&vmlist_lock);
  return area;
}

bool vmalloc_map(vm_struct* area, phys_addr_t pa, pgprot_t) {
  area->addr = reinterpret_cast<void*>(static_cast<unsigned long>(pa));
  return true;
}

bool vmalloc_map_pages(vm_struct* area, struct page** pages, pgprot_t prot, const void* caller) {
  for (unsigned i = 1; i < area->nr_pages; i++) {
    if (pages[i] == pages[0] + i) continue;
    char who[64];
    printk("vmap: pages that are not in a row, asked by %s; without an MMU they cannot be mapped\n",
           symbol_text(reinterpret_cast<unsigned long>(caller), who, sizeof who));
    return false;
  }
  return vmalloc_map(area, page_to_phys(pages[0]), prot);
}

void vmalloc_free(vm_struct* area, const void*) {
  spin_lock(&vmlist_lock);
  vm_struct** link = &vmlist;
  while (*link != area) link = &(*link)->next;
  *link = area->next;
  spin_unlock(&vmlist_lock);
  if ((area->flags & VM_ALLOC) != 0) {
    for (unsigned i = 0; i < area->nr_pages; i++) __free_page(virt_to_page(area->addr) + i);
  }
  kmem_cache_free(area_cache, area);
}

// The same pages may have been mapped more than once.
vm_struct* vmalloc_find(const void* addr, unsigned long flag) {
  spin_lock(&vmlist_lock);
  vm_struct* found =
      first_area([=](const vm_struct& area) { return area.addr == addr && (area.flags & flag) != 0; });
  spin_unlock(&vmlist_lock);
  return found;
}

bool vmalloc_describe(unsigned long va, char* text, size_t size) {
  const vm_struct* area =
      first_area([=](const vm_struct& at) { return va >= area_start(at) && va < area_guard(at); });
  if (area != nullptr) {
    describe_area(va, *area, text, size);
  } else {
    scnprintf(text, size, "in no area of vmalloc, vmap or ioremap");
  }
  return true;
}

extern "C" {

void* vmalloc(unsigned long size) { return vmalloc_pages(size, GFP_KERNEL, __builtin_return_address(0)); }

void* vzalloc(unsigned long size) {
  return vmalloc_pages(size, GFP_KERNEL | __GFP_ZERO, __builtin_return_address(0));
}

void* __vmalloc(unsigned long size, gfp_t gfp_mask, pgprot_t) {
  return vmalloc_pages(size, gfp_mask, __builtin_return_address(0));
}

unsigned long vmalloc_to_pfn(const void* addr) { return reinterpret_cast<unsigned long>(addr) >> PAGE_SHIFT; }

struct page* vmalloc_to_page(const void* addr) {
  const unsigned long pfn = vmalloc_to_pfn(addr);
  return pfn_valid(pfn) ? pfn_to_page(pfn) : nullptr;
}

// No address is such by its value.
bool is_vmalloc_addr(const void*) { return false; }

void get_vmalloc_info(struct vmalloc_info* info) {
  *info = {};
  spin_lock(&vmlist_lock);
  for (const vm_struct* area = vmlist; area != nullptr; area = area->next) info->used += area->size;
  spin_unlock(&vmlist_lock);
}
}

}  // namespace memio
