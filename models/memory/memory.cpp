// Transfers of RAM and ROM; see memory.h.
#include "memory/memory.h"

#include <algorithm>
#include <cstring>

#include "core/extension.h"

namespace memio {

Memory::Memory(const sc_core::sc_module_name& name, const MemoryConfig& config)
    : sc_core::sc_module(name), config_(config), storage_(config.size) {
  socket.register_b_transport(this, &Memory::b_transport);
  socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
  socket.register_transport_dbg(this, &Memory::transport_dbg);
}

void Memory::written(std::uint64_t first, std::uint64_t size) {
  for (WriteListener* listener : listeners_) listener->written(first, size);
}

void Memory::b_transport(Payload& payload, sc_core::sc_time& delay) {
  delay += config_.clock.time(payload.is_write() ? config_.write_latency : config_.read_latency);
  payload.set_response_status(transfer(payload, delay));
  payload.set_dmi_allowed(payload.is_response_ok());
}

tlm::tlm_response_status Memory::transfer(Payload& payload, sc_core::sc_time& delay) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  const std::uint64_t width = std::min(payload.get_streaming_width(), payload.get_data_length());
  if (width == 0) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (!storage_.contains(payload.get_address(), width)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.is_write() && config_.read_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() && payload.get_byte_enable_length() == 0)
    return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (view_ && access_kind(payload) == AccessKind::dma) {
    const Cycles at = config_.clock.cycles_up(sc_core::sc_time_stamp() + delay);
    delay += config_.clock.time(move_for_device(payload, width, at));
  } else {
    move(payload, width);
  }
  if (payload.is_write()) written(payload.get_address(), width);
  return tlm::TLM_OK_RESPONSE;
}

void Memory::move(Payload& payload, std::uint64_t width) {
  std::uint8_t* stored = storage_.data() + payload.get_address();
  std::uint8_t* data = payload.get_data_ptr();
  const std::uint8_t* enables = payload.get_byte_enable_ptr();
  const unsigned length = payload.get_data_length();
  if (!enables && width == length) {
    payload.is_write() ? std::memcpy(stored, data, length) : std::memcpy(data, stored, length);
    return;
  }
  const unsigned pattern = payload.get_byte_enable_length();
  for (unsigned i = 0; i < length; ++i) {
    if (enables && enables[i % pattern] == TLM_BYTE_DISABLED) continue;
    std::uint8_t& byte = stored[i % width];
    payload.is_write() ? byte = data[i] : data[i] = byte;
  }
}

// As `move`, in pieces that a view can take: all of it, or byte by byte.
Cycles Memory::move_for_device(Payload& payload, std::uint64_t width, Cycles at) {
  const std::uint64_t first = payload.get_address();
  std::uint8_t* data = payload.get_data_ptr();
  const std::uint8_t* enables = payload.get_byte_enable_ptr();
  const unsigned length = payload.get_data_length();
  const auto piece = [&](std::uint64_t address, std::uint8_t* bytes, unsigned size) {
    std::uint8_t* stored = storage_.data() + address;
    return payload.is_write() ? view_->write(address, bytes, stored, size, at)
                              : view_->read(address, bytes, stored, size, at);
  };
  if (!enables && width == length) return piece(first, data, length);
  Cycles snooping = 0;
  for (unsigned i = 0; i < length; ++i)
    if (!enables || enables[i % payload.get_byte_enable_length()] != TLM_BYTE_DISABLED)
      snooping += piece(first + i % width, data + i, 1);
  return snooping;
}

bool Memory::get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
  dmi.set_start_address(0);
  dmi.set_end_address(storage_.size() - 1);
  if ((config_.read_only && payload.is_write()) || (view_ && access_kind(payload) == AccessKind::dma)) {
    dmi.allow_none();
    return false;
  }
  dmi.set_dmi_ptr(storage_.data());
  config_.read_only ? dmi.allow_read() : dmi.allow_read_write();
  dmi.set_read_latency(config_.clock.time(config_.read_latency));
  dmi.set_write_latency(config_.clock.time(config_.write_latency));
  return true;
}

unsigned Memory::transport_dbg(Payload& payload) {
  const std::uint64_t first = payload.get_address();
  if (first >= storage_.size() || payload.get_command() == tlm::TLM_IGNORE_COMMAND) return 0;
  const std::uint64_t length = std::min<std::uint64_t>(payload.get_data_length(), storage_.size() - first);
  if (payload.is_write()) {
    std::memcpy(storage_.data() + first, payload.get_data_ptr(), length);
    written(first, length);
  } else {
    std::memcpy(payload.get_data_ptr(), storage_.data() + first, length);
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return static_cast<unsigned>(length);
}

}  // namespace memio
