// The TLM module of a RISC-V hart; see riscv_cpu.h.
#include "cpu/riscv_cpu.h"

#include <algorithm>

namespace memio {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

RiscvCpu::RiscvCpu(const sc_core::sc_module_name& name, const RiscvCpuConfig& config)
    : sc_core::sc_module(name), config_(config), name_(this->basename()) {
  SC_HAS_PROCESS(RiscvCpu);
  if (!config_.settler) {
    own_settler_ = std::make_unique<Settler>("settler");
    config_.settler = own_settler_.get();
  }
  hart_ = riscv::make_hart(config_.hart, *this);
  quantum_end_ = config_.quantum;
  extension_.initiator = config_.hart.hart_id;
  extension_.name = &name_;
  payload_.set_extension(&extension_);
  memory.register_invalidate_direct_mem_ptr(this, &RiscvCpu::invalidate);
  SC_THREAD(run);
  SC_METHOD(sample_interrupts);
  sensitive << msip << mtip << meip << seip;
  dont_initialize();
}

RiscvCpu::~RiscvCpu() { payload_.clear_extension(&extension_); }

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
    }
  }
}

void RiscvCpu::wait_for_interrupt() {
  synchronise(hart_->now());
  if (hart_->wakes()) return;
  waiting_ = true;
  wait(wake_);
  waiting_ = false;
  settle();
  const Cycles now = config_.clock.cycles_up(sc_time_stamp());
  hart_->idle_until(now);
  begin_quantum();
}

/// Between instructions only: in the middle of one, events that began before are still to come.
void RiscvCpu::begin_quantum() {
  synchronise(hart_->now());
  quantum_end_ = hart_->now() + config_.quantum;
  if (on_sync_) on_sync_(hart_->now());
}

/// At equal times devices act first, then harts by index.
void RiscvCpu::settle() { config_.settler->settle(1 + config_.hart.hart_id); }

void RiscvCpu::synchronise(Cycles now) {
  const sc_time target = config_.clock.time(now);
  if (target > sc_time_stamp()) wait(target - sc_time_stamp());
  settle();
}

Cycles RiscvCpu::horizon() {
  if (!config_.settler->quiet()) return config_.clock.cycles_up(sc_time_stamp());
  if (!sc_core::sc_pending_activity_at_future_time()) return quantum_end_;
  const sc_time next = sc_time_stamp() + sc_core::sc_time_to_pending_activity();
  return std::min(quantum_end_, config_.clock.cycles_up(next));
}

std::uint64_t RiscvCpu::time(Cycles now) { return time_source_ ? time_source_(config_.clock.time(now)) : 0; }

Completion RiscvCpu::access(const Access& access, Cycles now) {
  if (access.space == Space::port && ports.size() == 0) return {Status::address_error, now};
  payload_.set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload_.set_address(access.address);
  payload_.set_data_ptr(access.data);
  payload_.set_data_length(access.size);
  payload_.set_streaming_width(access.size);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  extension_.kind = access.kind;
  extension_.privilege = access.privilege;
  extension_.cacheable = access.memory_type == MemoryType::pma;
  extension_.bufferable = access.memory_type != MemoryType::io;
  sc_time delay = config_.clock.time(now) - sc_time_stamp();
  in_transaction_ = true;
  if (access.space == Space::port)
    ports->b_transport(payload_, delay);
  else
    memory->b_transport(payload_, delay);
  in_transaction_ = false;
  return {from_tlm(payload_.get_response_status()), config_.clock.cycles_up(sc_time_stamp() + delay)};
}

bool RiscvCpu::grant(std::uint64_t address, Grant& out) {
  tlm::tlm_dmi dmi;
  std::uint8_t byte = 0;
  payload_.set_command(tlm::TLM_READ_COMMAND);
  payload_.set_address(address);
  payload_.set_data_ptr(&byte);
  payload_.set_data_length(1);
  payload_.set_streaming_width(1);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  extension_.route = nullptr;
  if (!memory->get_direct_mem_ptr(payload_, dmi)) return false;
  Route* route = extension_.route;
  if (!route) {
    direct_routes_.push_back(std::make_unique<DirectRoute>(name_, "memory"));
    route = &direct_routes_.back()->route;
    route->timing.read = config_.clock.cycles_up(dmi.get_read_latency());
    route->timing.write = config_.clock.cycles_up(dmi.get_write_latency());
  }
  out = {dmi.get_dmi_ptr(),     dmi.get_start_address(), dmi.get_end_address(),
         dmi.is_read_allowed(), dmi.is_write_allowed(),  route};
  return out.host != nullptr;
}

void RiscvCpu::sample_interrupts() {
  hart_->set_interrupt(riscv::Interrupt::machine_software, msip.level());
  hart_->set_interrupt(riscv::Interrupt::machine_timer, mtip.level());
  hart_->set_interrupt(riscv::Interrupt::machine_external, meip.level());
  hart_->set_interrupt(riscv::Interrupt::supervisor_external, seip.level());
  if (hart_->wakes()) wake_.notify(sc_core::SC_ZERO_TIME);
}

void RiscvCpu::request_stop() {
  hart_->request_stop();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

unsigned RiscvCpu::debug_read(std::uint64_t address, std::uint8_t* data, unsigned size) {
  return debug(tlm::TLM_READ_COMMAND, address, data, size);
}

unsigned RiscvCpu::debug_write(std::uint64_t address, const std::uint8_t* data, unsigned size) {
  std::vector<std::uint8_t> copy(data, data + size);
  return debug(tlm::TLM_WRITE_COMMAND, address, copy.data(), size);
}

unsigned RiscvCpu::debug(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, unsigned size) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(size);
  payload.set_streaming_width(size);
  return memory->transport_dbg(payload);
}

}  // namespace memio
