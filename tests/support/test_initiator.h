// An initiator for tests of targets and interconnects: plain transfers, direct memory pointers, debug
// accesses, and jobs that run in a thread of their own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <tlm>
#include <utility>
#include <vector>

#include "core/extension.h"
#include "tlm_utils/simple_initiator_socket.h"

namespace memio::test {

class TestInitiator : public sc_core::sc_module {
 public:
  using Payload = tlm::tlm_generic_payload;
  using Job = std::function<void()>;

  explicit TestInitiator(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    socket.register_invalidate_direct_mem_ptr(this, &TestInitiator::invalidate);
    SC_HAS_PROCESS(TestInitiator);
    SC_THREAD(work);
  }

  tlm_utils::simple_initiator_socket<TestInitiator> socket{"socket"};

  /// Attached to every transfer and request for a direct memory pointer.
  InitiatorExtension extension;
  /// Annotated time of the next transfer; grows by what the transfer costs.
  sc_core::sc_time delay;
  /// Ranges that were invalidated.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidated;

  static void prepare(Payload& payload, tlm::tlm_command command, std::uint64_t address, void* data,
                      unsigned size) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(size);
    payload.set_streaming_width(size);
    payload.set_byte_enable_ptr(nullptr);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }

  tlm::tlm_response_status transport(Payload& payload) {
    payload.set_extension(&extension);
    socket->b_transport(payload, delay);
    payload.clear_extension(&extension);
    return payload.get_response_status();
  }

  tlm::tlm_response_status read(std::uint64_t address, void* data, unsigned size) {
    Payload payload;
    prepare(payload, tlm::TLM_READ_COMMAND, address, data, size);
    return transport(payload);
  }

  tlm::tlm_response_status write(std::uint64_t address, const void* data, unsigned size) {
    Payload payload;
    prepare(payload, tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(data), size);
    return transport(payload);
  }

  unsigned debug(tlm::tlm_command command, std::uint64_t address, void* data, unsigned size) {
    Payload payload;
    prepare(payload, command, address, data, size);
    return socket->transport_dbg(payload);
  }

  bool direct(tlm::tlm_command command, std::uint64_t address, tlm::tlm_dmi& dmi) {
    Payload payload;
    prepare(payload, command, address, nullptr, 1);
    payload.set_extension(&extension);
    extension.grant = {};
    const bool granted = socket->get_direct_mem_ptr(payload, dmi);
    payload.clear_extension(&extension);
    return granted;
  }

  /// Runs `job` in the initiator's thread, after the jobs posted before; it may wait.
  void post(Job job) {
    jobs_.push_back(std::move(job));
    posted_.notify(sc_core::SC_ZERO_TIME);
  }

 private:
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) { invalidated.emplace_back(first, last); }

  void work() {
    for (;;) {
      while (jobs_.empty()) wait(posted_);
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
  }

  std::deque<Job> jobs_;
  sc_core::sc_event posted_;
};

}  // namespace memio::test
