// TLM side of a register bank; see register_target.h.
#include "core/register_target.h"

#include <algorithm>

#include "core/extension.h"
#include "core/tick_rate.h"

namespace memio {

RegisterTarget::RegisterTarget(const sc_core::sc_module_name& name, const sc_core::sc_time& latency,
                               RegisterBank::Alignment alignment)
    : sc_module(name), socket("socket"), registers_(alignment), latency_(latency) {
  socket.register_b_transport(this, &RegisterTarget::b_transport);
  socket.register_transport_dbg(this, &RegisterTarget::transport_dbg);
}

void RegisterTarget::register_stats(StatGroup& group) {
  group.add("reads", "accesses", "register reads served", &reads_);
  group.add("writes", "accesses", "register writes served", &writes_);
  group.add("errors", "accesses", "accesses refused: unknown offset, size or direction", &errors_);
}

std::uint64_t RegisterTarget::picoseconds(const sc_core::sc_time& time) {
  return time.value() / sc_core::sc_time(1, sc_core::SC_PS).value();
}

sc_core::sc_time RegisterTarget::time_of(std::uint64_t picoseconds) {
  return sc_core::sc_time::from_value(picoseconds * sc_core::sc_time(1, sc_core::SC_PS).value());
}

std::uint64_t RegisterTarget::now() const { return picoseconds(std::max(latest_, sc_core::sc_time_stamp())); }

void RegisterTarget::notify_at(sc_core::sc_event& event, std::uint64_t at) {
  event.cancel();
  if (at == TickRate::never) return;
  const sc_core::sc_time when = time_of(at), stamp = sc_core::sc_time_stamp();
  event.notify(when > stamp ? when - stamp : sc_core::SC_ZERO_TIME);
}

void RegisterTarget::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  latest_ = std::max(latest_, sc_core::sc_time_stamp() + delay);
  if (trans.get_byte_enable_ptr()) {
    trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  } else if (trans.get_streaming_width() < trans.get_data_length()) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else {
    trans.set_response_status(to_tlm(transfer(trans)));
  }
  if (trans.is_response_error()) ++errors_;
  delay += latency_;
}

Status RegisterTarget::transfer(tlm::tlm_generic_payload& trans) {
  const std::uint64_t offset = trans.get_address();
  const std::uint64_t size = trans.get_data_length();
  Status status = Status::ok;
  if (trans.is_read()) {
    status = registers_.read(offset, size, trans.get_data_ptr());
    if (status == Status::ok) ++reads_;
  } else if (trans.is_write()) {
    status = registers_.write(offset, size, trans.get_data_ptr());
    if (status == Status::ok) ++writes_;
  }
  return status;
}

unsigned RegisterTarget::transport_dbg(tlm::tlm_generic_payload& trans) {
  const std::uint64_t offset = trans.get_address();
  const std::uint64_t size = trans.get_data_length();
  std::uint64_t done = 0;
  if (trans.is_read()) done = registers_.peek(offset, size, trans.get_data_ptr());
  if (trans.is_write()) done = registers_.poke(offset, size, trans.get_data_ptr());
  trans.set_response_status(done == size ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  return static_cast<unsigned>(done);
}

}  // namespace memio
