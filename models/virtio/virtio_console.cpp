// Buffers of a virtio console; see virtio_console.h.
#include "virtio/virtio_console.h"

#include <algorithm>

#include "virtio/virtio_registers.h"

namespace memio {

using virtio::number;

namespace {

constexpr unsigned receive_queue = 0, transmit_queue = 1, control_receive_queue = 2;
constexpr std::uint64_t piece_size = 64;  ///< characters moved at a time

constexpr std::uint64_t feature_multiport = 1u << 1;
constexpr std::uint64_t message_size = 8;
constexpr std::size_t most_messages = 64;  ///< that wait; the driver is not heard until it has room for them
constexpr std::uint8_t ports = 1;

}  // namespace

std::uint32_t VirtioConsole::id() const { return virtio::id_console; }

std::uint64_t VirtioConsole::features() const { return feature_multiport; }

void VirtioConsole::accept(std::uint64_t features) { multiport_ = (features & feature_multiport) != 0; }

/// Columns, rows, number of ports.
std::vector<std::uint8_t> VirtioConsole::config() const { return {0, 0, 0, 0, ports, 0, 0, 0}; }

bool VirtioConsole::ready(unsigned queue) {
  if (queue == transmit_queue) return true;
  if (queue == control_receive_queue) return multiport_ && !to_tell_.empty();
  if (queue != receive_queue) return multiport_ && to_tell_.size() < most_messages;
  if (!connected()) return false;
  if (!next_) next_ = line_.get();
  return next_.has_value();
}

std::uint64_t VirtioConsole::ask_again(unsigned queue) const {
  return queue == receive_queue && connected() && line_.has_input() ? interval_ : 0;
}

std::optional<std::uint32_t> VirtioConsole::serve(unsigned queue, VirtioRequest& request) {
  if (queue == receive_queue) return receive(request);
  if (queue == transmit_queue) return transmit(request);
  return queue == control_receive_queue ? tell(request) : hear(request);
}

std::optional<std::uint32_t> VirtioConsole::receive(VirtioRequest& request) {
  std::uint8_t characters[piece_size];
  std::uint64_t count = 0;
  while (next_ && count < std::min(piece_size, request.writable())) {
    characters[count++] = *next_;
    next_ = line_.get();
  }
  received_ += count;
  if (!request.write(0, characters, count)) return {};
  return static_cast<std::uint32_t>(count);
}

std::optional<std::uint32_t> VirtioConsole::transmit(VirtioRequest& request) {
  std::uint8_t characters[piece_size];
  for (std::uint64_t done = 0, piece = 0; done < request.readable(); done += piece) {
    piece = std::min(piece_size, request.readable() - done);
    if (!request.read(done, characters, piece)) return {};
    for (std::uint64_t i = 0; i < piece; ++i) line_.put(characters[i]);
    sent_ += piece;
  }
  return 0;
}

/// All that there is to tell is of port 0 and has the value 1.
std::optional<std::uint32_t> VirtioConsole::tell(VirtioRequest& request) {
  const std::uint8_t message[message_size] = {0, 0, 0, 0, static_cast<std::uint8_t>(to_tell_.front()),
                                              0, 1, 0};
  if (request.writable() < message_size || !request.write(0, message, message_size)) return {};
  to_tell_.pop_front();
  ++messages_;
  return static_cast<std::uint32_t>(message_size);
}

/// Messages of failure, of other ports and without a meaning are ignored, as by QEMU.
std::optional<std::uint32_t> VirtioConsole::hear(VirtioRequest& request) {
  std::uint8_t message[message_size];
  if (request.readable() < message_size || !request.read(0, message, message_size)) return {};
  ++messages_;
  const std::uint64_t port = number(message, 4), event = number(message + 4, 2);
  const bool value = number(message + 6, 2) != 0;
  const auto is = [event](Event one) { return event == static_cast<std::uint64_t>(one); };
  if (is(Event::device_ready)) {
    if (value) to_tell_.push_back(Event::port_add);
  } else if (port < ports && is(Event::port_open)) {
    open_ = value;
  } else if (port < ports && is(Event::port_ready) && value) {
    to_tell_.insert(to_tell_.end(), {Event::console_port, Event::port_open});
  }
  return 0;
}

/// A far end whose input has ended says so again to the next driver.
void VirtioConsole::reset() {
  multiport_ = open_ = false;
  to_tell_.clear();
  if (!next_ && !line_.has_input()) line_.restart();
}

void VirtioConsole::register_stats(StatGroup& group) const {
  StatGroup& console = group.child("console", "characters of the console");
  console.add("sent", "characters", "characters sent to the far end", &sent_);
  console.add("received", "characters", "characters given to the driver", &received_);
  console.add("messages", "messages", "messages of control, both ways", &messages_);
}

}  // namespace memio
