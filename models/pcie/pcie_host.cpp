// Decoding of configuration space and I/O; see pcie_host.h.
#include "pcie/pcie_host.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace memio {
namespace {

// QEMU's numbers of its generic host bridge: vendor Red Hat, class "host bridge".
const PciIdentity bridge_identity{0x1B36, 0x0008, 0x060000, 0, 0x1AF4, 0x1100, false, {}};

bool is_word_or_less(unsigned size) { return size == 1 || size == 2 || size == 4; }

// What a read gives that nobody answers.
void read_ones(tlm::tlm_generic_payload& payload) {
  if (payload.is_read()) std::memset(payload.get_data_ptr(), 0xFF, payload.get_data_length());
}

}  // namespace

PcieHost::Function::Function(unsigned device, const PciIdentity& identity)
    : number(device),
      header(identity),
      registers(("device" + std::to_string(device)).c_str()),
      interrupt(("interrupt" + std::to_string(device)).c_str()) {}

PcieHost::PcieHost(const sc_core::sc_module_name& name, const PcieHostConfig& config)
    : sc_core::sc_module(name), config_(config), bridge_(bridge_identity) {
  ecam.register_b_transport(this, &PcieHost::access_config);
  ecam.register_transport_dbg(this, &PcieHost::debug_config);
  ecam.register_get_direct_mem_ptr(this, &PcieHost::refuse_direct);
  io.register_b_transport(this, &PcieHost::access_io);
  io.register_transport_dbg(this, &PcieHost::debug_io);
  io.register_get_direct_mem_ptr(this, &PcieHost::refuse_direct);
  memory.register_b_transport(this, &PcieHost::access_memory);
  memory.register_transport_dbg(this, &PcieHost::debug_unclaimed);
  memory.register_get_direct_mem_ptr(this, &PcieHost::refuse_direct);
  for (const PcieDevice& device : config.devices) {
    if (device.number == 0 || device.number >= devices_per_bus)
      throw std::invalid_argument("PCI device number " + std::to_string(device.number) +
                                  "; allowed: 1 to 31");
    for (const auto& other : functions_)
      if (other->number == device.number)
        throw std::invalid_argument("PCI device number " + std::to_string(device.number) + " is taken");
    functions_.push_back(std::make_unique<Function>(device.number, device.identity));
  }
  SC_HAS_PROCESS(PcieHost);
  SC_METHOD(update_interrupts);
  for (const auto& function : functions_) sensitive << function->interrupt;
}

PcieHost::Function& PcieHost::function(unsigned number) {
  return **std::find_if(functions_.begin(), functions_.end(),
                        [number](const auto& function) { return function->number == number; });
}

void PcieHost::reset() {
  bridge_.reset();
  for (auto& function : functions_) function->header.reset();
  update_interrupts();
}

// ECAM: bus in bits 27:20, device in 19:15, function in 14:12, register in 11:0.
PciHeader* PcieHost::header_at(std::uint64_t ecam_offset) {
  if (ecam_offset >> 12 == 0) return &bridge_;
  for (auto& function : functions_)
    if (ecam_offset >> 12 == function->number << 3) return &function->header;
  return nullptr;
}

void PcieHost::access_config(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += config_.config_latency;
  const std::uint64_t offset = payload.get_address();
  const unsigned size = payload.get_data_length();
  if (!accept(payload, (is_word_or_less(size) || size == 8) && offset % size == 0)) return;
  if (payload.is_read()) ++config_reads_;
  if (payload.is_write()) ++config_writes_;
  PciHeader* header = header_at(offset);
  if (!header) return leave_unclaimed(payload);
  const unsigned step = std::min(size, 4u);
  for (unsigned done = 0; done < size; done += step) {
    const auto reg = static_cast<std::uint32_t>((offset + done) & 0xFFF);
    std::uint32_t value = 0;
    if (payload.is_read()) {
      value = header->read(reg, step);
      std::memcpy(payload.get_data_ptr() + done, &value, step);
    } else if (payload.is_write()) {
      std::memcpy(&value, payload.get_data_ptr() + done, step);
      header->write(reg, step, value);
    }
  }
  if (payload.is_write()) update_interrupts();
}

bool PcieHost::accept(tlm::tlm_generic_payload& payload, bool size_fits) {
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (!size_fits || payload.get_streaming_width() < payload.get_data_length())
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  if (payload.get_byte_enable_ptr()) payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  refused_ += payload.is_response_error();
  return payload.is_response_ok();
}

void PcieHost::leave_unclaimed(tlm::tlm_generic_payload& payload) {
  ++unclaimed_;
  read_ones(payload);
}

unsigned PcieHost::debug_config(tlm::tlm_generic_payload& payload) {
  if (!payload.is_read()) return 0;
  for (unsigned i = 0; i < payload.get_data_length(); ++i) {
    const std::uint64_t offset = payload.get_address() + i;
    const PciHeader* header = header_at(offset);
    payload.get_data_ptr()[i] = static_cast<std::uint8_t>(
        header ? header->read(static_cast<std::uint32_t>(offset & 0xFFF), 1) : 0xFF);
  }
  return payload.get_data_length();
}

PcieHost::Function* PcieHost::route_io(tlm::tlm_generic_payload& payload) {
  const std::uint64_t port = config_.io_base + payload.get_address();
  for (auto& function : functions_) {
    const auto hit = function->header.decode(PciBar::Space::io, port, payload.get_data_length());
    if (!hit || hit->bar != 0) continue;
    payload.set_address(hit->offset);
    return function.get();
  }
  return nullptr;
}

void PcieHost::access_io(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += config_.io_latency;
  ++io_accesses_;
  if (!accept(payload, is_word_or_less(payload.get_data_length()))) return;
  const std::uint64_t address = payload.get_address();
  if (Function* function = route_io(payload)) {
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    function->registers->b_transport(payload, delay);
    payload.set_address(address);
    return;
  }
  leave_unclaimed(payload);
}

unsigned PcieHost::debug_io(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  Function* function = route_io(payload);
  if (!function) return debug_unclaimed(payload);
  const unsigned done = function->registers->transport_dbg(payload);
  payload.set_address(address);
  return done;
}

// No function has a base address in memory space.
void PcieHost::access_memory(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += config_.memory_latency;
  ++memory_accesses_;
  if (accept(payload, true)) leave_unclaimed(payload);
}

unsigned PcieHost::debug_unclaimed(tlm::tlm_generic_payload& payload) {
  if (!payload.is_read()) return 0;
  read_ones(payload);
  return payload.get_data_length();
}

bool PcieHost::refuse_direct(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.allow_none();
  dmi.set_start_address(0);
  dmi.set_end_address(~sc_dt::uint64{0});
  return false;
}

void PcieHost::update_interrupts() {
  bool levels[interrupt_lines] = {};
  for (auto& function : functions_) {
    function->header.set_interrupt(function->interrupt.level());
    levels[function->number % interrupt_lines] |= function->header.interrupt();
  }
  for (unsigned line = 0; line < interrupt_lines; ++line) interrupts[line].set(levels[line]);
}

void PcieHost::register_stats(StatGroup& group) const {
  group.add("config_reads", "accesses", "reads of configuration space", &config_reads_);
  group.add("config_writes", "accesses", "writes to configuration space", &config_writes_);
  group.add("io", "accesses", "I/O transactions", &io_accesses_);
  group.add("memory", "accesses", "memory transactions", &memory_accesses_);
  group.add("unclaimed", "accesses", "accesses that nobody answered", &unclaimed_);
  group.add("refused", "accesses", "accesses refused for size, alignment or byte enables", &refused_);
}

}  // namespace memio
