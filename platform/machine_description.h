// The one description of the machine, made from the options. The platform, the device tree given to
// the guest and the printed map are built from it; no address stands anywhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/access.h"
#include "platform/device_kinds.h"
#include "platform/options.h"

namespace memio {

/// Ticks per second of mtime and of the time CSR, as on QEMU's `virt`.
inline constexpr std::uint64_t timebase_frequency = 10'000'000;
/// Clock of every 16550, as on QEMU's `virt`.
inline constexpr std::uint64_t uart_clock = 3'686'400;
/// Interrupt sources of the PLIC: 1 to this.
inline constexpr unsigned plic_sources = 95;

struct DeviceDescription {
  std::string name;
  DeviceKind kind;
  Space space;
  std::uint64_t base;
  std::uint64_t size;  ///< bytes or ports
  unsigned irq;        ///< source at the PLIC, the first if it has several; 0: none
  Cycles latency;

  std::uint64_t last() const { return base + (size - 1); }
};

inline constexpr std::uint32_t default_cache_block = 64;

struct MachineDescription {
  unsigned harts = 1;  ///< 1 to 8
  unsigned xlen = 64;
  std::string isa;               ///< "rv64imac_zicntr_zicsr_zifencei_zihpm"
  bool noncoherent_dma = false;  ///< devices do not see the data caches
  std::uint32_t cache_block =
      default_cache_block;  ///< bytes that the instructions of Zicbom and Zicboz work on
  std::string mmu;          ///< "none", "sv32", "sv39", "sv48", "sv57"
  std::uint64_t cpu_period_ps = 1000;
  bool port_space = true;
  bool port_instructions = true;
  std::uint64_t ram_base = 0;
  std::uint64_t ram_size = 0;
  std::optional<std::uint64_t> ram_alias;  ///< where it is seen once more, not cacheable
  std::uint64_t ram_uncached = 0;          ///< its last bytes, not cacheable
  unsigned dma_channels = 0;               ///< of each DMA controller
  bool pci_serial = false;                 ///< PCI device 00:01.0 is a serial port
  std::vector<DeviceDescription> devices;  ///< by space and address

  std::uint64_t ram_last() const { return ram_base + (ram_size - 1); }
  /// Null if the machine has no such device.
  const DeviceDescription* find(DeviceKind kind) const;
  const DeviceDescription* find(const std::string& name) const;
  /// The devices with a memory socket of their own, by address: at the IOMMU, a device's number is its place.
  std::vector<const DeviceDescription*> dma_masters() const;
  /// The serial port that the console is: the first in memory space, else the first in port space.
  const DeviceDescription* console() const;
};

/// Throws ConfigError: overlapping ranges (naming both), a range outside its space, an interrupt
/// without a controller, a clock without a whole period, RAM out of reach.
MachineDescription describe_machine(const Options& options);

/// The memory map and the port map, a line a range.
std::string format_map(const MachineDescription& machine);

}  // namespace memio
