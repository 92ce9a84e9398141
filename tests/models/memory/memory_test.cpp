// RAM and ROM: storage, transfers, direct memory pointers, write notices.
#include "memory/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "support/test_initiator.h"

namespace memio::test {
namespace {

using sc_core::sc_time;
using ::testing::HasSubstr;

sc_time ns(unsigned count) { return {static_cast<double>(count), sc_core::SC_NS}; }

MemoryConfig config(std::uint64_t size, bool read_only) {
  MemoryConfig c;
  c.size = size;
  c.read_only = read_only;
  c.clock = Clock(ns(2));
  c.read_latency = 3;
  c.write_latency = 5;
  return c;
}

struct Bench {
  Memory ram{"ram", config(0x2000, false)};
  Memory rom{"rom", config(0xf000, true)};
  TestInitiator to_ram{"to_ram"}, to_rom{"to_rom"};

  Bench() {
    to_ram.socket.bind(ram.socket);
    to_rom.socket.bind(rom.socket);
  }
};

Bench& the_bench() {
  static auto* bench = new Bench;
  return *bench;
}

class MemoryTest : public ::testing::Test {
 protected:
  MemoryTest() : bench(the_bench()), ram(bench.to_ram), rom(bench.to_rom) {
    sc_core::sc_start(ns(10));
    std::memset(bench.ram.storage().data(), 0, bench.ram.storage().size());
    ram.delay = rom.delay = sc_core::SC_ZERO_TIME;
  }

  std::uint8_t byte(std::uint64_t offset) const { return bench.ram.storage().data()[offset]; }

  Bench& bench;
  TestInitiator &ram, &rom;
};

std::string refusal(std::uint64_t size) {
  try {
    HostMemory memory(size);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "accepted";
}

TEST(HostMemory, RefusesSizesThatAreNoPages) {
  EXPECT_THROW(HostMemory(0), std::invalid_argument);
  EXPECT_THROW(HostMemory(4095), std::invalid_argument);
  EXPECT_THROW(HostMemory(4097), std::invalid_argument);
  EXPECT_THAT(refusal(0), HasSubstr("memory size of 0 bytes: must be a positive multiple of 4096"));
}

TEST(HostMemory, RefusesMoreThanTheHostCanMap) {
  EXPECT_THROW(HostMemory(std::uint64_t{1} << 62), std::runtime_error);
  EXPECT_THAT(refusal(std::uint64_t{1} << 62), HasSubstr("4611686018427387904 bytes: the host refuses it"));
}

TEST(HostMemory, ALargeMemoryTakesNoPagesUntilTouched) {
  HostMemory memory(std::uint64_t{64} << 30);
  memory.data()[0] = 1;
  memory.data()[memory.size() - 1] = 2;
  EXPECT_EQ(memory.data()[memory.size() / 2], 0);
}

TEST(HostMemory, ContainsDoesNotWrap) {
  const HostMemory memory(4096);
  EXPECT_TRUE(memory.contains(0, 4096));
  EXPECT_TRUE(memory.contains(4095, 1));
  EXPECT_FALSE(memory.contains(4095, 2));
  EXPECT_FALSE(memory.contains(4097, 0));
  EXPECT_FALSE(memory.contains(8, ~std::uint64_t{0}));
  EXPECT_FALSE(memory.contains(~std::uint64_t{0}, 8));
}

TEST_F(MemoryTest, TransfersOfAnySizeAtAnyAddress) {
  std::uint8_t out[300], in[300];
  for (unsigned i = 0; i < 300; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + 1);
  for (const unsigned size : {1u, 2u, 3u, 4u, 7u, 8u, 16u, 64u, 255u, 300u})
    for (const std::uint64_t address : {0x0u, 0x1u, 0xffdu, 0x2000u - size}) {
      std::memset(in, 0, sizeof in);
      ASSERT_EQ(ram.write(address, out, size), tlm::TLM_OK_RESPONSE) << size;
      ASSERT_EQ(ram.read(address, in, size), tlm::TLM_OK_RESPONSE) << size;
      EXPECT_EQ(std::memcmp(in, out, size), 0) << size;
    }
}

TEST_F(MemoryTest, DataIsStoredByteByByte) {
  const std::uint32_t word = 0x44332211;
  ram.write(0x100, &word, 4);
  EXPECT_EQ(byte(0x100), 0x11);
  EXPECT_EQ(byte(0x103), 0x44);
}

TEST_F(MemoryTest, LatenciesAreAddedToTheDelay) {
  std::uint8_t data[64] = {};
  ram.delay = ns(100);
  ram.read(0, data, 8);
  EXPECT_EQ(ram.delay, ns(106));
  ram.write(0, data, 8);
  EXPECT_EQ(ram.delay, ns(116));
  ram.read(0, data, 64);
  EXPECT_EQ(ram.delay, ns(122));
}

TEST_F(MemoryTest, BeyondTheEndIsAnAddressError) {
  std::uint8_t data[8] = {};
  EXPECT_EQ(ram.read(0x2000, data, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(ram.write(0x1ffc, data, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(ram.read(0xffffffffffffffff, data, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(ram.delay, ns(6 + 10 + 6));
}

TEST_F(MemoryTest, ATransferOfNothingIsABurstError) {
  std::uint8_t data[8] = {};
  EXPECT_EQ(ram.read(0, data, 0), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(MemoryTest, ByteEnablesSelectBytesAndRepeat) {
  std::uint8_t data[6] = {1, 2, 3, 4, 5, 6}, enables[2] = {0xff, 0x00};
  tlm::tlm_generic_payload payload;
  TestInitiator::prepare(payload, tlm::TLM_WRITE_COMMAND, 0x10, data, 6);
  payload.set_byte_enable_ptr(enables);
  payload.set_byte_enable_length(2);
  ASSERT_EQ(ram.transport(payload), tlm::TLM_OK_RESPONSE);
  const std::uint8_t expected[6] = {1, 0, 3, 0, 5, 0};
  EXPECT_EQ(std::memcmp(bench.ram.storage().data() + 0x10, expected, 6), 0);

  std::uint8_t in[6] = {9, 9, 9, 9, 9, 9};
  TestInitiator::prepare(payload, tlm::TLM_READ_COMMAND, 0x10, in, 6);
  payload.set_byte_enable_ptr(enables);
  ASSERT_EQ(ram.transport(payload), tlm::TLM_OK_RESPONSE);
  const std::uint8_t read[6] = {1, 9, 3, 9, 5, 9};
  EXPECT_EQ(std::memcmp(in, read, 6), 0);

  payload.set_byte_enable_length(0);
  EXPECT_EQ(ram.transport(payload), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

TEST_F(MemoryTest, AStreamStaysInItsWidth) {
  std::uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  tlm::tlm_generic_payload payload;
  TestInitiator::prepare(payload, tlm::TLM_WRITE_COMMAND, 0x1ffc, data, 8);
  payload.set_streaming_width(4);
  ASSERT_EQ(ram.transport(payload), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(byte(0x1ffc), 5);
  EXPECT_EQ(byte(0x1fff), 8);
  std::uint8_t in[8] = {};
  TestInitiator::prepare(payload, tlm::TLM_READ_COMMAND, 0x1ffc, in, 8);
  payload.set_streaming_width(4);
  ASSERT_EQ(ram.transport(payload), tlm::TLM_OK_RESPONSE);
  const std::uint8_t expected[8] = {5, 6, 7, 8, 5, 6, 7, 8};
  EXPECT_EQ(std::memcmp(in, expected, 8), 0);
  payload.set_streaming_width(0);
  EXPECT_EQ(ram.transport(payload), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_F(MemoryTest, ARomIsReadOnlyButForDebugging) {
  std::uint8_t data[4] = {1, 2, 3, 4}, in[4] = {};
  EXPECT_EQ(rom.debug(tlm::TLM_WRITE_COMMAND, 0xeffc, data, 4), 4u);
  EXPECT_EQ(rom.read(0xeffc, in, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(std::memcmp(in, data, 4), 0);
  std::uint8_t other[4] = {9, 9, 9, 9};
  EXPECT_EQ(rom.write(0xeffc, other, 4), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(rom.read(0xeffc, in, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(std::memcmp(in, data, 4), 0);
}

TEST_F(MemoryTest, DirectPointersCoverTheMemory) {
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(ram.direct(tlm::TLM_WRITE_COMMAND, 0x1234, dmi));
  EXPECT_EQ(dmi.get_dmi_ptr(), bench.ram.storage().data());
  EXPECT_EQ(dmi.get_start_address(), 0u);
  EXPECT_EQ(dmi.get_end_address(), 0x1fffu);
  EXPECT_TRUE(dmi.is_read_write_allowed());
  EXPECT_EQ(dmi.get_read_latency(), ns(6));
  EXPECT_EQ(dmi.get_write_latency(), ns(10));

  tlm::tlm_dmi of_rom;
  EXPECT_FALSE(rom.direct(tlm::TLM_WRITE_COMMAND, 0x0, of_rom));
  EXPECT_TRUE(of_rom.is_none_allowed());
  ASSERT_TRUE(rom.direct(tlm::TLM_READ_COMMAND, 0x0, of_rom));
  EXPECT_TRUE(of_rom.is_read_allowed());
  EXPECT_FALSE(of_rom.is_write_allowed());
}

class Listener : public WriteListener {
 public:
  void written(std::uint64_t first, std::uint64_t size) override { heard.emplace_back(first, size); }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> heard;
};

TEST_F(MemoryTest, EveryWriteIsAnnouncedAfterItIsDone) {
  static Listener listener;
  bench.ram.add_write_listener(&listener);
  std::uint8_t data[16] = {};
  ram.write(0x20, data, 8);
  ram.debug(tlm::TLM_WRITE_COMMAND, 0x1ff8, data, 16);
  ram.read(0x20, data, 8);
  ram.debug(tlm::TLM_READ_COMMAND, 0x20, data, 8);
  ram.write(0x2000, data, 8);
  bench.ram.written(0x40, 4);
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected = {{0x20, 8}, {0x1ff8, 8}, {0x40, 4}};
  EXPECT_EQ(listener.heard, expected);
}

TEST_F(MemoryTest, DebugAccessesEndWithTheMemory) {
  std::uint8_t data[16] = {};
  EXPECT_EQ(ram.debug(tlm::TLM_READ_COMMAND, 0x1ff8, data, 16), 8u);
  EXPECT_EQ(ram.debug(tlm::TLM_READ_COMMAND, 0x2000, data, 16), 0u);
}

/// What devices see is the complement of what the CPU sees; each byte takes two cycles of snooping.
class Complement : public DeviceView {
 public:
  Cycles read(std::uint64_t, std::uint8_t* data, const std::uint8_t* storage, std::uint32_t size,
              Cycles) override {
    for (std::uint32_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(~storage[i]);
    return 2 * size;
  }
  Cycles write(std::uint64_t address, const std::uint8_t* data, std::uint8_t* storage, std::uint32_t size,
               Cycles) override {
    last_address = address;
    for (std::uint32_t i = 0; i < size; ++i) storage[i] = static_cast<std::uint8_t>(~data[i]);
    return 2 * size;
  }
  std::uint64_t last_address = 0;
};

TEST_F(MemoryTest, DevicesReachItThroughTheirView) {
  Complement view;
  bench.ram.set_device_view(&view);
  std::uint8_t data[4] = {0x0f, 0xf0, 0x00, 0xff};
  ram.extension.kind = AccessKind::dma;
  EXPECT_EQ(ram.write(0x100, data, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(ram.delay, ns(2 * (5 + 8)));
  EXPECT_EQ(byte(0x100), 0xf0);
  EXPECT_EQ(byte(0x103), 0x00);
  std::uint8_t back[4] = {};
  EXPECT_EQ(ram.read(0x100, back, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(std::memcmp(back, data, 4), 0);
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(ram.direct(tlm::TLM_READ_COMMAND, 0, dmi));

  TestInitiator::Payload payload;
  std::uint8_t enables[2] = {TLM_BYTE_DISABLED, TLM_BYTE_ENABLED};
  TestInitiator::prepare(payload, tlm::TLM_WRITE_COMMAND, 0x200, data, 4);
  payload.set_byte_enable_ptr(enables);
  payload.set_byte_enable_length(2);
  EXPECT_EQ(ram.transport(payload), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(byte(0x200), 0x00);
  EXPECT_EQ(byte(0x201), 0x0f);
  EXPECT_EQ(view.last_address, 0x203u);

  ram.extension.kind = AccessKind::load;
  EXPECT_EQ(ram.read(0x100, back, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(back[0], 0xf0);
  EXPECT_TRUE(ram.direct(tlm::TLM_READ_COMMAND, 0, dmi));
  bench.ram.set_device_view(nullptr);
}

}  // namespace
}  // namespace memio::test
