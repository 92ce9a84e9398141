// Goldfish real-time clock; see goldfish_rtc.h.
#include "timers/goldfish_rtc.h"

#include "core/tick_rate.h"

namespace memio {

namespace {

constexpr std::uint64_t low_half = 0xFFFF'FFFF;

}  // namespace

GoldfishRtc::GoldfishRtc(const sc_core::sc_module_name& name, const GoldfishRtcConfig& config)
    : RegisterTarget(name, config.latency), offset_(config.epoch * 1'000'000'000) {
  // TIME_LOW latches the high half, so that the two reads belong together.
  time_low_.on_peek([this] { return nanoseconds() & low_half; })
      .on_read([this] {
        const std::uint64_t time = nanoseconds();
        time_high_.set(time >> 32);
        return time & low_half;
      })
      .on_write([this](std::uint64_t value) { set_time((nanoseconds() & ~low_half) | value); });
  time_high_.on_write([this](std::uint64_t value) { set_time((nanoseconds() & low_half) | value << 32); });
  alarm_low_.on_write([this](std::uint64_t value) {
    alarm_low_.set(value);
    arm();
  });
  irq_enabled_.on_write([this](std::uint64_t value) {
    irq_enabled_.set(value);
    update_irq();
  });
  clear_alarm_.on_write([this](std::uint64_t) {
    alarm_status_.set(0);
    schedule();
  });
  clear_interrupt_.on_write([this](std::uint64_t) {
    pending_ = false;
    update_irq();
  });

  SC_HAS_PROCESS(GoldfishRtc);
  SC_METHOD(schedule);
  dont_initialize();
  sensitive << alarm_;
}

void GoldfishRtc::reset() {
  RegisterTarget::reset();
  pending_ = false;
  schedule();
  update_irq();
}

void GoldfishRtc::set_time(std::uint64_t nanoseconds) {
  offset_ = nanoseconds - now() / 1000;
  schedule();
}

void GoldfishRtc::arm() {
  alarm_status_.set(1);
  schedule();
}

/// Lets an alarm that is due ring, or waits for it.
void GoldfishRtc::schedule() {
  std::uint64_t due = TickRate::never;
  if (alarm_status_.value() != 0) {
    const std::uint64_t alarm = alarm_high_.value() << 32 | alarm_low_.value();
    const std::uint64_t time = nanoseconds();
    if (alarm <= time) {
      alarm_status_.set(0);
      pending_ = true;
      update_irq();
    } else if (alarm - time < (TickRate::never - now()) / 1000) {
      due = (now() / 1000 + (alarm - time)) * 1000;
    }
  }
  notify_at(alarm_, due);
}

void GoldfishRtc::update_irq() { irq.set(pending_ && irq_enabled_.value() != 0); }

}  // namespace memio
