// The protocol checker finds what a wrong initiator or target does, and nothing wrong with a right one.
#include "bus/protocol_checker.h"

#include <gtest/gtest.h>

namespace memio::test {
namespace {

using Payload = tlm::tlm_generic_payload;

class Manager : public tlm::tlm_mm_interface {
 public:
  void free(Payload*) override {}
};

/// Both ends of a checker; each does what the test says.
struct Bench : sc_core::sc_module {
  explicit Bench(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    from.bind(checker.target);
    checker.initiator.bind(to);
    to.register_nb_transport_fw(this, &Bench::forward);
    from.register_nb_transport_bw(this, &Bench::backward);
  }

  tlm::tlm_sync_enum forward(Payload&, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    phase = answer;
    delay += answer_delay;
    return result;
  }
  tlm::tlm_sync_enum backward(Payload&, tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_ACCEPTED; }

  ProtocolChecker checker{"checker"};
  tlm_utils::simple_initiator_socket<Bench> from{"from"};
  tlm_utils::simple_target_socket<Bench> to{"to"};
  tlm::tlm_sync_enum result = tlm::TLM_ACCEPTED;
  tlm::tlm_phase answer = tlm::BEGIN_REQ;
  sc_core::sc_time answer_delay;
};

Bench& the_bench() {
  static auto* bench = new Bench("bench");
  return *bench;
}

class ProtocolCheckerTest : public ::testing::Test {
 protected:
  ProtocolCheckerTest() : bench(the_bench()) {
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
    bench.checker.forget_violations();
    bench.result = tlm::TLM_ACCEPTED;
    bench.answer_delay = sc_core::SC_ZERO_TIME;
    for (Payload* payload : {&a, &b}) {
      payload->set_mm(&manager);
      payload->acquire();
      payload->set_data_ptr(data);
      payload->set_data_length(4);
    }
  }

  void send(Payload& payload, tlm::tlm_phase phase, unsigned delay = 0) {
    sc_core::sc_time time(delay, sc_core::SC_NS);
    bench.from->nb_transport_fw(payload, phase, time);
  }

  void answer(Payload& payload, tlm::tlm_phase phase) {
    sc_core::sc_time time;
    if (phase == tlm::BEGIN_RESP) payload.set_response_status(tlm::TLM_OK_RESPONSE);
    bench.to->nb_transport_bw(payload, phase, time);
  }

  /// Ends what is under way and returns what was wrong until now.
  std::string verdict(std::initializer_list<Payload*> under_way) {
    const std::string text = bench.checker.first_violation();
    for (Payload* payload : under_way) {
      answer(*payload, tlm::BEGIN_RESP);
      send(*payload, tlm::END_RESP);
    }
    EXPECT_EQ(bench.checker.under_way(), 0u);
    return text;
  }

  Bench& bench;
  Manager manager;
  Payload a, b;
  unsigned char data[4] = {}, other[4] = {};
};

TEST_F(ProtocolCheckerTest, FourPhasesInOrderAreRight) {
  send(a, tlm::BEGIN_REQ);
  answer(a, tlm::END_REQ);
  send(b, tlm::BEGIN_REQ);
  answer(a, tlm::BEGIN_RESP);
  send(a, tlm::END_RESP);
  EXPECT_EQ(verdict({&b}), "");
  EXPECT_EQ(bench.checker.violations(), 0u);
}

TEST_F(ProtocolCheckerTest, PhasesAreCountedAlsoThoseThatAResponseImplies) {
  const ProtocolChecker::Counts before = bench.checker.counts();
  send(a, tlm::BEGIN_REQ);
  answer(a, tlm::END_REQ);
  send(b, tlm::BEGIN_REQ);
  answer(a, tlm::BEGIN_RESP);
  const ProtocolChecker::Counts counts = bench.checker.counts();
  EXPECT_EQ(counts.begin_req - before.begin_req, 2u);
  EXPECT_EQ(counts.end_req - before.end_req, 1u);
  EXPECT_EQ(counts.begin_resp - before.begin_resp, 1u);
  EXPECT_EQ(counts.end_resp - before.end_resp, 0u);
  send(a, tlm::END_RESP);
  EXPECT_EQ(verdict({&b}), "");
  EXPECT_EQ(bench.checker.counts().end_req - before.end_req, 2u);
  EXPECT_EQ(bench.checker.counts().end_resp - before.end_resp, 2u);
}

TEST_F(ProtocolCheckerTest, AnEarlyCompletionIsRight) {
  bench.result = tlm::TLM_COMPLETED;
  a.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  send(a, tlm::BEGIN_REQ);
  EXPECT_EQ(bench.checker.under_way(), 0u);
}

TEST_F(ProtocolCheckerTest, ASecondRequestBeforeTheFirstIsAccepted) {
  send(a, tlm::BEGIN_REQ);
  send(b, tlm::BEGIN_REQ);
  EXPECT_EQ(verdict({&a, &b}), "BEGIN_REQ before the END_REQ of another");
}

TEST_F(ProtocolCheckerTest, ASecondRequestBeforeTheTimeOfEndReq) {
  bench.result = tlm::TLM_UPDATED;
  bench.answer = tlm::END_REQ;
  bench.answer_delay = {3, sc_core::SC_NS};
  send(a, tlm::BEGIN_REQ);
  send(b, tlm::BEGIN_REQ, 2);
  EXPECT_EQ(bench.checker.first_violation(), "BEGIN_REQ before the END_REQ of another");
  bench.result = tlm::TLM_ACCEPTED;
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  verdict({&a, &b});
}

TEST_F(ProtocolCheckerTest, ASecondResponseBeforeTheFirstHasEnded) {
  send(a, tlm::BEGIN_REQ);
  answer(a, tlm::END_REQ);
  send(b, tlm::BEGIN_REQ);
  answer(a, tlm::BEGIN_RESP);
  answer(b, tlm::BEGIN_RESP);
  send(a, tlm::END_RESP);
  send(b, tlm::END_RESP);
  EXPECT_EQ(verdict({}), "BEGIN_RESP before the END_RESP of another");
}

// An interconnect makes it an address of the target meanwhile (section 14.7).
TEST_F(ProtocolCheckerTest, AnAddressThatIsTheTargetsOwnMeanwhile) {
  send(a, tlm::BEGIN_REQ);
  const auto address = a.get_address();
  a.set_address(address + 64);
  answer(a, tlm::END_REQ);
  a.set_address(address);
  answer(a, tlm::BEGIN_RESP);
  send(a, tlm::END_RESP);
  EXPECT_EQ(verdict({}), "");
}

TEST_F(ProtocolCheckerTest, APayloadThatChangesInFlight) {
  send(a, tlm::BEGIN_REQ);
  a.set_data_ptr(other);
  answer(a, tlm::END_REQ);
  a.set_data_ptr(data);
  EXPECT_EQ(verdict({&a}), "a payload changed in flight");
}

TEST_F(ProtocolCheckerTest, AResponseThatSaysNothing) {
  send(a, tlm::BEGIN_REQ);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time time;
  bench.to->nb_transport_bw(a, phase, time);
  send(a, tlm::END_RESP);
  EXPECT_EQ(verdict({}), "BEGIN_RESP without a response");
}

TEST_F(ProtocolCheckerTest, PhasesWithoutATransaction) {
  answer(a, tlm::END_REQ);
  EXPECT_EQ(verdict({}), "a phase of a transaction that is not under way");
  bench.checker.forget_violations();
  send(a, tlm::BEGIN_REQ);
  send(a, tlm::END_RESP);
  EXPECT_EQ(verdict({}), "END_RESP without BEGIN_RESP");
}

TEST_F(ProtocolCheckerTest, ATimeThatFalls) {
  send(a, tlm::BEGIN_REQ, 5);
  answer(a, tlm::END_REQ);
  EXPECT_EQ(bench.checker.first_violation(), "a phase before the one that it follows");
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
  verdict({&a});
}

TEST_F(ProtocolCheckerTest, APayloadWithoutAMemoryManager) {
  Payload bare;
  bare.set_data_ptr(data);
  send(bare, tlm::BEGIN_REQ);
  EXPECT_EQ(verdict({&bare}), "BEGIN_REQ of a payload that nobody holds");
}

}  // namespace
}  // namespace memio::test
