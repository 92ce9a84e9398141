// Misses, buffers, prefetches and DRAM rows as transactions on a bus: the same figures in `lt` and in `at`,
// worked out by hand from docs/timing.md, sections "Caches" and "Memory".
//
// Clock 1 ns, hop 1, beats of 8 bytes; RAM reads 3, writes 5: a line of 64 bytes takes 1 + 3 + 7 = 11 cycles
// to read and 13 to write, 8 bytes take 6 to write. A miss is detected in 1 cycle. All times count from the
// start of a test.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.h"
#include "cache/cache_hierarchy.h"
#include "core/bus_master.h"
#include "memory/dram.h"
#include "memory/memory.h"

namespace memio::test {
namespace {

sc_core::sc_time ns(Cycles count) { return {static_cast<double>(count), sc_core::SC_NS}; }
Cycles now() { return static_cast<Cycles>(sc_core::sc_time_stamp() / ns(1)); }

constexpr std::uint64_t last = ~std::uint64_t{0};
constexpr std::uint64_t ram = 0x80000000, dram = 0x90000000;

/// One port of a hart at a bus with RAM and a DRAM, and the thread that uses it.
class System : public sc_core::sc_module, public LineBus {
 public:
  System(const sc_core::sc_module_name& name, bool at)
      : sc_core::sc_module(name), bus("bus", bus_config(at)), master("master", master_config(at)) {
    SC_HAS_PROCESS(System);
    SC_THREAD(work);
    master.bind(bus.add_initiator("master", Space::memory, 0, Ties::call_order));
    bus.map(Space::memory, ram, ram + 0xffff, "ram", plain.socket);
    bus.map(Space::memory, dram, dram + 0xffff, "dram", rows.socket);
    TargetTraits traits;
    traits.service = &row_time;
    bus.set_traits(Space::memory, "dram", traits);
  }

  Completion transfer(const Access& access, Cycles at) override { return master.transfer(access, at); }
  Ticket post(const Access& access, Cycles at) override { return master.post(access, at); }
  Completion completion(Ticket ticket) override { return master.completion(ticket); }

  /// Runs `job` in the thread, from the next cycle on.
  void run(std::function<void()> job) {
    job_ = std::move(job);
    begin_.notify(ns(1));
    sc_core::sc_start(ns(2000));
  }

  static BusConfig bus_config(bool at) {
    BusConfig config;
    config.at = at;
    return config;
  }
  static BusMasterConfig master_config(bool at) {
    BusMasterConfig config;
    config.at = at;
    return config;
  }
  static MemoryConfig memory_config(Cycles read, Cycles write) {
    MemoryConfig config;
    config.size = 0x10000;
    config.read_latency = read;
    config.write_latency = write;
    return config;
  }
  static DramConfig dram_config() {
    DramConfig config;
    config.trefi = 0;
    config.row_bytes = 1024;
    return config;
  }

  Bus bus;
  BusMaster master;
  Memory plain{"plain", memory_config(3, 5)}, rows{"rows", memory_config(0, 0)};
  Dram row_time{dram_config(), "dram"};

 private:
  void work() {
    for (;;) {
      wait(begin_);
      job_();
    }
  }
  std::function<void()> job_;
  sc_core::sc_event begin_;
};

struct Systems {
  System loose{"loose", false}, exact{"exact", true};
};

Systems& systems() {
  static auto* all = new Systems;
  return *all;
}

CacheHierarchyConfig caches_of(CacheConfig CacheHierarchyConfig::*which) {
  CacheHierarchyConfig config;
  (config.*which).size = 1024;
  (config.*which).ways = 2;
  (config.*which).line = 64;
  return config;
}

/// A hierarchy on the bus; times in and out count from its construction.
class Bench {
 public:
  Bench(System& system, const CacheHierarchyConfig& config) : origin(now()), caches(config, "cpu0", system) {}

  CacheReply access(AccessKind kind, std::uint64_t address, Cycles at, bool defer = false) {
    const bool write = kind == AccessKind::store;
    CacheReply reply = caches.access({kind, write, address, 4, last, defer}, origin + at);
    reply.done -= origin;
    reply.data -= origin;
    return reply;
  }
  CacheReply load(std::uint64_t address, Cycles at, bool defer = false) {
    return access(AccessKind::load, address, at, defer);
  }
  CacheReply store(std::uint64_t address, Cycles at) { return access(AccessKind::store, address, at); }
  CacheReply fetch(std::uint64_t address, Cycles at) { return access(AccessKind::fetch, address, at); }
  Cycles drain(Cycles at) { return caches.drain(origin + at) - origin; }

  const Cycles origin;
  CacheHierarchy caches;
};

class CacheBusTest : public ::testing::TestWithParam<bool> {
 protected:
  CacheBusTest() : system(GetParam() ? systems().exact : systems().loose) { sc_core::sc_start(ns(1000)); }
  ~CacheBusTest() override { EXPECT_EQ(system.bus.violations(), ""); }
  System& system;
};

INSTANTIATE_TEST_SUITE_P(Modes, CacheBusTest, testing::Bool(),
                         [](const auto& mode) { return std::string(mode.param ? "at" : "lt"); });

// Two outstanding misses: the hart goes on, the port makes them one after the other, the third waits for the
// first.
TEST_P(CacheBusTest, OutstandingMissesOverlapWithTheHart) {
  CacheHierarchyConfig config = caches_of(&CacheHierarchyConfig::l1d);
  config.l1d.mshrs = 2;
  system.run([&] {
    Bench b(system, config);
    const CacheReply first = b.load(ram, 0, true), second = b.load(ram + 0x40, 1, true);
    const CacheReply hit = b.load(ram + 0x48, 2, true), third = b.load(ram + 0x80, 3, true);
    EXPECT_EQ(first.done, 0u);
    EXPECT_EQ(first.data, 1u + 11);
    EXPECT_EQ(second.done, 1u);
    EXPECT_EQ(second.data, 12u + 11);
    EXPECT_EQ(hit.done, 2u);
    EXPECT_EQ(hit.data, 23u);
    EXPECT_EQ(third.done, 12u);
    EXPECT_EQ(third.data, 23u + 11);
    EXPECT_EQ(b.caches.l1d()->counts.delayed_hits, 1u);
    EXPECT_EQ(b.drain(13), 34u);
  });
}

TEST_P(CacheBusTest, AStoreBufferOfOneHidesOneLine) {
  CacheHierarchyConfig config = caches_of(&CacheHierarchyConfig::l1d);
  config.l1d.store_buffer = 1;
  system.run([&] {
    Bench b(system, config);
    EXPECT_EQ(b.store(ram, 0).done, 0u);
    const CacheReply second = b.store(ram + 0x40, 1);
    EXPECT_EQ(second.done, 12u);
    EXPECT_EQ(second.store_wait, 11u);
    EXPECT_EQ(b.drain(12), 1u + 11 + 1 + 11);
  });
}

// Words come at 5, 6, ... 12 of a miss at 0: word 5 at 10, or first.
TEST_P(CacheBusTest, AccessesGoOnWithTheLineTheirWordOrTheCriticalWord) {
  const std::pair<Restart, Cycles> cases[] = {
      {Restart::line, 12}, {Restart::early, 10}, {Restart::critical, 5}};
  for (const auto& [restart, done] : cases) {
    CacheHierarchyConfig config = caches_of(&CacheHierarchyConfig::l1d);
    config.l1d.restart = restart;
    system.run([&, expected = done, kind = restart] {
      Bench b(system, config);
      EXPECT_EQ(b.load(ram + 0x28, 0).done, expected);
      if (kind != Restart::critical) return;
      EXPECT_EQ(b.load(ram + 0x30, 5).done, 6u);       // the next word
      EXPECT_EQ(b.load(ram + 0x20, 6).done, 12u);      // the last one
      EXPECT_EQ(b.load(ram + 0x60, 6).done, 12u + 4);  // the next line: the port is free at 12
    });
  }
}

TEST_P(CacheBusTest, FetchingAheadBringsTheNextLineBehindItsOwn) {
  CacheHierarchyConfig config = caches_of(&CacheHierarchyConfig::l1i);
  config.l1i.next_line = true;
  system.run([&] {
    Bench b(system, config);
    EXPECT_EQ(b.fetch(ram, 0).done, 12u);
    EXPECT_EQ(b.fetch(ram + 0x40, 14).done, 12u + 11);
    EXPECT_EQ(b.fetch(ram + 0x80, 30).done, 30u + 12);
    EXPECT_EQ(b.caches.l1i()->counts.prefetches, 2u);
  });
}

// Stores that go through, one behind the other: with three entries the fourth waits for the first, from then
// on each for the one three before.
TEST_P(CacheBusTest, TheDepthOfTheWriteBufferIsAKnee) {
  CacheHierarchyConfig config = caches_of(&CacheHierarchyConfig::l1d);
  config.l1d.write_back = config.l1d.write_allocate = false;
  config.write_buffer = 3;
  system.run([&] {
    Bench b(system, config);
    Cycles at = 0;
    for (const Cycles done : {0, 1, 2, 6, 12, 18}) {
      const CacheReply reply = b.store(ram + 8 * at, at);
      EXPECT_EQ(reply.done, done);
      EXPECT_EQ(reply.store_wait, done - at);
      at = reply.done + 1;
    }
    EXPECT_EQ(b.drain(at), 6u * 6);
  });
}

TEST_P(CacheBusTest, ADirtyLineLeavesBehindTheOneThatComes) {
  system.run([&] {
    Bench b(system, caches_of(&CacheHierarchyConfig::l1d));
    EXPECT_EQ(b.store(ram, 0).done, 12u);
    EXPECT_EQ(b.load(ram + 0x200, 12).done, 24u);
    EXPECT_EQ(b.load(ram + 0x400, 24).done, 36u);            // evicts the first
    EXPECT_EQ(b.load(ram + 0x600, 36).done, 36u + 13 + 11);  // its write-back keeps the port until 49
  });
}

// Banks of 1 KiB: a row is opened (33 cycles behind the hop), hit (19), or closed for another one of its bank
// (47).
TEST_P(CacheBusTest, RowsOfADram) {
  system.run([&] {
    const Cycles origin = now();
    const auto read = [&](std::uint64_t address, Cycles at) {
      std::uint8_t bytes[64];
      const Access access{address, 64, AccessKind::load, false, Space::memory, Privilege::machine, bytes};
      return system.master.transfer(access, origin + at).done - origin - at;
    };
    EXPECT_EQ(read(dram, 0), 1u + 14 + 14 + 5);
    EXPECT_EQ(read(dram + 0x40, 100), 1u + 14 + 5);
    EXPECT_EQ(read(dram + 0x400, 200), 1u + 14 + 14 + 5);        // the next bank
    EXPECT_EQ(read(dram + 0x2000, 300), 1u + 14 + 14 + 14 + 5);  // the first bank, another row
    EXPECT_EQ(read(dram + 0x2040, 400), 1u + 14 + 5);
  });
  EXPECT_EQ(system.row_time.counts().row_hits, 2u);
  EXPECT_EQ(system.row_time.counts().row_closed, 2u);
  EXPECT_EQ(system.row_time.counts().row_conflicts, 1u);
}

}  // namespace
}  // namespace memio::test
