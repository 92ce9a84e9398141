// Stands between an initiator and a target and checks the base protocol (IEEE 1666-2011, section 15.2): order
// of phases, request and response exclusion, times that never fall, payloads that nobody changes in flight,
// responses that say something. It changes nothing; what is wrong is noted as text.
#pragma once

#include <map>
#include <string>
#include <tlm>
#include <vector>

#include "tlm_utils/simple_initiator_socket.h"
#include "tlm_utils/simple_target_socket.h"

namespace memio::test {

class AtChecker : public sc_core::sc_module {
 public:
  using Payload = tlm::tlm_generic_payload;

  explicit AtChecker(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    target.register_nb_transport_fw(this, &AtChecker::forward);
    target.register_b_transport(this, &AtChecker::b_transport);
    target.register_get_direct_mem_ptr(this, &AtChecker::get_direct_mem_ptr);
    target.register_transport_dbg(this, &AtChecker::transport_dbg);
    initiator.register_nb_transport_bw(this, &AtChecker::backward);
    initiator.register_invalidate_direct_mem_ptr(this, &AtChecker::invalidate);
  }

  tlm_utils::simple_target_socket<AtChecker> target{"target"};           ///< to the initiator
  tlm_utils::simple_initiator_socket<AtChecker> initiator{"initiator"};  ///< to the target

  /// One transaction's phases at their times.
  struct Phases {
    sc_core::sc_time begin_req, end_req, begin_resp, end_resp;
  };

  std::vector<std::string> errors;
  std::vector<Phases> finished;
  std::size_t under_way() const { return transactions_.size(); }

 private:
  enum class State { requested, accepted, responding };

  struct Transaction {
    State state = State::requested;
    Phases phases;
    sc_core::sc_time last;
    tlm::tlm_command command;
    std::uint64_t address;
    unsigned char *data, *byte_enable;
    unsigned length, width;
  };

  void check(bool good, const char* text) {
    if (!good) errors.emplace_back(text);
  }

  static sc_core::sc_time at(const sc_core::sc_time& delay) { return sc_core::sc_time_stamp() + delay; }

  void begin_request(Payload& payload, const sc_core::sc_time& time) {
    check(!transactions_.count(&payload), "BEGIN_REQ of a payload that is under way");
    check(requesting_ == nullptr && time >= request_free_, "BEGIN_REQ before the END_REQ of another");
    check(payload.has_mm() && payload.get_ref_count() > 0, "BEGIN_REQ of a payload that nobody holds");
    check(payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE, "BEGIN_REQ with a response");
    Transaction& t = transactions_[&payload];
    t.state = State::requested;
    t.phases = {time, time, time, time};
    t.last = time;
    t.command = payload.get_command();
    t.address = payload.get_address();
    t.data = payload.get_data_ptr();
    t.byte_enable = payload.get_byte_enable_ptr();
    t.length = payload.get_data_length();
    t.width = payload.get_streaming_width();
    requesting_ = &payload;
  }

  void end_request(Payload& payload, Transaction& t, const sc_core::sc_time& time) {
    check(t.state == State::requested, "END_REQ without BEGIN_REQ");
    t.state = State::accepted;
    t.phases.end_req = time;
    if (requesting_ == &payload) requesting_ = nullptr;
    request_free_ = time;
  }

  void begin_response(Payload& payload, Transaction& t, const sc_core::sc_time& time) {
    check(t.state != State::responding, "BEGIN_RESP twice");
    if (t.state == State::requested) end_request(payload, t, time);
    check(responding_ == nullptr && time >= response_free_, "BEGIN_RESP before the END_RESP of another");
    check(payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "BEGIN_RESP without a response");
    t.state = State::responding;
    t.phases.begin_resp = time;
    responding_ = &payload;
  }

  void end_response(Payload& payload, const sc_core::sc_time& time) {
    Transaction& t = transactions_[&payload];
    check(t.state == State::responding, "END_RESP without BEGIN_RESP");
    t.phases.end_resp = time;
    if (requesting_ == &payload) requesting_ = nullptr;
    if (responding_ == &payload) responding_ = nullptr;
    response_free_ = time;
    finished.push_back(t.phases);
    transactions_.erase(&payload);
  }

  /// Completion without a response phase.
  void complete(Payload& payload, Transaction& t, const sc_core::sc_time& time) {
    if (t.state != State::responding) begin_response(payload, t, time);
    end_response(payload, time);
  }

  void step(Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& time, bool by_initiator) {
    if (phase == tlm::BEGIN_REQ) {
      check(by_initiator, "BEGIN_REQ by a target");
      begin_request(payload, time);
      return;
    }
    const auto found = transactions_.find(&payload);
    if (found == transactions_.end()) {
      check(false, "a phase of a transaction that is not under way");
      return;
    }
    Transaction& t = found->second;
    check(time >= t.last, "a phase before the one that it follows");
    t.last = time;
    check(payload.get_command() == t.command && payload.get_data_ptr() == t.data &&
              payload.get_byte_enable_ptr() == t.byte_enable && payload.get_data_length() == t.length &&
              payload.get_streaming_width() == t.width && payload.get_address() == t.address,
          "a payload changed in flight");
    check(by_initiator == (phase == tlm::END_RESP), "a phase by the wrong side");
    if (phase == tlm::END_REQ) end_request(payload, t, time);
    if (phase == tlm::BEGIN_RESP) begin_response(payload, t, time);
    if (phase == tlm::END_RESP) end_response(payload, time);
  }

  /// What a call's return value says beside the phase it was made with.
  void answered(Payload& payload, tlm::tlm_sync_enum answer, const tlm::tlm_phase& phase,
                const sc_core::sc_time& time, bool by_initiator) {
    const auto found = transactions_.find(&payload);
    if (answer == tlm::TLM_UPDATED) step(payload, phase, time, by_initiator);
    if (answer == tlm::TLM_COMPLETED && found != transactions_.end()) complete(payload, found->second, time);
  }

  tlm::tlm_sync_enum forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    step(payload, phase, at(delay), true);
    const tlm::tlm_sync_enum answer = initiator->nb_transport_fw(payload, phase, delay);
    answered(payload, answer, phase, at(delay), false);
    return answer;
  }

  tlm::tlm_sync_enum backward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    step(payload, phase, at(delay), false);
    const tlm::tlm_sync_enum answer = target->nb_transport_bw(payload, phase, delay);
    answered(payload, answer, phase, at(delay), true);
    return answer;
  }

  void b_transport(Payload& payload, sc_core::sc_time& delay) { initiator->b_transport(payload, delay); }
  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
    return initiator->get_direct_mem_ptr(payload, dmi);
  }
  unsigned transport_dbg(Payload& payload) { return initiator->transport_dbg(payload); }
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) { target->invalidate_direct_mem_ptr(first, last); }

  std::map<Payload*, Transaction> transactions_;
  Payload* requesting_ = nullptr;
  Payload* responding_ = nullptr;
  sc_core::sc_time request_free_, response_free_;
};

}  // namespace memio::test
