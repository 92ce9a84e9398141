// Debug triggers; see triggers.h.
#include "cpu/riscv/triggers.h"

namespace memio::riscv {

namespace {

/// Fields of mcontrol that exist; all others read as zero.
constexpr std::uint64_t on_load = 1, on_store = 2, on_execute = 4, in_user = 8, in_supervisor = 16,
                        in_machine = 64, match = 0xf << 7, hit = 1u << 20,
                        kinds = on_load | on_store | on_execute, modes = in_user | in_supervisor | in_machine;
constexpr unsigned match_shift = 7;
enum Match : unsigned { equal = 0, at_least = 2, below = 3 };

constexpr std::uint64_t bit_of(AccessKind kind) {
  return kind == AccessKind::fetch ? on_execute : kind == AccessKind::store ? on_store : on_load;
}

constexpr std::uint64_t bit_of(Privilege mode) {
  return mode == Privilege::machine ? in_machine : mode == Privilege::supervisor ? in_supervisor : in_user;
}

constexpr bool matches(std::uint64_t control, std::uint64_t compared, std::uint64_t first, unsigned size) {
  switch ((control & match) >> match_shift) {
    case at_least:
      return first + (size - 1) >= compared;
    case below:
      return first < compared;
    default:
      return compared - first < size;
  }
}

}  // namespace

bool Triggers::fires(AccessKind kind, std::uint64_t address, unsigned size, Privilege mode) {
  bool fired = false;
  for (Trigger& trigger : triggers_) {
    if (!(trigger.control & bit_of(kind)) || !(trigger.control & bit_of(mode))) continue;
    if (!matches(trigger.control, trigger.address, address, kind == AccessKind::fetch ? 1 : size)) continue;
    trigger.control |= hit;
    fired = true;
  }
  return fired;
}

std::uint64_t Triggers::read(unsigned index) const {
  switch (index) {
    case 0:
      return selected_;
    case 1:
      return type() | triggers_[selected_].control;
    case 2:
      return triggers_[selected_].address;
    case 4:
      return 1u << mcontrol;
    default:
      return 0;
  }
}

void Triggers::write(unsigned index, std::uint64_t value) {
  Trigger& trigger = triggers_[selected_];
  if (index == 0) {
    if (value < triggers_.size()) selected_ = static_cast<unsigned>(value);
  } else if (index == 1) {
    // The bits of other types mean other things. Software for hardware with one fixed type leaves the type
    // out.
    const std::uint64_t wanted = value >> type_shift() & 0xf;
    trigger.control = wanted == 0 || wanted == mcontrol ? value & (kinds | modes | match | hit) : 0;
    const auto kind = static_cast<unsigned>((value & match) >> match_shift);
    if (kind != at_least && kind != below) trigger.control &= ~match;
  } else if (index == 2) {
    trigger.address = value;
  }
  armed_ = false;
  for (const Trigger& each : triggers_) armed_ |= (each.control & kinds) && (each.control & modes);
}

void Triggers::reset() {
  triggers_.assign(triggers_.size(), {});
  selected_ = 0;
  armed_ = false;
}

}  // namespace memio::riscv
