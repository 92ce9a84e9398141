// Channels among each other: priorities, turns, request lines, aborts, resets.
#include "models/dma/dma_bench.h"

namespace memio::test {
namespace {

constexpr std::uint64_t from = ram_base + 0x10000, to = ram_base + 0x20000;
constexpr std::uint32_t paced_source = 1U << 10 | word_line << 16;

class DmaTurns : public DmaTest {
 protected:
  // Channel n copies `bursts` * 64 bytes by a descriptor of its own.
  void start(unsigned channel, unsigned bursts, unsigned priority) {
    const std::uint64_t descriptor = ram_base + 0x40 * channel;
    b.put(descriptor, b.copy(from, to + 0x10000 * channel, 64 * bursts));
    b.start(channel, descriptor, priority);
  }
  std::uint64_t bytes(unsigned channel) { return b.read(b.at(channel, 0x20), 8); }
};

TEST_F(DmaTurns, EqualsTakeTurns) {
  start(0, 10, 0);
  start(1, 10, 0);
  b.pass(2 * 15 + 8 * 23);
  EXPECT_EQ(bytes(0), 4 * 64u);
  EXPECT_EQ(bytes(1), 4 * 64u);
  b.pass(12 * 23 + 4);
  EXPECT_EQ(b.state(0), 4u);
  EXPECT_EQ(b.state(1), 2u);
  b.pass(4);
  EXPECT_EQ(b.state(1), 4u);
}

TEST_F(DmaTurns, ThePriorChannelGoesFirst) {
  start(0, 10, 5);
  b.pass(15 + 23 + 1);  // its second burst has begun
  start(1, 2, 1);
  b.pass(22 + 15 + 2 * 23 + 4);
  EXPECT_EQ(b.state(1), 4u) << "it waited for the burst under way only";
  EXPECT_EQ(bytes(0), 2 * 64u);
  EXPECT_EQ(b.finish(), 8u * 23 + 4);
}

TEST_F(DmaTurns, CountsItsCycles) {
  const char* const names[] = {"busy_cycles", "wait_cycles", "request_cycles"};
  std::uint64_t before[2][3];
  const auto count = [&](unsigned channel, unsigned i) {
    return b.stat(b.dma, "channel" + std::to_string(channel) + "." + names[i]) - before[channel][i];
  };
  for (unsigned channel = 0; channel < 2; ++channel)
    for (unsigned i = 0; i < 3; ++i) {
      before[channel][i] = 0;
      before[channel][i] = count(channel, i);
    }
  start(0, 2, 0);
  start(1, 1, 1);
  b.finish();
  EXPECT_EQ(count(0, 0), 15u + 2 * 23 + 4);
  EXPECT_EQ(count(0, 1), 0u);
  EXPECT_EQ(count(1, 0), 15u + 2 * 23 + 4 + 15 + 23 + 4);
  EXPECT_EQ(count(1, 1), 15u + 2 * 23 + 4);
  EXPECT_EQ(count(1, 2), 0u);
}

TEST_F(DmaTurns, ARequestLinePacesTheSource) {
  auto in = b.copy(word_base, to, 12);
  in.control |= 2 | 2 << 2 | paced_source;
  b.put(ram_base, in);
  const std::uint64_t waited = b.stat(b.dma, "channel0.request_cycles");
  b.start(0, ram_base);
  b.pass(100);
  EXPECT_EQ(b.state(), 3u);
  EXPECT_TRUE(b.words.addresses.empty());
  b.words.input = {7};
  b.words.update();
  // The burst: 1, a read of 1 + 2, a write of 1 + 3.
  b.pass(1 + 3 + 4);
  EXPECT_EQ(b.read(b.at(0, 0x20), 8), 4u);
  EXPECT_EQ(b.words.addresses.size(), 1u) << "the line fell: no second read";
  b.pass(50);
  b.words.input = {8, 9};
  b.words.update();
  EXPECT_EQ(b.finish(), 2u * 8 + 4);
  const std::uint32_t expected[] = {7, 8, 9};
  EXPECT_EQ(std::memcmp(expected, b.memory(to), 12), 0);
  EXPECT_EQ(b.stat(b.dma, "channel0.request_cycles") - waited, 85u + 50);
}

TEST_F(DmaTurns, ARequestAsksForAGroup) {
  auto out = b.copy(from, word_base, 24);
  out.control |= 2 | 2 << 4 | 1U << 11 | word_line << 20;
  out.group = 4;
  b.put(ram_base, out);
  b.start(0, ram_base);
  b.pass(100);
  b.request.write(true);
  b.pass(5);
  b.request.write(false);
  b.pass(200);
  EXPECT_EQ(b.words.output.size(), 4u);
  EXPECT_EQ(b.state(), 3u);
  b.request.write(true);
  b.finish();
  EXPECT_EQ(b.words.output.size(), 6u);
  b.request.write(false);
}

TEST_F(DmaTurns, AWaitingChannelHoldsNobodyUp) {
  auto in = b.copy(word_base, to, 4);
  in.control |= 2 | 2 << 2 | paced_source;
  b.put(ram_base, in);
  b.start(0, ram_base, 0);
  b.pass(50);
  start(1, 4, 7);
  b.pass(15 + 4 * 23 + 4);
  EXPECT_EQ(b.state(1), 4u);
  EXPECT_EQ(b.state(0), 3u);
}

TEST_F(DmaTurns, AnAbortActsAtTheNextBurst) {
  b.put(ram_base, b.copy(from, to, 6400));
  b.start(0, ram_base);
  b.pass(15 + 2 * 23 + 5);
  b.write(b.at(0, 0), 2);
  EXPECT_EQ(b.finish(), 23u - 5 + 4) << "the burst ends, the status is written";
  EXPECT_EQ(b.state(), 5u);
  EXPECT_EQ(b.read(b.at(0, 0x08)), 8u);
  EXPECT_EQ(b.get(ram_base).status, 2u | 14 << 8);
  EXPECT_EQ(b.get(ram_base).bytes_done, 3 * 64u);
  EXPECT_EQ(b.error(), 0u);
}

TEST_F(DmaTurns, AnAbortWakesAWaitingChannel) {
  auto in = b.copy(word_base, to, 4);
  in.control |= 2 | 2 << 2 | paced_source;
  b.put(ram_base, in);
  b.start(0, ram_base);
  b.pass(50);
  b.write(b.at(0, 0), 2);
  EXPECT_EQ(b.finish(), 4u);
  EXPECT_EQ(b.state(), 5u);
  EXPECT_TRUE(b.words.addresses.empty());
}

TEST_F(DmaTurns, AnAbortBetweenDescriptorsEndsTheChain) {
  auto first = b.copy(from, to, 64);
  first.control = 0;
  first.next = ram_base + 0x40;
  b.put(ram_base, first);
  b.put(ram_base + 0x40, b.copy(from, to, 64));
  b.start(0, ram_base);
  b.pass(15 + 23 + 2);
  b.write(b.at(0, 0), 2);
  EXPECT_EQ(b.finish(), 2u);
  EXPECT_EQ(b.state(), 5u);
  EXPECT_EQ(b.get(ram_base).status, 1u) << "it was done already";
  EXPECT_EQ(b.get(ram_base + 0x40).status, 0u);
}

TEST_F(DmaTurns, ABusyChannelIgnoresAStart) {
  b.put(ram_base + 0x40, b.copy(from, to, 64));
  b.put(ram_base, b.copy(from, to + 0x1000, 128));
  b.start(0, ram_base);
  b.pass(20);
  b.start(0, ram_base + 0x40);
  b.finish();
  EXPECT_EQ(b.read(b.at(0, 0x18), 8), ram_base);
  EXPECT_EQ(b.get(ram_base + 0x40).status, 0u);
}

TEST_F(DmaTurns, AResetForgetsEverything) {
  b.fill(from, 6400, 9);
  b.put(ram_base, b.copy(from, to, 6400));
  b.start(0, ram_base);
  b.pass(15 + 23 + 5);
  b.dma.reset();
  b.pass(1000);
  EXPECT_EQ(b.state(), 0u);
  EXPECT_EQ(b.get(ram_base).status, 0u);
  EXPECT_EQ(b.memory(to + 128)[0], 0) << "the burst after the reset did not happen";
  b.run(b.copy(from, to, 128));
  EXPECT_EQ(b.state(), 4u);
  EXPECT_TRUE(b.same(from, to, 128));
}

TEST_F(DmaTurns, TellsTheTrace) {
  struct Sink : TraceSink {
    std::vector<DmaEvent> events;
    bool wants(TraceTopic topic) const override { return topic == TraceTopic::dma; }
    void dma(const DmaEvent& event) override { events.push_back(event); }
  } sink;
  b.dma.set_trace(&sink);
  const Cycles begin = Clock(sc_core::sc_time(1, sc_core::SC_NS)).cycles_up(sc_core::sc_time_stamp());
  b.run(b.copy(from, to, 64));
  b.dma.set_trace(nullptr);
  ASSERT_EQ(sink.events.size(), 3u);
  EXPECT_EQ(sink.events[0].state, 1u);
  EXPECT_EQ(sink.events[0].at, begin);
  EXPECT_EQ(sink.events[1].state, 2u);
  EXPECT_EQ(sink.events[1].at, begin + 15);
  EXPECT_EQ(sink.events[1].remaining, 64u);
  EXPECT_EQ(sink.events[1].descriptor, ram_base);
  EXPECT_EQ(sink.events[2].state, 4u);
  EXPECT_EQ(sink.events[2].at, begin + 15 + 23 + 4);
}

}  // namespace
}  // namespace memio::test
