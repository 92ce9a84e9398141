// The window that shows port space in memory space.
#include "bus_bench.h"

namespace memio::test {
namespace {

std::uint64_t value(const StatGroup& group, const std::string& name) {
  for (const Stat& stat : group.stats())
    if (stat.name == name) return stat.value();
  return ~std::uint64_t{0};
}

TEST_F(BusTest, TheWindowReachesThePortOfItsOffset) {
  bench.port.answer = [](auto& payload, sc_core::sc_time&) {
    payload.get_data_ptr()[0] = 0x5a;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  EXPECT_EQ(bench.cpu.read(0x30003fa, data, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.port.address, 2u);
  EXPECT_EQ(data[0], 0x5a);
}

TEST_F(BusTest, TheWindowCostsTwoHopsAndItsLatency) {
  StatGroup group("window");
  bench.window.register_stats(group);
  const std::uint64_t cycles = value(group, "cycles"), accesses = value(group, "accesses");
  bench.port.latency = ns(10);
  bench.cpu.read(0x30003f8, data, 4);
  EXPECT_EQ(bench.cpu.delay, ns(2 + 4 + 2 + 10));
  EXPECT_EQ(value(group, "cycles"), cycles + 4);
  EXPECT_EQ(value(group, "accesses"), accesses + 1);
}

TEST_F(BusTest, APortNobodyOwnsIsAnAddressErrorThroughTheWindow) {
  const std::uint64_t unmapped = bench.bus.unmapped(Space::port);
  EXPECT_EQ(bench.cpu.read(0x3000080, data, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.cpu.delay, ns(2 + 4 + 2));
  EXPECT_EQ(bench.cpu.write(0x30003fe, data, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.bus.unmapped(Space::port), unmapped + 2);
}

TEST_F(BusTest, TheWindowTakesPortSizesOnly) {
  for (const unsigned size : {1u, 2u, 4u})
    EXPECT_EQ(bench.cpu.read(0x30003f8, data, size), tlm::TLM_OK_RESPONSE) << size;
  for (const unsigned size : {3u, 8u, 16u})
    EXPECT_EQ(bench.cpu.read(0x30003f8, data, size), tlm::TLM_BURST_ERROR_RESPONSE) << size;
}

TEST_F(BusTest, TheWindowIsAnInitiatorOfItsOwnWithTheKindOfTheOriginal) {
  const Route& ports = *bench.bus.route(Space::port, "window", "port");
  const std::uint64_t stores = ports.writes(AccessKind::store), dma = ports.writes(AccessKind::dma);
  bench.cpu.extension.kind = AccessKind::store;
  bench.cpu.write(0x30003f8, data, 1);
  bench.cpu.extension.kind = AccessKind::dma;
  bench.cpu.write(0x30003f8, data, 1);
  EXPECT_EQ(ports.writes(AccessKind::store), stores + 1);
  EXPECT_EQ(ports.writes(AccessKind::dma), dma + 1);
}

TEST_F(BusTest, DebugAccessesPassTheWindow) {
  EXPECT_EQ(bench.cpu.debug(tlm::TLM_READ_COMMAND, 0x30003fc, data, 1), 1u);
  EXPECT_EQ(bench.port.address, 4u);
}

}  // namespace
}  // namespace memio::test
