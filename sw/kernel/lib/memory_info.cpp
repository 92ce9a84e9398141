// The table for readers of the kernel's memory.
#include "kernel/memory_info.h"

#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "kernel/page_allocator.h"
#include "kernel/slab_cache.h"

// Classes with private and public members have no standard layout; for the compiler of the guest software
// their offsets are constants all the same.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace memio {

#define SIZE(type) \
  { "size." #type, sizeof(type) }
#define OFFSET(type, member) \
  { "offset." #type "." #member, __builtin_offsetof(type, member) }
#define NUMBER(name) \
  { "number." #name, (name) }

const MemoryInfo::Entry MemoryInfo::kEntries[] __attribute__((section(".memory_info"), used)) = {
    NUMBER(PAGE_OFFSET),
    NUMBER(PG_reserved),
    NUMBER(PG_buddy),
    NUMBER(PG_slab),
    NUMBER(PG_zone_shift),
    NUMBER(MAX_NR_ZONES),
    SIZE(page),
    OFFSET(page, flags),
    OFFSET(page, count),
    OFFSET(page, order),
    OFFSET(page, lru),
    OFFSET(page, slab_cache),
    OFFSET(page, slab),
    SIZE(list_head),
    OFFSET(PageAllocator, zones_),
    SIZE(Zone),
    OFFSET(Zone, buddy_),
    OFFSET(Zone, lists_),
    OFFSET(Zone, managed_pages_),
    OFFSET(Zone, name_),
    SIZE(PageList),
    OFFSET(PageList, count),
    OFFSET(BuddyAllocator, areas_),
    OFFSET(BuddyAllocator, start_),
    OFFSET(BuddyAllocator, end_),
    OFFSET(BuddyAllocator, free_pages_),
    OFFSET(BuddyAllocator, max_order_),
    SIZE(BuddyAllocator::Area),
    OFFSET(BuddyAllocator::Area, count),
    OFFSET(mm_struct, pgd),
    OFFSET(vm_struct, next),
    OFFSET(vm_struct, addr),
    OFFSET(vm_struct, size),
    OFFSET(vm_struct, pages),
    OFFSET(vm_struct, nr_pages),
    OFFSET(kmem_cache, next),
    OFFSET(kmem_cache, name_),
    OFFSET(kmem_cache, available_),
    OFFSET(kmem_cache, geometry_.objects),
    OFFSET(kmem_cache, geometry_.order),
    OFFSET(kmem_cache, partial_),
    OFFSET(kmem_cache, full_),
    OFFSET(kmem_cache, empty_),
    SIZE(slab),
    OFFSET(slab, pages),
    OFFSET(slab, in_use),
    OFFSET(slab, first_free),
    OFFSET(resource, start),
    OFFSET(resource, end),
    OFFSET(resource, name),
    OFFSET(resource, parent),
    OFFSET(resource, sibling),
    OFFSET(resource, child),
};

}  // namespace memio
