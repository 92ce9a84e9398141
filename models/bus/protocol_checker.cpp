// The rules of the four phases; see protocol_checker.h.
#include "bus/protocol_checker.h"

#include <algorithm>
#include <tuple>

namespace memio {

using sc_core::sc_time;

ProtocolChecker::Fields::Fields(const Payload& payload)
    : command(payload.get_command()),
      address(payload.get_address()),
      data(payload.get_data_ptr()),
      byte_enable(payload.get_byte_enable_ptr()),
      length(payload.get_data_length()),
      width(payload.get_streaming_width()) {}

bool ProtocolChecker::Fields::operator==(const Fields& other) const {
  const auto all = [](const Fields& f) {
    return std::tie(f.command, f.address, f.data, f.byte_enable, f.length, f.width);
  };
  return all(*this) == all(other);
}

ProtocolChecker::ProtocolChecker(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
  target.register_nb_transport_fw(this, &ProtocolChecker::forward);
  target.register_b_transport(this, &ProtocolChecker::b_transport);
  target.register_get_direct_mem_ptr(this, &ProtocolChecker::get_direct_mem_ptr);
  target.register_transport_dbg(this, &ProtocolChecker::transport_dbg);
  initiator.register_nb_transport_bw(this, &ProtocolChecker::backward);
  initiator.register_invalidate_direct_mem_ptr(this, &ProtocolChecker::invalidate);
}

void ProtocolChecker::forget_violations() {
  violations_ = 0;
  first_violation_.clear();
}

void ProtocolChecker::check(bool good, const char* text) {
  if (good) return;
  if (violations_++ == 0) first_violation_ = text;
}

ProtocolChecker::Transaction* ProtocolChecker::find(const Payload& payload) {
  const auto found = std::find_if(transactions_.begin(), transactions_.end(),
                                  [&payload](const Transaction& t) { return t.payload == &payload; });
  return found == transactions_.end() ? nullptr : &*found;
}

void ProtocolChecker::begin_request(const Payload& payload, const sc_time& time) {
  ++counts_.begin_req;
  if (find(payload)) return check(false, "BEGIN_REQ of a payload that is under way");
  check(requesting_ == nullptr && time >= request_free_, "BEGIN_REQ before the END_REQ of another");
  check(payload.has_mm() && payload.get_ref_count() > 0, "BEGIN_REQ of a payload that nobody holds");
  check(payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE, "BEGIN_REQ with a response");
  transactions_.push_back({&payload, State::requested, {time, time, time, time}, time, Fields(payload)});
  requesting_ = &payload;
}

void ProtocolChecker::end_request(Transaction& t, const sc_time& time) {
  ++counts_.end_req;
  check(t.state == State::requested, "END_REQ without BEGIN_REQ");
  t.state = State::accepted;
  t.phases.end_req = time;
  if (requesting_ == t.payload) requesting_ = nullptr;
  request_free_ = time;
}

void ProtocolChecker::begin_response(Transaction& t, const sc_time& time) {
  ++counts_.begin_resp;
  check(t.state != State::responding, "BEGIN_RESP twice");
  if (t.state == State::requested) end_request(t, time);
  check(responding_ == nullptr && time >= response_free_, "BEGIN_RESP before the END_RESP of another");
  check(t.payload->get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "BEGIN_RESP without a response");
  t.state = State::responding;
  t.phases.begin_resp = time;
  responding_ = t.payload;
}

void ProtocolChecker::end_response(Transaction& t, const sc_time& time) {
  ++counts_.end_resp;
  check(t.state == State::responding, "END_RESP without BEGIN_RESP");
  t.phases.end_resp = time;
  if (requesting_ == t.payload) requesting_ = nullptr;
  if (responding_ == t.payload) responding_ = nullptr;
  response_free_ = time;
  if (listener_) listener_(t.phases);
  transactions_.erase(transactions_.begin() + (&t - transactions_.data()));
}

void ProtocolChecker::step(const Payload& payload, const tlm::tlm_phase& phase, const sc_time& time,
                           bool by_initiator) {
  if (phase == tlm::BEGIN_REQ) {
    check(by_initiator, "BEGIN_REQ by a target");
    return begin_request(payload, time);
  }
  Transaction* const t = find(payload);
  if (!t) return check(false, "a phase of a transaction that is not under way");
  check(time >= t->last, "a phase before the one that it follows");
  t->last = time;
  Fields now(payload);
  if (!by_initiator) now.address = t->fields.address;  // which interconnects may change (section 14.7)
  check(now == t->fields, "a payload changed in flight");
  check(by_initiator == (phase == tlm::END_RESP), "a phase by the wrong side");
  if (phase == tlm::END_REQ) end_request(*t, time);
  if (phase == tlm::BEGIN_RESP) begin_response(*t, time);
  if (phase == tlm::END_RESP) end_response(*t, time);
}

// What a call's return value says beside the phase it was made with. Completion needs no response phase.
void ProtocolChecker::answered(const Payload& payload, tlm::tlm_sync_enum answer, const tlm::tlm_phase& phase,
                               const sc_time& time, bool by_initiator) {
  if (answer == tlm::TLM_UPDATED) step(payload, phase, time, by_initiator);
  Transaction* const t = answer == tlm::TLM_COMPLETED ? find(payload) : nullptr;
  if (!t) return;
  if (t->state != State::responding) begin_response(*t, time);
  end_response(*t, time);
}

tlm::tlm_sync_enum ProtocolChecker::forward(Payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
  step(payload, phase, sc_core::sc_time_stamp() + delay, true);
  const tlm::tlm_sync_enum answer = initiator->nb_transport_fw(payload, phase, delay);
  answered(payload, answer, phase, sc_core::sc_time_stamp() + delay, false);
  return answer;
}

tlm::tlm_sync_enum ProtocolChecker::backward(Payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
  step(payload, phase, sc_core::sc_time_stamp() + delay, false);
  const tlm::tlm_sync_enum answer = target->nb_transport_bw(payload, phase, delay);
  answered(payload, answer, phase, sc_core::sc_time_stamp() + delay, true);
  return answer;
}

void ProtocolChecker::register_stats(StatGroup& group) const {
  group.add("begin_req", "phases", "requests made", &counts_.begin_req);
  group.add("end_req", "phases", "requests accepted", &counts_.end_req);
  group.add("begin_resp", "phases", "responses given", &counts_.begin_resp);
  group.add("end_resp", "phases", "responses taken", &counts_.end_resp);
  group.add("violations", "violations", "of the base protocol's rules", &violations_);
}

}  // namespace memio
