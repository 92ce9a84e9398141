// Physical memory protection; see pmp.h.
#include "cpu/riscv/pmp.h"

namespace memio::riscv {

namespace {

constexpr std::uint8_t read_bit = 1, write_bit = 2, mode_field = 0x18, writable = 0x9f;
constexpr unsigned mode_shift = 3;
enum Mode : unsigned { off, tor, na4, napot };

constexpr Mode mode_of(std::uint8_t config) { return static_cast<Mode>((config & mode_field) >> mode_shift); }

}  // namespace

Pmp::Pmp(unsigned regions, std::uint64_t address_mask) : regions_(regions), address_mask_(address_mask) {}

void Pmp::set_config(unsigned index, std::uint8_t value) {
  if (index >= regions_ || (config_[index] & lock_bit)) return;
  value &= writable;
  if ((value & write_bit) && !(value & read_bit))
    value = static_cast<std::uint8_t>(value & ~(read_bit | write_bit));
  config_[index] = value;
  decode();
}

void Pmp::set_address(unsigned index, std::uint64_t value) {
  if (index >= regions_ || (config_[index] & lock_bit)) return;
  // A locked TOR entry also locks the address below it, which is its base.
  if (index + 1 < regions_ && (config_[index + 1] & lock_bit) && mode_of(config_[index + 1]) == tor) return;
  address_[index] = value & address_mask_;
  decode();
}

void Pmp::reset() {
  config_.fill(0);
  address_.fill(0);
  decode();
}

void Pmp::decode() {
  used_ = 0;
  for (unsigned i = 0; i < regions_; ++i) {
    Range& range = range_[i];
    range = {};
    const std::uint64_t base = address_[i] << 2;
    switch (mode_of(config_[i])) {
      case off:
        break;
      case tor: {
        const std::uint64_t below = i == 0 ? 0 : address_[i - 1] << 2;
        if (below < base) range = {below, base - 1};
        break;
      }
      case na4:
        range = {base, base + 3};
        break;
      case napot: {
        const std::uint64_t trailing = address_[i] ^ (address_[i] + 1);  // the ones and the zero above them
        const std::uint64_t span = (trailing << 2) | 3;
        range = {base & ~span, base | span};
        break;
      }
    }
    if (range.first <= range.last) used_ = i + 1;
  }
}

bool Pmp::uniform(std::uint64_t first, std::uint64_t size) const {
  const std::uint64_t last = first + (size - 1);
  for (unsigned i = 0; i < used_; ++i) {
    const Range& range = range_[i];
    if (range.first > range.last || last < range.first || first > range.last) continue;
    return first >= range.first && last <= range.last;
  }
  return true;
}

}  // namespace memio::riscv
