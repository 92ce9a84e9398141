// What a virtio-mmio slot holds: a disk, a console, a source of random numbers. The transport does registers,
// queues and interrupts; a function serves one request at a time. Free of SystemC.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/stats.h"
#include "virtio/virtqueue.h"

namespace memio {

/// The request in hand: the buffers of a chain, readable ones and writable ones each seen as one run of
/// bytes.
class VirtioRequest {
 public:
  VirtioRequest(VirtioHost& host, const VirtioChain& chain);

  std::uint64_t readable() const { return readable_; }  ///< bytes
  std::uint64_t writable() const { return writable_; }  ///< bytes

  /// Moves bytes that lie inside; false as with VirtioHost.
  bool read(std::uint64_t at, std::uint8_t* data, std::uint64_t size);
  bool write(std::uint64_t at, const std::uint8_t* data, std::uint64_t size);
  bool spend(std::uint64_t picoseconds) { return host_.spend(picoseconds); }

 private:
  VirtioHost& host_;
  const VirtioChain& chain_;
  std::uint64_t readable_ = 0, writable_ = 0;
};

class VirtioFunction {
 public:
  virtual ~VirtioFunction() = default;

  virtual std::uint32_t id() const = 0;  ///< section 5
  virtual unsigned queues() const = 0;
  /// Feature bits 0 to 23.
  virtual std::uint64_t features() const { return 0; }
  /// The driver accepts these features, all of them offered; the last word counts, and after a reset none is.
  virtual void accept(std::uint64_t features) { static_cast<void>(features); }
  /// The configuration space; it stays as it is.
  virtual std::vector<std::uint8_t> config() const { return {}; }

  /// True if it has a use for a chain of `queue` now.
  virtual bool ready(unsigned queue) { return static_cast<void>(queue), true; }
  /// If a chain of `queue` waits while it is not ready: picoseconds until it is to be asked again; 0: never.
  virtual std::uint64_t ask_again(unsigned queue) const { return static_cast<void>(queue), 0; }

  /// Serves a chain of `queue` and returns the bytes written, counted from the first writable one. None: the
  /// request has not the form it must have, or the host failed.
  virtual std::optional<std::uint32_t> serve(unsigned queue, VirtioRequest& request) = 0;

  /// The driver has reset the device, or the machine was.
  virtual void reset() {}
  virtual void register_stats(StatGroup& group) const { static_cast<void>(group); }
};

}  // namespace memio
