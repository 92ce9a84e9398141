// The addresses of the vmalloc area: areas in a list by address, first fit, one guard page behind each that
// stays unmapped. It keeps the addresses only; mapping them is the business of mm/vmalloc.cpp.
#pragma once

#include <asm/page.h>
#include <linux/vmalloc.h>

namespace memio {

class VmallocSpace {
 public:
  // An area that is gone, kept to name it when its addresses are used again.
  struct Freed {
    unsigned long start = 0;
    unsigned long end = 0;  // without the guard page
    unsigned long flags = 0;
    const void* caller = nullptr;
    const void* freed_by = nullptr;
  };
  static constexpr unsigned kFreedKept = 16;

  constexpr VmallocSpace() = default;
  // Manages [start, end), whole pages; the list begins at *list, which is null.
  void init(unsigned long start, unsigned long end, vm_struct** list);

  // Gives `area` the lowest free range of `size` bytes (whole pages, not 0) and a guard page, sets its addr
  // and size and enters it. False when no range is large enough.
  bool insert(vm_struct* area, unsigned long size);
  // Takes out an entered area, and remembers it with who freed it.
  void remove(vm_struct* area, const void* freed_by);

  // The area that starts at `va`; the one whose range or guard page holds it; the first one that starts at
  // `va` or above. Null when there is none.
  vm_struct* find(unsigned long va) const;
  vm_struct* containing(unsigned long va) const;
  vm_struct* next_from(unsigned long va) const;
  // The area last freed that held `va` in its range or guard page, or null.
  const Freed* freed_at(unsigned long va) const;

  unsigned long start() const { return start_; }
  unsigned long end() const { return end_; }
  bool holds(unsigned long va) const { return va >= start_ && va < end_; }
  // All zeroes before init().
  vmalloc_info use() const;

 private:
  unsigned long start_ = 0;
  unsigned long end_ = 0;
  vm_struct** list_ = nullptr;
  Freed freed_[kFreedKept] = {};
  unsigned freed_count_ = 0;  // ever; the next one goes to the place freed_count_ % kFreedKept
};

inline unsigned long area_start(const vm_struct& area) { return reinterpret_cast<unsigned long>(area.addr); }
// First address behind its memory: of the guard page, which only a kernel with an MMU has.
#ifdef CONFIG_MMU
constexpr unsigned long kGuardSize = PAGE_SIZE;
#else
constexpr unsigned long kGuardSize = 0;
#endif
inline unsigned long area_guard(const vm_struct& area) { return area_start(area) + area.size - kGuardSize; }

// mm/vmalloc.cpp, or mm/flat_vmalloc.cpp without an MMU
// Makes the vmalloc area and /proc/vmallocinfo, once the slab allocator works.
void vmalloc_init();
// Says in `text` which area `va` belongs or belonged to, or whose guard page it is. False when `va` is not in
// the vmalloc area; without an MMU there is always something to say. Takes no lock: for messages about
// faults.
bool vmalloc_describe(unsigned long va, char* text, size_t size);

// For the functions that make areas. The largest size an area can have.
unsigned long vmalloc_most();
// An area for a valid request, with nothing mapped; null, and a message, when there is no room or memory.
vm_struct* vmalloc_area(unsigned long size, unsigned long flags, const void* caller);
// Maps an area of which nothing is mapped to physical `pa` and fences. False, with nothing mapped, when
// memory for page tables is out. Without an MMU the area's address becomes `pa`.
bool vmalloc_map(vm_struct* area, phys_addr_t pa, pgprot_t prot);
// The same for the pages of the caller's, area->nr_pages of them. Without an MMU they must be in a row, which
// is said otherwise.
bool vmalloc_map_pages(vm_struct* area, struct page** pages, pgprot_t prot, const void* caller);
// The area of kind `flag` that starts at `addr`, or null.
vm_struct* vmalloc_find(const void* addr, unsigned long flag);
// Unmaps an area, fences, gives back the pages it owns, and forgets it.
void vmalloc_free(vm_struct* area, const void* freed_by);

// mm/vmalloc_info.cpp
// Whether `what` may be done for `size` bytes: not in atomic context, not zero, not more than there can be;
// else reports it, names the caller and returns false.
bool vmalloc_request_valid(const char* what, unsigned long size, const void* caller);
// The area of kind `flag` that starts at `addr`; else null, and a report that `undo` was called by `caller`
// with a wrong address or in an interrupt.
vm_struct* vmalloc_area_of(const void* addr, unsigned long flag, const char* undo, const void* caller);
// What vmalloc_describe() says of `va` in an area or its guard page, and of one in an area that is gone.
void describe_area(unsigned long va, const vm_struct& area, char* text, size_t size);
void describe_freed(unsigned long va, const VmallocSpace::Freed& freed, char* text, size_t size);
// One line of /proc/vmallocinfo, in the format of Linux.
void show_area(struct seq_file* file, const vm_struct& area);

}  // namespace memio
