// Reset control register; see reset_control.h.
#include "system/reset_control.h"

namespace memio {

namespace {

constexpr std::uint64_t sys_rst = 0x02, rst_cpu = 0x04, full_rst = 0x08;

ResetKind kind_of(std::uint64_t value) {
  if ((value & sys_rst) == 0) return ResetKind::hart;
  return value & full_rst ? ResetKind::cold : ResetKind::warm;
}

}  // namespace

ResetControl::ResetControl(const sc_core::sc_module_name& name, PowerControl& power,
                           const sc_core::sc_time& latency)
    : RegisterTarget(name, latency), power_(power) {
  control_.on_write([this](std::uint64_t value) { control(value); });
}

void ResetControl::control(std::uint64_t value) {
  const bool rises = (value & ~control_.value() & rst_cpu) != 0;
  control_.set(value);
  if (rises) power_.reset(kind_of(value));
}

}  // namespace memio
