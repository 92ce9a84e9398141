// Changes of event counters: each keeps the value it had; see event_counters.h.
#include "cpu/riscv/event_counters.h"

#include <algorithm>

namespace memio::riscv {

/// Brings `start` and `base` up to now, and sees an overflow on the way.
void EventCounters::settle(Counter& counter) {
  const std::uint64_t value = counter.start + since(counter);
  if (sscofpmf_ && value < counter.start && !(counter.flags & overflow_bit)) {
    counter.flags |= overflow_bit;
    unseen_ = true;
  }
  counter.start = value;
  counter.base = source(counter);
}

/// Changes what a counter counts, or whether it does; its value stays.
template <class Change>
void EventCounters::change(Counter& counter, Change change) {
  settle(counter);
  change(counter);
  counter.out_of_mode = leaves_out(counter, mode_);
  counter.base = source(counter);
}

bool EventCounters::leaves_out(const Counter& counter, Privilege mode) const {
  return (counter.flags & (mode == Privilege::machine      ? not_machine
                           : mode == Privilege::supervisor ? not_supervisor
                                                           : not_user)) != 0;
}

void EventCounters::set_value(unsigned counter, std::uint64_t value) {
  at(counter).start = value;
  at(counter).base = source(at(counter));
}

void EventCounters::set_event(unsigned counter, std::uint64_t value) {
  constexpr std::uint64_t flags = std::uint64_t{0x3f} << 58;
  constexpr std::uint64_t kept = overflow_bit | not_machine | not_supervisor | not_user;
  const std::uint64_t number = sscofpmf_ ? value & ~flags : value;
  change(at(counter), [&](Counter& it) {
    it.event = number < static_cast<unsigned>(HpmEvent::count) ? static_cast<unsigned>(number) : 0;
    it.flags = sscofpmf_ ? value & kept : 0;
  });
}

void EventCounters::inhibit(std::uint32_t mask) {
  for (unsigned i = first; i < end; ++i)
    change(at(i), [&](Counter& it) { it.inhibited = (mask >> i & 1) != 0; });
}

void EventCounters::set_mode(Privilege mode) {
  if (mode == mode_) return;
  mode_ = mode;
  for (Counter& counter : counters_)
    if (counter.out_of_mode != leaves_out(counter, mode)) change(counter, [](Counter&) {});
}

void EventCounters::reset() {
  inhibit(0);
  for (unsigned i = first; i < end; ++i) set_event(i, 0);
  unseen_ = false;
}

bool EventCounters::collect_overflows() {
  for (Counter& counter : counters_)
    if (runs(counter)) settle(counter);
  const bool seen = unseen_;
  unseen_ = false;
  return seen;
}

std::uint64_t EventCounters::room() const {
  std::uint64_t room = ~std::uint64_t{0};
  for (const Counter& counter : counters_)
    if (runs(counter) && !(counter.flags & overflow_bit))
      room = std::min(room, ~(counter.start + since(counter)));
  return room;
}

std::uint32_t EventCounters::overflown() const {
  std::uint32_t mask = 0;
  for (unsigned i = first; i < end; ++i)
    if (at(i).flags & overflow_bit) mask |= std::uint32_t{1} << i;
  return mask;
}

}  // namespace memio::riscv
