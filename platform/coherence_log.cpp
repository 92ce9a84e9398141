// See coherence_log.h.
#include "platform/coherence_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace memio {

// Of accesses to one place by one instruction the first tells enough.
void CoherenceLog::stale(const StaleAccess& access) {
  const bool known = std::any_of(kept_.begin(), kept_.end(), [&](const StaleAccess& other) {
    return other.by_device == access.by_device && other.pc == access.pc && other.address == access.address;
  });
  if (known || kept_.size() == most_kept)
    ++more_;
  else
    kept_.push_back(access);
}

std::string CoherenceLog::text(const SymbolTable& symbols) const {
  std::string text;
  for (const StaleAccess& access : kept_) {
    const std::string place = symbols.describe(access.pc);
    const std::string where = fmt::format("{:#x}{}", access.pc, place.empty() ? "" : " " + place);
    text += access.by_device ? fmt::format(
                                   "memio: stale data at {:#x}: a device read it at cycle {}; stored at {} "
                                   "by {}, never cleaned\n",
                                   access.address, access.read, access.changed, where)
                             : fmt::format(
                                   "memio: stale data at {:#x}: read at cycle {} by {}; a device wrote it at "
                                   "{}, never invalidated\n",
                                   access.address, access.read, where, access.changed);
  }
  if (more_ != 0) text += fmt::format("memio: {} more accesses to stale data\n", more_);
  return text;
}

}  // namespace memio
