// Trace events as a VCD that GTKWave and other viewers open.
//
// Scopes and variables (times in picoseconds of modelled time; * marks VCD events, which have no
// value but happen; the rest are wires):
//   cpu<h>          pc, privilege, trap*, trap_cause, trap_interrupt, trap_epc, trap_tval
//   cpu<h>.mmu      itlb_miss*, dtlb_miss*, l2_miss*, miss_address, walk_active, walk_level, pte_address
//   bus.<initiator> begin*, active, space, kind, write, address, size, latency (cycles), status,
//                   memory_type
//   irq.<line>      the line's level
// Enumerations are integers, as strings are not in the standard; the header's comment and the
// translate filters in traces/ name them. The variables of a transaction keep their values after its
// end. Does not record the data of transactions.
//
// Events arrive in any order of time later than the last `advance` and are written by (cycle,
// source, sequence); a source is one scope, ranked as declared. So the file does not depend on how
// an engine interleaves its harts, its walks and its transactions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "core/trace.h"
#include "trace/vcd_file.h"

namespace memio {

struct VcdOptions {
  std::string path;
  std::uint64_t period_ps = 1000;  ///< picoseconds a cycle of the system clock takes
  std::uint32_t topics = 0xf;      ///< `TraceTopic`s to record, or-ed
  Cycles start = 0;                ///< the window: what happens in [start, stop) is written;
  Cycles stop = std::numeric_limits<Cycles>::max();  ///< it opens with the values of that time
};

class VcdTrace : public TraceSink {
 public:
  /// Creates the file. Failure, now or later, does not throw: ask `ok`.
  explicit VcdTrace(const VcdOptions& options);
  /// Writes what is left and closes the file.
  ~VcdTrace() override;

  /// What will send events; all of it is declared before the first `advance` (else std::logic_error).
  /// A name is the one that the events point to; its dots make scopes. Repeating one does nothing.
  void declare_hart(unsigned hart);
  void declare_initiator(const std::string& name);
  void declare_irq(const std::string& line);

  /// False for topics that were not selected, after the window, and once writing has failed.
  bool wants(TraceTopic topic) const override;
  void instruction(const InstructionEvent& event) override;
  void trap(const TrapEvent& event) override;
  void tlb_miss(const TlbMissEvent& event) override;
  void walk(const WalkEvent& event) override;
  void bus(const BusEvent& event) override;
  void irq(const IrqEvent& event) override;
  void advance(Cycles now) override;

  /// The run ended at `end`: writes what is left, marks the end and closes the file.
  void finish(Cycles end);

  bool ok() const { return error().empty(); }
  /// The first failure, fit for a message: the file could not be written (and is incomplete), or an
  /// event came from an undeclared source or too late (a bug of the sender; the event is missing).
  const std::string& error() const { return file_.ok() ? misuse_ : file_.error(); }

 private:
  using Var = VcdFile::Var;
  enum class Change : std::uint8_t { set, fire, raise, lower };

  /// What happens to one variable.
  struct Action {
    Change change;
    Var var;
    std::uint64_t value;
  };
  static Action set(Var var, std::uint64_t value) { return {Change::set, var, value}; }
  static Action fire(Var var) { return {Change::fire, var, 0}; }

  /// What happens at once in one source, to be sorted: actions [first, first + count).
  struct Record {
    Cycles time;
    std::uint64_t order;  ///< the source above the sequence
    std::uint32_t first, count;
  };

  struct Hart {
    bool cpu = false, mmu = false;  ///< declared
    std::uint64_t cpu_source = 0, mmu_source = 0;
    Var pc = 0, privilege = 0, trap = 0, cause = 0, interrupt = 0, epc = 0, tval = 0;
    Var miss[3] = {}, miss_address = 0, walk_active = 0, walk_level = 0, pte_address = 0;
  };

  struct Initiator {
    std::string name;
    std::uint64_t source;
    Var begin, active, space, kind, write, address, size, latency, status, memory_type;
  };

  struct Line {
    std::string name;
    std::uint64_t source;
    Var level;
  };

  /// A hart whose `part` is declared; null, and noted as misuse, if there is none.
  const Hart* find_hart(unsigned hart, bool Hart::*part);
  template <class Entry>
  const Entry* find(const std::vector<Entry>& entries, const std::string& name) const;

  std::uint64_t picoseconds(Cycles cycles) const { return cycles * options_.period_ps; }
  bool selected(TraceTopic topic) const { return (options_.topics & static_cast<std::uint32_t>(topic)) != 0; }
  std::uint64_t next_source() { return sources_++ << 48; }
  /// Whether an event that begins at `time` can still be written; notes misuse if not.
  bool in_time(Cycles time);
  void record(Cycles time, std::uint64_t source, std::initializer_list<Action> actions);
  void write_before(Cycles limit);
  void write(std::uint64_t time, const Action& action);
  void note_misuse(const std::string& what);

  VcdOptions options_;
  VcdFile file_;
  std::vector<Hart> harts_;
  std::vector<Initiator> initiators_;
  std::vector<Line> lines_;
  std::vector<Record> records_;         ///< not yet written
  std::vector<Action> actions_, kept_;  ///< of the records; those that survive a writing
  std::vector<std::uint32_t> raised_;   ///< by variable: how many transactions hold it up
  std::uint64_t sources_ = 0, sequence_ = 0;
  Cycles now_ = 0;  ///< the last `advance`
  std::string misuse_;
};

}  // namespace memio
