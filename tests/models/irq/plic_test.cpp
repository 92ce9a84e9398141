// PLIC with two harts at the literal offsets of the "sifive,plic-1.0.0" map; and the line tracer.
#include "irq/plic.h"

#include <vector>

#include "irq/irq_tracer.h"
#include "models/register_bank/device_bench.h"

namespace memio {
namespace {

using test::DeviceBench;

constexpr std::uint64_t threshold_m0 = 0x200000, claim_m0 = 0x200004;
constexpr std::uint64_t threshold_s0 = 0x201000, claim_s0 = 0x201004;
constexpr std::uint64_t enable_m0 = 0x2000, enable_s0 = 0x2080, enable_m1 = 0x2100, enable_s1 = 0x2180;

struct Recorder : TraceSink {
  struct Event {
    Cycles at;
    std::string line;
    bool level;
  };
  std::vector<Event> events;
  bool wants(TraceTopic topic) const override { return topic == TraceTopic::irq; }
  void irq(const IrqEvent& event) override { events.push_back({event.at, *event.line, event.level}); }
};

PlicConfig config() {
  PlicConfig made;
  made.harts = 2;
  made.edge_triggered = {14};
  return made;
}

struct Bench {
  Plic plic{"plic", config()};
  sc_core::sc_vector<IrqSignal> line{"line", 96}, meip{"meip", 2}, seip{"seip", 2};
  DeviceBench bus{plic};
  Recorder recorder;
  IrqTracer tracer{"tracer", Clock(sc_core::sc_time(10, sc_core::SC_NS)), recorder};
  Bench() {
    for (unsigned source : {1u, 10u, 11u, 14u, 95u}) plic.sources[source](line[source]);
    plic.meip(meip);
    plic.seip(seip);
    tracer.add("plic.seip0", seip[0]);
  }
  void drive(unsigned source, bool level) {
    line[source].write(level);
    DeviceBench::settle();
  }
  /// Priority and enable of `source` (below 32) for S of hart 0.
  void enable(unsigned source, unsigned priority) {
    bus.write32(4 * source, priority);
    bus.write32(enable_s0, bus.read32(enable_s0) | 1u << source);
  }
};

Bench& bench() {
  static Bench* const made = new Bench;
  for (auto& line : made->line) line.write(false);
  DeviceBench::settle();
  made->bus.restart();
  made->recorder.events.clear();
  return *made;
}

TEST(Plic, ResetValues) {
  Bench& b = bench();
  for (std::uint64_t offset : {4 * 10, 0x1000, 0x1004, 0x1008}) EXPECT_EQ(b.bus.read32(offset), 0u);
  for (std::uint64_t offset : {enable_m0, enable_s0, enable_m1, enable_s1, threshold_m0, claim_m0})
    EXPECT_EQ(b.bus.read32(offset), 0u);
}

TEST(Plic, ClaimAndCompleteOfALevel) {
  Bench& b = bench();
  b.enable(10, 1);
  b.drive(10, true);
  EXPECT_EQ(b.bus.read32(0x1000), 1u << 10);
  EXPECT_TRUE(b.seip[0].read());
  EXPECT_FALSE(b.meip[0].read() || b.meip[1].read() || b.seip[1].read()) << "enabled for S of hart 0 only";
  EXPECT_EQ(b.bus.read32(claim_s0), 10u);
  EXPECT_EQ(b.bus.read32(0x1000), 0u);
  EXPECT_FALSE(b.seip[0].read());
  EXPECT_EQ(b.bus.read32(claim_s0), 0u) << "nothing more to claim";
  b.bus.write32(claim_s0, 10);
  EXPECT_TRUE(b.seip[0].read()) << "the line is still high";
  EXPECT_EQ(b.bus.read32(claim_s0), 10u);
  b.drive(10, false);
  b.bus.write32(claim_s0, 10);
  EXPECT_FALSE(b.seip[0].read());
}

TEST(Plic, APendingRequestOutlivesItsLevel) {
  Bench& b = bench();
  b.enable(10, 1);
  b.drive(10, true);
  b.drive(10, false);
  EXPECT_EQ(b.bus.read32(claim_s0), 10u);
}

TEST(Plic, HighestPriorityThenLowestNumber) {
  Bench& b = bench();
  b.enable(1, 2);
  b.enable(10, 7);
  b.enable(11, 7);
  for (unsigned source : {1u, 11u, 10u}) b.drive(source, true);
  EXPECT_EQ(b.bus.read32(claim_s0), 10u);
  EXPECT_EQ(b.bus.read32(claim_s0), 11u);
  EXPECT_EQ(b.bus.read32(claim_s0), 1u);
}

TEST(Plic, ThresholdMasksTheLineButNotTheClaim) {
  Bench& b = bench();
  b.enable(10, 3);
  b.bus.write32(threshold_s0, 3);
  b.drive(10, true);
  EXPECT_FALSE(b.seip[0].read()) << "only priorities above the threshold interrupt";
  b.bus.write32(threshold_s0, 2);
  EXPECT_TRUE(b.seip[0].read());
  b.bus.write32(threshold_s0, 7);
  EXPECT_EQ(b.bus.read32(claim_s0), 10u);
}

TEST(Plic, PriorityZeroNeverInterrupts) {
  Bench& b = bench();
  b.enable(10, 0);
  b.drive(10, true);
  EXPECT_EQ(b.bus.read32(0x1000), 1u << 10);
  EXPECT_FALSE(b.seip[0].read());
  EXPECT_EQ(b.bus.read32(claim_s0), 0u);
  b.bus.write32(4 * 10, 1);
  EXPECT_TRUE(b.seip[0].read());
}

TEST(Plic, FourContextsAndTheLastSource) {
  Bench& b = bench();
  b.bus.write32(4 * 95, 1);
  b.drive(95, true);
  EXPECT_EQ(b.bus.read32(0x1008), 1u << 31);
  b.bus.write32(enable_m1 + 8, 1u << 31);
  EXPECT_TRUE(b.meip[1].read());
  EXPECT_FALSE(b.seip[1].read());
  b.bus.write32(enable_s1 + 8, 1u << 31);
  b.bus.write32(enable_m0 + 8, 1u << 31);
  EXPECT_TRUE(b.seip[1].read() && b.meip[0].read());
  EXPECT_EQ(b.bus.read32(0x203004), 95u);
  EXPECT_FALSE(b.meip[1].read() || b.seip[1].read() || b.meip[0].read()) << "claimed once for all contexts";
}

TEST(Plic, CompletionsThatDoNotMatchAreIgnored) {
  Bench& b = bench();
  b.enable(10, 1);
  b.drive(10, true);
  EXPECT_EQ(b.bus.read32(claim_s0), 10u);
  for (std::uint64_t source : {0u, 11u, 96u, 1000u, 0xFFFFFFFFu}) b.bus.write32(claim_s0, source);
  EXPECT_FALSE(b.seip[0].read());
  b.bus.write32(claim_m0, 10);
  EXPECT_FALSE(b.seip[0].read()) << "not enabled for that context";
  b.bus.write32(claim_s0, 10);
  EXPECT_TRUE(b.seip[0].read());
}

TEST(Plic, AnEdgeGatewayPassesEachRiseOnce) {
  Bench& b = bench();
  b.enable(14, 1);
  b.drive(14, true);
  EXPECT_EQ(b.bus.read32(claim_s0), 14u);
  b.bus.write32(claim_s0, 14);
  EXPECT_FALSE(b.seip[0].read()) << "a level alone does not interrupt again";
  b.drive(14, false);
  b.drive(14, true);
  EXPECT_EQ(b.bus.read32(claim_s0), 14u);
  for (int i = 0; i < 2; ++i) {
    b.drive(14, false);
    b.drive(14, true);
  }
  EXPECT_FALSE(b.seip[0].read());
  b.bus.write32(claim_s0, 14);
  EXPECT_EQ(b.bus.read32(claim_s0), 14u) << "one further edge is remembered";
  b.bus.write32(claim_s0, 14);
  EXPECT_FALSE(b.seip[0].read());
}

TEST(Plic, MasksAndSourceZero) {
  Bench& b = bench();
  b.bus.write32(4 * 10, 0xFFFFFFFF);
  EXPECT_EQ(b.bus.read32(4 * 10), 7u);
  b.bus.write32(0x0, 7);
  EXPECT_EQ(b.bus.read32(0x0), 0u);
  b.bus.write32(enable_m0, 0xFFFFFFFF);
  EXPECT_EQ(b.bus.read32(enable_m0), 0xFFFFFFFEu);
  b.bus.write32(0x1000, 0xFFFFFFFF);
  EXPECT_EQ(b.bus.read32(0x1000), 0u) << "pending bits are read-only";
}

TEST(Plic, PeekDoesNotClaimAndResetSeesTheLineAgain) {
  Bench& b = bench();
  b.enable(10, 1);
  b.drive(10, true);
  EXPECT_EQ(b.bus.peek(claim_s0, 4), 10u);
  EXPECT_TRUE(b.seip[0].read());
  EXPECT_EQ(b.bus.read32(claim_s0), 10u);
  b.bus.restart();
  EXPECT_FALSE(b.seip[0].read());
  EXPECT_EQ(b.bus.read32(0x1000), 1u << 10) << "still high, and the gateway is open";
}

TEST(Plic, HolesAndSizes) {
  Bench& b = bench();
  for (const std::uint64_t nothing : {4 * 96, 0x100C, 0x204000}) {  // source 96, sources above it, context 4
    b.bus.write32(nothing, 1);
    EXPECT_EQ(b.bus.read32(nothing), 0u) << nothing;
  }
  EXPECT_EQ(b.bus.try_read(0x1000, 8), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(b.bus.try_read(0x1000, 1), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(IrqTracer, StampsChangesInCyclesRoundedUp) {
  Bench& b = bench();
  b.enable(10, 1);
  const std::uint64_t before = sc_core::sc_time_stamp().value();
  DeviceBench::run(23, sc_core::SC_NS);
  b.drive(10, true);
  b.bus.read32(claim_s0);
  ASSERT_EQ(b.recorder.events.size(), 2u);
  EXPECT_EQ(b.recorder.events[0].at, (before + 23'000 + 9'999) / 10'000);
  EXPECT_EQ(b.recorder.events[0].line, "plic.seip0");
  EXPECT_TRUE(b.recorder.events[0].level);
  EXPECT_FALSE(b.recorder.events[1].level);
}

TEST(Plic, Fuzz) { bench().bus.fuzz(3); }

}  // namespace
}  // namespace memio
