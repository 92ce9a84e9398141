// What lies in memory when the guest starts: firmware, kernel, initial RAM disk, device tree and the
// boot ROM's code, each with its place. The register contract (a0 hart, a1 device tree, a2 OpenSBI's
// fw_dynamic_info) is that of QEMU's `virt` machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/kernel_numbers.h"
#include "platform/machine_description.h"
#include "platform/options.h"
#include "platform/signature.h"
#include "platform/symbols.h"

namespace memio {

/// Bytes for physical memory; `memory_size` counts the zeroes that follow them.
struct Placement {
  std::string name;
  std::uint64_t address = 0;
  std::string bytes;
  std::uint64_t memory_size = 0;
};

/// A file of the host that an option, or its default, names.
struct BootFile {
  std::string option, path;
};

/// How a test program talks to its surroundings; addresses are physical.
struct TestSymbols {
  std::optional<std::uint64_t> tohost, fromhost;
  SignaturePlace signature = {};
};

struct BootPlan {
  std::vector<BootFile> files;        ///< that were read
  std::vector<Placement> placements;  ///< all in RAM, none overlapping
  std::string rom;                    ///< contents of the boot ROM from its start
  std::uint64_t start = 0;            ///< where the boot ROM jumps to
  std::uint64_t device_tree = 0;      ///< physical address
  std::string tree;                   ///< the device tree
  SymbolTable symbols;
  TestSymbols test;                          ///< of the image loaded last that has any of them
  std::vector<KernelNumber> kernel_numbers;  ///< of memio's kernel, for traces
  /// Sentences on what images were built for and the hart lacks. They may run all the same: one that has the
  /// instructions in question may never come to them.
  std::vector<std::string> doubts;
};

/// Reads the images that the options name. Throws ConfigError naming file and reason.
BootPlan plan_boot(const MachineDescription& machine, const Options& options);

/// The boot ROM's contents for a jump to `start`; `next` is what the firmware is to start.
std::string make_boot_rom(unsigned xlen, std::uint64_t start, std::uint64_t device_tree, std::uint64_t next);

}  // namespace memio
