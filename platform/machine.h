// The machine put together: harts, bus, RAM and devices as the description says, with the images
// loaded, and the run from reset to its end.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.h"
#include "cache/device_view.h"
#include "core/settler.h"
#include "cpu/riscv/hart_group.h"
#include "cpu/riscv_cpu.h"
#include "irq/irq_tracer.h"
#include "platform/boot_plan.h"
#include "platform/coherence_log.h"
#include "platform/console.h"
#include "platform/device_set.h"
#include "platform/htif.h"
#include "platform/kernel_sampler.h"
#include "platform/machine_description.h"
#include "platform/memory_setup.h"
#include "platform/options.h"
#include "trace/trace_output.h"

namespace memio {

/// Why a run ended.
enum class EndReason {
  none,
  guest,
  reset,  ///< the guest asked for one, and it is to end the run
  instruction_limit,
  time_limit,
  stuck,
  dead_wait,
  interrupted,
  output_error
};

/// Where the machine's serial lines lead. Only the console can be a terminal.
struct SerialLines {
  Console& console;
  Console& pci_serial;  ///< of the PCI card, if there is one

  std::array<Console*, 2> all() const { return {&console, &pci_serial}; }
};

class Machine : private PowerControl {
 public:
  /// `trace` may be null. All arguments outlive the machine. Throws ConfigError.
  Machine(const MachineDescription& description, const BootPlan& boot, const Options& options,
          const SerialLines& lines, TraceOutput* trace);
  ~Machine() override;

  /// Runs until the guest ends, a limit is reached, an output fails or `interrupted` says so.
  EndReason run(const std::function<bool()>& interrupted);

  /// What the guest ended with, in full.
  std::uint64_t guest_code() const { return guest_code_; }
  const CoherenceLog& coherence_log() const { return coherence_log_; }
  /// What broke the protocol of the bus, in words; empty if nothing did.
  std::string protocol_violations() const { return bus_->violations(); }
  /// The contents of RAM.
  const HostMemory& ram() { return ram_.memory->storage(); }
  unsigned harts() const { return static_cast<unsigned>(harts_.size()); }
  riscv::Hart& hart(unsigned number) { return cpu(number).hart(); }
  /// The hart whose trap handler traps, if the run ended so.
  unsigned stuck_hart() const { return stuck_hart_; }
  /// The latest time that a hart has reached.
  Cycles now() const;
  std::uint64_t sim_time_ps() const { return now() * description_.cpu_period_ps; }
  /// Of all harts.
  std::uint64_t instructions() const;

  /// Groups "cpu0" and so on, "bus" and one for each device; call once.
  void register_stats(StatGroup& models, StatGroup& host);

 private:
  /// Ends the run at a modelled time; the pending event bounds the hart's horizon.
  class Deadline;

  void power_off(std::uint32_t exit_code) override;
  void reset(ResetKind kind) override;

  /// A hart with what belongs to it.
  struct HartPlace;

  RiscvCpu& cpu(unsigned number) const;
  void build_cpu(const Options& options, unsigned number);
  void connect_cpu(HartPlace& place, unsigned number);
  void connect_device_view(const Options& options);
  void connect_trace(const Options& options);
  void advance_trace(HartPlace& place);
  void load_images(bool again);
  void end(EndReason reason);
  void end_by_guest(std::uint64_t code);
  void stop_harts();
  bool all_wait() const;
  bool output_failed() const;
  bool at_rest() const;
  bool on_stop(HartPlace& place, riscv::StopReason reason);
  void do_reset(HartPlace& place);

  const MachineDescription& description_;
  const BootPlan& boot_;
  const SerialLines lines_;
  TraceOutput* trace_;
  Clock clock_;
  std::unique_ptr<Settler> settler_;
  std::unique_ptr<Bus> bus_;
  Ram ram_;
  std::vector<std::string> initiators_;  ///< the harts', in memory space
  std::unique_ptr<DeviceSet> devices_;
  riscv::HartGroup group_;  ///< of the harts, if there are several
  std::vector<std::unique_ptr<HartPlace>> harts_;
  std::unique_ptr<CacheDeviceView> device_view_;  ///< how DMA sees RAM behind the harts' caches
  CoherenceLog coherence_log_;
  std::unique_ptr<IrqTracer> irq_tracer_;
  std::unique_ptr<KernelSampler> kernel_sampler_;
  std::unique_ptr<Deadline> deadline_;
  std::unique_ptr<Htif> htif_;

  EndReason end_ = EndReason::none;
  unsigned stuck_hart_ = 0;
  const bool reset_ends_run_;
  std::optional<ResetKind> pending_reset_;  ///< of the devices, and of the images
  std::uint64_t guest_code_ = 0;
};

}  // namespace memio
