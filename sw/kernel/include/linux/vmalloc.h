// Memory that is contiguous in addresses only, and the areas of addresses behind it and behind ioremap().
// Bodies: mm/vmalloc.cpp. Without an MMU (mm/flat_vmalloc.cpp) the memory is contiguous in RAM, too, vmap()
// takes only such pages, and there are no areas of addresses: get_vm_area() and what follows it is not there.
#pragma once

#include <asm/layout.h>
#include <asm/pgtable.h>
#include <linux/mm_types.h>

#ifdef __cplusplus
extern "C" {
#endif

// What an area is, in vm_struct.flags.
#define VM_IOREMAP 0x1ul  // ioremap() and its kin
#define VM_ALLOC 0x2ul    // vmalloc()
#define VM_MAP 0x4ul      // vmap()
#define VM_VPAGES 0x10ul  // the array `pages` was vmalloc'ed itself

struct vm_struct {
  struct vm_struct* next;  // by address
  void* addr;
  unsigned long size;  // bytes, with the guard page at the end if there is an MMU
  unsigned long flags;
  struct page** pages;    // VM_ALLOC: its pages
  unsigned int nr_pages;  // in `pages`, or mapped by vmap()
  phys_addr_t phys_addr;  // VM_IOREMAP: what is mapped
  const void* caller;     // who asked for the area
};

// `size` bytes, rounded up to whole pages, of memory that is contiguous only by its address; high memory is
// taken first, all of it at once. Null when memory or the vmalloc area is out. May sleep, so it is refused
// with a report in atomic context, as are zero bytes and more than the area holds.
void* vmalloc(unsigned long size);
// The same, filled with zeroes.
void* vzalloc(unsigned long size);
// The same with flags and protection of the caller's choice.
void* __vmalloc(unsigned long size, gfp_t gfp_mask, pgprot_t prot);
// Gives back what vmalloc() gave; null is allowed. Not from interrupts. Any other address is reported.
void vfree(const void* addr);

// Maps `count` pages of the caller's in a row; null when memory or the area is out. `flags` is VM_MAP.
void* vmap(struct page** pages, unsigned int count, unsigned long flags, pgprot_t prot);
// Takes the mapping away; the pages stay the caller's.
void vunmap(const void* addr);

// The page of RAM mapped at an address of the vmalloc area, or null.
struct page* vmalloc_to_page(const void* addr);
// Its frame number, also of device memory; 0 where nothing is mapped.
unsigned long vmalloc_to_pfn(const void* addr);
bool is_vmalloc_addr(const void* addr);

// A range of addresses with nothing mapped, `size` bytes and a guard page; null when there is none.
struct vm_struct* get_vm_area(unsigned long size, unsigned long flags);
struct vm_struct* get_vm_area_caller(unsigned long size, unsigned long flags, const void* caller);
// The area that starts at `addr`, or null.
struct vm_struct* find_vm_area(const void* addr);
// Maps the pages of an area from (*pages)[0] on, and moves *pages behind the last one. 0 or -ENOMEM.
int map_vm_area(struct vm_struct* area, pgprot_t prot, struct page*** pages);
// Unmaps the area that starts at `addr` and takes it out of the list; the caller kfree()s the descriptor.
// Null when there is none.
struct vm_struct* remove_vm_area(const void* addr);
// remove_vm_area() and kfree().
void free_vm_area(struct vm_struct* area);

// All areas by address. Held still by vmlist_lock.
extern struct vm_struct* vmlist;

// Size of the area in bytes; without an MMU there is none.
#ifdef CONFIG_MMU
#define VMALLOC_TOTAL (VMALLOC_END - VMALLOC_START)
#else
#define VMALLOC_TOTAL 0ul
#endif
// Use of the area, in bytes, guard pages included.
struct vmalloc_info {
  unsigned long used;
  unsigned long largest_chunk;  // largest free range
};
void get_vmalloc_info(struct vmalloc_info* info);

#ifdef __cplusplus
}
#endif
