// Ranges of the machine; see machine_map.h.
#include "platform/machine_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/errors.h"

namespace memio {
namespace {

constexpr std::uint64_t port_count = 0x10000;

std::string range_text(std::uint64_t first, std::uint64_t last) {
  return fmt::format("{:#x}..{:#x}", first, last);
}

void check_range(const Range& range, unsigned bits) {
  const std::uint64_t limit = range.space == Space::port ? port_count - 1 : (1ull << bits) - 1;
  if (range.last < range.first || range.last > limit)
    throw ConfigError(fmt::format("{} at {} does not fit in {} space, which ends at {:#x}", range.name,
                                  range_text(range.first, range.last),
                                  range.space == Space::port ? "port" : "memory", limit));
}

bool may_give_way(const Options& options, const DeviceDescription& device) {
  return gives_way(device.kind) && default_device(device.name) &&
         options.value("map." + device.name + ".enable").is_default;
}

}  // namespace

unsigned physical_bits(unsigned xlen) { return xlen == 32 ? 34 : 56; }

std::vector<Range> taken_ranges(const MachineDescription& machine) {
  std::vector<Range> ranges{{"ram", Space::memory, machine.ram_base, machine.ram_last()}};
  if (machine.ram_alias)
    ranges.push_back(
        {"ram.alias-base", Space::memory, *machine.ram_alias, *machine.ram_alias + (machine.ram_size - 1)});
  for (const auto& device : machine.devices)
    ranges.push_back({device.name, device.space, device.base, device.last()});
  return ranges;
}

bool share_irq(const DeviceDescription& a, const DeviceDescription& b) {
  const auto last = [](const DeviceDescription& device) {
    return device.irq + info(device.kind).interrupts - 1;
  };
  return a.irq && b.irq && a.irq <= last(b) && b.irq <= last(a);
}

void let_defaults_give_way(const Options& options, MachineDescription& machine) {
  const bool plic = machine.find(DeviceKind::plic) != nullptr;
  const auto must_go = [&](const DeviceDescription& device) {
    if (!may_give_way(options, device)) return false;
    if (device.irq && !plic) return true;
    for (const auto& other : machine.devices)
      if (other.name != device.name && share_irq(other, device)) return true;
    const Range own{device.name, device.space, device.base, device.last()};
    for (const Range& range : taken_ranges(machine))
      if (range.name != device.name && overlap(range, own)) return true;
    return false;
  };
  auto& devices = machine.devices;
  std::vector<DeviceDescription> kept;
  std::remove_copy_if(devices.begin(), devices.end(), std::back_inserter(kept), must_go);
  devices = std::move(kept);
  const auto orphan = [&](const DeviceDescription& device) {
    return is_pcie_window(device.kind) && !machine.find(DeviceKind::pcie_host) &&
           may_give_way(options, device);
  };
  kept.clear();
  std::remove_copy_if(devices.begin(), devices.end(), std::back_inserter(kept), orphan);
  devices = std::move(kept);
}

void check_map(const MachineDescription& machine) {
  const std::vector<Range> ranges = taken_ranges(machine);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    check_range(ranges[i], physical_bits(machine.xlen));
    for (std::size_t j = 0; j < i; ++j) {
      const Range &a = ranges[j], &b = ranges[i];
      if (overlap(a, b))
        throw ConfigError(fmt::format("{} at {} overlaps {} at {}", a.name, range_text(a.first, a.last),
                                      b.name, range_text(b.first, b.last)));
    }
  }
}

}  // namespace memio
