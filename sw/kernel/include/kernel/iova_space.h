// The addresses of one device address space that the DMA functions hand out: ranges of whole pages, first fit
// from below, each with an unmapped page behind it, in a tree of resources.
#pragma once

#include <linux/ioport.h>
#include <linux/types.h>

namespace memio {

class IovaSpace {
 public:
  // Manages [start, last]: start a multiple of a page, last one below.
  void init(u64 start, u64 last);
  // Forgets all ranges.
  void clear();

  // A range of `size` bytes (whole pages, not 0) that ends at `limit` or below. False when there is none, or
  // no memory to note it. Does not sleep.
  bool take(u64 size, u64 limit, u64* start);
  // Bytes of the range that starts at `start`; 0 when there is none.
  u64 size_of(u64 start) const;
  // Gives a range back; its bytes, or 0 when none starts there.
  u64 give(u64 start);

  // Ranges in use.
  unsigned count() const { return count_; }

 private:
  resource* find(u64 start) const;

  resource root_ = {};
  unsigned count_ = 0;
};

}  // namespace memio
