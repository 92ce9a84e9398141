// Routing, time and errors of the bus, with one initiator a space: nothing here may wait.
#include <gmock/gmock.h>

#include "bus_bench.h"

namespace memio::test {
namespace {

using sc_core::SC_ZERO_TIME;
using ::testing::HasSubstr;

TEST_F(BusTest, RefusesOverlapsAndDoubleNames) {
  EXPECT_THAT(bench.overlap, HasSubstr("device (0x10000000..0x100000ff)"));
  EXPECT_THAT(bench.overlap, HasSubstr("port (0x100000ff..0x100001ff)"));
  EXPECT_THAT(bench.two_sockets, HasSubstr("two targets named ram"));
  EXPECT_THAT(bench.two_initiators, HasSubstr("two initiators named cpu0"));
}

TEST_F(BusTest, ATransferCostsHopAndLatency) {
  EXPECT_EQ(bench.cpu.read(0x80000000, data, 8), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.cpu.delay, ns(5));
  sc_core::sc_start(ns(100));
  bench.cpu.delay = SC_ZERO_TIME;
  EXPECT_EQ(bench.cpu.write(0x80000000, data, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.cpu.delay, ns(7));
}

TEST_F(BusTest, FurtherBeatsAreCharged) {
  bench.cpu.read(0x80000000, data, 9);
  EXPECT_EQ(bench.cpu.delay, ns(8));
  sc_core::sc_start(ns(100));
  bench.cpu.delay = SC_ZERO_TIME;
  bench.cpu.write(0x80000000, data, 64);
  EXPECT_EQ(bench.cpu.delay, ns(28));
}

TEST_F(BusTest, ARequestIsRoundedUpToTheClockEdge) {
  bench.cpu.delay = ns(10.25);
  bench.cpu.read(0x80000000, data, 4);
  EXPECT_EQ(bench.cpu.delay, ns(16));
}

TEST_F(BusTest, ALatencyOffTheClockIsRoundedUp) {
  bench.device.latency = ns(2.5);
  bench.cpu.read(0x10000000, data, 4);
  EXPECT_EQ(bench.cpu.delay, ns(5));
}

TEST_F(BusTest, ABusyTargetDelaysTheNextRequest) {
  const Cycles waited = route("ram").counts().wait_cycles;
  const Cycles busy = route("ram").counts().busy_cycles;
  bench.cpu.read(0x80000000, data, 4);
  bench.cpu.delay = ns(1);
  bench.cpu.read(0x80000000, data, 4);
  EXPECT_EQ(bench.cpu.delay, ns(10));
  EXPECT_EQ(route("ram").counts().wait_cycles - waited, 4u);
  EXPECT_EQ(route("ram").counts().busy_cycles - busy, 10u);
}

TEST_F(BusTest, ABusyTargetDelaysNoOther) {
  bench.cpu.read(0x80000000, data, 64);
  bench.cpu.delay = SC_ZERO_TIME;
  bench.cpu.read(0x90000000, data, 4);
  EXPECT_EQ(bench.cpu.delay, ns(5));
}

TEST_F(BusTest, AnAddressNobodyOwnsIsAnErrorAfterTheHop) {
  const std::uint64_t before = bench.bus.unmapped(Space::memory);
  EXPECT_EQ(bench.cpu.read(0x70000000, data, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.cpu.delay, ns(2));
  EXPECT_EQ(bench.cpu.write(0xffffffffffffffff, data, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.cpu.delay, ns(4));
  EXPECT_EQ(bench.bus.unmapped(Space::memory) - before, 2u);
}

TEST_F(BusTest, ATransferAcrossTheEndOfARangeIsAnError) {
  EXPECT_EQ(bench.cpu.read(0x100000fe, data, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.device.transfers, 0u);
  EXPECT_EQ(bench.cpu.read(0x100000fc, data, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.device.transfers, 1u);
}

TEST_F(BusTest, TargetsSeeAddressesRelativeToTheirRange) {
  tlm::tlm_generic_payload payload;
  TestInitiator::prepare(payload, tlm::TLM_READ_COMMAND, 0x10000010, data, 4);
  bench.cpu.transport(payload);
  EXPECT_EQ(bench.device.address, 0x10u);
  EXPECT_EQ(payload.get_address(), 0x10000010u);
  bench.cpu.read(0x20000010, data, 4);
  EXPECT_EQ(bench.absolute.address, 0x20000010u);
  bench.cpu.read(0x40001004, data, 4);
  EXPECT_EQ(bench.twice.address, 4u);
  bench.cpu.read(0x40008004, data, 4);
  EXPECT_EQ(bench.twice.address, 4u);
  EXPECT_EQ(bench.twice.transfers, 2u);
}

TEST_F(BusTest, ErrorsOfTargetsPassUntouchedAndKeepTheirTime) {
  for (const auto status :
       {tlm::TLM_GENERIC_ERROR_RESPONSE, tlm::TLM_ADDRESS_ERROR_RESPONSE, tlm::TLM_COMMAND_ERROR_RESPONSE,
        tlm::TLM_BURST_ERROR_RESPONSE, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE, tlm::TLM_INCOMPLETE_RESPONSE}) {
    const std::uint64_t errors = route("device").counts().errors;
    const std::uint64_t unmapped = bench.bus.unmapped(Space::memory);
    bench.device.answer = [status](auto& payload, sc_core::sc_time& delay) {
      delay += ns(7);
      payload.set_response_status(status);
    };
    sc_core::sc_start(ns(100));
    bench.cpu.delay = ns(3);
    EXPECT_EQ(bench.cpu.read(0x10000000, data, 4), status);
    EXPECT_EQ(bench.cpu.delay, ns(12));
    EXPECT_EQ(route("device").counts().errors, errors + 1);
    EXPECT_EQ(bench.bus.unmapped(Space::memory), unmapped);
  }
}

TEST_F(BusTest, ATargetThatZeroesTheDelayLosesNoTime) {
  bench.device.answer = [](auto& payload, sc_core::sc_time& delay) {
    delay = SC_ZERO_TIME;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  bench.cpu.delay = ns(20);
  bench.cpu.read(0x10000000, data, 4);
  EXPECT_EQ(bench.cpu.delay, ns(22));
}

TEST_F(BusTest, ATargetMayWaitTheTimeOut) {
  bench.device.answer = [](auto& payload, sc_core::sc_time& delay) {
    sc_core::wait(delay + ns(6));
    delay = SC_ZERO_TIME;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  sc_core::sc_time done;
  bench.cpu.post([&] {
    bench.cpu.read(0x10000000, data, 4);
    done = sc_core::sc_time_stamp() + bench.cpu.delay;
  });
  sc_core::sc_start(ns(100));
  EXPECT_EQ(done - start, ns(8));
}

TEST_F(BusTest, ByteEnablesAndStreamingWidthArePassedOn) {
  std::uint8_t enables[2] = {0xff, 0};
  tlm::tlm_generic_payload payload;
  TestInitiator::prepare(payload, tlm::TLM_WRITE_COMMAND, 0x100000fc, data, 16);
  payload.set_streaming_width(4);  // so that the transfer ends with the range
  payload.set_byte_enable_ptr(enables);
  payload.set_byte_enable_length(2);
  unsigned checked = 0;
  bench.device.answer = [&](auto& seen, sc_core::sc_time&) {
    EXPECT_EQ(seen.get_byte_enable_ptr(), enables);
    EXPECT_EQ(seen.get_byte_enable_length(), 2u);
    EXPECT_EQ(seen.get_streaming_width(), 4u);
    EXPECT_EQ(seen.get_data_length(), 16u);
    ++checked;
    seen.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  EXPECT_EQ(bench.cpu.transport(payload), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(checked, 1u);
}

TEST_F(BusTest, TheSpacesAreApart) {
  EXPECT_EQ(bench.cpu_ports.read(0x3f8, data, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(bench.port.address, 0u);
  EXPECT_EQ(bench.cpu.read(0x3f8, data, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench.cpu_ports.read(0x10000000, data, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  ASSERT_EQ(bench.bus.ranges(Space::port).size(), 1u);
  EXPECT_EQ(bench.bus.ranges(Space::port)[0].target, "port");
  ASSERT_EQ(bench.bus.ranges(Space::memory).size(), 7u);
  EXPECT_EQ(bench.bus.ranges(Space::memory)[0].target, "window");
}

}  // namespace
}  // namespace memio::test
