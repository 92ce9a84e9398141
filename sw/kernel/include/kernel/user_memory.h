// What the sources of user memory share: the list of areas (mm/vma.cpp) and the pages under it
// (mm/memory.cpp).
#pragma once

#include <linux/vma.h>

namespace memio {

// vma.cpp

// Enters [start, end), which no area touches, with `flags`; neighbours of equal flags become one with it.
// Null when memory is out.
vm_area_struct* vma_insert(mm_struct* mm, unsigned long start, unsigned long end, unsigned long flags);
// Makes area boundaries at `start` and `end`, where these lie inside of areas. False when memory is out.
bool vma_split_at(mm_struct* mm, unsigned long start, unsigned long end);
// Clears and sets flags of the areas in [start, end), at whose ends boundaries are; merges what is equal now.
void vma_change_flags(mm_struct* mm, unsigned long start, unsigned long end, unsigned long clear,
                      unsigned long set);
// Removes the areas in [start, end), at whose ends boundaries are.
void vma_remove(mm_struct* mm, unsigned long start, unsigned long end);
// The lowest address not below `from` where `length` bytes are free below `limit`; 0: none.
unsigned long vma_find_gap(const mm_struct* mm, unsigned long from, unsigned long length,
                           unsigned long limit);
// Bits of the entries of an area's pages.
unsigned long vma_page_bits(unsigned long flags);

// memory.cpp

// Frees the pages of [start, end). The caller fences before the address space is used again.
void zap_pages(mm_struct* mm, unsigned long start, unsigned long end);
// Gives the pages of [start, end) the rights of an area with `flags`.
void protect_pages(mm_struct* mm, unsigned long start, unsigned long end, unsigned long flags);
// Makes the pages of [start, end) as a write, in areas without that right a read, would. False when memory is
// out; what was made stays.
bool populate_pages(mm_struct* mm, unsigned long start, unsigned long end);
// A root table with the kernel's entries; null when memory is out.
pgd_t* new_user_root();
// Makes the page of zeroes; once.
void zero_page_init();
// Pages that hold tables of user address spaces, with their roots.
unsigned long user_table_pages();
// Frees the tables of the user half, which has no pages any more, and the root.
void free_page_tables(mm_struct* mm);

}  // namespace memio
