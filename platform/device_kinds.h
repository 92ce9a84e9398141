// The kinds of devices a machine can have, and the devices of the default machine. This is the only
// place where an address of the default map stands (QEMU's `virt` machine, and a PC's ports).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/access.h"

namespace memio {

enum class DeviceKind : std::uint8_t {
  boot_rom,
  test_finisher,
  goldfish_rtc,
  clint,
  port_window,
  plic,
  uart16550,
  gpio,
  dma,
  iommu,
  cmos_rtc,
  pit,
  debug_port,
  reset_control,
  accelerator,
  virtio_mmio,
  example,
  pcie_host,
  pcie_io,
  pcie_memory
};

struct DeviceKindInfo {
  DeviceKind kind;
  std::string name;     ///< in configurations: "uart16550"
  std::uint64_t size;   ///< bytes, or ports, that it occupies
  bool in_memory;       ///< may be attached in memory space
  bool in_ports;        ///< may be attached in port space
  bool single;          ///< a machine has at most one
  unsigned interrupts;  ///< interrupt lines, at consecutive sources of the PLIC
  std::string text;
  std::string node;                     ///< of the device tree, without the unit address
  std::vector<std::string> compatible;  ///< in the device tree, most special first
};

const std::vector<DeviceKindInfo>& device_kinds();
const DeviceKindInfo& info(DeviceKind kind);
/// True of what passes transactions to the PCI Express host bridge, and is nothing without it.
bool is_pcie_window(DeviceKind kind);
/// True of a kind that takes much room and that few know of (PCI Express, slots of virtio devices): in the
/// default machine it gives way to what is placed over it, unless it is asked for.
bool gives_way(DeviceKind kind);
/// The names of all kinds, for messages.
std::vector<std::string> device_kind_names();

/// A device of the default machine; irq 0: no interrupt.
struct DefaultDevice {
  std::string name;
  DeviceKind kind;
  Space space;
  std::uint64_t base;
  unsigned irq;
};

const std::vector<DefaultDevice>& default_devices();
/// Null if the default machine has no device of that name.
const DefaultDevice* default_device(const std::string& name);

/// What paces DMA: line `line` of every DMA controller comes from the device `device`, if there is one.
struct DmaRequestLine {
  unsigned line;
  std::string device;
  std::string name;  ///< of the device's request: "rx", "tx"
};

const std::vector<DmaRequestLine>& dma_request_lines();

inline constexpr std::uint64_t default_ram_base = 0x80000000;

}  // namespace memio
