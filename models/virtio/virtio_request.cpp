// The buffers of a chain as two runs of bytes; see virtio_function.h.
#include <algorithm>

#include "virtio/virtio_function.h"

namespace memio {
namespace {

std::uint64_t total(const std::vector<VirtioBuffer>& buffers) {
  std::uint64_t bytes = 0;
  for (const VirtioBuffer& buffer : buffers) bytes += buffer.size;
  return bytes;
}

/// Calls `move(address, offset in the run, size)` for each piece of the `size` bytes at `at`.
template <typename Move>
bool for_each_piece(const std::vector<VirtioBuffer>& buffers, std::uint64_t at, std::uint64_t size,
                    Move move) {
  std::uint64_t begin = 0;
  for (const VirtioBuffer& buffer : buffers) {
    const std::uint64_t end = begin + buffer.size;
    const std::uint64_t first = std::max(begin, at), last = std::min(end, at + size);
    if (first < last && !move(buffer.address + (first - begin), first - at, last - first)) return false;
    begin = end;
  }
  return true;
}

}  // namespace

VirtioRequest::VirtioRequest(VirtioHost& host, const VirtioChain& chain)
    : host_(host), chain_(chain), readable_(total(chain.readable)), writable_(total(chain.writable)) {}

bool VirtioRequest::read(std::uint64_t at, std::uint8_t* data, std::uint64_t size) {
  return for_each_piece(chain_.readable, at, size,
                        [&](std::uint64_t address, std::uint64_t offset, std::uint64_t bytes) {
                          return host_.read(address, data + offset, bytes);
                        });
}

bool VirtioRequest::write(std::uint64_t at, const std::uint8_t* data, std::uint64_t size) {
  return for_each_piece(chain_.writable, at, size,
                        [&](std::uint64_t address, std::uint64_t offset, std::uint64_t bytes) {
                          return host_.write(address, data + offset, bytes);
                        });
}

}  // namespace memio
