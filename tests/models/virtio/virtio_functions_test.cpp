// Virtio console and random numbers behind their registers ("VIRTIO Version 1.2", sections 5.3 and 5.4).
#include <random>

#include "models/virtio/virtio_bench.h"

namespace memio::test {
namespace {

class VirtioFunctionsTest : public ::testing::Test {
 protected:
  VirtioWorld& w = VirtioWorld::get();
};

TEST_F(VirtioFunctionsTest, RandomNumbersAreThoseOfTheSeed) {
  Driver d(w.rng, w.ram);
  d.start();
  EXPECT_EQ(d.get(0x08), 4u);
  d.offer({{Driver::data, 5, true}, {Driver::data + 0x100, 30, true}});
  d.notify();
  d.wait(1);
  EXPECT_EQ(d.back(0), std::pair(0u, 35u));
  // The first number of the generator with its default seed is 14514284786278117030.
  EXPECT_EQ(d.load(Driver::data, 5), 14514284786278117030ull & 0xFFFFFFFFFF);
  EXPECT_EQ(d.load(Driver::data + 0x100, 3), 14514284786278117030ull >> 40);
  EXPECT_EQ(stat(w.rng.device, "rng.bytes"), 35u);

  d.offer({{Driver::data, 0x10001, true}});
  d.notify();
  d.wait(2);
  EXPECT_EQ(d.back(1).second, 0x10000u);

  d.offer({{Driver::data, 8, false}});
  d.notify();
  VirtioWorld::pass(1000);
  EXPECT_TRUE(d.needs_reset()) << "nothing to be written to";
}

TEST_F(VirtioFunctionsTest, TheConsoleSendsWhatIsInTheBuffers) {
  Driver d(w.console, w.ram, 1);
  d.start();
  EXPECT_EQ(d.get(0x08), 3u);
  std::string text(100, 'x');
  text += "end\n";
  std::memcpy(d.at(Driver::data), text.data(), text.size());
  d.offer({{Driver::data, 90, false}, {Driver::data + 90, 14, false}});
  d.notify();
  d.wait(1);
  EXPECT_EQ(w.line.output(), text);
  EXPECT_EQ(d.back(0), std::pair(0u, 0u));
  EXPECT_EQ(stat(w.console.device, "console.sent"), 104u);
}

TEST_F(VirtioFunctionsTest, TheConsoleReceivesWhenThereIsInput) {
  Driver d(w.console, w.ram);
  d.start();
  d.offer({{Driver::data, 4, true}}, 0);
  d.offer({{Driver::data + 8, 64, true}}, 1);
  d.notify();
  VirtioWorld::pass(250'000);
  EXPECT_EQ(d.returned(), 0u);
  w.line.type("abcdefg");  // seen at the next look, 100 us after the last
  EXPECT_LE(d.wait(1), 100'100u);
  EXPECT_EQ(d.back(0), std::pair(0u, 4u));
  d.wait(2);
  EXPECT_EQ(d.back(1), std::pair(1u, 3u));
  EXPECT_EQ(std::memcmp(d.at(Driver::data), "abcd", 4), 0);
  EXPECT_EQ(std::memcmp(d.at(Driver::data + 8), "efg", 3), 0);
  w.line.type("h");
  VirtioWorld::pass(300'000);
  EXPECT_EQ(d.returned(), 2u) << "without a buffer it waits";
  d.offer({{Driver::data, 4, true}}, 2);
  d.notify();
  d.wait(3);
  EXPECT_EQ(*d.at(Driver::data), 'h');
}

/// A driver of the console that accepts MULTIPORT (feature 1), with the queues of port 0 and of control.
struct PortDriver {
  VirtioWorld& w = VirtioWorld::get();
  Driver receive{w.console, w.ram}, from_device{w.console, w.ram, 2}, to_device{w.console, w.ram, 3};
  unsigned sent = 0;

  static constexpr std::uint64_t input = Driver::data, answers = Driver::data + 0x1000,
                                 message = Driver::data + 0x2000;

  explicit PortDriver(unsigned count = 8) {
    receive.begin(1ull << 32 | 1 << 1);
    for (Driver* driver : {&receive, &from_device, &to_device}) driver->add_queue(count);
    receive.run();
  }

  /// A buffer for input.
  void listen() {
    receive.offer({{input, 64, true}});
    receive.notify();
  }
  /// A buffer for a message of the device.
  void take(unsigned index, std::uint32_t size = 8) {
    from_device.offer({{answers + 8 * index, size, true}}, index);
    from_device.notify();
  }
  std::uint64_t answer(unsigned index) { return receive.load(answers + 8 * index, 8); }
  /// Sends a message and waits until it is taken.
  void tell(std::uint32_t port, unsigned event, unsigned value) {
    receive.store(message, port | std::uint64_t{event} << 32 | std::uint64_t{value} << 48, 8);
    to_device.offer({{message, 8, false}});
    to_device.notify();
    to_device.wait(++sent);
  }
};

TEST_F(VirtioFunctionsTest, TheConsoleOffersOneOfSeveralPorts) {
  Driver d(w.console, w.ram);
  d.start();
  d.put(0x14, 0);
  EXPECT_EQ(d.get(0x10), 0x30000002u) << "MULTIPORT, and what every device has";
  EXPECT_EQ(d.get(0x100), 0u) << "columns and rows";
  EXPECT_EQ(d.get(0x104), 1u) << "ports";
  for (unsigned queue : {3u, 4u}) {
    d.put(0x30, queue);
    EXPECT_EQ(d.get(0x34), queue == 3 ? 1024u : 0u);
  }
}

TEST_F(VirtioFunctionsTest, InputWaitsUntilTheDriverHasOpenedThePort) {
  const std::uint64_t messages = stat(w.console.device, "console.messages");
  PortDriver d;
  for (unsigned i = 0; i < 3; ++i) d.take(i);
  d.listen();
  w.line.type("early");
  VirtioWorld::pass(250'000);
  EXPECT_EQ(d.from_device.returned(), 0u);

  d.tell(0xFFFFFFFF, 0, 1);  // the device is ready: there is port 0
  d.from_device.wait(1);
  EXPECT_EQ(d.from_device.back(0), std::pair(0u, 8u));
  EXPECT_EQ(d.answer(0), 0x0001'0001'0000'0000u);
  d.tell(0, 3, 1);  // the port is ready: it is a console, and open
  d.from_device.wait(3);
  EXPECT_EQ(d.answer(1), 0x0001'0004'0000'0000u);
  EXPECT_EQ(d.answer(2), 0x0001'0006'0000'0000u);
  VirtioWorld::pass(250'000);
  EXPECT_EQ(d.receive.returned(), 0u) << "the driver has not opened it";

  d.tell(0, 6, 1);
  EXPECT_LE(d.receive.wait(1), 100u) << "not only at the next look";
  EXPECT_EQ(d.receive.back(0), std::pair(0u, 5u));
  EXPECT_EQ(std::memcmp(d.receive.at(PortDriver::input), "early", 5), 0);
  EXPECT_EQ(stat(w.console.device, "console.messages"), messages + 6);

  d.tell(0, 6, 0);  // closed
  d.listen();
  w.line.type("late");
  VirtioWorld::pass(250'000);
  EXPECT_EQ(d.receive.returned(), 1u);
  d.tell(0, 6, 1);
  d.receive.wait(2);
  EXPECT_EQ(d.receive.back(1).second, 4u);

  PortDriver next;  // the port is closed again
  next.listen();
  w.line.type("more");
  VirtioWorld::pass(250'000);
  EXPECT_EQ(next.receive.returned(), 0u);
  Driver plain(w.console, w.ram);  // has no port to open
  plain.start();
  plain.offer({{Driver::data, 64, true}});
  plain.notify();
  plain.wait(1);
  EXPECT_EQ(plain.back(0).second, 4u);
}

TEST_F(VirtioFunctionsTest, MessagesWithoutAMeaningAreIgnored) {
  PortDriver d;
  d.take(0);
  d.listen();
  w.line.type("x");
  d.tell(0, 0, 0);  // the driver has failed
  d.tell(0, 3, 0);  // with the port
  d.tell(1, 3, 1);  // there is no such port
  d.tell(1, 6, 1);
  d.tell(0, 99, 1);  // no event
  d.tell(0, 1, 1);   // one of the device's
  VirtioWorld::pass(250'000);
  EXPECT_EQ(d.from_device.returned(), 0u);
  EXPECT_EQ(d.receive.returned(), 0u);
  d.tell(0, 6, 1);
  d.receive.wait(1);
  EXPECT_FALSE(d.receive.needs_reset());
}

TEST_F(VirtioFunctionsTest, MessagesThatDoNotFitAreAnError) {
  PortDriver d;
  d.to_device.offer({{PortDriver::message, 7, false}});
  d.to_device.notify();
  VirtioWorld::pass(1000);
  EXPECT_TRUE(d.receive.needs_reset());

  PortDriver e;
  e.take(0, 7);
  VirtioWorld::pass(1000);
  EXPECT_FALSE(e.receive.needs_reset()) << "there is nothing to tell";
  e.tell(0, 0, 1);
  VirtioWorld::pass(1000);
  EXPECT_TRUE(e.receive.needs_reset());
}

TEST_F(VirtioFunctionsTest, TheDriverIsHeardWhileThereIsRoomForAnswers) {
  PortDriver d(128);
  for (unsigned i = 0; i < 64; ++i) d.tell(0, 0, 1);
  d.to_device.offer({{PortDriver::message, 8, false}});
  d.to_device.notify();
  VirtioWorld::pass(1000);
  EXPECT_EQ(d.to_device.returned(), 64u) << "64 answers wait for buffers";
  for (unsigned i = 0; i < 65; ++i) d.take(i);
  d.from_device.wait(65);
  EXPECT_EQ(d.to_device.returned(), 65u);
  EXPECT_EQ(d.answer(64), 0x0001'0001'0000'0000u);
}

}  // namespace
}  // namespace memio::test
