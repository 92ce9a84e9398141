// Direct memory pointers and debug accesses through the bus.
#include <algorithm>

#include "bus_bench.h"

namespace memio::test {
namespace {

TEST_F(BusTest, ADirectPointerIsTranslatedAndNamesItsRoute) {
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x80001234, dmi));
  EXPECT_EQ(dmi.get_start_address(), 0x80000000u);
  EXPECT_EQ(dmi.get_end_address(), 0x8000ffffu);
  EXPECT_EQ(dmi.get_dmi_ptr(), bench.ram.storage().data());
  EXPECT_TRUE(dmi.is_read_write_allowed());
  EXPECT_EQ(dmi.get_read_latency(), ns(5));
  EXPECT_EQ(dmi.get_write_latency(), ns(7));
  ASSERT_EQ(bench.cpu.extension.grant.route, &route("ram"));
  EXPECT_EQ(route("ram").initiator(), "cpu0");
  EXPECT_EQ(route("ram").target(), "ram");
  EXPECT_EQ(route("ram").cost(false, 8), 5u);
  EXPECT_EQ(route("ram").cost(true, 8), 7u);
}

TEST_F(BusTest, ADirectPointerIsClippedToTheRange) {
  static unsigned char storage[0x10000];
  bench.twice.direct = [](auto&, tlm::tlm_dmi& dmi) {
    dmi.set_dmi_ptr(storage);  // the whole address space, as far as the target is concerned
    dmi.set_start_address(0);
    dmi.set_end_address(~std::uint64_t{0});
    dmi.allow_read();
    return true;
  };
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x40008010, dmi));
  EXPECT_EQ(dmi.get_start_address(), 0x40008000u);
  EXPECT_EQ(dmi.get_end_address(), 0x40008fffu);
  EXPECT_EQ(dmi.get_dmi_ptr(), storage);
  EXPECT_FALSE(dmi.is_write_allowed());

  bench.absolute.direct = [](auto& payload, tlm::tlm_dmi& region) {
    EXPECT_EQ(payload.get_address(), 0x20000080u);
    region.set_dmi_ptr(storage);
    region.set_start_address(0x1ffff000);
    region.set_end_address(0x20000fff);
    region.allow_read_write();
    return true;
  };
  tlm::tlm_dmi shifted;
  ASSERT_TRUE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x20000080, shifted));
  EXPECT_EQ(shifted.get_start_address(), 0x20000000u);
  EXPECT_EQ(shifted.get_end_address(), 0x200000ffu);
  EXPECT_EQ(shifted.get_dmi_ptr(), storage + 0x1000);
}

TEST_F(BusTest, ADirectPointerElsewhereIsNotTaken) {
  static unsigned char storage[0x10];
  bench.twice.direct = [](auto&, tlm::tlm_dmi& dmi) {
    dmi.set_dmi_ptr(storage);
    dmi.set_start_address(0);
    dmi.set_end_address(0xf);
    dmi.allow_read();
    return true;
  };
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x40008010, dmi));
  EXPECT_TRUE(dmi.is_none_allowed());
}

TEST_F(BusTest, NoDirectPointerToNobodyNorToADeviceNorThroughAClosedBus) {
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x70000000, dmi));
  EXPECT_FALSE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x10000000, dmi));
  EXPECT_FALSE(bench.cpu.direct(tlm::TLM_READ_COMMAND, 0x30003f8, dmi));
  EXPECT_FALSE(bench.outsider.direct(tlm::TLM_READ_COMMAND, 0x80000000, dmi));
  EXPECT_EQ(bench.outsider.extension.grant.route, nullptr);

  tlm::tlm_generic_payload payload;
  TestInitiator::prepare(payload, tlm::TLM_READ_COMMAND, 0x80000000, data, 4);
  bench.cpu.transport(payload);
  EXPECT_TRUE(payload.is_dmi_allowed());
  bench.outsider.transport(payload);
  EXPECT_FALSE(payload.is_dmi_allowed());
}

TEST_F(BusTest, AnInvalidationIsTranslatedForEachRangeAndClipped) {
  bench.twice.socket->invalidate_direct_mem_ptr(0xf80, 0x107f);
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  const std::vector<Pair> expected = {{0x40001f80, 0x40001fff}, {0x40008f80, 0x40008fff}};
  EXPECT_EQ(bench.cpu.invalidated, expected);
  EXPECT_TRUE(bench.cpu_ports.invalidated.empty());
  bench.cpu.invalidated.clear();
  bench.absolute.socket->invalidate_direct_mem_ptr(0, ~std::uint64_t{0});
  EXPECT_EQ(bench.cpu.invalidated, std::vector<Pair>({{0x20000000, 0x200000ff}}));
  bench.cpu.invalidated.clear();
  bench.twice.socket->invalidate_direct_mem_ptr(0x1000, 0x1fff);
  EXPECT_TRUE(bench.cpu.invalidated.empty());
}

TEST_F(BusTest, DebugAccessesAreRoutedCutAndFree) {
  std::uint8_t text[] = {'m', 'e', 'm', 'i', 'o'};
  const Cycles busy = route("ram").counts().busy_cycles;
  const std::uint64_t bytes = route("ram").bytes_written();
  EXPECT_EQ(bench.cpu.debug(tlm::TLM_WRITE_COMMAND, 0x80000100, text, 5), 5u);
  EXPECT_EQ(bench.cpu.debug(tlm::TLM_READ_COMMAND, 0x80000100, data, 5), 5u);
  EXPECT_TRUE(std::equal(text, text + 5, data));
  EXPECT_EQ(route("ram").counts().busy_cycles, busy);
  EXPECT_EQ(route("ram").bytes_written(), bytes);

  EXPECT_EQ(bench.cpu.debug(tlm::TLM_READ_COMMAND, 0x100000fe, data, 8), 2u);
  EXPECT_EQ(bench.device.address, 0xfeu);
  EXPECT_EQ(bench.device.length, 2u);
  EXPECT_EQ(bench.cpu.debug(tlm::TLM_READ_COMMAND, 0x70000000, data, 8), 0u);

  tlm::tlm_generic_payload payload;
  TestInitiator::prepare(payload, tlm::TLM_READ_COMMAND, 0x100000fe, data, 8);
  EXPECT_EQ(bench.cpu.socket->transport_dbg(payload), 2u);
  EXPECT_EQ(payload.get_address(), 0x100000feu);
  EXPECT_EQ(payload.get_data_length(), 8u);
}

}  // namespace
}  // namespace memio::test
