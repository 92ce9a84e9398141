// Debug port 0x80: progress codes of firmware and boot code, as on a PC's POST card.
//
// No side effect but a count and a short history, which a reset keeps; the last code can be read back.
#pragma once

#include <deque>

#include "core/register_target.h"

namespace memio {

class DebugPort : public RegisterTarget {
 public:
  static constexpr std::size_t history_length = 64;

  explicit DebugPort(const sc_core::sc_module_name& name,
                     const sc_core::sc_time& latency = sc_core::SC_ZERO_TIME);

  void register_stats(StatGroup& group) override;

  std::uint8_t code() const { return static_cast<std::uint8_t>(code_.value()); }
  /// The last codes written, oldest first.
  const std::deque<std::uint8_t>& history() const { return history_; }

 private:
  void record(std::uint64_t value);

  Register code_{registers_, {"CODE", 0x0, 1}};
  std::deque<std::uint8_t> history_;
  std::uint64_t codes_ = 0;
};

}  // namespace memio
