// Debug port; see debug_port.h.
#include "system/debug_port.h"

namespace memio {

DebugPort::DebugPort(const sc_core::sc_module_name& name, const sc_core::sc_time& latency)
    : RegisterTarget(name, latency) {
  code_.on_write([this](std::uint64_t value) { record(value); });
}

void DebugPort::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  group.add("codes", "codes", "codes written", &codes_);
  group.add("last", "code", "the last code written", [this] { return code_.value(); });
}

void DebugPort::record(std::uint64_t value) {
  code_.set(value);
  ++codes_;
  history_.push_back(static_cast<std::uint8_t>(value));
  if (history_.size() > history_length) history_.pop_front();
}

}  // namespace memio
