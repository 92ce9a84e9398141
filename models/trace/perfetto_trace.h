// Trace events as rows of slices for Perfetto and Chrome's trace viewer.
//
// Processes and their rows: cpu<h> (instructions that cause something, functions, traps, itlb, dtlb, l2tlb,
// walker, its caches), bus (a row an initiator), memory (a row a bank), dma (a row a channel, an IOMMU),
// interrupts, queues and kernel (counters). A flow leads from an instruction to what it causes
// (perfetto_flows.h). Slices of one row that overlap are drawn in further rows. docs/waveforms.md has the
// names.
//
// Times are modelled times. What begins in the window is written, in the order of time_order.h.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trace/perfetto_file.h"
#include "trace/perfetto_flows.h"
#include "trace/time_order.h"
#include "trace/trace_output.h"

namespace memio {

struct PerfettoOptions {
  std::string path;
  std::uint64_t period_ps = 1000;  ///< picoseconds a cycle of the system clock takes
  std::uint32_t topics = 0xff;     ///< `TraceTopic`s to record, or-ed; `cpu` includes `trap`
  bool functions = false;          ///< a row of the functions that run; wants every instruction
  /// The function that an address lies in; empty if it is not known.
  std::function<std::string(std::uint64_t)> symbol;
};

class PerfettoTrace : public TraceOutput {
 public:
  /// Creates the file. Failure, now or later, does not throw: ask `ok`.
  explicit PerfettoTrace(const PerfettoOptions& options);

  void declare(const TraceSources& sources) override;
  void set_window(Cycles start, Cycles stop) override;
  void finish(Cycles end) override;
  const std::string& error() const override { return file_.ok() ? misuse_ : file_.error(); }

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
  void advance(Cycles now) override;

 private:
  struct Track {
    unsigned process;
    std::string name;
    TraceSource source;
    bool counter;
    std::vector<Cycles> lanes;  ///< until when each of its rows is taken
  };
  struct Hart {
    unsigned instructions, functions, traps, tlb[3], walker;
    InstructionGroup group;
    InstructionEvent event;  ///< the instruction of the group
    std::uint64_t flow;
    std::string function;
    Cycles function_begin = 0;
  };
  struct Initiator {
    unsigned track;
    Hart* hart;  ///< null if it is none
    std::uint64_t flow;
  };

  unsigned add_track(const std::string& process, const std::string& name, bool counter = false);
  unsigned track_of(const char* kind, const std::string& name);
  Hart* hart(unsigned index);
  bool selected(TraceTopic topic) const { return (options_.topics & static_cast<std::uint32_t>(topic)) != 0; }
  std::string place(std::uint64_t pc) const;

  void end_instruction(Hart& hart, Cycles end);
  void end_function(Hart& hart, Cycles end);
  std::vector<PerfettoItem> banks_of(const BusEvent& event);
  void add(PerfettoItem item);
  void add_counter(unsigned track, Cycles at, std::uint64_t value);
  void write_before(Cycles limit);
  void write(const PerfettoItem& item);
  PerfettoRow row_of(Track& track, Cycles begin, Cycles end);
  std::uint64_t picoseconds(Cycles cycles) const { return cycles * options_.period_ps; }

  PerfettoOptions options_;
  PerfettoFile file_;
  TimeOrder<PerfettoItem> order_;
  std::vector<Track> tracks_;
  std::map<std::string, unsigned> processes_, names_;
  std::vector<Hart> harts_;
  std::map<std::string, Initiator> initiators_;
  std::vector<PerfettoItem> banks_;     ///< transfers that no transaction has been found for yet
  std::map<unsigned, Cycles> running_;  ///< by track: since when a slice of unknown end is open
  std::uint64_t flow_step_ = 1;
  Cycles now_ = 0, start_ = 0, stop_ = never;
  std::string misuse_;
};

}  // namespace memio
