// The stores that a data cache took last: a load of what one of them wrote may come too early for it, where
// the cache does not forward. Free of SystemC.
#pragma once

#include <array>
#include <cstdint>

#include "core/access.h"

namespace memio {

class RecentStores {
 public:
  /// Stores are remembered for `window` cycles, the last 8 of them; 0: none.
  explicit RecentStores(Cycles window) : window_(window) {}

  bool enabled() const { return window_ != 0; }
  /// A store of `size` bytes was taken at `at`.
  void add(std::uint64_t address, std::uint32_t size, Cycles at) {
    stores_[next_++ % stores_.size()] = {address, address + size, at + window_};
  }
  /// True if one of them wrote any of these bytes at most `window` cycles before `now`.
  bool wrote(std::uint64_t address, std::uint32_t size, Cycles now) const {
    for (const Store& store : stores_)
      if (now <= store.until && address < store.end && store.first < address + size) return true;
    return false;
  }
  void clear() { stores_ = {}; }

 private:
  struct Store {
    std::uint64_t first = 0, end = 0;
    Cycles until = 0;
  };
  Cycles window_;
  unsigned next_ = 0;
  std::array<Store, 8> stores_{};
};

}  // namespace memio
