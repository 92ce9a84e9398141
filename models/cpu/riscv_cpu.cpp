// The TLM module of a RISC-V hart; see riscv_cpu.h.
#include "cpu/riscv_cpu.h"

#include <algorithm>

namespace memio {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

namespace {

BusMasterConfig master_config(const RiscvCpuConfig& cpu, const std::string& name) {
  BusMasterConfig config;
  config.clock = cpu.clock;
  config.initiator = name;
  config.number = cpu.hart.hart_id;
  config.at = cpu.hart.at;
  return config;
}

}  // namespace

RiscvCpu::RiscvCpu(const sc_core::sc_module_name& name, const RiscvCpuConfig& config)
    : sc_core::sc_module(name),
      memory("memory", master_config(config, basename())),
      fetch("fetch", master_config(config, basename() + std::string("_fetch"))),
      walk("walk", master_config(config, basename() + std::string("_walk"))),
      ports("ports", master_config(config, basename())),
      config_(config) {
  SC_HAS_PROCESS(RiscvCpu);
  if (!config_.settler) {
    own_settler_ = std::make_unique<Settler>("settler");
    config_.settler = own_settler_.get();
  }
  hart_ = riscv::make_hart(config_.hart, *this);
  quantum_end_ = config_.quantum;
  for (BusMaster* master : {&memory, &fetch, &walk})
    master->set_revoke_handler(
        [this](std::uint64_t first, std::uint64_t last) { hart_->revoke(first, last); });
  SC_THREAD(run);
  SC_METHOD(sample_interrupts);
  sensitive << msip << mtip << meip << seip << stip;
  dont_initialize();
}

void RiscvCpu::run() {
  settle();
  for (;;) {
    const riscv::StopReason reason = hart_->run();
    if (reason == riscv::StopReason::horizon) {
      begin_quantum();
    } else if (reason == riscv::StopReason::wait_for_interrupt) {
      wait_for_interrupt();
    } else {
      synchronise(hart_->now());
      if (!on_stop_ || !on_stop_(reason)) return;
      waiting_ = false;
    }
  }
}

void RiscvCpu::wait_for_interrupt() {
  synchronise(hart_->now());
  while (!hart_->wakes() && !line_changes_.empty()) {
    const Cycles at = line_changes_.front().at;
    hart_->idle_until(at);
    hear_interrupts(at);
  }
  if (hart_->wakes() || hart_->stop_requested()) return;
  waiting_ = true;
  wait(wake_);
  waiting_ = !hart_->wakes();  // woken to stop, it waits until the end
  settle();
  const Cycles now = config_.clock.cycles_up(sc_time_stamp());
  hart_->idle_until(now);
  begin_quantum();
}

/// Between instructions only: in the middle of one, events that began before are still to come.
void RiscvCpu::begin_quantum() {
  if (config_.harts == 1) {
    synchronise(hart_->now());
    quantum_end_ = hart_->now() + config_.quantum;
  } else {
    // An instruction may end after the horizon; if the harts waited for that, each would bound the next.
    synchronise(std::min(hart_->now(), horizon()));
    const Cycles now = config_.clock.cycles_up(sc_time_stamp());
    quantum_end_ = (now / config_.quantum + 1) * config_.quantum;
  }
  settled_ = hart_->now();
  if (on_sync_) on_sync_(settled_);
}

/// At equal times devices act first, then harts by index: their ranks are 1 and up.
void RiscvCpu::settle() { config_.settler->settle(1 + config_.hart.hart_id); }

void RiscvCpu::synchronise(Cycles now) {
  const sc_time target = config_.clock.time(now);
  if (target > sc_time_stamp()) wait(target - sc_time_stamp());
  settle();
}

Cycles RiscvCpu::horizon() {
  hear_interrupts(hart_->now());
  const Cycles now = config_.clock.cycles_up(sc_time_stamp());
  const Cycles limit =
      line_changes_.empty() ? quantum_end_ : std::min(quantum_end_, line_changes_.front().at);
  if (!config_.settler->quiet()) return std::min(limit, now);
  // Those who act later at this time may cause something at the next.
  if (config_.settler->waiting(config_.harts)) return std::min(limit, now + 1);
  const auto next = config_.settler->next_event();
  return next ? std::min(limit, config_.clock.cycles_up(*next)) : limit;
}

std::uint64_t RiscvCpu::time(Cycles now) { return time_source_ ? time_source_(config_.clock.time(now)) : 0; }

Completion RiscvCpu::access(const Access& access, Cycles now) {
  return port_of(access).transfer(access, now);
}

// A ticket names the port that gave it.
Ticket RiscvCpu::post(const Access& access, Cycles now) {
  const auto channel = riscv::channel_of(access.kind, config_.hart.bus_ports);
  return port_of(channel).post(access, now) * riscv::channels + static_cast<unsigned>(channel);
}

Completion RiscvCpu::completion(Ticket ticket) {
  return port_of(static_cast<riscv::Channel>(ticket % riscv::channels)).completion(ticket / riscv::channels);
}

void RiscvCpu::sample_interrupts() {
  const Cycles now = config_.clock.cycles_up(sc_time_stamp());
  line_changes_.push_back({now, msip.level(), mtip.level(), meip.level(), seip.level(), stip.level()});
  hear_interrupts(waiting_ ? now : hart_->now());
  if (hart_->wakes()) wake_.notify(sc_core::SC_ZERO_TIME);
}

void RiscvCpu::hear_interrupts(Cycles until) {
  for (; !line_changes_.empty() && line_changes_.front().at <= until; line_changes_.pop_front()) {
    const LineChange& change = line_changes_.front();
    hart_->set_interrupt(riscv::Interrupt::machine_software, change.msip);
    hart_->set_interrupt(riscv::Interrupt::machine_timer, change.mtip);
    hart_->set_interrupt(riscv::Interrupt::machine_external, change.meip);
    hart_->set_interrupt(riscv::Interrupt::supervisor_external, change.seip);
    hart_->set_interrupt(riscv::Interrupt::supervisor_timer, change.stip);
  }
}

void RiscvCpu::request_stop() {
  hart_->request_stop();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace memio
