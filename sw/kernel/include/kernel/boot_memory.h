// RAM before the page allocator: one range, minus what is reserved. Tables of the direct map, and mem_map,
// are taken from it; what is left then goes to the zones.
#pragma once

#include <linux/types.h>

namespace memio {

// Physical addresses [start, end).
struct PhysicalRange {
  phys_addr_t start = 0;
  phys_addr_t end = 0;
};

class BootMemory {
 public:
  static constexpr unsigned kMaxReserved = 64;

  constexpr BootMemory() = default;
  // RAM is `ram`; the direct map ends at `low_end`, at most ram.end. All in whole pages.
  BootMemory(PhysicalRange ram, phys_addr_t low_end) : ram_(ram), low_end_(low_end) {}

  // Keeps `range`, widened to whole pages, from being handed out; it may lie outside RAM and overlap others.
  void reserve(PhysicalRange range);
  // `size` bytes of the direct map as high as possible, aligned to `align` (a power of two), reserved from
  // now on and not cleared. Returns 0 when there are none.
  phys_addr_t allocate(phys_addr_t size, phys_addr_t align);
  // As allocate(), as low as possible.
  phys_addr_t allocate_low(phys_addr_t size, phys_addr_t align);

  const PhysicalRange& ram() const { return ram_; }
  phys_addr_t low_end() const { return low_end_; }
  // The first stretch of RAM not below `from` that is not reserved; empty (start == end) behind the last one.
  PhysicalRange next_free(phys_addr_t from) const;

 private:
  PhysicalRange ram_;
  phys_addr_t low_end_ = 0;
  PhysicalRange reserved_[kMaxReserved];  // by start, neither overlapping nor touching
  unsigned count_ = 0;
};

}  // namespace memio
