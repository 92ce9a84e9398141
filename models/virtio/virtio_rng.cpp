// Requests of a virtio source of random numbers; see virtio_rng.h.
#include "virtio/virtio_rng.h"

#include <algorithm>

#include "virtio/virtio_registers.h"

namespace memio {
namespace {

constexpr std::uint64_t most_bytes = 64 * 1024, piece_size = 64;

}  // namespace

std::uint32_t VirtioRng::id() const { return virtio::id_rng; }

std::optional<std::uint32_t> VirtioRng::serve(unsigned, VirtioRequest& request) {
  const std::uint64_t size = std::min(request.writable(), most_bytes);
  if (size == 0) return {};
  std::uint8_t bytes[piece_size];
  for (std::uint64_t done = 0, piece = 0; done < size; done += piece) {
    piece = std::min(piece_size, size - done);
    for (std::uint64_t i = 0; i < piece; i += 8) {
      const std::uint64_t number = generator_();
      for (unsigned byte = 0; byte < 8; ++byte)
        bytes[i + byte] = static_cast<std::uint8_t>(number >> 8 * byte);
    }
    if (!request.write(done, bytes, piece)) return {};
    bytes_ += piece;
  }
  return static_cast<std::uint32_t>(size);
}

void VirtioRng::register_stats(StatGroup& group) const {
  group.child("rng", "the source of random numbers")
      .add("bytes", "bytes", "random bytes given to the driver", &bytes_);
}

}  // namespace memio
