// Programmable interval timer; see pit.h.
#include "timers/pit.h"

namespace memio {

Pit::Pit(const sc_core::sc_module_name& name, const PitConfig& config)
    : RegisterTarget(name, config.latency, RegisterBank::Alignment::any), rate_(config.clock) {
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    PitCounter& counter = counters_[i];
    counter_registers_[i]
        .on_peek([this, &counter] { return counter.peek(tick()); })
        .on_read([this, &counter] { return counter.read(tick()); })
        .on_write([this, &counter](std::uint64_t value) {
          counter.write(static_cast<std::uint8_t>(value), tick());
          update();
        });
  }
  // The control word cannot be read: the 8254 leaves the bus floating, which reads as all ones.
  control_.on_write([this](std::uint64_t value) { control(value); });

  SC_HAS_PROCESS(Pit);
  SC_METHOD(update);
  dont_initialize();
  sensitive << change_;
}

void Pit::reset() {
  RegisterTarget::reset();
  counters_.fill({});
  update();
}

void Pit::control(std::uint64_t word) {
  const std::size_t select = word >> 6 & 3;
  if (select == 3) {
    read_back(word);
  } else if ((word & 0x30) == 0) {
    counters_[select].latch_count(tick());
  } else {
    counters_[select].control(static_cast<std::uint8_t>(word), tick());
  }
  update();
}

void Pit::read_back(std::uint64_t word) {
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    if ((word >> (i + 1) & 1) == 0) continue;
    if ((word & 0x20) == 0) counters_[i].latch_count(tick());
    if ((word & 0x10) == 0) counters_[i].latch_status(tick());
  }
}

void Pit::update() {
  const PitCounter::Tick at = tick();
  irq.set(counters_[0].out(at));
  const PitCounter::Tick next = counters_[0].next_change(at);
  notify_at(change_,
            next == PitCounter::never ? TickRate::never : rate_.begin_of(static_cast<std::uint64_t>(next)));
}

}  // namespace memio
