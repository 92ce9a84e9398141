// Core-local interruptor: machine software interrupts, the machine timer and its comparators; also the
// comparators of Sstc, which are registers of the harts.
//
// Follows the "RISC-V Advanced Core Local Interruptor" specification, sections 2 and 3, at the
// offsets of SiFive's CLINT (and QEMU's `virt`): msip 0x0 + 4 * hart, mtimecmp 0x4000 + 8 * hart,
// mtime 0xBFF8. mtime follows modelled time. Comparators start at the highest value, so no timer
// interrupt is pending after reset (the specification leaves them undefined).
#pragma once

#include <memory>
#include <vector>

#include "core/irq_ports.h"
#include "core/register_target.h"
#include "core/tick_rate.h"

namespace memio {

struct ClintConfig {
  unsigned harts = 1;                                ///< 1 to 2048
  std::uint64_t timebase = 10'000'000;               ///< Hz, up to TickRate::max_hertz
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;  ///< of an access
};

class Clint : public RegisterTarget {
 public:
  sc_core::sc_vector<IrqOutput> msip;  ///< per hart: machine software interrupt
  sc_core::sc_vector<IrqOutput> mtip;  ///< per hart: machine timer interrupt
  sc_core::sc_vector<IrqOutput> stip;  ///< per hart: supervisor timer interrupt (Sstc)

  explicit Clint(const sc_core::sc_module_name& name, const ClintConfig& config = {});

  /// Sets mtime to 0, clears msip and disarms the comparators.
  void reset() override;

  /// Sets `stimecmp` of a hart, which holds its supervisor timer line high while mtime is at least that.
  void set_stimecmp(unsigned hart, std::uint64_t value) {
    stimecmp_[hart] = value;
    compare();
  }

  /// The timer at modelled time `at`; what a hart's `time` CSR shows.
  std::uint64_t mtime(const sc_core::sc_time& at) const { return mtime_at(picoseconds(at)); }

 private:
  std::uint64_t mtime_at(std::uint64_t ps) const { return rate_.tick_at(ps) + offset_; }
  void write_mtime(std::uint64_t value);
  /// Sets the timer lines and schedules the next deadline.
  void compare();
  void on_deadline();

  TickRate rate_;
  std::uint64_t offset_ = 0;  ///< mtime less the ticks since the start of the run
  std::vector<std::unique_ptr<Register>> msip_, mtimecmp_;
  std::vector<std::uint64_t> stimecmp_;
  Register mtime_{registers_, {"mtime", 0xBFF8, 8, 0, ~std::uint64_t{0}, 4 | 8}};
  sc_core::sc_event deadline_;
};

}  // namespace memio
