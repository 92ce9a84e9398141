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
#include <vector>

#include "bus/bus.h"
#include "core/bus_master.h"
#include "memory/memory.h"
#include "support/at_checker.h"
#include "support/test_target.h"

namespace memio::test {
namespace {

using sc_core::sc_time;

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

BusConfig bus_config(Settler& settler, bool at, Arbitration policy, unsigned queue) {
  BusConfig config;
  config.at = at;
  config.arbitration = policy;
  config.queue = queue;
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
  System(const std::string& name, Settler& settler, bool at, Arbitration policy, unsigned queue)
      : bus((name + "_bus").c_str(), bus_config(settler, at, policy, queue)),
        ram((name + "_ram").c_str(), ram_config()),
        twin((name + "_twin").c_str(), ram_config()),
        device((name + "_device").c_str()) {
    for (unsigned i = 0; i < 3; ++i) {
      const std::string initiator(1, "abc"[i]), prefix = name + "_" + initiator;
      masters[i] =
          std::make_unique<BusMaster>((prefix + "_master").c_str(), master_config(at, i, i == 2 ? 2 : 1));
      checkers[i] = std::make_unique<AtChecker>((prefix + "_checker").c_str());
      workers[i] = std::make_unique<Worker>((prefix + "_worker").c_str());
      masters[i]->bind(checkers[i]->target);
      checkers[i]->initiator.bind(bus.add_initiator(initiator, Space::memory, i));
    }
    bus.map(Space::memory, 0x80000000, 0x8000ffff, "ram", ram.socket);
    bus.map(Space::memory, 0x90000000, 0x9000ffff, "twin", twin.socket);
    bus.map(Space::memory, 0x10000000, 0x100000ff, "device", device.socket);
  }

  /// Nothing was wrong with the protocol, and all that began has ended.
  void expect_clean() {
    for (const auto& checker : checkers) {
      EXPECT_EQ(checker->errors, std::vector<std::string>());
      EXPECT_EQ(checker->under_way(), 0u);
    }
  }

  Bus bus;
  Memory ram, twin;
  TestTarget device;
  std::array<std::unique_ptr<BusMaster>, 3> masters;
  std::array<std::unique_ptr<AtChecker>, 3> checkers;
  std::array<std::unique_ptr<Worker>, 3> workers;
};

struct Bench {
  Settler settler{"settler"};
  System loose{"loose", settler, false, Arbitration::fixed, 8};
  System fixed{"fixed", settler, true, Arbitration::fixed, 8};
  System robin{"robin", settler, true, Arbitration::round_robin, 8};
  System narrow{"narrow", settler, true, Arbitration::fixed, 1};
};

Bench& the_bench() {
  static auto* bench = new Bench;
  return *bench;
}

class BusAtTest : public ::testing::Test {
 protected:
  BusAtTest() : bench(the_bench()) {
    sc_core::sc_start(ns(1000));
    for (System* system : {&bench.loose, &bench.fixed, &bench.robin, &bench.narrow}) {
      system->device.reset();
      system->device.latency = ns(4);
      for (auto& checker : system->checkers) checker->finished.clear();
    }
  }

  ~BusAtTest() override {
    for (System* system : {&bench.fixed, &bench.robin, &bench.narrow}) system->expect_clean();
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
  ASSERT_EQ(bench.fixed.checkers[0]->finished.size(), 1u);
  const AtChecker::Phases phases = bench.fixed.checkers[0]->finished[0];
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
    ASSERT_EQ(bench.narrow.checkers[i]->finished.size(), 1u);
    const AtChecker::Phases phases = bench.narrow.checkers[i]->finished[0];
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
  EXPECT_EQ(bench.robin.checkers[0]->finished.size(), 500u);
  const std::vector<Cycles> once = stress(bench.fixed, 500), again = stress(bench.fixed, 500);
  EXPECT_EQ(once, again);
}

}  // namespace
}  // namespace memio::test
