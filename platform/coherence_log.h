// Stale reads of a run with DMA that does not see the caches: the first few, in words.
#pragma once

#include <string>
#include <vector>

#include "core/coherence.h"
#include "platform/symbols.h"

namespace memio {

class CoherenceLog : public CoherenceListener {
 public:
  void stale(const StaleAccess& access) override;
  /// A line for each access that is kept, and one that says how many more there were; empty without any.
  std::string text(const SymbolTable& symbols) const;

 private:
  static constexpr std::size_t most_kept = 10;

  std::vector<StaleAccess> kept_;
  std::uint64_t more_ = 0;
};

}  // namespace memio
