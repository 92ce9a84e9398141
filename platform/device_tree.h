// The device tree that the guest gets, made from the machine description. Follows the Devicetree
// Specification 0.4 and the bindings that Linux documents for each compatible string, in the shape of
// QEMU's `virt` machine; port space has a node of memio's own (docs/memory-map.md).
#pragma once

#include <cstdint>
#include <string>

#include "platform/machine_description.h"

namespace memio {

/// What /chosen says.
struct BootArguments {
  std::string command_line;
  std::uint64_t initrd_first = 0;  ///< physical; no initrd if both are equal
  std::uint64_t initrd_end = 0;    ///< one past the last byte
  /// Memory that stays the firmware's while the kernel runs: physical; none if both are equal.
  std::uint64_t firmware_first = 0, firmware_end = 0;
};

/// The flattened device tree, in bytes.
std::string make_device_tree(const MachineDescription& machine, const BootArguments& boot);

}  // namespace memio
