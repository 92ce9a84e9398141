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
  vmalloc_info use() const;

 private:
  unsigned long start_ = 0;
  unsigned long end_ = 0;
  vm_struct** list_ = nullptr;
  Freed freed_[kFreedKept] = {};
  unsigned freed_count_ = 0;  // ever; the next one goes to the place freed_count_ % kFreedKept
};

inline unsigned long area_start(const vm_struct& area) { return reinterpret_cast<unsigned long>(area.addr); }
// First address of the guard page.
inline unsigned long area_guard(const vm_struct& area) { return area_start(area) + area.size - PAGE_SIZE; }

VmallocSpace& vmalloc_space();
// Makes the vmalloc area and /proc/vmallocinfo, once the slab allocator works.
void vmalloc_init();
// Says in `text` which area `va` belongs or belonged to, or whose guard page it is. False when `va` is not in
// the vmalloc area. Takes no lock: for messages about faults.
bool vmalloc_describe(unsigned long va, char* text, size_t size);

// Copies the first area that starts at `va` or above; false behind the last one.
bool vmalloc_next_area(unsigned long va, vm_struct* area);
int vmallocinfo_show(struct seq_file* file, void* data);

// For the functions that make areas. Whether `what` may be done for `size` bytes: not in atomic context, not
// zero, not more than there can be; else reports it, names the caller and returns false.
bool vmalloc_request_valid(const char* what, unsigned long size, const void* caller);
// An area for a valid request, with nothing mapped; null, and a message, when there is no room or memory.
vm_struct* vmalloc_area(unsigned long size, unsigned long flags, const void* caller);
// Maps [va, va + size), of which nothing is mapped, to physical `pa` and fences. False, with nothing mapped,
// when memory for page tables is out.
bool vmalloc_map(unsigned long va, phys_addr_t pa, unsigned long size, pgprot_t prot);
// The area of kind `flag` that starts at `addr`; else null, and a report that `undo` was called by `caller`
// with a wrong address or in an interrupt.
vm_struct* vmalloc_area_of(const void* addr, unsigned long flag, const char* undo, const void* caller);
// Unmaps an area, fences, gives back the pages it owns, and forgets it.
void vmalloc_free(vm_struct* area, const void* freed_by);

}  // namespace memio
