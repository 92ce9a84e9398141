// Arbitration: ties, fairness, targets apart from each other, and threads that come and go.
//
// Two buses, one a policy, each with three arbitrated initiators, one that is served in call order, and
// two targets. Clock 1 ns, hop 1, latency 4: a transfer takes 5 cycles.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.h"
#include "support/test_initiator.h"
#include "support/test_target.h"

namespace memio::test {
namespace {

using sc_core::sc_time;
using sc_core::SC_ZERO_TIME;

sc_time ns(unsigned count) { return {static_cast<double>(count), sc_core::SC_NS}; }

BusConfig config(Settler& settler, Arbitration policy) {
  BusConfig c;
  c.arbitration = policy;
  c.settler = &settler;
  return c;
}

struct System {
  System(const std::string& name, Settler& settler, Arbitration policy)
      : bus((name + "_bus").c_str(), config(settler, policy)),
        first((name + "_first").c_str()),
        second((name + "_second").c_str()) {
    const char* const names[] = {"a", "b", "c", "hart"};
    for (unsigned i = 0; i < 4; ++i) {
      initiators[i] = std::make_unique<TestInitiator>((name + "_" + names[i]).c_str());
      initiators[i]->extension.initiator = i;
      // Explicit priorities, all equal but c's on the fixed bus, which comes before a and b.
      const unsigned priority = policy == Arbitration::fixed && i != 2 ? 1 : 0;
      initiators[i]->socket.bind(
          bus.add_initiator(names[i], Space::memory, priority, i < 3 ? Ties::arbitrated : Ties::call_order));
    }
    bus.map(Space::memory, 0x1000, 0x1fff, "first", first.socket);
    bus.map(Space::memory, 0x2000, 0x2fff, "second", second.socket);
  }

  Bus bus;
  TestTarget first, second;
  std::array<std::unique_ptr<TestInitiator>, 4> initiators;
};

struct Bench {
  Settler settler{"settler"};
  System fixed{"fixed", settler, Arbitration::fixed};
  System robin{"robin", settler, Arbitration::round_robin};
};

Bench& the_bench() {
  static auto* bench = new Bench;
  return *bench;
}

class ArbitrationTest : public ::testing::Test {
 protected:
  ArbitrationTest() : bench(the_bench()) {
    sc_core::sc_start(ns(1000));
    for (System* system : {&bench.fixed, &bench.robin})
      for (TestTarget* target : {&system->first, &system->second}) {
        target->reset();
        target->latency = ns(4);
        log(*target);
      }
  }

  // Notes the number of each initiator as the target comes to serve it.
  void log(TestTarget& target) {
    target.answer = [this, inner = target.answer](auto& payload, sc_time& delay) {
      order += std::string(1, "abch"[payload.template get_extension<InitiatorExtension>()->initiator]);
      inner(payload, delay);
    };
  }

  // One transfer by initiator `who`, `after` from now and some delta cycles later; `done` counts from now.
  void request(System& system, unsigned who, std::uint64_t address, unsigned after, unsigned deltas,
               sc_time& done) {
    const sc_time base = sc_core::sc_time_stamp();
    TestInitiator& initiator = *system.initiators[who];
    initiator.post([=, &initiator, &done] {
      sc_core::wait(ns(after));
      for (unsigned i = 0; i < deltas; ++i) sc_core::wait(SC_ZERO_TIME);
      std::uint8_t byte = 0;
      initiator.delay = SC_ZERO_TIME;
      EXPECT_EQ(initiator.read(address, &byte, 1), tlm::TLM_OK_RESPONSE);
      done = sc_core::sc_time_stamp() + initiator.delay - base;
      sc_core::wait(initiator.delay);
    });
  }

  // The initiators named in `who` ask the first target at the same time, posted in that order.
  std::string round(System& system, const std::string& who) {
    order.clear();
    for (const char name : who) request(system, static_cast<unsigned>(name - 'a'), 0x1000, 10, 0, ignored);
    sc_core::sc_start(ns(100));
    return order;
  }

  Bench& bench;
  std::string order;
  sc_time ignored;
};

TEST_F(ArbitrationTest, FixedPriorityHoldsInEveryRoundAndWhateverTheOrderOfCalls) {
  for (const char* posted : {"abc", "cba", "bca", "bac"}) EXPECT_EQ(round(bench.fixed, posted), "cab");
  EXPECT_EQ(round(bench.fixed, "ba"), "ab");
  EXPECT_EQ(round(bench.fixed, "bc"), "cb");
}

TEST_F(ArbitrationTest, RoundRobinGoesOnAfterTheLastServed) {
  EXPECT_EQ(round(bench.robin, "cba"), "abc");
  EXPECT_EQ(round(bench.robin, "a"), "a");
  EXPECT_EQ(round(bench.robin, "abc"), "bca");
  EXPECT_EQ(round(bench.robin, "ab"), "ba");
  EXPECT_EQ(round(bench.robin, "b"), "b");
  EXPECT_EQ(round(bench.robin, "abc"), "cab");
  EXPECT_EQ(round(bench.robin, "ca"), "ca");
}

TEST_F(ArbitrationTest, RoundRobinSharesASaturatedTargetEvenly) {
  for (unsigned who = 0; who < 3; ++who)
    for (unsigned i = 0; i < 20; ++i) request(bench.robin, who, 0x1000, 0, 0, ignored);
  sc_core::sc_start(ns(1000));
  ASSERT_EQ(order.size(), 60u);
  const std::string cycle = order.substr(0, 3);
  for (std::size_t i = 0; i < order.size(); i += 3) EXPECT_EQ(order.substr(i, 3), cycle) << i;
  for (const char* name : {"a", "b", "c"}) EXPECT_NE(cycle.find(name), std::string::npos);
}

TEST_F(ArbitrationTest, TiedRequestsQueueAndTheirTimesShowIt) {
  sc_time a, b, c;
  request(bench.fixed, 0, 0x1000, 10, 0, a);
  request(bench.fixed, 1, 0x1000, 10, 0, b);
  request(bench.fixed, 2, 0x1000, 10, 0, c);
  const Cycles waited = bench.fixed.bus.route(Space::memory, "b", "first")->counts().wait_cycles;
  sc_core::sc_start(ns(100));
  EXPECT_EQ(c, ns(15));
  EXPECT_EQ(a, ns(20));
  EXPECT_EQ(b, ns(25));
  EXPECT_EQ(bench.fixed.bus.route(Space::memory, "b", "first")->counts().wait_cycles - waited, 10u);
}

TEST_F(ArbitrationTest, ARivalOfALaterDeltaCycleStillTies) {
  sc_time b, c;
  request(bench.fixed, 1, 0x1000, 10, 0, b);
  request(bench.fixed, 2, 0x1000, 10, 7, c);
  sc_core::sc_start(ns(100));
  EXPECT_EQ(order, "cb");
  EXPECT_EQ(c, ns(15));
  EXPECT_EQ(b, ns(20));
}

TEST_F(ArbitrationTest, AnEarlierRequestBeatsPriority) {
  sc_time b, c;
  request(bench.fixed, 1, 0x1000, 10, 0, b);
  request(bench.fixed, 2, 0x1000, 11, 0, c);
  sc_core::sc_start(ns(100));
  EXPECT_EQ(b, ns(15));
  EXPECT_EQ(c, ns(20));
}

TEST_F(ArbitrationTest, TwoInitiatorsAtTwoTargetsDoNotDelayEachOther) {
  for (System* system : {&bench.fixed, &bench.robin}) {
    sc_time a, b;
    request(*system, 0, 0x1000, 10, 0, a);
    request(*system, 1, 0x2000, 10, 0, b);
    sc_core::sc_start(ns(100));
    EXPECT_EQ(a, ns(15));
    EXPECT_EQ(b, ns(15));
  }
}

TEST_F(ArbitrationTest, AnAnnotatedTimeIsWaitedOutBeforeArbitration) {
  sc_time b, c;
  TestInitiator& early = *bench.fixed.initiators[2];
  const sc_time base = sc_core::sc_time_stamp();
  early.post([&] {
    std::uint8_t byte = 0;
    early.delay = ns(12);
    early.read(0x1000, &byte, 1);
    c = sc_core::sc_time_stamp() + early.delay - base;
  });
  request(bench.fixed, 1, 0x1000, 10, 0, b);
  sc_core::sc_start(ns(100));
  EXPECT_EQ(order, "bc");
  EXPECT_EQ(b, ns(15));
  EXPECT_EQ(c, ns(20));
}

TEST_F(ArbitrationTest, CallOrderIsServedAtOnce) {
  TestInitiator& hart = *bench.fixed.initiators[3];
  std::uint8_t byte = 0;
  hart.delay = ns(50);  // outside any thread: a wait would be an error
  EXPECT_EQ(hart.read(0x1000, &byte, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(hart.delay, ns(55));
}

TEST_F(ArbitrationTest, ATargetThatWaitsServesOneAtATime) {
  bench.fixed.first.answer = [](auto& payload, sc_time& delay) {
    sc_core::wait(delay + ns(50));
    delay = SC_ZERO_TIME;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  log(bench.fixed.first);
  sc_time a, b, c, hart;
  request(bench.fixed, 1, 0x1000, 10, 0, b);     // 10 + 1 + 50
  request(bench.fixed, 0, 0x1000, 20, 0, a);     // 61 + 1 + 50
  request(bench.fixed, 3, 0x1000, 30, 0, hart);  // 112 + 1 + 50
  request(bench.fixed, 2, 0x1000, 30, 0, c);     // ties with hart, and has priority
  sc_core::sc_start(ns(1000));
  EXPECT_EQ(order, "bach");
  EXPECT_EQ(b, ns(61));
  EXPECT_EQ(a, ns(112));
  EXPECT_EQ(c, ns(163));
  EXPECT_EQ(hart, ns(214));
}

TEST_F(ArbitrationTest, AKilledThreadGivesItsPlaceBack) {
  bench.fixed.first.answer = [](auto& payload, sc_time& delay) {
    sc_core::wait(delay + ns(50));
    delay = SC_ZERO_TIME;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  TestInitiator& doomed = *bench.fixed.initiators[2];
  TestInitiator& driver = *bench.fixed.initiators[1];
  sc_time a, served_after;
  request(bench.fixed, 0, 0x1000, 10, 0, a);
  driver.post([&] {
    // One thread dies in the queue, another while it is served.
    for (const unsigned killed_after : {30u, 65u}) {
      auto handle = sc_core::sc_spawn([&] {
        sc_core::wait(ns(15));
        tlm::tlm_generic_payload payload;
        std::uint8_t byte = 0;
        sc_time delay;
        TestInitiator::prepare(payload, tlm::TLM_READ_COMMAND, 0x1000, &byte, 1);
        doomed.socket->b_transport(payload, delay);
      });
      sc_core::wait(ns(killed_after));
      handle.kill();
    }
  });
  sc_core::sc_start(ns(1000));
  EXPECT_EQ(a, ns(61));
  bench.fixed.first.reset();
  request(bench.fixed, 1, 0x1000, 10, 0, served_after);
  sc_core::sc_start(ns(100));
  EXPECT_EQ(served_after, ns(11));
}

TEST_F(ArbitrationTest, HigherRanksSettleAfterWhatLowerRanksCaused) {
  sc_core::sc_event chain;
  TestInitiator& late = *bench.fixed.initiators[0];
  TestInitiator& soon = *bench.fixed.initiators[1];
  TestInitiator& caused = *bench.fixed.initiators[2];
  late.post([&] {
    bench.settler.settle(1);
    order += "late ";
  });
  soon.post([&] {
    bench.settler.settle(0);
    order += "soon ";
    chain.notify(SC_ZERO_TIME);
  });
  caused.post([&] {
    sc_core::wait(chain);
    for (int i = 0; i < 5; ++i) sc_core::wait(SC_ZERO_TIME);
    order += "caused ";
  });
  sc_core::sc_start(SC_ZERO_TIME);
  sc_core::sc_start(ns(1));
  EXPECT_EQ(order, "soon caused late ");
}

TEST_F(ArbitrationTest, SettlingThreadsAreNoActivity) {
  bench.settler.settle(2);  // outside any thread: returns at once, as it is quiet
  std::vector<bool> quiet;
  for (const unsigned who : {0u, 1u})
    bench.fixed.initiators[who]->post([&, who] {
      bench.settler.settle(1 + who);
      quiet.push_back(bench.settler.quiet());  // although the other one still waits, or has a poll to come
      sc_core::wait(ns(1));
    });
  sc_core::sc_start(ns(10));
  EXPECT_EQ(quiet, std::vector<bool>({true, true}));
}

TEST_F(ArbitrationTest, WhatIsLeftToRunIsActivity) {
  bool quiet = true;
  bench.fixed.initiators[0]->post([&] {
    sc_core::sc_event soon;
    soon.notify(SC_ZERO_TIME);
    quiet = bench.settler.quiet();
    sc_core::wait(soon);
  });
  sc_core::sc_start(ns(10));
  EXPECT_FALSE(quiet);
}

}  // namespace
}  // namespace memio::test
