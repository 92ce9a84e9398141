// The address space of a user program: areas with rights, filled with zeroed pages on first use.
#pragma once

#include <linux/mm_types.h>
#include <linux/types.h>

#include "kernel/page_table.h"

namespace memio {

enum class AccessKind { kFetch, kLoad, kStore };

class AddressSpace : public mm_struct {
 public:
  constexpr AddressSpace() : mm_struct{} {}

  // Makes an empty space that shares the kernel's half. False when memory is out.
  bool init();
  // Adds the area [start, end), widened to whole pages, with rights from kPteRead, kPteWrite, kPteExecute.
  // False when it overlaps another one, leaves the user half or is one too many.
  bool add_area(unsigned long start, unsigned long end, Pte rights);
  // Copies `size` bytes to `va`, regardless of the area's rights; the pages are made. For loading a program.
  bool write(unsigned long va, const void* data, unsigned long size);
  // Serves a fault at `va`: true when a page has been mapped and the access may be tried again.
  bool handle_fault(unsigned long va, AccessKind kind);
  // The heap starts, empty, at `start`; and sbrk: moves its end if `end` is not below the start. The new end.
  void start_heap(unsigned long start);
  unsigned long set_heap_end(unsigned long end);
  // Loads satp; old translations are fenced, since all spaces use ASID 0.
  void activate() const;

  PageTable& table() { return table_; }
  unsigned long faults_served() const { return faults_served_; }

 private:
  struct Area {
    unsigned long start = 0;
    unsigned long end = 0;
    Pte rights = 0;
  };
  static constexpr unsigned kMaxAreas = 8;

  const Area* find_area(unsigned long va) const;
  // The page at `va`, made if it is missing; null when memory is out.
  void* page_for(unsigned long va, Pte rights);

  PageTable table_;
  Area areas_[kMaxAreas] = {};
  unsigned area_count_ = 0;
  Area heap_ = {};
  unsigned long faults_served_ = 0;
};

}  // namespace memio
