// Buffers of a virtio console; see virtio_console.h.
#include "virtio/virtio_console.h"

#include <algorithm>

#include "virtio/virtio_registers.h"

namespace memio {
namespace {

constexpr unsigned receive_queue = 0;
constexpr std::uint64_t piece_size = 64;  ///< characters moved at a time

}  // namespace

std::uint32_t VirtioConsole::id() const { return virtio::id_console; }

bool VirtioConsole::ready(unsigned queue) {
  if (queue != receive_queue) return true;
  if (!next_) next_ = line_.get();
  return next_.has_value();
}

std::uint64_t VirtioConsole::ask_again(unsigned queue) const {
  return queue == receive_queue && line_.has_input() ? interval_ : 0;
}

std::optional<std::uint32_t> VirtioConsole::serve(unsigned queue, VirtioRequest& request) {
  return queue == receive_queue ? receive(request) : transmit(request);
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

/// A far end whose input has ended says so again to the next driver.
void VirtioConsole::reset() {
  if (!next_ && !line_.has_input()) line_.restart();
}

void VirtioConsole::register_stats(StatGroup& group) const {
  StatGroup& console = group.child("console", "characters of the console");
  console.add("sent", "characters", "characters sent to the far end", &sent_);
  console.add("received", "characters", "characters given to the driver", &received_);
}

}  // namespace memio
