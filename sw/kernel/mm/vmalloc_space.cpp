// The list of areas of the vmalloc area.
#include "kernel/vmalloc_space.h"

#include <asm/page.h>

namespace memio {

void VmallocSpace::init(unsigned long start, unsigned long end, vm_struct** list) {
  *this = VmallocSpace();
  start_ = start;
  end_ = end;
  list_ = list;
}

bool VmallocSpace::insert(vm_struct* area, unsigned long size) {
  const unsigned long with_guard = size + PAGE_SIZE;
  if (with_guard < size) return false;
  unsigned long free_from = start_;
  vm_struct** link = list_;
  for (; *link != nullptr; link = &(*link)->next) {
    if (area_start(**link) - free_from >= with_guard) break;
    free_from = area_start(**link) + (*link)->size;
  }
  if (*link == nullptr && end_ - free_from < with_guard) return false;
  area->addr = reinterpret_cast<void*>(free_from);
  area->size = with_guard;
  area->next = *link;
  *link = area;
  return true;
}

void VmallocSpace::remove(vm_struct* area, const void* freed_by) {
  vm_struct** link = list_;
  while (*link != area) link = &(*link)->next;
  *link = area->next;
  freed_[freed_count_++ % kFreedKept] = {area_start(*area), area_guard(*area), area->flags, area->caller,
                                         freed_by};
}

vm_struct* VmallocSpace::next_from(unsigned long va) const {
  vm_struct* area = *list_;
  while (area != nullptr && area_start(*area) < va) area = area->next;
  return area;
}

vm_struct* VmallocSpace::find(unsigned long va) const {
  vm_struct* area = next_from(va);
  return area != nullptr && area_start(*area) == va ? area : nullptr;
}

vm_struct* VmallocSpace::containing(unsigned long va) const {
  for (vm_struct* area = *list_; area != nullptr && area_start(*area) <= va; area = area->next) {
    if (va - area_start(*area) < area->size) return area;
  }
  return nullptr;
}

const VmallocSpace::Freed* VmallocSpace::freed_at(unsigned long va) const {
  for (unsigned age = 1; age <= kFreedKept && age <= freed_count_; age++) {
    const Freed& freed = freed_[(freed_count_ - age) % kFreedKept];
    if (va >= freed.start && va - freed.start < freed.end - freed.start + PAGE_SIZE) return &freed;
  }
  return nullptr;
}

vmalloc_info VmallocSpace::use() const {
  vmalloc_info info = {0, 0};
  if (list_ == nullptr) return info;
  unsigned long free_from = start_;
  for (const vm_struct* area = *list_;; area = area->next) {
    const unsigned long gap = (area == nullptr ? end_ : area_start(*area)) - free_from;
    if (gap > info.largest_chunk) info.largest_chunk = gap;
    if (area == nullptr) return info;
    info.used += area->size;
    free_from = area_start(*area) + area->size;
  }
}

}  // namespace memio
