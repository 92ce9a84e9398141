// Accounting: a transfer is charged and counted alike by b_transport and through a grant; totals are
// sums; every transaction is traced once.
#include <cstring>
#include <random>
#include <vector>

#include "bus_bench.h"

namespace memio::test {
namespace {

// Both RAMs are equal; what b_transport does at one, the grant's charge function does at the other.
class ChargeTest : public BusTest {
 protected:
  ChargeTest() {
    tlm::tlm_dmi dmi;
    EXPECT_TRUE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x90000000, dmi));
    granted = bench.cpu.extension.grant.route;
  }

  Cycles transport(AccessKind kind, bool write, unsigned size, Cycles after) {
    bench.cpu.extension.kind = kind;
    bench.cpu.delay = ns(static_cast<double>(after));
    const auto status =
        write ? bench.cpu.write(0x80000000, data, size) : bench.cpu.read(0x80000000, data, size);
    EXPECT_EQ(status, tlm::TLM_OK_RESPONSE);
    return static_cast<Cycles>(bench.cpu.delay / ns(1));
  }

  Cycles charge(AccessKind kind, bool write, unsigned size, Cycles after) {
    return granted->charge(kind, write, 0, size, now() + after) - now();
  }

  Route* granted = nullptr;
};

TEST_F(ChargeTest, EverySizeCostsTheSame) {
  for (unsigned size = 1; size <= 128; ++size)
    for (const bool write : {false, true}) {
      sc_core::sc_start(ns(100));
      const Cycles beats = (size + 7) / 8;
      const Cycles expected = 2 + (write ? 5 : 3) + (beats - 1) * 3;
      EXPECT_EQ(transport(AccessKind::load, write, size, 0), expected) << size;
      EXPECT_EQ(charge(AccessKind::load, write, size, 0), expected) << size;
    }
}

TEST_F(ChargeTest, ARandomSequenceEndsInTheSameState) {
  std::mt19937 random(1);
  const RouteCounts ram_before = route("ram").counts(), twin_before = route("twin").counts();
  Cycles time = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto kind = static_cast<AccessKind>(random() % access_kinds);
    const bool write = random() % 2;
    const auto size = static_cast<unsigned>(random() % 4 ? 1u << random() % 4 : 1 + random() % 128);
    const Cycles done = transport(kind, write, size, time);
    ASSERT_EQ(done, charge(kind, write, size, time)) << i;
    time = random() % 3 ? done + random() % 4 : time + random() % 3;  // some before the last is done
  }
  const auto difference = [](const RouteCounts& after, const RouteCounts& before) {
    std::vector<std::uint64_t> values = {after.burst_bytes_read - before.burst_bytes_read,
                                         after.burst_bytes_written - before.burst_bytes_written,
                                         after.errors - before.errors, after.wait_cycles - before.wait_cycles,
                                         after.busy_cycles - before.busy_cycles};
    for (unsigned kind = 0; kind < access_kinds; ++kind)
      for (unsigned size = 0; size < 5; ++size) {
        values.push_back(after.reads[kind][size] - before.reads[kind][size]);
        values.push_back(after.writes[kind][size] - before.writes[kind][size]);
      }
    return values;
  };
  EXPECT_EQ(difference(route("ram").counts(), ram_before), difference(route("twin").counts(), twin_before));
  EXPECT_GT(route("ram").counts().wait_cycles, ram_before.wait_cycles);
  sc_core::sc_start(ns(static_cast<double>(time) + 1000));
}

TEST_F(BusTest, ATransferWithoutExtensionCountsByItsCommand) {
  const std::uint64_t loads = route("device").reads(AccessKind::load);
  const std::uint64_t stores = route("device").writes(AccessKind::store);
  tlm::tlm_generic_payload payload;
  TestInitiator::prepare(payload, tlm::TLM_READ_COMMAND, 0x10000000, data, 4);
  bench.cpu.socket->b_transport(payload, bench.cpu.delay);
  TestInitiator::prepare(payload, tlm::TLM_WRITE_COMMAND, 0x10000000, data, 4);
  bench.cpu.socket->b_transport(payload, bench.cpu.delay);
  EXPECT_EQ(route("device").reads(AccessKind::load), loads + 1);
  EXPECT_EQ(route("device").writes(AccessKind::store), stores + 1);
}

std::uint64_t value(const StatGroup& group, const std::string& name) {
  for (const Stat& stat : group.stats())
    if (stat.name == name) return stat.value();
  ADD_FAILURE() << "no " << name << " in " << group.name();
  return 0;
}

TEST_F(BusTest, StatisticsStandByInitiatorAndTargetAndAddUp) {
  StatGroup root("bus");
  bench.bus.register_stats(root);
  StatGroup& memory = root.child("memory");
  StatGroup& device = memory.child("cpu0").child("device");
  const std::uint64_t reads = value(device, "reads"), writes = value(device, "writes");
  const std::uint64_t fetches = value(device, "fetches"), walks = value(device, "walks");
  const std::uint64_t bytes_read = value(device, "bytes_read");
  const std::uint64_t bytes_written = value(device, "bytes_written");
  const std::uint64_t transactions = value(memory, "transactions"), bytes = value(memory, "bytes");
  const std::uint64_t unmapped = value(memory.child("cpu0"), "unmapped");

  bench.cpu.extension.kind = AccessKind::fetch;
  bench.cpu.read(0x10000000, data, 4);
  bench.cpu.extension.kind = AccessKind::walk;
  bench.cpu.read(0x10000000, data, 8);
  bench.cpu.extension.kind = AccessKind::store;
  bench.cpu.write(0x10000000, data, 100);
  bench.cpu.write(0x70000000, data, 4);

  EXPECT_EQ(value(device, "reads"), reads + 2);
  EXPECT_EQ(value(device, "writes"), writes + 1);
  EXPECT_EQ(value(device, "fetches"), fetches + 1);
  EXPECT_EQ(value(device, "walks"), walks + 1);
  EXPECT_EQ(value(device, "bytes_read"), bytes_read + 12);
  EXPECT_EQ(value(device, "bytes_written"), bytes_written + 100);
  EXPECT_EQ(value(memory, "transactions"), transactions + 3);
  EXPECT_EQ(value(memory, "bytes"), bytes + 112);
  EXPECT_EQ(value(memory.child("cpu0"), "unmapped"), unmapped + 1);
  EXPECT_EQ(value(memory, "unmapped"), value(memory.child("cpu0"), "unmapped"));

  std::uint64_t sum = 0, sum_bytes = 0;
  for (const auto& initiator : memory.children())
    for (const auto& target : initiator->children()) {
      sum += value(*target, "reads") + value(*target, "writes");
      sum_bytes += value(*target, "bytes_read") + value(*target, "bytes_written");
    }
  EXPECT_EQ(value(memory, "transactions"), sum);
  EXPECT_EQ(value(memory, "bytes"), sum_bytes);
  ASSERT_EQ(memory.child("cpu0").children().size(), 6u);
  ASSERT_EQ(root.child("port").children().size(), 2u);
}

class Recorder : public TraceSink {
 public:
  bool wants(TraceTopic topic) const override { return topic == TraceTopic::bus && on; }
  void bus(const BusEvent& event) override { events.push_back(event); }
  bool on = true;
  std::vector<BusEvent> events;
};

TEST_F(BusTest, EveryTransactionIsTracedWithItsModelledTime) {
  Recorder recorder;
  bench.bus.set_trace(&recorder);
  bench.device.latency = ns(4);
  bench.cpu.extension.kind = AccessKind::store;
  bench.cpu.delay = ns(10);
  bench.cpu.write(0x10000020, data, 2);
  bench.cpu.read(0x70000000, data, 4);
  bench.cpu_ports.read(0x3f9, data, 1);
  recorder.on = false;
  bench.cpu.write(0x10000020, data, 2);
  bench.bus.set_trace(nullptr);

  ASSERT_EQ(recorder.events.size(), 3u);
  const BusEvent& write = recorder.events[0];
  EXPECT_EQ(write.start, now() + 10);
  EXPECT_EQ(write.done, now() + 16);
  EXPECT_EQ(*write.initiator, "cpu0");
  EXPECT_EQ(*write.target, "device");
  EXPECT_EQ(write.space, Space::memory);
  EXPECT_EQ(write.kind, AccessKind::store);
  EXPECT_TRUE(write.write);
  EXPECT_EQ(write.address, 0x10000020u);
  EXPECT_EQ(write.size, 2u);
  EXPECT_EQ(write.status, Status::ok);
  const BusEvent& nowhere = recorder.events[1];
  EXPECT_EQ(nowhere.target, nullptr);
  EXPECT_EQ(nowhere.start, now() + 16);
  EXPECT_EQ(nowhere.done, now() + 18);
  EXPECT_EQ(nowhere.status, Status::address_error);
  EXPECT_EQ(recorder.events[2].space, Space::port);
  EXPECT_EQ(recorder.events[2].address, 0x3f9u);
}

}  // namespace
}  // namespace memio::test
