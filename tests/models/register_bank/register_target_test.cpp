// A register bank behind a TLM socket: responses, time, debug accesses, counts, interrupt ports.
#include "core/register_target.h"

#include "core/irq_ports.h"
#include "core/tick_rate.h"
#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

class Device : public RegisterTarget {
 public:
  explicit Device(const sc_core::sc_module_name& name)
      : RegisterTarget(name, sc_core::sc_time(10, sc_core::SC_NS)) {
    time.on_peek([this] { return now(); });
    line.on_write([this](std::uint64_t value) {
      line.set(value);
      irq.set(value != 0);
      unbound.set(value != 0);
    });
  }

  Register plain{registers_, {"PLAIN", 0x0, 4, 0x12345678}};
  Register time{registers_, {"TIME", 0x8, 8, 0, 0}};
  Register line{registers_, {"LINE", 0x10, 4}};
  Register input_only{registers_, {"INPUT", 0x14, 4, 0, 0, 0, RegisterAccess::ro}};
  IrqOutput irq{"irq"}, unbound{"unbound"};
};

struct Bench {
  Device device{"device"};
  IrqSignal irq{"irq_signal"};
  DeviceBench bus{device};
  Bench() { device.irq(irq); }
};

Bench& bench() {
  static Bench* const made = new Bench;
  made->bus.restart();
  return *made;
}

TEST(RegisterTarget, StatusesBecomeTlmResponses) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.try_read(0x0, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0x4, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0x0, 2), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0x0, 16), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_write(0x14, 0, 4), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

TEST(RegisterTarget, ByteEnablesAndStreamingAreRefused) {
  Bench& b = bench();
  std::uint8_t data[4] = {}, enables[4] = {0xFF, 0, 0, 0};
  tlm::tlm_generic_payload trans;
  test::TestInitiator::prepare(trans, tlm::TLM_WRITE_COMMAND, 0x0, data, 4);
  trans.set_byte_enable_ptr(enables);
  trans.set_byte_enable_length(4);
  EXPECT_EQ(b.bus.initiator().transport(trans), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  test::TestInitiator::prepare(trans, tlm::TLM_WRITE_COMMAND, 0x0, data, 4);
  trans.set_streaming_width(2);
  EXPECT_EQ(b.bus.initiator().transport(trans), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.device.plain.value(), 0x12345678u);
}

TEST(RegisterTarget, AnAccessHappensOnArrivalAndAddsItsLatency) {
  Bench& b = bench();
  DeviceBench::run(1, sc_core::SC_US);
  const std::uint64_t stamp = sc_core::sc_time_stamp().value();
  b.bus.initiator().delay = sc_core::sc_time(3, sc_core::SC_NS);
  EXPECT_EQ(b.bus.read(0x8, 8), stamp + 3'000u);
  EXPECT_EQ(b.bus.initiator().delay, sc_core::sc_time(13, sc_core::SC_NS));
  EXPECT_EQ(b.bus.try_read(0x4, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.initiator().delay, sc_core::sc_time(23, sc_core::SC_NS)) << "a refusal takes time as well";
  b.bus.initiator().delay = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(b.bus.read(0x8, 8), stamp + 13'000u) << "a device never sees time go back";
}

TEST(RegisterTarget, DebugAccessesAreFreeAndNoDirectPointerIsGiven) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.peek(0x0, 4), 0x12345678u);
  EXPECT_EQ(b.bus.peek(0x1, 2), 0x3456u) << "any length and alignment";
  std::uint32_t value = 7;
  EXPECT_EQ(b.bus.initiator().debug(tlm::TLM_WRITE_COMMAND, 0x0, &value, 4), 4u);
  EXPECT_EQ(b.device.plain.value(), 7u);
  EXPECT_EQ(b.bus.initiator().debug(tlm::TLM_WRITE_COMMAND, 0x10, &value, 4), 0u);
  EXPECT_EQ(b.bus.initiator().delay, sc_core::SC_ZERO_TIME);
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(b.bus.initiator().direct(tlm::TLM_READ_COMMAND, 0x0, dmi));
}

TEST(RegisterTarget, AnInterruptLineChangesInTheNextDeltaAndMayBeUnbound) {
  Bench& b = bench();
  EXPECT_EQ(b.bus.try_write(0x10, 1, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_FALSE(b.irq.read());
  DeviceBench::settle();
  EXPECT_TRUE(b.irq.read());
  EXPECT_TRUE(b.device.unbound.level());
  b.bus.write32(0x10, 0);
  EXPECT_FALSE(b.irq.read());
}

TEST(RegisterTarget, CountsAccesses) {
  Bench& b = bench();
  StatGroup group("device");
  b.device.register_stats(group);
  const auto value = [&](std::size_t i) { return group.stats()[i].value(); };
  const std::uint64_t reads = value(0), writes = value(1), errors = value(2);
  b.bus.read32(0x0);
  b.bus.read32(0x0);
  b.bus.write32(0x0, 1);
  b.bus.try_read(0x4, 4);
  EXPECT_EQ(value(0), reads + 2);
  EXPECT_EQ(value(1), writes + 1);
  EXPECT_EQ(value(2), errors + 1);
}

TEST(TickRate, TicksAndTheirBeginningsAgree) {
  const TickRate pit(1'193'182);
  EXPECT_EQ(pit.begin_of(1), 838'096u) << "838.0951 ns, rounded up to the picosecond";
  EXPECT_EQ(pit.tick_at(838'095), 0u);
  EXPECT_EQ(pit.tick_at(838'096), 1u);
  EXPECT_EQ(pit.tick_at(1'000'000'000'000), 1'193'182u);
  const TickRate timebase(10'000'000);
  EXPECT_EQ(timebase.begin_of(3), 300'000u);
  EXPECT_EQ(timebase.begin_of(~0ull), TickRate::never);
  for (std::uint64_t tick : {0ull, 1ull, 7ull, 1'193'181ull, 1'193'182ull, 987'654'321ull}) {
    EXPECT_EQ(pit.tick_at(pit.begin_of(tick)), tick);
    if (tick > 0) {
      EXPECT_EQ(pit.tick_at(pit.begin_of(tick) - 1), tick - 1);
    }
  }
}

}  // namespace
}  // namespace memio
