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

}  // namespace
}  // namespace memio::test
