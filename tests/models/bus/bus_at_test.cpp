// Timing mode `at`: the phases of uncontended transactions against `lt`, arbitration, back-pressure, posting,
// and nothing lost under random load. Every master speaks through a protocol checker.
//
// Clock 1 ns, hop 1, beat 1; RAM reads 3, writes 5; the device takes 4, so 5 with the hop.
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "bus/bus.h"
#include "bus/protocol_checker.h"
#include "core/bus_master.h"
#include "core/trace.h"
#include "memory/memory.h"
#include "support/test_initiator.h"
#include "support/test_target.h"

namespace memio::test {
namespace {

using sc_core::sc_time;
using Phases = ProtocolChecker::Phases;

sc_time ns(double count) { return {count, sc_core::SC_NS}; }
Cycles now() { return static_cast<Cycles>(sc_core::sc_time_stamp() / ns(1)); }

/// Runs jobs in a thread of its own.
class Worker : public sc_core::sc_module {
 public:
  explicit Worker(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(Worker);
    SC_THREAD(work);
  }
  void post(std::function<void()> job) {
    jobs_.push_back(std::move(job));
    posted_.notify(sc_core::SC_ZERO_TIME);
  }

 private:
  void work() {
    for (;;) {
      while (jobs_.empty()) wait(posted_);
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
  }
  std::deque<std::function<void()>> jobs_;
  sc_core::sc_event posted_;
};

MemoryConfig ram_config() {
  MemoryConfig config;
  config.size = 0x10000;
  config.read_latency = 3;
  config.write_latency = 5;
  return config;
}

BusConfig bus_config(Settler& settler, bool at, Arbitration policy, unsigned queue, Cycles accept) {
  BusConfig config;
  config.at = at;
  config.arbitration = policy;
  config.queue = queue;
  config.accept = accept;
  config.settler = &settler;
  return config;
}

BusMasterConfig master_config(bool at, unsigned number, unsigned outstanding) {
  BusMasterConfig config;
  config.at = at;
  config.number = number;
  config.outstanding = outstanding;
  return config;
}

/// A bus with three masters: a comes before b before c under fixed priority; c may have two transactions
/// under way.
struct System {
  System(const std::string& name, Settler& settler, bool at, Arbitration policy, unsigned queue,
         Cycles accept = 1)
      : bus((name + "_bus").c_str(), bus_config(settler, at, policy, queue, accept)),
        ram((name + "_ram").c_str(), ram_config()),
        twin((name + "_twin").c_str(), ram_config()),
        device((name + "_device").c_str()) {
    for (unsigned i = 0; i < 3; ++i) {
      const std::string initiator(1, "abc"[i]), prefix = name + "_" + initiator;
      masters[i] =
          std::make_unique<BusMaster>((prefix + "_master").c_str(), master_config(at, i, i == 2 ? 2 : 1));
      workers[i] = std::make_unique<Worker>((prefix + "_worker").c_str());
      masters[i]->bind(bus.add_initiator(initiator, Space::memory, i));
      if (ProtocolChecker* const checker = bus.checker(Space::memory, initiator))
        checker->set_listener([this, i](const Phases& phases) { finished[i].push_back(phases); });
    }
    bus.map(Space::memory, 0x80000000, 0x8000ffff, "ram", ram.socket);
    bus.map(Space::memory, 0x90000000, 0x9000ffff, "twin", twin.socket);
    bus.map(Space::memory, 0x10000000, 0x100000ff, "device", device.socket);
  }

  /// Nothing was wrong with the protocol, and all that began has ended.
  void expect_clean() {
    EXPECT_EQ(bus.violations(), "");
    for (const char* initiator : {"a", "b", "c"})
      EXPECT_EQ(bus.checker(Space::memory, initiator)->under_way(), 0u);
  }

  Bus bus;
  Memory ram, twin;
  TestTarget device;
  std::array<std::unique_ptr<BusMaster>, 3> masters;
  std::array<std::vector<Phases>, 3> finished;
  std::array<std::unique_ptr<Worker>, 3> workers;
};

struct Bench {
  Settler settler{"settler"};
  System loose{"loose", settler, false, Arbitration::fixed, 8};
  System fixed{"fixed", settler, true, Arbitration::fixed, 8};
  System robin{"robin", settler, true, Arbitration::round_robin, 8};
  System narrow{"narrow", settler, true, Arbitration::fixed, 1};
  System slow{"slow", settler, true, Arbitration::fixed, 8, 6};  ///< END_REQ comes 6 cycles after BEGIN_REQ

  Bus broken{"broken", bus_config(settler, true, Arbitration::fixed, 8, 1)};
  TestInitiator wrong{"wrong"};  ///< which breaks the protocol

  Bench() { wrong.socket.bind(broken.add_initiator("wrong", Space::memory)); }
};

/// How long the queues were, and when.
class QueueLog : public TraceSink {
 public:
  bool wants(TraceTopic topic) const override { return topic == TraceTopic::dram; }
  void queue(const QueueEvent& event) override { seen.emplace_back(*event.target, event.at, event.waiting); }
  std::vector<std::tuple<std::string, Cycles, unsigned>> seen;
};

Bench& the_bench() {
  static auto* bench = new Bench;
  return *bench;
}

class BusAtTest : public ::testing::Test {
 protected:
  BusAtTest() : bench(the_bench()) {
    sc_core::sc_start(ns(1000));
    for (System* system : {&bench.loose, &bench.fixed, &bench.robin, &bench.narrow, &bench.slow}) {
      system->device.reset();
      system->device.latency = ns(4);
      for (auto& finished : system->finished) finished.clear();
    }
  }

  ~BusAtTest() override {
    for (System* system : {&bench.fixed, &bench.robin, &bench.narrow, &bench.slow}) system->expect_clean();
  }

  Access access(std::uint64_t address, std::uint32_t size, AccessKind kind = AccessKind::dma) {
    const bool write = kind == AccessKind::store;
    return {address, size, kind, write, Space::memory, Privilege::machine, data};
  }

  /// Cycles of one transaction of a master that nobody disturbs.
  Cycles cost(System& system, const Access& what) {
    Cycles cycles = 0;
    system.workers[0]->post([&] {
      const Cycles begin = now();
      const Completion completion = system.masters[0]->transfer(what, begin);
      cycles = completion.done - begin;
      system.masters[0]->wait_until(completion.done);
    });
    sc_core::sc_start(ns(200));
    return cycles;
  }

  /// Logs who is served at which cycle of the run; latency as before.
  void log(System& system, std::string& order) {
    system.device.answer = [&order, inner = system.device.answer](auto& payload, sc_time& delay) {
      order += "abc"[payload.template get_extension<InitiatorExtension>()->initiator];
      inner(payload, delay);
    };
  }

  Bench& bench;
  std::uint8_t data[256] = {};
};

TEST_F(BusAtTest, AnUncontendedTransactionTakesWhatItTakesInLt) {
  struct Case {
    std::uint64_t address;
    std::uint32_t size;
    AccessKind kind;
    Cycles cycles;
  };
  const Case cases[] = {
      {0x80000000, 1, AccessKind::load, 4},    {0x80000002, 2, AccessKind::fetch, 4},
      {0x80000004, 4, AccessKind::walk, 4},    {0x80000008, 8, AccessKind::dma, 4},
      {0x80000000, 1, AccessKind::store, 6},   {0x80000008, 8, AccessKind::store, 6},
      {0x80000000, 16, AccessKind::load, 5},   {0x80000040, 64, AccessKind::load, 11},
      {0x80000040, 64, AccessKind::store, 13}, {0x80000100, 256, AccessKind::dma, 35},
      {0x10000000, 4, AccessKind::load, 5},    {0x10000000, 1, AccessKind::store, 5},
      {0x10000000, 16, AccessKind::dma, 6},    {0x70000000, 4, AccessKind::load, 1},
      {0x70000000, 64, AccessKind::store, 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(::testing::Message() << std::hex << c.address << " size " << std::dec << c.size);
    EXPECT_EQ(cost(bench.loose, access(c.address, c.size, c.kind)), c.cycles);
    EXPECT_EQ(cost(bench.fixed, access(c.address, c.size, c.kind)), c.cycles);
    EXPECT_EQ(cost(bench.narrow, access(c.address, c.size, c.kind)), c.cycles);
    EXPECT_EQ(cost(bench.slow, access(c.address, c.size, c.kind)), c.cycles);
  }
}

TEST_F(BusAtTest, WithoutDataTheTimeAndTheCountsAreTheSame) {
  Access moved = access(0x80000040, 64, AccessKind::store);
  moved.data = nullptr;
  data[0] = 0x5a;
  bench.fixed.masters[0]->debug_write(0x80000040, data, 1);
  const Route& route = *bench.fixed.bus.route(Space::memory, "a", "ram");
  const std::uint64_t bytes = route.bytes_written();
  EXPECT_EQ(cost(bench.fixed, moved), 13u);
  EXPECT_EQ(route.bytes_written() - bytes, 64u);
  bench.fixed.masters[0]->debug_read(0x80000040, data, 1);
  EXPECT_EQ(data[0], 0x5a);
}

TEST_F(BusAtTest, ThePhasesSplitTheLatencyUp) {
  const Cycles begin = now();
  cost(bench.fixed, access(0x80000000, 8));
  ASSERT_EQ(bench.fixed.finished[0].size(), 1u);
  const Phases phases = bench.fixed.finished[0][0];
  EXPECT_EQ(phases.begin_req, ns(static_cast<double>(begin)));
  EXPECT_EQ(phases.end_req, ns(static_cast<double>(begin + 1)));
  EXPECT_EQ(phases.begin_resp, ns(static_cast<double>(begin + 4)));
  EXPECT_EQ(phases.end_resp, ns(static_cast<double>(begin + 4)));
}

// Three masters that always ask again at once: of 90 services of 5 cycles each gets every third.
TEST_F(BusAtTest, RoundRobinServesAllAlike) {
  std::string order;
  log(bench.robin, order);
  const Cycles begin = now();
  std::vector<Cycles> ends(3);
  for (unsigned i = 0; i < 3; ++i)
    bench.robin.workers[i]->post([&, i] {
      for (unsigned n = 0; n < 30; ++n) bench.robin.masters[i]->transfer(access(0x10000000, 4), now());
      ends[i] = now();
    });
  sc_core::sc_start(ns(1000));
  std::string turns;
  for (unsigned n = 0; n < 30; ++n) turns += "abc";
  EXPECT_EQ(order, turns);
  EXPECT_EQ(ends, (std::vector<Cycles>{begin + 440, begin + 445, begin + 450}));
}

// Who asked earlier is served earlier: under fixed priority the last waits for one service of each other, 10
// cycles, and never longer, however often they ask.
TEST_F(BusAtTest, FixedPriorityStarvesNobodyBeyondItsBound) {
  std::vector<Cycles> waits;
  bool stop = false;
  for (unsigned i = 0; i < 2; ++i)
    bench.fixed.workers[i]->post([&, i] {
      while (!stop) bench.fixed.masters[i]->transfer(access(0x10000000, 4), now());
    });
  bench.fixed.workers[2]->post([&] {
    for (unsigned n = 0; n < 20; ++n)
      waits.push_back(bench.fixed.masters[2]->transfer(access(0x10000000, 4), now()).wait);
    stop = true;
  });
  sc_core::sc_start(ns(1000));
  EXPECT_EQ(waits, std::vector<Cycles>(20, 10));
}

TEST_F(BusAtTest, RequestsOfOneCycleGoByPriority) {
  std::string order;
  log(bench.fixed, order);
  const Cycles begin = now();
  for (const unsigned i : {2u, 0u, 1u})
    bench.fixed.workers[i]->post(
        [&, i] { bench.fixed.masters[i]->transfer(access(0x10000000, 4), begin + 10); });
  sc_core::sc_start(ns(100));
  EXPECT_EQ(order, "abc");
}

// A queue of one: a is served at once, b takes the place in the queue, and c is accepted when b leaves it.
TEST_F(BusAtTest, AFullQueueHoldsRequestsBack) {
  const Cycles begin = now() + 10;
  for (const unsigned i : {2u, 1u, 0u})
    bench.narrow.workers[i]->post(
        [&, i] { bench.narrow.masters[i]->transfer(access(0x10000000, 4), begin); });
  sc_core::sc_start(ns(100));
  const Cycles accepted[] = {begin + 1, begin + 1, begin + 6};
  for (unsigned i = 0; i < 3; ++i) {
    ASSERT_EQ(bench.narrow.finished[i].size(), 1u);
    const Phases phases = bench.narrow.finished[i][0];
    EXPECT_EQ(phases.end_req, ns(static_cast<double>(accepted[i])));
    EXPECT_EQ(phases.begin_resp, ns(static_cast<double>(begin + 5 * (i + 1))));
  }
}

TEST_F(BusAtTest, WhatIsPostedIsMadeInOrderWhileItsOwnerGoesOn) {
  const Cycles begin = now();
  std::vector<Cycles> done;
  Cycles posted_at = 0;
  bench.fixed.workers[0]->post([&] {
    BusMaster& master = *bench.fixed.masters[0];
    const Ticket first = master.post(access(0x80000000, 8), begin + 2);
    const Ticket second = master.post(access(0x80000008, 8), begin);
    posted_at = now();
    done.push_back(master.transfer(access(0x80000010, 8), begin).done);
    done.push_back(master.completion(second).done);
    done.push_back(master.completion(first).done);
  });
  sc_core::sc_start(ns(100));
  EXPECT_EQ(posted_at, begin);
  EXPECT_EQ(done, (std::vector<Cycles>{begin + 14, begin + 10, begin + 6}));
}

// The second request of c, made when the first has been accepted, is served by another RAM meanwhile; the
// third waits until one of them is done.
TEST_F(BusAtTest, TwoOutstandingTransactionsOverlap) {
  const Cycles begin = now();
  std::vector<Cycles> done;
  bench.fixed.workers[2]->post([&] {
    BusMaster& master = *bench.fixed.masters[2];
    const Ticket ram = master.post(access(0x80000000, 64), begin);
    const Ticket twin = master.post(access(0x90000000, 8), begin);
    const Ticket last = master.post(access(0x90000008, 8), begin);
    for (const Ticket ticket : {ram, twin, last}) done.push_back(master.completion(ticket).done);
  });
  sc_core::sc_start(ns(100));
  EXPECT_EQ(done, (std::vector<Cycles>{begin + 11, begin + 5, begin + 9}));
}

// END_REQ comes 6 cycles after BEGIN_REQ, in a call of its own, or with a response that is earlier.
TEST_F(BusAtTest, AcceptanceMayTakeLongerThanTheHop) {
  const Cycles begin = now();
  std::vector<Cycles> done;
  bench.slow.workers[2]->post([&] {
    BusMaster& master = *bench.slow.masters[2];
    const Ticket ram = master.post(access(0x80000000, 64), begin);
    const Ticket twin = master.post(access(0x90000000, 8), begin);
    for (const Ticket ticket : {ram, twin}) done.push_back(master.completion(ticket).done);
  });
  sc_core::sc_start(ns(100));
  EXPECT_EQ(done, (std::vector<Cycles>{begin + 11, begin + 10}));
  const auto offsets = [&](const Phases& phases) {
    std::vector<double> all;
    for (const sc_time& time : {phases.begin_req, phases.end_req, phases.begin_resp, phases.end_resp})
      all.push_back((time - ns(static_cast<double>(begin))) / ns(1));
    return all;
  };
  ASSERT_EQ(bench.slow.finished[2].size(), 2u);
  EXPECT_EQ(offsets(bench.slow.finished[2][0]), (std::vector<double>{6, 10, 10, 10}));
  EXPECT_EQ(offsets(bench.slow.finished[2][1]), (std::vector<double>{0, 6, 11, 11}));
}

// Three requests of one cycle, served one after the other in 5 cycles each; a queue of one counts those that
// wait for a place too.
TEST_F(BusAtTest, TracesTellHowManyWaitAtATarget) {
  for (System* system : {&bench.fixed, &bench.narrow}) {
    QueueLog log;
    system->bus.set_trace(&log);
    const Cycles begin = now() + 10;
    for (const unsigned i : {0u, 1u, 2u})
      system->workers[i]->post([&, i] { system->masters[i]->transfer(access(0x10000000, 4), begin); });
    sc_core::sc_start(ns(100));
    system->bus.set_trace(nullptr);
    const decltype(log.seen) expected{{"device", begin, 1},     {"device", begin, 2},
                                      {"device", begin, 3},     {"device", begin, 2},
                                      {"device", begin + 5, 1}, {"device", begin + 10, 0}};
    EXPECT_EQ(log.seen, expected);
  }
}

// What is still to be traced begins with the oldest request that has no response yet, and its owner may have
// more to tell of it until then.
TEST_F(BusAtTest, TheOldestRequestIsOneThatWaitsOrIsServed) {
  const Cycles begin = now() + 10;
  for (const unsigned i : {0u, 1u})
    bench.fixed.workers[i]->post(
        [&, i] { bench.fixed.masters[i]->transfer(access(0x10000000, 4), begin + 2 * i); });
  std::vector<Cycles> oldest;
  for (unsigned cycle = 0; cycle < 22; ++cycle) {
    sc_core::sc_start(ns(1));
    while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
    oldest.push_back(now() - bench.fixed.bus.oldest_request(now()));
  }
  // The first from 10 to 15, the second from 12 to 20, served from 15 on.
  EXPECT_EQ(oldest, (std::vector<Cycles>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 3, 4, 5, 6, 7, 0, 0, 0}));
}

TEST_F(BusAtTest, WhoBreaksTheProtocolIsNamed) {
  EXPECT_EQ(bench.broken.violations(), "");
  tlm::tlm_generic_payload payload;
  tlm::tlm_phase phase = tlm::END_RESP;
  sc_time delay;
  bench.wrong.socket->nb_transport_fw(payload, phase, delay);
  EXPECT_EQ(bench.broken.violations(),
            "memory space, initiator wrong: 1 violations of the base protocol, the first: a phase of a "
            "transaction that is not under way\n");
  EXPECT_EQ(bench.loose.bus.checker(Space::memory, "a"), nullptr);
}

/// Random load of three masters, each of which checks what it reads back; returns when each was done.
std::vector<Cycles> stress(System& system, unsigned count) {
  auto ends = std::make_shared<std::vector<Cycles>>();
  const Cycles origin = now();
  for (unsigned i = 0; i < 3; ++i)
    system.workers[i]->post([&system, ends, count, i, origin] {
      std::mt19937 random(i + 1);
      std::vector<std::uint8_t> expected(0x1000);
      system.masters[i]->debug_read(0x80000000 + 0x1000 * i, expected.data(), 0x1000);
      for (unsigned n = 0; n < count; ++n) {
        std::uint8_t bytes[64];
        const std::uint32_t size = 1u << random() % 7;
        const std::uint64_t offset = random() % (0x1000 / size) * size;
        Access a{0x80000000 + 0x1000 * i + offset,
                 size,
                 AccessKind::dma,
                 random() % 2 == 0,
                 Space::memory,
                 Privilege::machine,
                 bytes};
        if (random() % 8 == 0) a = {0x10000000, 4, AccessKind::load, false, Space::memory, {}, bytes};
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
        if (a.write) std::copy(bytes, bytes + size, expected.begin() + static_cast<long>(offset));
        const Completion completion = system.masters[i]->transfer(a, now() + random() % 4);
        EXPECT_EQ(completion.status, Status::ok);
        EXPECT_EQ(completion.done, now());
        if (a.kind == AccessKind::dma && !a.write) {
          EXPECT_TRUE(std::equal(bytes, bytes + size, expected.begin() + static_cast<long>(offset)));
        }
        ends->push_back(now() - origin);
      }
    });
  sc_core::sc_start(ns(20000));
  return *ends;
}

TEST_F(BusAtTest, NothingIsLostUnderRandomLoadAndTheOrderIsAlwaysTheSame) {
  const auto served = [](const System& system) {
    std::uint64_t sum = 0;
    for (const char* from : {"a", "b", "c"})
      for (const char* to : {"ram", "device"})
        for (unsigned kind = 0; kind < access_kinds; ++kind) {
          const Route& route = *system.bus.route(Space::memory, from, to);
          sum += route.reads(static_cast<AccessKind>(kind)) + route.writes(static_cast<AccessKind>(kind));
        }
    return sum;
  };
  const std::uint64_t before = served(bench.robin), narrow_before = served(bench.narrow);
  EXPECT_EQ(stress(bench.robin, 500).size(), 1500u);
  EXPECT_EQ(served(bench.robin) - before, 1500u);
  EXPECT_EQ(stress(bench.narrow, 500).size(), 1500u);
  EXPECT_EQ(served(bench.narrow) - narrow_before, 1500u);
  EXPECT_EQ(bench.robin.finished[0].size(), 500u);
  const std::vector<Cycles> once = stress(bench.fixed, 500), again = stress(bench.fixed, 500);
  EXPECT_EQ(once, again);
}

}  // namespace
}  // namespace memio::test
