// What a memory asks when a device, not the hart, reaches it: how a DMA access sees the caches.
//
// Guest RAM is the view of the CPU (design rule 12). Coherent DMA snoops the caches, which costs time. With
// non-coherent DMA a line that is dirty in a cache, or that a device wrote while a cache held it, has a
// second copy: the device's view. Free of SystemC.
#pragma once

#include <cstdint>

#include "core/access.h"

namespace memio {

/// How devices see one memory. A memory that has one asks it for each access of kind `dma`, in place of
/// moving the bytes itself. `address` counts from the start of the memory, `storage` is its byte there; an
/// access may cross lines. Both return the cycles by which snooping lengthens the access that is served at
/// `at`.
class DeviceView {
 public:
  virtual ~DeviceView() = default;
  /// Reads `size` bytes as devices see them into `data`.
  virtual Cycles read(std::uint64_t address, std::uint8_t* data, const std::uint8_t* storage,
                      std::uint32_t size, Cycles at) = 0;
  /// Writes `size` bytes of `data` as a device does.
  virtual Cycles write(std::uint64_t address, const std::uint8_t* data, std::uint8_t* storage,
                       std::uint32_t size, Cycles at) = 0;
};

/// An access that saw stale bytes, because nobody cleaned or dropped the line between.
struct StaleAccess {
  bool by_device;  ///< a device read what the hart has dirty in a cache; else the hart what a device changed
  std::uint64_t address;  ///< physical, of the first such byte in the line
  std::uint64_t pc;       ///< by a device: of the first store to the clean line; else of the load
  Cycles changed;         ///< when the bytes were stored, or written by the device
  Cycles read;            ///< when they were read
};

class CoherenceListener {
 public:
  virtual ~CoherenceListener() = default;
  virtual void stale(const StaleAccess& access) = 0;
};

}  // namespace memio
