// The notice that bytes of a memory have changed: one call, whoever wrote (CPU, DMA, loader, debugger).
#pragma once

#include <cstdint>

namespace memio {

class WriteListener {
 public:
  virtual ~WriteListener() = default;
  /// `size` bytes from `first` have new values; `first` counts from the start of the memory.
  virtual void written(std::uint64_t first, std::uint64_t size) = 0;
};

}  // namespace memio
