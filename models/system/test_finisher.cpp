// Test finisher; see test_finisher.h.
#include "system/test_finisher.h"

namespace memio {

namespace {

constexpr std::uint64_t pass = 0x5555, fail = 0x3333, restart = 0x7777;

}  // namespace

TestFinisher::TestFinisher(const sc_core::sc_module_name& name, PowerControl& power,
                           const sc_core::sc_time& latency)
    : RegisterTarget(name, latency), power_(power) {
  registers_.ignore_elsewhere();
  finisher_.on_write([this](std::uint64_t value) { finish(value); });
}

void TestFinisher::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  group.add("result", "value", "the result that the guest left", [this] { return result_.value(); });
}

void TestFinisher::finish(std::uint64_t value) {
  finisher_.set(value);
  const std::uint64_t status = value & 0xFFFF;
  if (status == pass) power_.power_off(0);
  if (status == fail) power_.power_off(static_cast<std::uint32_t>(value >> 16));
  if (status == restart) power_.reset(ResetKind::warm);
}

}  // namespace memio
