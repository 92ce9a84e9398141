// Virtio console: one port, queue 0 receives and queue 1 transmits; queues 2 and 3 do so with messages of
// control.
//
// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 5.3, with the feature MULTIPORT, and QEMU where
// that leaves a choice: no size, no further ports, no names, no emergency write. Characters go to the far end
// when their buffer is served; input is asked for while the driver offers buffers, at modelled times. A
// driver that accepts MULTIPORT gets input once it has opened the port, any other at once.
#pragma once

#include <deque>

#include "serial/serial_backend.h"
#include "virtio/virtio_function.h"

namespace memio {

class VirtioConsole : public VirtioFunction {
 public:
  /// `line` must outlive the console. `interval`: picoseconds between two looks for input, above zero.
  VirtioConsole(SerialBackend& line, std::uint64_t interval) : line_(line), interval_(interval) {}

  std::uint32_t id() const override;
  unsigned queues() const override { return 4; }
  std::uint64_t features() const override;
  void accept(std::uint64_t features) override;
  std::vector<std::uint8_t> config() const override;
  bool ready(unsigned queue) override;
  std::uint64_t ask_again(unsigned queue) const override;
  std::optional<std::uint32_t> serve(unsigned queue, VirtioRequest& request) override;
  void reset() override;
  void register_stats(StatGroup& group) const override;

 private:
  /// What a message of control is about (section 5.3.6.2).
  enum class Event : std::uint8_t {
    device_ready = 0,
    port_add = 1,
    port_ready = 3,
    console_port = 4,
    port_open = 6
  };

  bool connected() const { return !multiport_ || open_; }
  std::optional<std::uint32_t> receive(VirtioRequest& request);
  std::optional<std::uint32_t> transmit(VirtioRequest& request);
  std::optional<std::uint32_t> tell(VirtioRequest& request);
  std::optional<std::uint32_t> hear(VirtioRequest& request);

  SerialBackend& line_;
  std::uint64_t interval_;
  std::optional<std::uint8_t> next_;  ///< taken from the line, not yet given to the driver
  bool multiport_ = false;            ///< the driver accepted it
  bool open_ = false;                 ///< the driver opened the port
  std::deque<Event> to_tell_;         ///< messages that wait for buffers
  std::uint64_t sent_ = 0, received_ = 0, messages_ = 0;
};

}  // namespace memio
