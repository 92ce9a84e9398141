// A RISC-V hart as its surroundings see it: the seam of design rule 17. Free of SystemC.
//
// The hart owns its time, a count of system clock cycles. It runs until its horizon, takes
// interrupts by level, and reaches the world through `HartPort`. RV32 and RV64 are one template
// behind this interface (hart_impl.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cache/cache_hierarchy.h"
#include "core/access.h"
#include "core/route.h"
#include "core/stats.h"
#include "core/trace.h"
#include "cpu/riscv/hart_config.h"

namespace memio::riscv {

/// Interrupt inputs by their bit number in mip (privileged specification, section 3.1.9).
enum class Interrupt : unsigned {
  supervisor_software = 1,
  machine_software = 3,
  supervisor_timer = 5,
  machine_timer = 7,
  supervisor_external = 9,
  machine_external = 11
};

/// The hart's way to the world. A call may wait (synchronise with the simulation); interrupts and
/// the horizon may have changed when it returns.
class HartPort {
 public:
  virtual ~HartPort() = default;
  /// One bus transaction that begins at `now`.
  virtual Completion access(const Access& access, Cycles now) = 0;
  /// Timing mode `at` only: begins a transaction that the hart does not wait for. The port makes it when
  /// those posted or made before by the same bus port of the hart (of fetches, data or walks) are done, and
  /// not before `now`. Its data is moved at once.
  virtual Ticket post(const Access& access, Cycles now);
  /// When a posted transaction was done and how it ended; waits until it is. To be asked once.
  virtual Completion completion(Ticket ticket);
  /// Direct access to the storage at `address` through one of the hart's ports (`data` if it has no other),
  /// if its owner grants it: the bytes of memory. What is not granted is a device.
  virtual bool grant(std::uint64_t address, Channel channel, Grant& out) = 0;
  /// The horizon as of now: no instruction may begin at or after it without a synchronisation.
  virtual Cycles horizon() = 0;
  /// Waits until the simulation has reached `now`.
  virtual void synchronise(Cycles now) = 0;
  /// The value of the `time` counter (timebase ticks) at `now`.
  virtual std::uint64_t time(Cycles now) = 0;
  /// Sstc: holds the line supervisor_timer high while `time` is at least `deadline` (ticks), from the time of
  /// the last `synchronise` on. A port without it has no such timer.
  virtual void set_supervisor_timer(std::uint64_t deadline) { static_cast<void>(deadline); }
};

/// Why `run` returned.
enum class StopReason : std::uint8_t {
  horizon,             ///< the next instruction would begin at or after the horizon
  wait_for_interrupt,  ///< WFI with nothing pending
  instruction_limit,
  watched_store,  ///< a store touched the watched address; it has been done
  stuck,          ///< an endless trap: handlers trap at their first instruction
  requested       ///< `request_stop` was called
};

class Hart {
 public:
  virtual ~Hart() = default;

  /// Runs until the port's horizon or another reason to stop.
  virtual StopReason run() = 0;

  /// Back to the reset vector in M mode; memory, counters and time stay.
  virtual void reset() = 0;
  virtual void set_interrupt(Interrupt line, bool level) = 0;
  /// True if an enabled interrupt is pending, whatever the global enables: WFI falls through.
  virtual bool wakes() const = 0;
  /// Ends `run` after the instruction in hand, or before the first of the next call.
  virtual void request_stop() = 0;
  /// True if that is still to come.
  virtual bool stop_requested() const = 0;

  virtual Cycles now() const = 0;
  /// Moves the clock on while the hart waits; the cycles are booked as idle.
  virtual void idle_until(Cycles now) = 0;
  virtual std::uint64_t instructions() const = 0;
  /// `run` stops before instruction number `limit` + 1 (counted since the start).
  virtual void set_instruction_limit(std::uint64_t limit) = 0;
  /// Stores that touch the 8 bytes at physical `address` end `run`.
  virtual void watch_stores(std::uint64_t address) = 0;

  /// Physical memory changed behind the hart's back (DMA, loader, debugger).
  virtual void written(std::uint64_t first, std::uint64_t size) = 0;
  /// Grants of this range are no longer valid.
  virtual void revoke(std::uint64_t first, std::uint64_t last) = 0;

  virtual unsigned xlen() const = 0;
  virtual std::uint64_t pc() const = 0;
  virtual void set_pc(std::uint64_t pc) = 0;
  virtual Privilege privilege() const = 0;
  virtual std::uint64_t reg(unsigned index) const = 0;  ///< x0..x31
  virtual void set_reg(unsigned index, std::uint64_t value) = 0;
  virtual std::uint64_t float_reg(unsigned index) const = 0;  ///< f0..f31, 64 bits; 0 without F
  /// A CSR as M mode reads it, without side effects; none if there is no such CSR.
  virtual std::optional<std::uint64_t> csr(unsigned number) const = 0;
  /// The physical address that a load at `va` would reach now, without any effect.
  virtual std::optional<std::uint64_t> debug_translate(std::uint64_t va) const = 0;
  /// The last trap: for dumps. `taken` counts all.
  struct TrapRecord {
    std::uint64_t cause = 0, epc = 0, tval = 0, taken = 0;
    bool interrupt = false;
  };
  virtual const TrapRecord& last_trap() const = 0;

  /// Its caches; null if it has none.
  virtual CacheHierarchy* caches() = 0;
  virtual void set_trace(TraceSink* sink) = 0;
  /// Books what the fast engine counted in its own tables; call before statistics are read.
  virtual void settle() = 0;
  virtual void register_stats(StatGroup& group) const = 0;
  /// Counters of host caches (blocks, L0): for the `host` part of the statistics.
  virtual void register_host_stats(StatGroup& group) const = 0;
};

std::unique_ptr<Hart> make_hart(const HartConfig& config, HartPort& port);

}  // namespace memio::riscv
