// The bridge from memory space to port space; see port_window.h.
#include "bus/port_window.h"

#include "core/extension.h"

namespace memio {

namespace {

BusMasterConfig master_config(const std::string& name, const Bus& bus, const Clock& clock) {
  BusMasterConfig config;
  config.clock = clock;
  config.initiator = name;
  config.at = bus.at();
  return config;
}

// The access to port space that an access to the window stands for.
Access port_access(const tlm::tlm_generic_payload& payload) {
  Access access;
  access.address = payload.get_address();
  access.size = payload.get_data_length();
  access.kind = access_kind(payload);
  access.write = payload.is_write();
  access.space = Space::port;
  access.data = payload.get_data_ptr();
  access.memory_type = memory_type(payload);
  if (const auto* extension = payload.get_extension<InitiatorExtension>())
    access.privilege = extension->privilege;
  return access;
}

}  // namespace

PortWindow::PortWindow(const sc_core::sc_module_name& name, Bus& bus, const Clock& clock, Cycles latency)
    : sc_core::sc_module(name),
      ports_("ports", master_config(basename(), bus, clock)),
      clock_(clock),
      latency_(latency) {
  socket.register_b_transport(this, &PortWindow::b_transport);
  socket.register_get_direct_mem_ptr(this, &PortWindow::get_direct_mem_ptr);
  socket.register_transport_dbg(this, &PortWindow::transport_dbg);
  // Its requests have been arbitrated where they came from.
  ports_.bind(bus.add_initiator(basename(), Space::port, 0, Ties::call_order));
}

void PortWindow::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  ++accesses_;
  cycles_ += latency_;
  delay += clock_.time(latency_);
  const unsigned length = payload.get_data_length();
  if (length != 1 && length != 2 && length != 4) {
    ++refused_;
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (payload.get_byte_enable_ptr()) {
    ++refused_;
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  const Completion completion =
      ports_.transfer(port_access(payload), clock_.cycles_up(sc_core::sc_time_stamp() + delay));
  const sc_core::sc_time done = clock_.time(completion.done), now = sc_core::sc_time_stamp();
  delay = done > now ? done - now : sc_core::SC_ZERO_TIME;
  payload.set_response_status(to_tlm(completion.status));
  payload.set_dmi_allowed(false);
}

bool PortWindow::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.allow_none();
  dmi.set_start_address(0);
  dmi.set_end_address(size - 1);
  return false;
}

unsigned PortWindow::transport_dbg(tlm::tlm_generic_payload& payload) {
  return ports_.socket->transport_dbg(payload);
}

void PortWindow::register_stats(StatGroup& group) const {
  group.add("accesses", "transactions", "accesses of the window", &accesses_);
  group.add("refused", "transactions", "accesses refused for their size", &refused_);
  group.add("cycles", "cycles", "latency of the bridge itself", &cycles_);
}

}  // namespace memio
