// A target for tests of interconnects: answers as the test says and remembers what it was asked.
#pragma once

#include <cstdint>
#include <functional>
#include <tlm>

#include "tlm_utils/simple_target_socket.h"

namespace memio::test {

class TestTarget : public sc_core::sc_module {
 public:
  using Payload = tlm::tlm_generic_payload;

  explicit TestTarget(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    socket.register_b_transport(this, &TestTarget::b_transport);
    socket.register_get_direct_mem_ptr(this, &TestTarget::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &TestTarget::transport_dbg);
    reset();
  }

  tlm_utils::simple_target_socket<TestTarget> socket{"socket"};

  /// What each transfer does; by default it takes `latency` and succeeds.
  std::function<void(Payload&, sc_core::sc_time&)> answer;
  /// What a request for a direct memory pointer does; by default it is refused.
  std::function<bool(Payload&, tlm::tlm_dmi&)> direct;
  sc_core::sc_time latency;

  unsigned transfers = 0;
  std::uint64_t address = 0;  ///< as the target saw it, of the last transfer or debug access
  unsigned length = 0;

  void reset() {
    transfers = 0;
    latency = sc_core::SC_ZERO_TIME;
    answer = [this](Payload& payload, sc_core::sc_time& delay) {
      delay += latency;
      payload.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    direct = [](Payload&, tlm::tlm_dmi&) { return false; };
  }

 private:
  void remember(const Payload& payload) {
    address = payload.get_address();
    length = payload.get_data_length();
  }

  void b_transport(Payload& payload, sc_core::sc_time& delay) {
    ++transfers;
    remember(payload);
    answer(payload, delay);
  }

  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) { return direct(payload, dmi); }

  unsigned transport_dbg(Payload& payload) {
    remember(payload);
    return payload.get_data_length();
  }
};

}  // namespace memio::test
