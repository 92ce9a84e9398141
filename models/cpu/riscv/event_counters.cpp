// Changes of event counters: each keeps the value it had; see event_counters.h.
#include "cpu/riscv/event_counters.h"

namespace memio::riscv {

void EventCounters::set_value(unsigned counter, std::uint64_t value) {
  at(counter).held = value - source(at(counter));
}

void EventCounters::set_event(unsigned counter, std::uint64_t event) {
  const std::uint64_t before = value(counter);
  at(counter).event = event < static_cast<unsigned>(HpmEvent::count) ? static_cast<unsigned>(event) : 0;
  set_value(counter, before);
}

void EventCounters::inhibit(std::uint32_t mask) {
  for (unsigned i = first; i < end; ++i) {
    const std::uint64_t before = value(i);
    at(i).inhibited = (mask >> i & 1) != 0;
    set_value(i, before);
  }
}

void EventCounters::reset() {
  inhibit(0);
  for (unsigned i = first; i < end; ++i) set_event(i, 0);
}

}  // namespace memio::riscv
