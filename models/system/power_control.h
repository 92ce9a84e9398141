// What a device asks of the platform when the guest wants to end or restart the machine.
#pragma once

#include <cstdint>

namespace memio {

enum class ResetKind : std::uint8_t {
  cold,  ///< as after power-on
  warm,  ///< all devices and harts; what a battery or RAM holds stays
  hart   ///< the harts only
};

/// A request acts after the instruction that made it: the implementation records it.
class PowerControl {
 public:
  virtual ~PowerControl() = default;
  virtual void power_off(std::uint32_t exit_code) = 0;
  virtual void reset(ResetKind kind) = 0;
};

}  // namespace memio
