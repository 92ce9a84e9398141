// Trace events as a VCD that GTKWave and other viewers open.
//
// Times are picoseconds of modelled time. The scopes and their variables are listed with the classes of
// vcd_scopes/ and in docs/waveforms.md. Enumerations are integers, as strings are not in the standard; the
// header's comment and the translate filters in traces/ name them. The variables of a transaction keep their
// values after its end. Does not record the data of transactions.
//
// Events arrive in any order of time later than the last `advance` and are written in the order of
// time_order.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trace/trace_output.h"
#include "trace/vcd_scopes/bus_scopes.h"
#include "trace/vcd_scopes/device_scopes.h"
#include "trace/vcd_scopes/hart_scopes.h"
#include "trace/vcd_scopes/memory_scopes.h"

namespace memio {

/// Topics that a user selects, or-ed: all but those that others imply.
inline constexpr std::uint32_t all_topics = 0xff;

struct VcdOptions {
  std::string path;
  std::uint64_t period_ps = 1000;     ///< picoseconds a cycle of the system clock takes
  std::uint32_t topics = all_topics;  ///< `TraceTopic`s to record, or-ed; `cpu` includes `trap`
  Cycles start = 0;                   ///< the window: what happens in [start, stop) is written;
  Cycles stop = never;                ///< it opens with the values of that time
};

class VcdTrace : public TraceOutput {
 public:
  /// Creates the file. Failure, now or later, does not throw: ask `ok`.
  explicit VcdTrace(const VcdOptions& options);
  /// Writes what is left and closes the file.
  ~VcdTrace() override;

  void declare(const TraceSources& sources) override;
  /// Narrows the window of the options.
  void set_window(Cycles start, Cycles stop) override;
  void finish(Cycles end) override;
  const std::string& error() const override { return recorder_.error(); }

  /// False for topics that were not selected, after the window, and once writing has failed.
  bool wants(TraceTopic topic) const override;
  void instruction(const InstructionEvent& event) override;
  void trap(const TrapEvent& event) override;
  void tlb_miss(const TlbMissEvent& event) override;
  void walk(const WalkEvent& event) override;
  void bus(const BusEvent& event) override;
  void irq(const IrqEvent& event) override;
  void cache(const CacheEvent& event) override;
  void dram(const DramEvent& event) override;
  void queue(const QueueEvent& event) override;
  void dma(const DmaEvent& event) override;
  void iommu(const IommuEvent& event) override;
  void alarm(const AlarmEvent& event) override;
  void kernel(const KernelEvent& event) override;
  void advance(Cycles now) override { recorder_.advance(now); }

 private:
  template <class Scope>
  using Named = std::map<std::string, Scope>;
  template <class Scope>
  using Parts = std::map<std::string, std::vector<Scope>>;

  bool selected(TraceTopic topic) const { return (options_.topics & static_cast<std::uint32_t>(topic)) != 0; }
  template <class Scopes, class Key>
  auto* find(Scopes& scopes, const Key& key, const char* what, Cycles time);
  template <class Scope>
  Scope* find_part(Parts<Scope>& scopes, const std::string& name, unsigned part, const char* what,
                   Cycles time);

  VcdOptions options_;
  VcdRecorder recorder_;
  std::map<unsigned, VcdCpuScope> cpus_;
  std::map<unsigned, VcdMmuScope> mmus_;
  Named<VcdCacheScope> caches_;
  Named<VcdInitiatorScope> initiators_;
  Parts<VcdBankScope> banks_;
  Named<VcdQueueScope> queues_;
  Parts<VcdChannelScope> channels_;
  Named<VcdIommuScope> iommus_;
  std::optional<VcdAlarmScope> alarms_;  ///< where there are caches or DMA controllers
  Named<VcdValueScope> lines_, numbers_;
};

}  // namespace memio
