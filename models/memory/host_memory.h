// Storage of a simulated memory in the host: one anonymous mapping without reservation, zeroed, never
// moved. Pages of the host are taken only where the guest touches them. Free of SystemC.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memio {

class HostMemory {
 public:
  /// `size` in bytes is a positive multiple of 4096 (std::invalid_argument otherwise). Throws
  /// std::runtime_error if the host cannot map that much.
  explicit HostMemory(std::uint64_t size);
  ~HostMemory();

  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  std::uint8_t* data() const { return data_; }
  std::uint64_t size() const { return size_; }

  /// True if all of `length` bytes from `first` lie inside.
  bool contains(std::uint64_t first, std::uint64_t length) const {
    return first <= size_ && length <= size_ - first;
  }

 private:
  std::uint8_t* data_;
  std::uint64_t size_;
};

}  // namespace memio
