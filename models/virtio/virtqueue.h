// A split virtqueue, from the device's side.
//
// Follows "Virtual I/O Device (VIRTIO) Version 1.2", sections 2.6 (legacy layout too) and 2.7, with indirect
// descriptors and event index. Free of SystemC. What the driver leaves in memory is not trusted: a ring that
// makes no sense, a chain that is a loop, longer than the largest queue, empty or out of order is refused,
// and so the device asks for its reset.
#pragma once

#include <cstdint>
#include <vector>

namespace memio {

/// How a device reaches what it shares with its driver, and lets time pass. All give false if that failed or
/// if the request in hand is to be dropped, because the driver has reset the device: nothing may follow then.
class VirtioHost {
 public:
  virtual ~VirtioHost() = default;
  virtual bool read(std::uint64_t address, std::uint8_t* data, std::uint64_t size) = 0;
  virtual bool write(std::uint64_t address, const std::uint8_t* data, std::uint64_t size) = 0;
  virtual bool spend(std::uint64_t picoseconds) = 0;
};

/// Where the parts of a queue lie, and what was negotiated.
struct VirtqueuePlace {
  std::uint32_t size = 0;  ///< entries, a power of two up to virtio::largest_queue; 0: not there
  std::uint64_t descriptors = 0, driver = 0, device = 0;  ///< physical addresses
  bool indirect = false, event_index = false;
};

struct VirtioBuffer {
  std::uint64_t address = 0;
  std::uint32_t size = 0;  ///< bytes, at least 1
};

/// A chain of buffers that the driver made available.
struct VirtioChain {
  std::uint16_t head = 0;  ///< index of its first descriptor
  std::vector<VirtioBuffer> readable, writable;
};

class Virtqueue {
 public:
  enum class Pop { empty, chain, broken };

  /// Starts with empty rings; `place.size` 0 stops the queue.
  void start(const VirtqueuePlace& place);
  bool ready() const { return place_.size != 0; }

  /// Takes the next chain. `broken`: the rings or the chain make no sense, or memory refused.
  Pop pop(VirtioHost& host, VirtioChain& chain);

  /// Gives a chain back, with `written` bytes in its writable buffers; `interrupt` is set if the driver wants
  /// to know.
  bool push(VirtioHost& host, const VirtioChain& chain, std::uint32_t written, bool& interrupt);

 private:
  static bool collect(VirtioHost& host, const VirtqueuePlace& place, VirtioChain& chain);
  static bool read16(VirtioHost& host, std::uint64_t address, std::uint16_t& value);

  VirtqueuePlace place_;
  std::uint16_t available_ = 0;  ///< the driver's index when last read
  std::uint16_t taken_ = 0;      ///< chains taken, modulo 2^16
  std::uint16_t used_ = 0;       ///< chains given back
};

}  // namespace memio
