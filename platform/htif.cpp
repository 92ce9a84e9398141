// Commands through `tohost`; see htif.h.
#include "platform/htif.h"

#include <cstring>

namespace memio {
namespace {

constexpr std::uint64_t payload_mask = (1ull << 48) - 1;
constexpr std::uint64_t call_write = 64, call_exit = 93;
constexpr std::uint64_t no_such_call = ~38ull + 1;  // -ENOSYS

}  // namespace

Htif::Htif(Memory& ram, std::uint64_t ram_base, std::uint64_t tohost, std::optional<std::uint64_t> fromhost,
           SerialBackend& output)
    : ram_(ram), base_(ram_base), tohost_(tohost), fromhost_(fromhost), output_(output) {}

bool Htif::in_ram(std::uint64_t address, std::uint64_t size) const {
  return address >= base_ && ram_.storage().contains(address - base_, size);
}

std::uint64_t Htif::read(std::uint64_t address) const {
  std::uint64_t value = 0;
  if (in_ram(address, sizeof value))
    std::memcpy(&value, ram_.storage().data() + (address - base_), sizeof value);
  return value;
}

void Htif::write(std::uint64_t address, std::uint64_t value) {
  if (!in_ram(address, sizeof value)) return;
  std::memcpy(ram_.storage().data() + (address - base_), &value, sizeof value);
  ram_.written(address - base_, sizeof value);
}

void Htif::answer(std::uint64_t value) {
  write(tohost_, 0);
  if (fromhost_) write(*fromhost_, value);
}

std::optional<std::uint64_t> Htif::system_call(std::uint64_t block) {
  const std::uint64_t number = read(block), file = read(block + 8);
  std::uint64_t result = no_such_call;
  if (number == call_exit) return file;
  if (number == call_write && (file == 1 || file == 2)) {
    const std::uint64_t text = read(block + 16), size = read(block + 24);
    result = in_ram(text, size) ? size : 0;
    for (std::uint64_t i = 0; i < result; ++i) output_.put(ram_.storage().data()[text - base_ + i]);
  }
  write(block, result);
  answer(1);
  return {};
}

std::optional<std::uint64_t> Htif::serve() {
  const std::uint64_t value = read(tohost_);
  const std::uint64_t device = value >> 56, command = value >> 48 & 0xff, payload = value & payload_mask;
  if (device == 0 && command == 0) {
    if (payload & 1) return payload >> 1;
    return payload ? system_call(payload) : std::nullopt;
  }
  if (device == 1 && command == 1 && payload != 0) {
    output_.put(static_cast<std::uint8_t>(payload));
    answer(1ull << 56 | 1ull << 48 | 0x100 | (payload & 0xff));
  }
  return {};
}

}  // namespace memio
