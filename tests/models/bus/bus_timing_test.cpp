// Widths, pipelined and multi-ported memories, DRAM: b_transport and a grant's charge take the same time and
// count the same.
//
// Clock 1 ns; hop 2, beat 3; memories read in 3 and write in 5. One bench for each kind of memory and width
// of the bus: two equal memories, `ram` reached by b_transport and `twin` by grant.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "bus/bus.h"
#include "memory/dram.h"
#include "memory/memory.h"
#include "support/test_initiator.h"

namespace memio::test {
namespace {

enum class Kind { plain, pipelined, independent, dram };

sc_core::sc_time ns(Cycles count) { return {static_cast<double>(count), sc_core::SC_NS}; }

DramConfig dram_config() {
  DramConfig config;
  config.banks = 2;
  config.row_bytes = 256;
  config.trfc = 40;
  config.trefi = 500;
  return config;
}

struct Bench {
  static BusConfig bus_config(std::uint32_t width) {
    BusConfig config;
    config.hop = 2;
    config.beat = 3;
    config.width = width;
    return config;
  }
  static MemoryConfig memory_config(Kind kind) {
    MemoryConfig config;
    config.size = 0x10000;
    config.read_latency = kind == Kind::dram ? 0 : 3;
    config.write_latency = kind == Kind::dram ? 0 : 5;
    return config;
  }
  static std::string name(const char* part, Kind kind, std::uint32_t width) {
    return std::string(part) + std::to_string(static_cast<int>(kind)) + "_" + std::to_string(width);
  }

  Bench(Kind kind, std::uint32_t width)
      : bus(name("bus", kind, width).c_str(), bus_config(width)),
        ram(name("ram", kind, width).c_str(), memory_config(kind)),
        twin(name("twin", kind, width).c_str(), memory_config(kind)),
        cpu(name("cpu", kind, width).c_str()),
        other(name("other", kind, width).c_str()),
        third(name("third", kind, width).c_str()) {
    cpu.socket.bind(bus.add_initiator("cpu0", Space::memory));
    other.socket.bind(bus.add_initiator("other", Space::memory, 0, Ties::call_order));
    third.socket.bind(bus.add_initiator("third", Space::memory, 0, Ties::call_order));
    bus.map(Space::memory, 0x80000000, 0x80007fff, "ram", ram.socket, {0x80000000, true});
    bus.map(Space::memory, 0x80008000, 0x8000ffff, "ram", ram.socket, {0x80000000, false});
    bus.map(Space::memory, 0x90000000, 0x9000ffff, "twin", twin.socket, {{}, true});
    TargetTraits traits;
    traits.interval = kind == Kind::pipelined ? 2 : 0;
    traits.independent = kind == Kind::independent;
    traits.service = kind == Kind::dram ? &ram_time : nullptr;
    bus.set_traits(Space::memory, "ram", traits);
    if (kind == Kind::dram) traits.service = &twin_time;
    bus.set_traits(Space::memory, "twin", traits);
  }

  Route& granted(TestInitiator& initiator, std::uint64_t address) {
    tlm::tlm_dmi dmi;
    EXPECT_TRUE(initiator.direct(tlm::TLM_READ_COMMAND, address, dmi));
    return *initiator.extension.grant.route;
  }

  Bus bus;
  Memory ram, twin;
  Dram ram_time{dram_config(), "ram"}, twin_time{dram_config(), "twin"};
  TestInitiator cpu, other, third;
};

constexpr std::uint32_t widths[] = {4, 8, 16, 32};

// All of them before the simulation begins.
Bench& bench(Kind kind, std::uint32_t width) {
  static const auto benches = [] {
    std::vector<std::unique_ptr<Bench>> made;
    for (const Kind k : {Kind::plain, Kind::pipelined, Kind::independent, Kind::dram})
      for (const std::uint32_t w : widths) made.push_back(std::make_unique<Bench>(k, w));
    return made;
  }();
  const std::size_t column = width == 4 ? 0 : width == 8 ? 1 : width == 16 ? 2 : 3;
  return *benches[static_cast<std::size_t>(kind) * 4 + column];
}

// Each test begins long after all others.
Cycles later() {
  static Cycles time = 1'000'000'000;
  return time += 1'000'000;
}

std::vector<std::uint64_t> figures(const Route& route) {
  const RouteCounts& counts = route.counts();
  std::vector<std::uint64_t> values = {route.bytes_read(),    route.bytes_written(), route.beats_read(),
                                       route.beats_written(), counts.wait_cycles,    counts.busy_cycles};
  for (unsigned kind = 0; kind < access_kinds; ++kind) {
    values.push_back(route.reads(static_cast<AccessKind>(kind)));
    values.push_back(route.writes(static_cast<AccessKind>(kind)));
  }
  return values;
}

class EveryBench : public testing::TestWithParam<std::tuple<Kind, std::uint32_t>> {};

TEST_P(EveryBench, BothWaysTakeTheSameTimeAndCountTheSame) {
  Bench& b = bench(std::get<0>(GetParam()), std::get<1>(GetParam()));
  Route& twin = b.granted(b.cpu, 0x90000000);
  std::mt19937 random(3);
  std::uint8_t data[256] = {};
  Cycles time = later();
  const Cycles base = static_cast<Cycles>(sc_core::sc_time_stamp() / ns(1));
  for (int i = 0; i < 3000; ++i) {
    const auto kind = static_cast<AccessKind>(random() % access_kinds);
    const bool write = random() % 2;
    const auto size = static_cast<unsigned>(random() % 3 ? 1u << random() % 4 : 1 + random() % 256);
    const std::uint64_t offset = random() % 0x7e00;
    b.cpu.extension.kind = kind;
    b.cpu.delay = ns(time - base);
    ASSERT_EQ(
        write ? b.cpu.write(0x80000000 + offset, data, size) : b.cpu.read(0x80000000 + offset, data, size),
        tlm::TLM_OK_RESPONSE);
    const Cycles done = base + static_cast<Cycles>(b.cpu.delay / ns(1));
    ASSERT_EQ(done, twin.charge(kind, write, offset, size, time)) << i;
    time = random() % 3 ? done + random() % 4 : time + random() % 3;  // some before the last is done
  }
  EXPECT_EQ(figures(*b.bus.route(Space::memory, "cpu0", "ram")), figures(twin));
  EXPECT_GT(twin.counts().wait_cycles, 0u);
}

INSTANTIATE_TEST_SUITE_P(Bus, EveryBench,
                         testing::Combine(testing::Values(Kind::plain, Kind::pipelined, Kind::independent,
                                                          Kind::dram),
                                          testing::ValuesIn(widths)));

TEST(BusTiming, AWideTransferTakesBeats) {
  const auto cost = [](std::uint32_t width, std::uint32_t size) {
    const Cycles now = later();
    Bench& b = bench(Kind::plain, width);
    return b.granted(b.third, 0x80000000).charge(AccessKind::load, false, 0, size, now) - now;
  };
  EXPECT_EQ(cost(4, 4), 5u);  // hop 2, read 3
  EXPECT_EQ(cost(4, 8), 8u);  // and a beat of 3
  EXPECT_EQ(cost(4, 64), 5u + 15 * 3);
  EXPECT_EQ(cost(8, 8), 5u);
  EXPECT_EQ(cost(8, 64), 5u + 7 * 3);
  EXPECT_EQ(cost(16, 64), 5u + 3 * 3);
  EXPECT_EQ(cost(32, 64), 5u + 3);
  EXPECT_EQ(cost(32, 256), 5u + 7 * 3);
  EXPECT_EQ(cost(16, 17), 5u + 3);
}

TEST(BusTiming, BeatsAreCounted) {
  Bench& b = bench(Kind::plain, 4);
  Route& route = b.granted(b.other, 0x90000000);
  route.charge(AccessKind::load, false, 0, 1, later());
  route.charge(AccessKind::load, false, 0, 8, later());
  route.charge(AccessKind::fetch, false, 0, 32, later());
  route.charge(AccessKind::store, true, 0, 12, later());
  EXPECT_EQ(route.beats_read(), 1u + 2 + 8);
  EXPECT_EQ(route.beats_written(), 3u);
}

TEST(BusTiming, APipelinedMemoryTakesTheNextBeforeTheLastIsDone) {
  Bench& b = bench(Kind::pipelined, 8);
  Route &third = b.granted(b.third, 0x80000000), &other = b.granted(b.other, 0x80000000);
  const Cycles now = later();
  EXPECT_EQ(third.charge(AccessKind::load, false, 0, 8, now), now + 5);
  EXPECT_EQ(other.charge(AccessKind::load, false, 0, 8, now), now + 7);        // starts 2 later
  EXPECT_EQ(third.charge(AccessKind::load, false, 0, 16, now + 5), now + 13);  // 5 + 5 + a beat
  EXPECT_EQ(other.charge(AccessKind::load, false, 0, 8, now + 7), now + 15);   // starts at 5 + 2 + 3
}

TEST(BusTiming, IndependentPortsDoNotContend) {
  const auto second = [](Kind kind) {
    Bench& b = bench(kind, 8);
    Route &third = b.granted(b.third, 0x80000000), &other = b.granted(b.other, 0x80000000);
    const Cycles now = later();
    third.charge(AccessKind::load, false, 0, 8, now);
    return other.charge(AccessKind::load, false, 0, 8, now) - now;
  };
  EXPECT_EQ(second(Kind::plain), 10u);
  EXPECT_EQ(second(Kind::independent), 5u);
}

TEST(BusTiming, APortInCallOrderMakesOneTransferAfterTheOther) {
  Bench& b = bench(Kind::pipelined, 8);
  Route &ram = b.granted(b.third, 0x80000000), &twin = b.granted(b.third, 0x90000000);
  const Cycles now = later();
  EXPECT_EQ(ram.charge(AccessKind::store, true, 0, 8, now), now + 7);
  EXPECT_EQ(twin.charge(AccessKind::load, false, 0, 8, now), now + 12);
  EXPECT_FALSE(ram.idle(now + 11));
  EXPECT_TRUE(ram.idle(now + 12));
}

TEST(BusTiming, AGrantSaysWhereItLiesAndWhetherItIsCacheable) {
  Bench& b = bench(Kind::plain, 8);
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(b.third.direct(tlm::TLM_READ_COMMAND, 0x80000010, dmi));
  EXPECT_TRUE(b.third.extension.grant.cacheable);
  EXPECT_EQ(b.third.extension.grant.offset, 0u);
  ASSERT_TRUE(b.third.direct(tlm::TLM_READ_COMMAND, 0x80008010, dmi));
  EXPECT_FALSE(b.third.extension.grant.cacheable);
  EXPECT_EQ(b.third.extension.grant.offset, 0x8000u);
  EXPECT_EQ(dmi.get_start_address(), 0x80008000u);
  EXPECT_EQ(dmi.get_dmi_ptr(), b.ram.storage().data() + 0x8000);
}

}  // namespace
}  // namespace memio::test
