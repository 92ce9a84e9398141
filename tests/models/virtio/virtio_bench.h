// The bench of the virtio tests: RAM, and slots behind a bus (a disk in either version of the interface, one
// behind a bus in `at`, an empty one), with a driver of the tests' own that knows only the specification.
//
// A cycle is 1 ns. The bus takes 1 cycle and 1 for each beat of 8 bytes after the first, RAM 3 cycles. A
// request of the disk takes 1000 ns and 100 ns for a sector.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "bus/bus.h"
#include "memory/memory.h"
#include "support/test_initiator.h"
#include "support/test_target.h"
#include "virtio/virtio_block.h"
#include "virtio/virtio_console.h"
#include "virtio/virtio_mmio.h"
#include "virtio/virtio_rng.h"

namespace memio::test {

inline constexpr std::uint64_t ram_base = 0x80000000, failing_base = 0x20000000, nobody = 0x70000000;
inline constexpr unsigned disk_sectors = 64;

/// A disk in memory that fails when a test says so.
struct TestDisk : BlockStorage {
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(disk_sectors * 512);
  bool fails = false, locked;
  unsigned flushes = 0;

  explicit TestDisk(bool read_only) : locked(read_only) {}

  std::uint64_t sectors() const override { return bytes.size() / 512; }
  bool read_only() const override { return locked; }
  bool read(std::uint64_t at, std::uint8_t* data, std::uint64_t size) override {
    if (!fails) std::memcpy(data, &bytes[at], size);
    return !fails;
  }
  bool write(std::uint64_t at, const std::uint8_t* data, std::uint64_t size) override {
    if (!fails) std::memcpy(&bytes[at], data, size);
    return !fails;
  }
  bool clear(std::uint64_t at, std::uint64_t size) override {
    if (!fails) std::memset(&bytes[at], 0, size);
    return !fails;
  }
  bool flush() override {
    ++flushes;
    return !fails;
  }
};

/// A device in a slot.
struct Slot {
  Slot(const char* name, bool legacy, bool at, std::unique_ptr<VirtioFunction> function);

  VirtioMmio device;
  IrqSignal irq;
  TestInitiator cpu;
};

/// A disk in a slot.
struct DiskSlot : Slot {
  DiskSlot(const char* name, bool legacy, bool at, bool read_only = false)
      : DiskSlot(name, legacy, at, new TestDisk(read_only)) {}

  TestDisk* disk;

 private:
  DiskSlot(const char* name, bool legacy, bool at, TestDisk* storage);  // takes it over
};

struct VirtioWorld {
  Settler settler{"settler"};
  Bus bus, at_bus;
  Memory ram;
  TestTarget failing{"failing"};
  Memory at_ram;
  MemoryBackend line{true};
  DiskSlot modern{"modern", false, false}, legacy{"legacy", true, false},
      locked{"locked", false, false, true}, four_phase{"four_phase", false, true};
  Slot console, rng;
  VirtioMmio empty, empty_legacy;
  TestInitiator empty_cpu{"empty_cpu"}, empty_legacy_cpu{"empty_legacy_cpu"};

  VirtioWorld();
  /// The same for all tests of the process.
  static VirtioWorld& get();
  static void pass(Cycles cycles);
};

/// One buffer of a chain.
struct Piece {
  std::uint64_t address;
  std::uint32_t size;
  bool writable;
};

/// A driver of one queue, by default queue 0. Those of several queues of a slot start it together: one
/// begins, each adds its queue, one runs.
class Driver {
 public:
  Driver(Slot& slot, Memory& ram, unsigned queue = 0) : slot_(slot), ram_(ram), queue_(queue) {}

  /// Rings and table of queue 0; those of queue n lie n * 0x20000 behind.
  static constexpr std::uint64_t descriptors = ram_base + 0x1000, available = ram_base + 0x2000,
                                 used = ram_base + 0x3000, table = ram_base + 0x4000,
                                 header = ram_base + 0x5000, status = ram_base + 0x5100,
                                 data = ram_base + 0x10000;

  std::uint32_t get(std::uint64_t offset);
  void put(std::uint64_t offset, std::uint32_t value);

  /// From reset to DRIVER_OK with a queue of `count` entries in version 2.
  void start(unsigned count = 8, std::uint64_t features = 1ull << 32);
  void begin(std::uint64_t features);
  void add_queue(unsigned count = 8);
  void run();
  /// The same by the legacy interface: page size 4096, ring in one run from `descriptors` on. Small kernels
  /// never write QUEUE_ALIGN: `aligns` false.
  void start_legacy(unsigned count = 8, bool aligns = true);

  std::uint8_t* at(std::uint64_t address) { return ram_.storage().data() + (address - ram_base); }
  void store(std::uint64_t address, std::uint64_t value, unsigned size) {
    std::memcpy(at(address), &value, size);
  }
  std::uint64_t load(std::uint64_t address, unsigned size) {
    std::uint64_t value = 0;
    std::memcpy(&value, at(address), size);
    return value;
  }

  void describe(std::uint64_t place, std::uint64_t address, std::uint32_t size, unsigned flags,
                unsigned next);
  /// Writes a chain into the table from descriptor `first` on, and makes it available.
  void offer(const std::vector<Piece>& pieces, unsigned first = 0);
  void make_available(unsigned head);
  void notify() { put(0x50, queue_); }
  /// Chains given back so far.
  unsigned returned();
  /// {head, bytes written} of the given-back chain `index`.
  std::pair<unsigned, unsigned> back(unsigned index);
  /// Waits until `count` chains came back; the cycles that took. Fails after `limit`.
  Cycles wait(unsigned count, Cycles limit = 100'000);

  /// One request of the disk with data at `data`; its status, or 0xEE if none was written.
  unsigned request(unsigned type, std::uint64_t sector, std::uint32_t readable, std::uint32_t writable);
  bool needs_reset() { return (get(0x70) & 0x40) != 0; }

  std::uint64_t driver_ring = available, device_ring = used;  ///< where they really are
  unsigned entries = 8;

 private:
  std::uint64_t own(std::uint64_t place) const { return place + queue_ * std::uint64_t{0x20000}; }

  Slot& slot_;
  Memory& ram_;
  unsigned queue_;
  unsigned offered_ = 0;
};

/// A counter of a slot: "block.reads".
std::uint64_t stat(RegisterTarget& device, const std::string& path);

}  // namespace memio::test
