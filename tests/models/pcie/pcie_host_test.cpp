// The host bridge behind its sockets, with two serial ports as PCI devices 1 and 6.
#include "pcie/pcie_host.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "serial/uart16550.h"
#include "support/test_initiator.h"

namespace memio {
namespace {

const PciIdentity serial{0x1B36, 0x0002, 0x070002, 1, 0x1AF4, 0x1100, true, {{PciBar::Space::io, 8}}};

// ECAM addresses of the functions 00:00.0, 00:01.0, 00:06.0.
constexpr std::uint64_t bridge = 0, device1 = 1 << 15, device6 = 6 << 15;

struct Bench {
  PcieHost host;
  Uart16550 uart1{"uart1"}, uart6{"uart6"};
  MemoryBackend line1, line6;
  test::TestInitiator memory{"memory"}, ports{"ports"}, window{"window"};
  IrqSignal irq1{"irq1"}, irq6{"irq6"}, inta{"inta"}, intb{"intb"}, intc{"intc"}, intd{"intd"};

  static PcieHostConfig config() {
    PcieHostConfig config;
    config.io_base = 0x1000;
    config.devices = {{1, serial}, {6, serial}};
    config.config_latency = sc_core::sc_time(30, sc_core::SC_NS);
    config.io_latency = sc_core::sc_time(7, sc_core::SC_NS);
    config.memory_latency = sc_core::sc_time(11, sc_core::SC_NS);
    return config;
  }

  Bench() : host("host", config()) {
    memory.socket.bind(host.ecam);
    ports.socket.bind(host.io);
    window.socket.bind(host.memory);
    host.registers(1).bind(uart1.socket);
    host.registers(6).bind(uart6.socket);
    uart1.attach(line1);
    uart6.attach(line6);
    uart1.irq(irq1);
    uart6.irq(irq6);
    host.interrupt(1)(irq1);
    host.interrupt(6)(irq6);
    IrqSignal* lines[] = {&inta, &intb, &intc, &intd};
    for (unsigned i = 0; i < 4; ++i) host.interrupts[i](*lines[i]);
  }

  std::uint32_t config_read(std::uint64_t address, unsigned size = 4) {
    std::uint32_t value = 0;
    EXPECT_EQ(memory.read(address, &value, size), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void config_write(std::uint64_t address, std::uint32_t value, unsigned size = 4) {
    EXPECT_EQ(memory.write(address, &value, size), tlm::TLM_OK_RESPONSE);
  }
  std::uint32_t in(std::uint64_t port, unsigned size = 1) {
    std::uint32_t value = 0;
    EXPECT_EQ(ports.read(port - 0x1000, &value, size), tlm::TLM_OK_RESPONSE);
    return value;
  }
  // False: the host answered for nobody.
  bool answers(std::uint64_t port) {
    const std::uint64_t before = unclaimed();
    const std::uint32_t value = in(port);
    if (unclaimed() == before) return true;
    EXPECT_EQ(value, 0xFFu);
    return false;
  }
  std::uint64_t unclaimed() const {
    StatGroup group("pcie");
    host.register_stats(group);
    for (const Stat& stat : group.stats())
      if (stat.name == "unclaimed") return stat.value();
    return 0;
  }
  void out(std::uint64_t port, std::uint8_t value) {
    EXPECT_EQ(ports.write(port - 0x1000, &value, 1), tlm::TLM_OK_RESPONSE);
  }
  static void settle() { sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS)); }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->host.reset();
  made->uart1.reset();
  made->uart6.reset();
  made->memory.delay = made->ports.delay = made->window.delay = sc_core::SC_ZERO_TIME;
  Bench::settle();
  return *made;
}

// First: modules cannot be made once a simulation has run.
TEST(PcieHost, RefusesDeviceNumbersThatCannotBe) {
  for (const unsigned number : {0u, 32u}) {
    PcieHostConfig config;
    config.devices = {{number, serial}};
    EXPECT_THROW(PcieHost(sc_core::sc_gen_unique_name("wrong"), config), std::invalid_argument);
  }
  PcieHostConfig twice;
  twice.devices = {{3, serial}, {3, serial}};
  EXPECT_THROW(PcieHost("twice", twice), std::invalid_argument);
}

TEST(PcieHost, FunctionsAreWhereEcamPutsThem) {
  Bench& b = bench();
  EXPECT_EQ(b.config_read(bridge), 0x00081B36u);
  EXPECT_EQ(b.config_read(bridge + 8), 0x06000000u);
  EXPECT_EQ(b.config_read(device1), 0x00021B36u);
  EXPECT_EQ(b.config_read(device6 + 8), 0x07000201u);
  EXPECT_EQ(b.config_read(2 << 15), 0xFFFFFFFFu) << "no device 2";
  EXPECT_EQ(b.config_read(device1 + (1 << 12), 2), 0xFFFFu) << "no function 1";
  EXPECT_EQ(b.config_read((1 << 20) + device1, 1), 0xFFu) << "no bus 1";
  b.config_write(2 << 15, 0);
  EXPECT_EQ(b.config_read(0xFFFFFFC), 0xFFFFFFFFu) << "the last word of the last function";
}

TEST(PcieHost, EightBytesOfConfigurationSpaceAreTwoWords) {
  Bench& b = bench();
  std::uint64_t value = 0;
  EXPECT_EQ(b.memory.read(device1 + 8, &value, 8), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(value, 0x07000201u);
  EXPECT_EQ(b.memory.write(device1 + 0xC, &value, 8), tlm::TLM_BURST_ERROR_RESPONSE) << "not aligned";
  value = 0x1400;
  EXPECT_EQ(b.memory.write(device1 + 0x10, &value, 8), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(b.config_read(device1 + 0x10), 0x1401u);
  EXPECT_EQ(b.memory.read(2 << 15, &value, 8), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(value, ~std::uint64_t{0});
}

// Reads give ones and writes are lost, of any size, up to the end of the window.
TEST(PcieHost, NobodyDecodesTheMemoryWindow) {
  Bench& b = bench();
  for (const std::uint64_t address : {0x0u, 0x1001u, 0x3FFFFFF8u}) {
    std::uint64_t value = 0x1122334455667788;
    EXPECT_EQ(b.window.write(address, &value, 8), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(value, 0x1122334455667788u);
    EXPECT_EQ(b.window.read(address, &value, 4), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(value, 0x11223344FFFFFFFFu);
    EXPECT_EQ(b.window.read(address, &value, 8), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(value, ~std::uint64_t{0});
  }
  std::uint8_t line[64] = {};
  EXPECT_EQ(b.window.read(0, line, 64), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(line[63], 0xFF);
}

TEST(PcieHost, AccessesOfOtherSizesAreRefused) {
  Bench& b = bench();
  std::uint8_t bytes[8] = {};
  EXPECT_EQ(b.memory.read(device1, bytes, 3), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.memory.read(device1 + 2, bytes, 4), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.memory.write(device1 + 1, bytes, 2), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.ports.read(0, bytes, 8), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(PcieHost, DevicesAreReachedWhereTheirBaseAddressIs) {
  Bench& b = bench();
  EXPECT_FALSE(b.answers(0x1407)) << "nothing is decoded yet";
  b.config_write(device1 + 0x10, 0x1400);
  b.config_write(device6 + 0x10, 0xFFF8);
  b.config_write(device1 + 0x04, 1, 2);
  b.config_write(device6 + 0x04, 1, 2);
  b.out(0x1407, 0x5A);
  b.out(0xFFFF, 0xA5);
  EXPECT_EQ(b.in(0x1407), 0x5Au) << "scratch register of device 1";
  EXPECT_EQ(b.in(0xFFFF), 0xA5u) << "scratch register of device 6";
  b.out(0x1400, '1');
  b.out(0xFFF8, '6');
  EXPECT_EQ(b.line1.output(), "1");
  EXPECT_EQ(b.line6.output(), "6");
  b.config_write(device1 + 0x10, 0x2000);
  EXPECT_FALSE(b.answers(0x1407));
  EXPECT_EQ(b.in(0x2007), 0x5Au) << "the device moved";
  EXPECT_FALSE(b.answers(0x3000));
  b.out(0x3000, 0x11);
  EXPECT_EQ(b.in(0x3000, 4), 0xFFFFFFFFu);
  EXPECT_EQ(b.in(0x2006, 4), 0xFFFFFFFFu) << "half of it is decoded";
}

// A device that gives interrupts: IER bit 1 with an empty transmitter. Devices 1 and 6 have INTB and INTC.
TEST(PcieHost, InterruptsAreSwizzledAndCanBeDisabled) {
  Bench& b = bench();
  for (const auto device : {device1, device6}) {
    b.config_write(device + 0x10, device == device1 ? 0x1000 : 0x1010);
    b.config_write(device + 0x04, 1, 2);
  }
  b.out(0x1001, 2);
  Bench::settle();
  EXPECT_FALSE(b.inta.read());
  EXPECT_TRUE(b.intb.read());
  EXPECT_FALSE(b.intc.read());
  EXPECT_EQ(b.config_read(device1 + 6, 2), 0x0008u);
  b.config_write(device1 + 4, 0x401, 2);
  Bench::settle();
  EXPECT_FALSE(b.intb.read());
  b.config_write(device1 + 4, 0x001, 2);
  b.out(0x1011, 2);
  Bench::settle();
  EXPECT_TRUE(b.intb.read());
  EXPECT_TRUE(b.intc.read());
  EXPECT_FALSE(b.intd.read());
  b.out(0x1001, 0);
  Bench::settle();
  EXPECT_FALSE(b.intb.read());
}

TEST(PcieHost, LatenciesAreCharged) {
  Bench& b = bench();
  b.config_read(bridge);
  EXPECT_EQ(b.memory.delay, sc_core::sc_time(30, sc_core::SC_NS));
  b.answers(0x1000);
  EXPECT_EQ(b.ports.delay, sc_core::sc_time(7, sc_core::SC_NS));
  std::uint32_t value = 0;
  b.window.read(0, &value, 4);
  EXPECT_EQ(b.window.delay, sc_core::sc_time(11, sc_core::SC_NS));
}

TEST(PcieHost, DebugReadsHaveNoEffect) {
  Bench& b = bench();
  std::uint8_t bytes[6] = {};
  EXPECT_EQ(b.memory.debug(tlm::TLM_READ_COMMAND, device1 + 1, bytes, 6), 6u);
  EXPECT_EQ(bytes[0], 0x1B);
  EXPECT_EQ(bytes[1], 0x02);
  EXPECT_EQ(b.memory.debug(tlm::TLM_WRITE_COMMAND, device1 + 4, bytes, 2), 0u);
  EXPECT_EQ(b.ports.debug(tlm::TLM_READ_COMMAND, 0, bytes, 1), 1u);
  EXPECT_EQ(bytes[0], 0xFF);
  EXPECT_EQ(b.window.debug(tlm::TLM_READ_COMMAND, 0x1234, bytes, 6), 6u);
  EXPECT_EQ(bytes[5], 0xFF);
  EXPECT_EQ(b.window.debug(tlm::TLM_WRITE_COMMAND, 0, bytes, 2), 0u);
}

}  // namespace
}  // namespace memio
