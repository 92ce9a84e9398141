// The descriptor of a page of RAM, of which there is one for each page in the array mem_map, and that of an
// address space.
#pragma once

#include <asm/pgtable_types.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kmem_cache;
struct slab;

// Bits of page.flags.
enum pageflags {
  PG_reserved,         // not the allocator's: firmware, kernel image, initrd
  PG_buddy,            // first page of a free block
  PG_slab,             // belongs to a slab; cleared before the page is freed
  PG_head,             // first page of a compound page
  PG_tail,             // another page of one
  PG_swapbacked,       // may be given up by reclaim
  PG_zone_shift = 16,  // two bits: number of the zone
};

struct page {
  unsigned long flags;
  s32 count;             // references; 0: free, or not the first page of a block
  u32 order;             // of the block, free or allocated, in its first page
  struct list_head lru;  // in a free list, a hot or cold list, or its user's
  union {
    struct page* first_page;        // tail of a compound page
    struct kmem_cache* slab_cache;  // PG_slab
    unsigned long private_data;     // its user's; 0 when the page is handed out
  };
  union {
    struct slab* slab;      // PG_slab
    void* virtual_address;  // high memory: where kmap has it, or null
  };
  unsigned long caller;  // code that allocated the block or, once it is free, freed it
};

struct vm_area_struct;

// An address space: the kernel's, or that of a user program (linux/vma.h).
struct mm_struct {
  pgd_t* pgd;                         // the root table
  spinlock_t page_table_lock;         // taken by who changes entries of the user half
  struct rw_semaphore mmap_sem;       // held for writing by who changes areas, for reading by who uses them
  struct vm_area_struct* mmap;        // the areas by address
  struct vm_area_struct* mmap_cache;  // the one found last
  int map_count;                      // areas
  unsigned long def_flags;            // flags all new areas get: VM_LOCKED or 0
  unsigned long total_vm;             // pages that areas cover
  unsigned long rss;                  // pages of its own
  unsigned long faults;               // served
  unsigned long start_brk;            // the heap
  unsigned long brk;
};

// The kernel's own: the tables that all others copy their upper half from.
extern struct mm_struct init_mm;

#ifdef __cplusplus
}
#endif
