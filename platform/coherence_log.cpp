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
    const auto with_name = [](std::uint64_t address, const std::string& name) {
      return fmt::format("{:#x}{}", address, name.empty() ? "" : " " + name);
    };
    const std::string where = with_name(access.pc, symbols.describe(access.pc));
    const std::string what = with_name(access.address, symbols.describe_physical(access.address));
    text += access.by_device ? fmt::format(
                                   "memio: stale data at {}: a device read it at cycle {}; stored at {} "
                                   "by {}, never cleaned\n",
                                   what, access.read, access.changed, where)
                             : fmt::format(
                                   "memio: stale data at {}: read at cycle {} by {}; a device wrote it at "
                                   "{}, never invalidated\n",
                                   what, access.read, where, access.changed);
  }
  if (more_ != 0) text += fmt::format("memio: {} more accesses to stale data\n", more_);
  return text;
}

}  // namespace memio
