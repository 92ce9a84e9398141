// Ranges of device addresses: see kernel/iova_space.h.
#include "kernel/iova_space.h"

#include <asm/page.h>
#include <linux/slab.h>

#include "kernel/resource_tree.h"

namespace memio {

void IovaSpace::init(u64 start, u64 last) {
  root_ = {start, last, "IOVA", IORESOURCE_MEM, nullptr, nullptr, nullptr};
  count_ = 0;
}

void IovaSpace::clear() {
  while (root_.child != nullptr) give(root_.child->start);
}

bool IovaSpace::take(u64 size, u64 limit, u64* start) {
  if (limit > root_.end) limit = root_.end;
  const u64 with_guard = size + PAGE_SIZE;
  u64 from = root_.start;
  const resource* next = root_.child;
  for (; next != nullptr && next->start - from < with_guard; next = next->sibling) from = next->end + 1;
  const bool fits =
      with_guard > size && from <= limit && with_guard - 1 <= root_.end - from && size - 1 <= limit - from;
  if (!fits) return false;
  auto* range = static_cast<resource*>(kzalloc(sizeof(resource), GFP_ATOMIC | __GFP_NOWARN));
  if (range == nullptr) return false;
  range->start = from;
  range->end = from + with_guard - 1;
  range->flags = IORESOURCE_MEM | IORESOURCE_BUSY;
  ResourceTree(root_).link(*range);
  count_++;
  *start = from;
  return true;
}

resource* IovaSpace::find(u64 start) const {
  resource* at = root_.child;
  while (at != nullptr && at->start < start) at = at->sibling;
  return at != nullptr && at->start == start ? at : nullptr;
}

u64 IovaSpace::size_of(u64 start) const {
  const resource* range = find(start);
  return range == nullptr ? 0 : resource_size(range) - PAGE_SIZE;
}

u64 IovaSpace::give(u64 start) {
  resource* range = find(start);
  if (range == nullptr) return 0;
  const u64 size = resource_size(range) - PAGE_SIZE;
  ResourceTree::unlink(*range);
  kfree(range);
  count_--;
  return size;
}

}  // namespace memio
