// Queues of a virtio device: indirect descriptors, event index, resets, and rings that make no sense
// ("VIRTIO Version 1.2", sections 2.1.2 and 2.7).
#include <random>

#include "models/virtio/virtio_bench.h"

namespace memio::test {
namespace {

constexpr unsigned next = 1, writable = 2, indirect = 4;
constexpr std::uint64_t version_1 = 1ull << 32, with_indirect = version_1 | 1ull << 28,
                        with_events = version_1 | 1ull << 29;

class VirtqueueTest : public ::testing::Test {
 protected:
  VirtioWorld& w = VirtioWorld::get();
  Driver d{w.modern, w.ram};

  /// Offers a descriptor, which the test has filled, and expects that the device gives up.
  void expect_broken(const char* what, unsigned head = 0) {
    const std::uint64_t before = stat(w.modern.device, "broken");
    d.make_available(head);
    d.notify();
    VirtioWorld::pass(10'000);
    EXPECT_TRUE(d.needs_reset()) << what;
    EXPECT_EQ(d.get(0x60), 2u) << "a change of configuration tells the driver";
    EXPECT_EQ(stat(w.modern.device, "broken"), before + 1) << what;
    EXPECT_EQ(d.returned(), 0u) << what;
    d.put(0x70, 0xF);
    EXPECT_EQ(d.get(0x70), 0x4Fu) << "only a reset helps";
    d.start();
    EXPECT_EQ(d.request(4, 0, 0, 0), 0u) << "after the reset it works";
    d.start();
  }
};

TEST_F(VirtqueueTest, ManyChainsWrapAroundTheRing) {
  d.start(4);
  for (unsigned i = 0; i < 11; ++i) ASSERT_EQ(d.request(0, i, 0, 512), 0u);
  EXPECT_EQ(d.returned(), 11u);
  EXPECT_EQ(std::memcmp(d.at(Driver::data), &w.modern.disk->bytes[10 * 512], 512), 0);
}

TEST_F(VirtqueueTest, ChainsOfferedTogetherAreServedInOrder) {
  d.start(8);
  d.store(Driver::header, 4, 8);
  d.offer({{Driver::header, 16, false}, {Driver::status, 1, true}}, 0);
  d.offer({{Driver::header, 16, false}, {Driver::status, 1, true}}, 4);
  d.offer({{Driver::header, 16, false}, {Driver::status, 1, true}}, 2);
  d.notify();
  d.wait(3);
  EXPECT_EQ(d.back(0).first, 0u);
  EXPECT_EQ(d.back(1).first, 4u);
  EXPECT_EQ(d.back(2).first, 2u);
}

TEST_F(VirtqueueTest, IndirectDescriptors) {
  d.start(8, with_indirect);
  d.store(Driver::header + 8, 3, 8);
  d.describe(Driver::table + 0, Driver::header, 16, next, 2);
  d.describe(Driver::table + 32, Driver::data, 512, next | writable, 1);
  d.describe(Driver::table + 16, Driver::status, 1, writable, 0);
  d.describe(Driver::descriptors, Driver::table, 48, indirect | writable, 0);
  d.make_available(0);
  d.notify();
  d.wait(1);
  EXPECT_EQ(d.back(0), std::pair(0u, 513u));
  EXPECT_EQ(std::memcmp(d.at(Driver::data), &w.modern.disk->bytes[3 * 512], 512), 0);
}

TEST_F(VirtqueueTest, EventIndexHoldsBackInterruptsAndNotifications) {
  d.start(8, with_events);
  EXPECT_EQ(d.load(Driver::used + 4 + 8 * 8, 2), 0u) << "tell me of chain 0";
  d.store(Driver::available + 4 + 2 * 8, 1, 2);  // interrupt when chain 1 comes back
  d.store(Driver::header, 4, 8);
  d.offer({{Driver::header, 16, false}, {Driver::status, 1, true}});
  d.notify();
  VirtioWorld::pass(3000);
  EXPECT_EQ(d.returned(), 1u);
  EXPECT_FALSE(w.modern.irq.read());
  EXPECT_EQ(d.load(Driver::used + 4 + 8 * 8, 2), 1u) << "tell me of chain 1";
  d.make_available(0);
  d.notify();
  VirtioWorld::pass(3000);
  EXPECT_EQ(d.returned(), 2u);
  EXPECT_TRUE(w.modern.irq.read());
}

TEST_F(VirtqueueTest, NoInterruptIfTheDriverWantsNone) {
  d.start();
  d.store(Driver::available, 1, 2);
  d.store(Driver::header, 4, 8);
  d.offer({{Driver::header, 16, false}, {Driver::status, 1, true}});
  d.notify();
  VirtioWorld::pass(3000);
  EXPECT_EQ(d.returned(), 1u);
  EXPECT_FALSE(w.modern.irq.read());
}

TEST_F(VirtqueueTest, NothingIsServedBeforeDriverOk) {
  d.start();
  d.put(0x70, 0);
  d.start();
  d.put(0x70, 0xB);  // takes DRIVER_OK back
  d.store(Driver::header, 4, 8);
  d.offer({{Driver::header, 16, false}, {Driver::status, 1, true}});
  d.notify();
  VirtioWorld::pass(3000);
  EXPECT_EQ(d.returned(), 0u);
  d.put(0x70, 0xF);
  d.wait(1);
}

TEST_F(VirtqueueTest, AResetDropsTheRequestInHand) {
  d.start();
  d.store(Driver::header, 0, 8);
  d.store(Driver::status, 0xEE, 1);
  d.offer({{Driver::header, 16, false}, {Driver::data, 512, true}, {Driver::status, 1, true}});
  d.notify();
  VirtioWorld::pass(500);
  d.put(0x70, 0);
  EXPECT_EQ(d.get(0x70), 0u);
  VirtioWorld::pass(5000);
  EXPECT_EQ(d.returned(), 0u);
  EXPECT_EQ(d.load(Driver::status, 1), 0xEEu);
  d.start();
  EXPECT_EQ(d.request(0, 1, 0, 512), 0u);
  // A queue that is stopped while it is served is left alone as well.
  d.offer({{Driver::header, 16, false}, {Driver::data, 512, true}, {Driver::status, 1, true}});
  d.notify();
  VirtioWorld::pass(500);
  d.put(0x44, 0);
  VirtioWorld::pass(5000);
  EXPECT_EQ(d.returned(), 1u);
  EXPECT_FALSE(d.needs_reset());
}

TEST_F(VirtqueueTest, BadChainsAskForAReset) {
  d.start();
  const std::uint64_t zero = Driver::descriptors, one = zero + 16;
  d.describe(zero, Driver::header, 16, next, 0);
  expect_broken("a loop");
  d.describe(zero, Driver::header, 16, next, 8);
  expect_broken("an index behind the table");
  d.describe(zero, nobody, 16, 0, 0);
  expect_broken("no status");
  d.describe(zero, nobody, 16, next, 1);
  d.describe(one, Driver::status, 1, writable, 0);
  expect_broken("nobody's address");
  d.describe(zero, failing_base, 16, next, 1);
  d.describe(one, Driver::status, 1, writable, 0);
  expect_broken("a target that fails");
  d.describe(zero, ~0ull - 3, 16, next, 1);
  d.describe(one, Driver::status, 1, writable, 0);
  expect_broken("a buffer that wraps around");
  d.describe(zero, Driver::header, 0, next, 1);
  d.describe(one, Driver::status, 1, writable, 0);
  expect_broken("an empty buffer");
  d.describe(zero, Driver::status, 1, next | writable, 1);
  d.describe(one, Driver::header, 16, 0, 0);
  expect_broken("readable after writable");
  d.describe(zero, Driver::header, 8, next, 1);
  d.describe(one, Driver::status, 1, writable, 0);
  expect_broken("a short header");
  d.describe(zero, Driver::table, 32, indirect, 0);
  expect_broken("indirect, not negotiated");
  d.store(Driver::header, 4, 8);
  d.describe(zero + 16 * 8, Driver::header, 16, next, 1);
  d.describe(one, Driver::status, 1, writable, 0);
  expect_broken("a head that does not exist", 8);
}

TEST_F(VirtqueueTest, BadIndirectTablesAskForAReset) {
  const auto broken = [this](const char* what, std::uint64_t address, std::uint32_t size, unsigned flags) {
    d.start(8, with_indirect);
    d.describe(Driver::table, Driver::table, 32, indirect, 0);
    d.describe(Driver::descriptors, address, size, flags, 1);
    expect_broken(what);
  };
  broken("no whole descriptors", Driver::table, 40, indirect);
  broken("empty", Driver::table, 0, indirect);
  broken("also a chain", Driver::table, 32, indirect | next);
  broken("nested", Driver::table, 32, indirect);
  broken("nobody's address", nobody, 32, indirect);
  d.start(8, with_indirect);
  for (unsigned i = 0; i < 2000; ++i) d.describe(Driver::data + 16 * i, Driver::header, 16, next, i + 1);
  d.describe(Driver::descriptors, Driver::data, 2000 * 16, indirect, 0);
  expect_broken("longer than any queue");
}

TEST_F(VirtqueueTest, BadRingsAskForAReset) {
  d.start();
  d.store(Driver::available + 2, 9, 2);
  d.notify();
  VirtioWorld::pass(1000);
  EXPECT_TRUE(d.needs_reset()) << "more chains than entries";
  for (unsigned part = 0; part < 3; ++part) {
    d.start();
    d.put(0x44, 0);
    d.put(0x84 + 0x10 * part, 0x77);
    d.put(0x44, 1);
    d.store(Driver::header, 4, 8);
    d.offer({{Driver::header, 16, false}, {Driver::status, 1, true}});
    d.notify();
    VirtioWorld::pass(5000);
    EXPECT_TRUE(d.needs_reset()) << part;
  }
}

TEST_F(VirtqueueTest, QueuesOfImpossibleSizesStayAway) {
  d.start();
  for (unsigned size : {0u, 3u, 2048u, 0xFFFFFFFFu}) {
    d.put(0x44, 0);
    d.put(0x38, size);
    d.put(0x44, 1);
    EXPECT_EQ(d.get(0x44), 0u) << size;
  }
  d.put(0x38, 1024);
  d.put(0x44, 1);
  EXPECT_EQ(d.get(0x44), 1u);
}

TEST_F(VirtqueueTest, RandomRingsNeverHang) {
  std::mt19937 generator(5);
  const auto random = [&generator] { return static_cast<unsigned>(generator()); };
  for (unsigned round = 0; round < 300; ++round) {
    d.start(8, random() % 2 ? with_indirect : with_indirect | with_events);
    for (std::uint64_t address = Driver::descriptors; address < Driver::header; address += 4)
      if (random() % 4 == 0) d.store(address, random() % 3 ? random() % 64 : random(), 4);
    for (unsigned i = 0; i < 8; ++i)
      d.describe(Driver::descriptors + 16 * i, ram_base + random() % 0x20000, 1 + random() % 600,
                 random() % 8, random() % 9);
    d.store(Driver::available + 2, random() % 9, 2);
    d.notify();
    VirtioWorld::pass(200 + random() % 3000);
    if (random() % 2) d.put(4 * (random() % 64), random());
    VirtioWorld::pass(random() % 3000);
  }
  d.start();
  EXPECT_EQ(d.request(0, 1, 0, 512), 0u);
}

}  // namespace
}  // namespace memio::test
