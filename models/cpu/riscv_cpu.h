// A RISC-V hart as a TLM-2.0 initiator: keeps the quantum, takes interrupts, offers debug transport.
//
// The hart owns its time; this module joins it to SystemC's. It is temporally decoupled up to its
// horizon: the end of the quantum or the next pending SystemC event, whichever comes first. Accesses
// to what grants no direct memory pointer are made at their exact time, after a synchronisation. In `at` the
// simulation may be ahead of the hart, which goes on while its port still has a miss in hand: the hart then
// hears of its interrupt lines when it gets to the time of their changes.
//
// Several harts take turns: at each time at which one of them can go on, all of them run up to the same
// horizon, one after the other by index. Quanta end at multiples of their length, so that all harts have the
// same ones. What a hart waits for inside an instruction (a device, say) bounds the others' horizon too. So
// an interrupt between harts comes at its exact time, but for those that have had their turn already.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <systemc>

#include "core/bus_master.h"
#include "core/clock.h"
#include "core/irq_ports.h"
#include "core/settler.h"
#include "core/write_listener.h"
#include "cpu/riscv/hart.h"

namespace memio {

struct RiscvCpuConfig {
  riscv::HartConfig hart;
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  Cycles quantum = 10000;      ///< cycles, at least 1
  unsigned harts = 1;          ///< of the machine, all with the same quantum and settler
  Settler* settler = nullptr;  ///< the simulation's; null: the module makes one
};

class RiscvCpu : public sc_core::sc_module, private riscv::HartPort {
 public:
  BusMaster memory;
  BusMaster fetch, walk;  ///< ports of their own for these accesses; unbound unless `has_port`
  BusMaster ports;        ///< port space; may stay unbound
  IrqInput msip{"msip"}, mtip{"mtip"}, meip{"meip"}, seip{"seip"}, stip{"stip"};

  RiscvCpu(const sc_core::sc_module_name& name, const RiscvCpuConfig& config);

  /// What HartConfig::bus_ports says.
  bool has_port(riscv::Channel channel) const {
    return static_cast<unsigned>(channel) <= static_cast<unsigned>(config_.hart.bus_ports);
  }

  riscv::Hart& hart() { return *hart_; }
  const riscv::Hart& hart() const { return *hart_; }

  /// What the `time` CSR shows at a modelled time; without a source it reads zero.
  void set_time_source(std::function<std::uint64_t(const sc_core::sc_time&)> source) {
    time_source_ = std::move(source);
  }
  /// Told what stimecmp holds (timebase ticks), at the modelled time of the write; it drives `stip`.
  void set_timer_handler(std::function<void(std::uint64_t)> handler) { on_timer_ = std::move(handler); }
  /// Called when the hart stops for another reason than the horizon or WFI; false ends its thread.
  void set_stop_handler(std::function<bool(riscv::StopReason)> handler) { on_stop_ = std::move(handler); }
  /// Called between instructions at least once a quantum, after a synchronisation, with `settled()`.
  void set_sync_handler(std::function<void(Cycles)> handler) { on_sync_ = std::move(handler); }
  /// No event of this hart will begin before this time, nor before that of the simulation.
  Cycles settled() const { return waiting_ ? config_.clock.cycles_up(sc_core::sc_time_stamp()) : settled_; }

  /// Ends the hart's run after the instruction in hand, also out of WFI; the stop handler is called.
  void request_stop();
  /// True while the hart waits for an interrupt.
  bool waiting() const { return waiting_; }
  /// Physical memory changed behind the hart's back. Its own transactions are known to it already.
  void written(std::uint64_t first, std::uint64_t size) {
    if (!memory.moving() && !fetch.moving() && !walk.moving()) hart_->written(first, size);
  }

  /// Debug transport by physical address; how many bytes were moved.
  unsigned debug_read(std::uint64_t address, std::uint8_t* data, unsigned size) {
    return memory.debug_read(address, data, size);
  }
  unsigned debug_write(std::uint64_t address, const std::uint8_t* data, unsigned size) {
    return memory.debug_write(address, data, size);
  }

 private:
  Completion access(const Access& access, Cycles now) override;
  Ticket post(const Access& access, Cycles now) override;
  Completion completion(Ticket ticket) override;
  bool grant(std::uint64_t address, riscv::Channel channel, Grant& out) override {
    return port_of(channel).grant(address, out);
  }
  Cycles horizon() override;
  void synchronise(Cycles now) override;
  std::uint64_t time(Cycles now) override;
  void set_supervisor_timer(std::uint64_t deadline) override {
    if (on_timer_) on_timer_(deadline);
  }

  BusMaster& port_of(riscv::Channel channel) {
    return channel == riscv::Channel::fetch ? fetch : channel == riscv::Channel::walk ? walk : memory;
  }
  BusMaster& port_of(const Access& access) {
    if (access.space == Space::port) return ports;
    return port_of(riscv::channel_of(access.kind, config_.hart.bus_ports));
  }
  void run();
  void settle();
  void begin_quantum();
  void wait_for_interrupt();
  void sample_interrupts();
  void hear_interrupts(Cycles until);

  /// The levels of the interrupt lines from a time on.
  struct LineChange {
    Cycles at;
    bool msip, mtip, meip, seip, stip;
  };

  RiscvCpuConfig config_;
  std::unique_ptr<Settler> own_settler_;
  std::unique_ptr<riscv::Hart> hart_;
  std::function<std::uint64_t(const sc_core::sc_time&)> time_source_;
  std::function<void(std::uint64_t)> on_timer_;
  std::function<bool(riscv::StopReason)> on_stop_;
  std::function<void(Cycles)> on_sync_;
  std::deque<LineChange> line_changes_;  ///< that the hart has not heard of
  sc_core::sc_event wake_;
  Cycles quantum_end_ = 0;
  Cycles settled_ = 0;
  bool waiting_ = false;
};

/// Tells a CPU of the writes to a memory that lies at `base`.
class MemoryWatch : public WriteListener {
 public:
  MemoryWatch(RiscvCpu& cpu, std::uint64_t base) : cpu_(cpu), base_(base) {}
  void written(std::uint64_t first, std::uint64_t size) override { cpu_.written(base_ + first, size); }

 private:
  RiscvCpu& cpu_;
  std::uint64_t base_;
};

}  // namespace memio
