// DMA behind caches: random histories against two plain copies of everything, the checker, and snooping.
#include "cache/device_view.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "unit/cache/fake_bus.h"

namespace memio::test {
namespace {

constexpr std::uint64_t base = 0x80000000, bytes = 512;
constexpr unsigned line = 16, sets = 8;

CacheHierarchyConfig one_way(bool write_back, bool write_allocate) {
  CacheHierarchyConfig config;
  config.l1d.size = line * sets;
  config.l1d.ways = 1;
  config.l1d.line = line;
  config.l1d.write_back = write_back;
  config.l1d.write_allocate = write_allocate;
  return config;
}

struct Alarms : TraceSink {
  bool wants(TraceTopic topic) const override { return topic == TraceTopic::cache; }
  void alarm(const AlarmEvent& event) override { seen.push_back(event); }
  std::vector<AlarmEvent> seen;
};

struct Log : CoherenceListener {
  void stale(const StaleAccess& access) override { seen.push_back(access); }
  std::vector<StaleAccess> seen;
};

/// A hart's caches over a memory, as a hart uses them, and a device.
struct Bench {
  explicit Bench(const CacheHierarchyConfig& config, bool coherent = false, Cycles snoop = 0)
      : bus(10),
        caches(config, "cpu0", bus),
        memory(bytes),
        view({coherent, snoop, base}, {&caches}, memory.data(), bytes,
             [this](std::uint64_t, std::uint64_t) { ++rewritten; }) {
    view.set_listener(&log);
  }

  std::uint32_t load(std::uint64_t offset, std::uint64_t pc = 0) {
    std::uint32_t value = 0;
    if (LineObserver* observer = caches.observer()) observer->loaded(base + offset, 4, pc, now);
    std::memcpy(&value, &memory[offset], 4);
    now = caches.access({AccessKind::load, false, base + offset, 4, base + bytes - 1, false}, now).done + 1;
    return value;
  }
  void store(std::uint64_t offset, std::uint32_t value, std::uint64_t pc = 0) {
    if (LineObserver* observer = caches.observer()) observer->before_store(base + offset, 4, pc, now);
    std::memcpy(&memory[offset], &value, 4);
    now = caches.access({AccessKind::store, true, base + offset, 4, base + bytes - 1, false}, now).done + 1;
    if (LineObserver* observer = caches.observer()) observer->after_store(base + offset, 4);
  }
  void manage(BlockOperation operation, std::uint64_t offset) {
    now = caches.manage(operation, base + offset, now) + 1;
  }
  std::vector<std::uint8_t> device_read(std::uint64_t offset, std::uint32_t size) {
    std::vector<std::uint8_t> data(size);
    cost = view.read(offset, data.data(), &memory[offset], size, now);
    return data;
  }
  void device_write(std::uint64_t offset, const std::vector<std::uint8_t>& data) {
    cost = view.write(offset, data.data(), &memory[offset], static_cast<std::uint32_t>(data.size()), now);
  }

  FakeBus bus;
  CacheHierarchy caches;
  std::vector<std::uint8_t> memory;
  CacheDeviceView view;
  Log log;
  unsigned rewritten = 0;
  Cycles now = 0, cost = 0;
};

/// The same machine, obvious: memory and a direct-mapped cache, each with bytes of its own.
struct Plain {
  struct Held {
    bool valid = false, dirty = false;
    std::uint64_t first = 0;
    std::uint8_t data[line] = {};
  };

  Plain(bool back, bool allocate) : write_back(back), write_allocate(allocate), memory(bytes) {}

  Held& place(std::uint64_t offset) { return held[offset / line % sets]; }
  bool hit(std::uint64_t offset) {
    return place(offset).valid && place(offset).first == offset / line * line;
  }
  void write_out(Held& h) {
    if (h.valid && h.dirty) std::memcpy(&memory[h.first], h.data, line);
    h.dirty = false;
  }
  void fill(std::uint64_t offset) {
    if (hit(offset)) return;
    Held& h = place(offset);
    write_out(h);
    h.valid = true;
    h.first = offset / line * line;
    std::memcpy(h.data, &memory[h.first], line);
  }
  std::uint32_t load(std::uint64_t offset) {
    fill(offset);
    std::uint32_t value = 0;
    std::memcpy(&value, place(offset).data + offset % line, 4);
    return value;
  }
  void store(std::uint64_t offset, std::uint32_t value) {
    if (write_allocate) fill(offset);
    const bool held_here = hit(offset);
    if (held_here) std::memcpy(place(offset).data + offset % line, &value, 4);
    if (held_here && write_back)
      place(offset).dirty = true;
    else
      std::memcpy(&memory[offset], &value, 4);
  }
  void manage(BlockOperation operation, std::uint64_t offset) {
    if (!hit(offset)) return;
    Held& h = place(offset);
    if (operation != BlockOperation::invalidate) write_out(h);
    if (operation != BlockOperation::clean) h = {};
  }

  bool write_back, write_allocate;
  std::vector<std::uint8_t> memory;
  Held held[sets];
};

TEST(DeviceView, StalenessIsExact) {
  for (const bool write_back : {true, false})
    for (const bool write_allocate : {true, false}) {
      Bench bench(one_way(write_back, write_allocate));
      Plain plain(write_back, write_allocate);
      std::mt19937 random(11);
      const auto below = [&random](unsigned end) { return static_cast<unsigned>(random() % end); };
      for (unsigned i = 0; i < 30000; ++i) {
        const std::uint64_t offset = below(bytes / 4) * 4;
        const unsigned what = below(100);
        if (what < 35) {
          ASSERT_EQ(bench.load(offset), plain.load(offset)) << "step " << i;
        } else if (what < 65) {
          const auto value = static_cast<std::uint32_t>(random());
          bench.store(offset, value);
          plain.store(offset, value);
        } else if (what < 75) {
          const auto operation = static_cast<BlockOperation>(below(3));
          bench.manage(operation, offset);
          plain.manage(operation, offset);
        } else {
          const std::uint64_t first = below(bytes - 40);
          const unsigned size = 1 + below(40);
          if (what < 88) {
            const std::vector<std::uint8_t> expected(plain.memory.begin() + static_cast<long>(first),
                                                     plain.memory.begin() + static_cast<long>(first + size));
            ASSERT_EQ(bench.device_read(first, size), expected) << "step " << i;
          } else {
            std::vector<std::uint8_t> data(size);
            for (auto& byte : data) byte = static_cast<std::uint8_t>(random());
            bench.device_write(first, data);
            std::memcpy(&plain.memory[first], data.data(), size);
          }
        }
      }
      EXPECT_FALSE(bench.log.seen.empty());
      EXPECT_GT(bench.rewritten, 100u);
    }
}

TEST(DeviceView, TellsWhoSawStaleBytes) {
  Bench bench(one_way(true, true));
  Alarms alarms;
  bench.view.set_trace(&alarms);
  bench.now = 100;
  bench.store(0x24, 7, 0x1234);
  const Cycles read_at = bench.now;
  EXPECT_EQ(bench.device_read(0x20, 16)[4], 0);
  ASSERT_EQ(bench.log.seen.size(), 1u);
  EXPECT_TRUE(bench.log.seen[0].by_device);
  EXPECT_EQ(bench.log.seen[0].address, base + 0x24);
  EXPECT_EQ(bench.log.seen[0].pc, 0x1234u);
  EXPECT_EQ(bench.log.seen[0].changed, 100u);
  EXPECT_EQ(bench.log.seen[0].read, read_at);
  bench.manage(BlockOperation::clean, 0x20);
  EXPECT_EQ(bench.device_read(0x20, 16)[4], 7);
  const Cycles wrote_at = bench.now;
  bench.device_write(0x24, {1, 2, 3, 4});
  EXPECT_EQ(bench.load(0x20, 0x1238), 0u);  // another word of the line: not changed
  EXPECT_EQ(bench.log.seen.size(), 1u);
  EXPECT_EQ(bench.load(0x24, 0x123c), 7u);
  ASSERT_EQ(bench.log.seen.size(), 2u);
  EXPECT_FALSE(bench.log.seen[1].by_device);
  EXPECT_EQ(bench.log.seen[1].pc, 0x123cu);
  EXPECT_EQ(bench.log.seen[1].address, base + 0x24);
  EXPECT_EQ(bench.log.seen[1].changed, wrote_at);
  ASSERT_EQ(alarms.seen.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(alarms.seen[i].at, bench.log.seen[i].read);
    EXPECT_EQ(alarms.seen[i].kind, AlarmEvent::Kind::stale);
    EXPECT_EQ(alarms.seen[i].address, base + 0x24);
    EXPECT_EQ(*alarms.seen[i].source, "cpu0.l1d");
  }
  bench.manage(BlockOperation::invalidate, 0x20);
  EXPECT_EQ(bench.load(0x24), 0x04030201u);
  EXPECT_EQ(bench.log.seen.size(), 2u);
}

TEST(DeviceView, CoherentAccessesSnoop) {
  Bench bench(one_way(true, true), true, 3);
  bench.store(0x10, 5);
  bench.load(0x20);
  EXPECT_EQ(bench.device_read(0x10, 32)[0], 5);
  EXPECT_EQ(bench.cost, 6u);  // two lines found
  EXPECT_FALSE(bench.caches.dirty(base + 0x10));
  EXPECT_TRUE(bench.caches.holds(base + 0x10));
  bench.device_write(0x18, {9, 9, 9, 9});
  EXPECT_EQ(bench.cost, 3u);
  EXPECT_FALSE(bench.caches.holds(base + 0x10));
  EXPECT_EQ(bench.load(0x18), 0x09090909u);
  EXPECT_EQ(bench.load(0x10), 5u);
  EXPECT_TRUE(bench.log.seen.empty());
}

}  // namespace
}  // namespace memio::test
