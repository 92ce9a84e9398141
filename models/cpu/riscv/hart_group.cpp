// See hart_group.h.
#include "cpu/riscv/hart_group.h"

#include <algorithm>

namespace memio::riscv {

void HartGroup::change_to(Member& member) {
  Member* const last = current_;
  current_ = &member;
  if (!last) return;
  pages_.clear();
  last->announce(pages_);
  if (pages_.empty()) return;
  for (Member* other : members_)
    if (other != last) other->unprove_stores(pages_);
}

bool HartGroup::watched(std::uint64_t page, const Member& by) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const Member* other) { return other != &by && other->watches(page); });
}

void HartGroup::stored(std::uint64_t first, std::uint64_t size, const Member& by) const {
  for (Member* other : members_)
    if (other != &by) other->written(first, size);
}

void HartGroup::snoop(std::uint64_t line, bool write, const Member& by) const {
  for (Member* other : members_)
    if (other != &by) other->snoop(line, write);
}

}  // namespace memio::riscv
