// The choice of a slab's size and of the place of its management.
#include "kernel/slab_geometry.h"

#include <linux/slab.h>

namespace memio {
namespace {

// Larger blocks are hard to get once memory is fragmented: from this order on waste is accepted.
constexpr unsigned kBreakOrder = 1;
// Holds the largest object with the largest red zones.
constexpr unsigned kMaxOrder = 6;
// Slots from this size on have the management outside, where it does not cost them a slot.
constexpr u32 kOutsideSize = PAGE_SIZE / 8;

}  // namespace

u32 SlabGeometry::management_bytes(u32 count, u32 align) const {
  return (static_cast<u32>(sizeof(slab) + count * sizeof(u16)) + align - 1) & ~(align - 1);
}

u32 SlabGeometry::fitting(u32 align) const {
  u32 count = static_cast<u32>(bytes() / stride);
  if (outside) return count;
  while (count != 0 && management_bytes(count, align) + static_cast<size_t>(count) * stride > bytes())
    count--;
  return count;
}

void SlabGeometry::choose(u32 slot, u32 align, bool outside_allowed) {
  stride = slot;
  reciprocal = static_cast<u32>(((u64{1} << 32) + stride - 1) / stride);
  outside = outside_allowed && stride >= kOutsideSize;
  size_t left = 0;
  for (order = 0; order <= kMaxOrder; order++) {
    objects = fitting(align);
    management = management_bytes(objects, align);
    left = bytes() - static_cast<size_t>(objects) * stride - (outside ? 0 : management);
    if (objects != 0 && (order >= kBreakOrder || left * 8 <= bytes())) break;
  }
  if (outside && left >= management) {
    outside = false;
    left -= management;
  }
  colour_step = align > L1_CACHE_BYTES ? align : L1_CACHE_BYTES;
  colours = static_cast<u32>(left / colour_step) + 1;
}

}  // namespace memio
