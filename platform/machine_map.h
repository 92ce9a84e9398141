// The ranges of a machine in its two spaces: what is taken, what gives way, what must not be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/access.h"
#include "platform/machine_description.h"
#include "platform/options.h"

namespace memio {

struct Range {
  std::string name;
  Space space;
  std::uint64_t first, last;
};

inline bool overlap(const Range& a, const Range& b) {
  return a.space == b.space && a.first <= b.last && b.first <= a.last;
}

/// Bits of a physical address: Sv32 reaches 34, the RV64 modes 56 (privileged specification 4.3, 4.4).
unsigned physical_bits(unsigned xlen);

/// RAM, its alias and all devices.
std::vector<Range> taken_ranges(const MachineDescription& machine);

/// True if the two have an interrupt source in common.
bool share_irq(const DeviceDescription& a, const DeviceDescription& b);

/// Leaves out the parts of the default machine that give way (gives_way) where RAM or another device has
/// their place or interrupts, or no PLIC takes their interrupts; but not those whose `enable` is set.
void let_defaults_give_way(const Options& options, MachineDescription& machine);

/// Throws ConfigError for a range that does not fit in its space or overlaps another; it names both.
void check_map(const MachineDescription& machine);

}  // namespace memio
