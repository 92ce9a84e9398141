// How a block of pages is cut into objects.
//
// A slab:  colour offset | struct slab, chain of free objects (unless kept outside) | slots
#pragma once

#include <linux/mm.h>

// Management of a slab: at its start, or from kmalloc() where objects are large.
struct slab {
  list_head list;
  page* pages;             // the first
  unsigned char* objects;  // object 0
  u32 in_use;              // objects outside the chain: with callers, or in the array
  u16 first_free;          // head of the chain, or kEnd

  static constexpr u16 kEnd = 0xffff;
  static constexpr u16 kTaken = 0xfffe;
  // For each object the index of the next free one, or kEnd; kTaken: it is not free.
  u16* chain() { return reinterpret_cast<u16*>(this + 1); }
};

namespace memio {

struct SlabGeometry {
  static constexpr u32 kNoObject = ~0u;

  u32 stride = 0;      // bytes from object to object
  u32 reciprocal = 0;  // 2^32 / stride, rounded up: exact for the start of an object
  u32 objects = 0;
  unsigned order = 0;
  u32 management = 0;    // bytes, with the chain
  bool outside = false;  // the management is not in the slab
  u32 colours = 0;       // offsets that slabs may start with
  u32 colour_step = 0;   // bytes

  // The smallest order that wastes an eighth at most, or any larger than one that holds an object at all.
  // `slot` bytes and `align` belong together. `outside_allowed`: kmalloc() may serve the management.
  void choose(u32 slot, u32 align, bool outside_allowed);

  // Index of the object that starts `offset` bytes behind object 0, or kNoObject.
  u32 index_at(u32 offset) const {
    const u32 index = static_cast<u32>(static_cast<u64>(offset) * reciprocal >> 32);
    return likely(index < objects && index * stride == offset) ? index : kNoObject;
  }
  size_t bytes() const { return static_cast<size_t>(PAGE_SIZE) << order; }

 private:
  u32 management_bytes(u32 count, u32 align) const;
  u32 fitting(u32 align) const;
};

}  // namespace memio
