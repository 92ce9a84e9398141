// The bench of the DMA and IOMMU tests: a controller with four channels behind an IOMMU (which bypasses until
// a test says otherwise), RAM, a ROM, a target that fails, a data register with a request line in either
// space.
//
// Timing mode `at` if the environment has MEMIO_TIMING=at, else `lt`: no figure of a test depends on it.
//
// A cycle is 1 ns. The bus takes 1 cycle and 1 for each beat of 8 bytes after the first, RAM 3 cycles.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "bus/bus.h"
#include "dma/dma_controller.h"
#include "iommu/iommu.h"
#include "memory/memory.h"
#include "support/test_initiator.h"
#include "support/test_target.h"

namespace memio::test {

/// A register of 4 bytes that gives and takes words, and asks for a transfer when the test says.
class WordPort : public sc_core::sc_module {
 public:
  explicit WordPort(const sc_core::sc_module_name& name);

  tlm_utils::simple_target_socket<WordPort> socket{"socket"};
  IrqOutput request{"request"};

  std::deque<std::uint32_t> input;       ///< to be read; the request is high while there is some
  std::vector<std::uint32_t> output;     ///< what was written
  std::vector<std::uint64_t> addresses;  ///< of all accesses
  void update() { request.set(!input.empty()); }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
};

inline constexpr std::uint64_t ram_base = 0x80000000, rom_base = 0x1000, failing_base = 0x20000000,
                               word_base = 0x30000000, dma_base = 0x10021000, nobody = 0x70000000,
                               word_port = 0x300;
inline constexpr unsigned word_line = 3;

class DmaBench {
 public:
  DmaBench();

  Settler settler{"settler"};
  Bus bus;
  Memory ram, rom;
  TestTarget failing{"failing"};
  WordPort words{"words"}, port_words{"port_words"};
  DmaController dma;
  Iommu iommu;
  IrqSignal irq{"irq"}, iommu_irq{"iommu_irq"}, request{"request"};
  TestInitiator cpu{"cpu"}, iommu_cpu{"iommu_cpu"};

  // Registers of the controller and of the IOMMU, accessed at the simulation's time without a bus.
  std::uint64_t read(std::uint64_t offset, unsigned size = 4) { return get(cpu, offset, size); }
  void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4) { put(cpu, offset, value, size); }
  std::uint64_t read_iommu(std::uint64_t offset, unsigned size = 4) { return get(iommu_cpu, offset, size); }
  void write_iommu(std::uint64_t offset, std::uint64_t value, unsigned size = 4) {
    put(iommu_cpu, offset, value, size);
  }
  /// Offset of a register of a channel.
  static std::uint64_t at(unsigned channel, std::uint64_t reg) { return 0x100 + 0x40 * channel + reg; }

  std::uint8_t* memory(std::uint64_t address) { return ram.storage().data() + (address - ram_base); }
  void fill(std::uint64_t address, std::size_t size, unsigned seed);
  bool same(std::uint64_t a, std::uint64_t b, std::size_t size);

  /// A descriptor that copies and is the last of its chain.
  static dma::Descriptor copy(std::uint64_t source, std::uint64_t destination, std::uint32_t length);
  void put(std::uint64_t address, const dma::Descriptor& descriptor);
  dma::Descriptor get(std::uint64_t address);

  void start(unsigned channel, std::uint64_t descriptor, unsigned priority = 0);
  /// Runs until no channel is busy; the cycles that took. Fails after `limit`.
  Cycles finish(Cycles limit = 1'000'000);
  /// One descriptor at 0x80000000 on channel 0, from start to end.
  Cycles run(const dma::Descriptor& descriptor);
  unsigned state(unsigned channel = 0) { return static_cast<unsigned>(read(at(channel, 4)) & 0xF); }
  unsigned error(unsigned channel = 0) { return static_cast<unsigned>(read(at(channel, 4)) >> 8); }

  /// True if the IOMMU's walker sets A and D (MEMIO_AD=svadu in the environment).
  static bool svadu();
  static void pass(Cycles cycles);
  /// A counter: "channel0.bytes_read".
  static std::uint64_t stat(RegisterTarget& device, const std::string& path);
  /// Bytes that dma0 moved on the bus, in both spaces.
  std::uint64_t bus_bytes() const;

  void reset();

 private:
  std::uint64_t get(TestInitiator& from, std::uint64_t offset, unsigned size);
  void put(TestInitiator& from, std::uint64_t offset, std::uint64_t value, unsigned size);
};

class DmaTest : public ::testing::Test {
 protected:
  DmaTest();
  ~DmaTest() override;
  DmaBench& b;
};

}  // namespace memio::test
