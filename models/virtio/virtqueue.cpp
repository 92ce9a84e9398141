// Rings and descriptors of a virtqueue; see virtqueue.h.
#include "virtio/virtqueue.h"

#include "virtio/virtio_registers.h"

namespace memio {

using virtio::number;

namespace {

constexpr std::uint16_t flag_next = 1, flag_write = 2, flag_indirect = 4;
constexpr std::uint16_t no_interrupt = 1;
constexpr std::uint32_t descriptor_size = 16;

/// Offsets in the rings of driver and device (sections 2.7.6 and 2.7.8).
constexpr std::uint64_t ring_index = 2, ring_entries = 4;
std::uint64_t available_entry(const VirtqueuePlace& place, std::uint16_t index) {
  return place.driver + ring_entries + 2ull * (index & (place.size - 1));
}
std::uint64_t used_event(const VirtqueuePlace& place) {
  return place.driver + ring_entries + 2ull * place.size;
}
std::uint64_t used_entry(const VirtqueuePlace& place, std::uint16_t index) {
  return place.device + ring_entries + 8ull * (index & (place.size - 1));
}
std::uint64_t available_event(const VirtqueuePlace& place) {
  return place.device + ring_entries + 8ull * place.size;
}

bool write_number(VirtioHost& host, std::uint64_t address, std::uint64_t value, unsigned size) {
  std::uint8_t bytes[8];
  for (unsigned i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return host.write(address, bytes, size);
}

struct Descriptor {
  std::uint64_t address;
  std::uint32_t size;
  std::uint16_t flags, next;
};

bool read_descriptor(VirtioHost& host, std::uint64_t address, Descriptor& out) {
  std::uint8_t bytes[descriptor_size];
  if (!host.read(address, bytes, sizeof bytes)) return false;
  out = {number(bytes, 8), static_cast<std::uint32_t>(number(bytes + 8, 4)),
         static_cast<std::uint16_t>(number(bytes + 12, 2)),
         static_cast<std::uint16_t>(number(bytes + 14, 2))};
  return true;
}

/// Puts a buffer into the chain; false if it is empty, wraps around, or is out of order.
bool add(VirtioChain& chain, const Descriptor& descriptor) {
  if (descriptor.size == 0 || descriptor.address + (descriptor.size - 1) < descriptor.address) return false;
  const bool writable = (descriptor.flags & flag_write) != 0;
  if (!writable && !chain.writable.empty()) return false;
  (writable ? chain.writable : chain.readable).push_back({descriptor.address, descriptor.size});
  return true;
}

}  // namespace

void Virtqueue::start(const VirtqueuePlace& place) {
  place_ = place;
  available_ = taken_ = used_ = 0;
}

bool Virtqueue::read16(VirtioHost& host, std::uint64_t address, std::uint16_t& value) {
  std::uint8_t bytes[2];
  if (!host.read(address, bytes, sizeof bytes)) return false;
  value = static_cast<std::uint16_t>(number(bytes, 2));
  return true;
}

// A queue may be started anew while it waits for memory, which then answers false: nothing is kept after
// that.
Virtqueue::Pop Virtqueue::pop(VirtioHost& host, VirtioChain& chain) {
  const VirtqueuePlace place = place_;
  std::uint16_t index = available_;
  if (index == taken_) {
    if (!read16(host, place.driver + ring_index, index)) return Pop::broken;
    // The driver need not tell of more until we ask it to; it may have added some before it saw that.
    if (index == taken_ && place.event_index &&
        (!write_number(host, available_event(place), taken_, 2) ||
         !read16(host, place.driver + ring_index, index)))
      return Pop::broken;
    available_ = index;
    if (index == taken_) return Pop::empty;
  }
  if (static_cast<std::uint16_t>(index - taken_) > place.size) return Pop::broken;
  chain = {};
  if (!read16(host, available_entry(place, taken_), chain.head) || !collect(host, place, chain))
    return Pop::broken;
  ++taken_;
  return Pop::chain;
}

bool Virtqueue::collect(VirtioHost& host, const VirtqueuePlace& place, VirtioChain& chain) {
  std::uint64_t table = place.descriptors;
  std::uint32_t entries = place.size, left = place.size, index = chain.head;
  bool indirect = false;
  for (;;) {
    Descriptor descriptor;
    if (index >= entries || left-- == 0 ||
        !read_descriptor(host, table + std::uint64_t{descriptor_size} * index, descriptor))
      return false;
    if (descriptor.flags & flag_indirect) {
      if (!place.indirect || indirect || (descriptor.flags & flag_next) || descriptor.size == 0 ||
          descriptor.size % descriptor_size != 0)
        return false;
      indirect = true;
      table = descriptor.address;
      entries = descriptor.size / descriptor_size;
      left = virtio::largest_queue;
      index = 0;
      continue;
    }
    if (!add(chain, descriptor)) return false;
    if (!(descriptor.flags & flag_next)) return true;
    index = descriptor.next;
  }
}

bool Virtqueue::push(VirtioHost& host, const VirtioChain& chain, std::uint32_t written, bool& interrupt) {
  const VirtqueuePlace place = place_;
  const std::uint16_t old = used_, now = static_cast<std::uint16_t>(used_ + 1);
  if (!write_number(host, used_entry(place, old), chain.head | std::uint64_t{written} << 32, 8) ||
      !write_number(host, place.device + ring_index, now, 2))
    return false;
  used_ = now;
  std::uint16_t value = 0;
  if (!read16(host, place.event_index ? used_event(place) : place.driver, value)) return false;
  // Section 2.7.10: the index passed the event's.
  interrupt = place.event_index ? value == old : (value & no_interrupt) == 0;
  return true;
}

}  // namespace memio
