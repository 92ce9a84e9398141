// Stands between an initiator and its target and checks the base protocol (IEEE 1666-2011, section 15.2):
// order of phases, request and response exclusion, times that never fall, payloads that nobody changes in
// flight, responses that say something. It counts the phases and changes nothing. A bus puts one before each
// of its initiators in timing mode `at`.
//
// Not checked: ignorable phases, byte enables of a target's own making, the rules of b_transport.
#pragma once

#include <functional>
#include <string>
#include <tlm>
#include <vector>

#include "core/stats.h"
#include "tlm_utils/simple_initiator_socket.h"
#include "tlm_utils/simple_target_socket.h"

namespace memio {

class ProtocolChecker : public sc_core::sc_module {
 public:
  using Payload = tlm::tlm_generic_payload;

  explicit ProtocolChecker(const sc_core::sc_module_name& name);

  tlm_utils::simple_target_socket<ProtocolChecker> target{"target"};           ///< to the initiator
  tlm_utils::simple_initiator_socket<ProtocolChecker> initiator{"initiator"};  ///< to the target

  /// How often each phase began. An END_REQ that a response stands for is one.
  struct Counts {
    std::uint64_t begin_req = 0, end_req = 0, begin_resp = 0, end_resp = 0;
  };
  /// One transaction's phases at their times.
  struct Phases {
    sc_core::sc_time begin_req, end_req, begin_resp, end_resp;
  };

  const Counts& counts() const { return counts_; }
  /// Transactions that have begun and not ended.
  std::size_t under_way() const { return transactions_.size(); }
  /// Rules broken so far, and the first of these in words; empty: none.
  std::uint64_t violations() const { return violations_; }
  const std::string& first_violation() const { return first_violation_; }
  void forget_violations();

  /// Called at the end of each transaction.
  void set_listener(std::function<void(const Phases&)> listener) { listener_ = std::move(listener); }

  void register_stats(StatGroup& group) const;

 private:
  enum class State { requested, accepted, responding };

  /// What must not change in flight.
  struct Fields {
    tlm::tlm_command command;
    std::uint64_t address;
    const unsigned char *data, *byte_enable;
    unsigned length, width;
    explicit Fields(const Payload& payload);
    bool operator==(const Fields& other) const;
  };

  struct Transaction {
    const Payload* payload;
    State state;
    Phases phases;
    sc_core::sc_time last;
    Fields fields;
  };

  void check(bool good, const char* text);
  Transaction* find(const Payload& payload);
  void begin_request(const Payload& payload, const sc_core::sc_time& time);
  void end_request(Transaction& transaction, const sc_core::sc_time& time);
  void begin_response(Transaction& transaction, const sc_core::sc_time& time);
  void end_response(Transaction& transaction, const sc_core::sc_time& time);
  void step(const Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& time,
            bool by_initiator);
  void answered(const Payload& payload, tlm::tlm_sync_enum answer, const tlm::tlm_phase& phase,
                const sc_core::sc_time& time, bool by_initiator);

  tlm::tlm_sync_enum forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void b_transport(Payload& payload, sc_core::sc_time& delay) { initiator->b_transport(payload, delay); }
  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
    return initiator->get_direct_mem_ptr(payload, dmi);
  }
  unsigned transport_dbg(Payload& payload) { return initiator->transport_dbg(payload); }
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) { target->invalidate_direct_mem_ptr(first, last); }

  std::vector<Transaction> transactions_;  ///< under way; few
  const Payload* requesting_ = nullptr;
  const Payload* responding_ = nullptr;
  sc_core::sc_time request_free_, response_free_;
  Counts counts_;
  std::uint64_t violations_ = 0;
  std::string first_violation_;
  std::function<void(const Phases&)> listener_;
};

}  // namespace memio
