// The initiator side of a bus in timing mode `lt`: times, fields, order of what is posted, grants.
//
// Clock 1 ns; hop 1, beat 1; RAM reads 3, writes 5.
#include "core/bus_master.h"

#include <gtest/gtest.h>

#include "bus/bus.h"
#include "memory/memory.h"
#include "support/test_target.h"

namespace memio::test {
namespace {

sc_core::sc_time ns(unsigned count) { return {static_cast<double>(count), sc_core::SC_NS}; }

MemoryConfig ram_config() {
  MemoryConfig config;
  config.size = 0x1000;
  config.read_latency = 3;
  config.write_latency = 5;
  return config;
}

BusMasterConfig dma_config() {
  BusMasterConfig config;
  config.initiator = "dma0";
  config.number = 7;
  return config;
}

struct Bench {
  Bench() {
    master.bind(bus.add_initiator("dma0", Space::memory));
    bus.map(Space::memory, 0x80000000, 0x80000fff, "ram", ram.socket);
    bus.map(Space::memory, 0x10000000, 0x100000ff, "device", device.socket);
    direct.bind(lonely.socket);
  }
  Bus bus{"bus", BusConfig()};
  Memory ram{"ram", ram_config()}, lonely{"lonely", ram_config()};
  TestTarget device{"device"};
  BusMaster master{"master", dma_config()}, direct{"direct", BusMasterConfig()},
      unbound{"unbound", BusMasterConfig()};
};

Bench& the_bench() {
  static auto* bench = new Bench;
  return *bench;
}

class BusMasterTest : public ::testing::Test {
 protected:
  BusMasterTest() : bench(the_bench()) {
    sc_core::sc_start(ns(1000));
    bench.device.reset();
  }

  static Cycles now() { return static_cast<Cycles>(sc_core::sc_time_stamp() / ns(1)); }

  Access access(std::uint64_t address, std::uint32_t size, bool write) {
    return {address, size, AccessKind::dma, write, Space::memory, Privilege::machine, data};
  }

  Bench& bench;
  std::uint8_t data[64] = {1, 2, 3, 4, 5, 6, 7, 8};
};

TEST_F(BusMasterTest, ATransferBeginsWhenItIsToldTo) {
  const Completion write = bench.master.transfer(access(0x80000010, 8, true), now() + 20);
  EXPECT_EQ(write.status, Status::ok);
  EXPECT_EQ(write.done, now() + 26);
  std::uint8_t back[8] = {};
  EXPECT_EQ(bench.master.debug_read(0x80000010, back, 8), 8u);
  EXPECT_EQ(back[7], 8);
  EXPECT_EQ(bench.master.transfer(access(0x80000010, 8, false), now() + 30).done, now() + 34);
}

TEST_F(BusMasterTest, ErrorsComeBack) {
  EXPECT_EQ(bench.master.transfer(access(0x70000000, 8, true), now()).status, Status::address_error);
  const Completion nowhere = bench.unbound.transfer(access(0x80000000, 8, false), now() + 3);
  EXPECT_EQ(nowhere.status, Status::address_error);
  EXPECT_EQ(nowhere.done, now() + 3);
  EXPECT_EQ(bench.unbound.debug_read(0x80000000, data, 8), 0u);
}

TEST_F(BusMasterTest, TheExtensionSaysWhoAsksAndWhy) {
  InitiatorExtension seen;
  bench.device.answer = [&seen](auto& payload, sc_core::sc_time&) {
    seen = *payload.template get_extension<InitiatorExtension>();
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  Access device = access(0x10000000, 4, false);
  device.privilege = Privilege::supervisor;
  device.memory_type = MemoryType::nc;
  bench.master.transfer(device, now());
  EXPECT_EQ(*seen.name, "dma0");
  EXPECT_EQ(seen.initiator, 7u);
  EXPECT_EQ(seen.kind, AccessKind::dma);
  EXPECT_EQ(seen.privilege, Privilege::supervisor);
  EXPECT_FALSE(seen.cacheable);
  EXPECT_TRUE(seen.bufferable);
  EXPECT_FALSE(seen.moved);
}

TEST_F(BusMasterTest, PostedTransactionsFollowEachOther) {
  const Ticket first = bench.master.post(access(0x80000000, 8, true), now() + 10);
  const Ticket second = bench.master.post(access(0x80000008, 8, false), now() + 11);
  EXPECT_EQ(bench.master.completion(second).done, now() + 20);
  EXPECT_EQ(bench.master.completion(first).done, now() + 16);
}

TEST_F(BusMasterTest, WithoutABusTheGrantChargesItsOwnRoute) {
  Grant grant;
  ASSERT_TRUE(bench.direct.grant(0x20, grant));
  EXPECT_EQ(grant.route->charge(AccessKind::load, false, 0x20, 8, 100), 103u);
  EXPECT_EQ(grant.route->charge(AccessKind::store, true, 0x20, 8, 103), 108u);
  ASSERT_TRUE(bench.master.grant(0x80000020, grant));
  EXPECT_EQ(grant.route, bench.bus.route(Space::memory, "dma0", "ram"));
  EXPECT_FALSE(bench.unbound.grant(0, grant));
}

}  // namespace
}  // namespace memio::test
