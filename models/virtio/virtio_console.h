// Virtio console: one port, queue 0 receives and queue 1 transmits.
//
// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 5.3, without a feature: no size, no further
// ports, no emergency write. Characters go to the far end when their buffer is served; input is asked for
// while the driver offers buffers, at modelled times.
#pragma once

#include "serial/serial_backend.h"
#include "virtio/virtio_function.h"

namespace memio {

class VirtioConsole : public VirtioFunction {
 public:
  /// `line` must outlive the console. `interval`: picoseconds between two looks for input, above zero.
  VirtioConsole(SerialBackend& line, std::uint64_t interval) : line_(line), interval_(interval) {}

  std::uint32_t id() const override;
  unsigned queues() const override { return 2; }
  bool ready(unsigned queue) override;
  std::uint64_t ask_again(unsigned queue) const override;
  std::optional<std::uint32_t> serve(unsigned queue, VirtioRequest& request) override;
  void reset() override;
  void register_stats(StatGroup& group) const override;

 private:
  std::optional<std::uint32_t> receive(VirtioRequest& request);
  std::optional<std::uint32_t> transmit(VirtioRequest& request);

  SerialBackend& line_;
  std::uint64_t interval_;
  std::optional<std::uint8_t> next_;  ///< taken from the line, not yet given to the driver
  std::uint64_t sent_ = 0, received_ = 0;
};

}  // namespace memio
