// The bridge from memory space to port space; see port_window.h.
#include "bus/port_window.h"

namespace memio {

PortWindow::PortWindow(const sc_core::sc_module_name& name, Bus& bus, const Clock& clock, Cycles latency)
    : sc_core::sc_module(name), clock_(clock), latency_(latency) {
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
  ports_->b_transport(payload, delay);
  payload.set_dmi_allowed(false);
}

bool PortWindow::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.allow_none();
  dmi.set_start_address(0);
  dmi.set_end_address(size - 1);
  return false;
}

unsigned PortWindow::transport_dbg(tlm::tlm_generic_payload& payload) {
  return ports_->transport_dbg(payload);
}

void PortWindow::register_stats(StatGroup& group) const {
  group.add("accesses", "transactions", "accesses of the window", &accesses_);
  group.add("refused", "transactions", "accesses refused for their size", &refused_);
  group.add("cycles", "cycles", "latency of the bridge itself", &cycles_);
}

}  // namespace memio
