// From options to the machine description, with the checks that need more than one option.
#include "platform/machine_description.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cpu/riscv/hart_config.h"
#include "iommu/iommu_registers.h"
#include "platform/errors.h"
#include "platform/machine_map.h"

namespace memio {
namespace {

constexpr std::uint64_t picoseconds_per_second = 1'000'000'000'000;

DeviceDescription default_entry(const Options& options, const DefaultDevice& device) {
  const std::string prefix = "map." + device.name + ".";
  DeviceDescription entry{
      device.name, device.kind, device.space, options.number(prefix + "base"), info(device.kind).size, 0, 0};
  if (info(device.kind).interrupts) entry.irq = options.small_number(prefix + "irq");
  entry.latency = device.kind == DeviceKind::boot_rom ? options.latency("rom.read-latency")
                                                      : options.latency(prefix + "latency");
  return entry;
}

DeviceDescription further_entry(const Options& options, const std::string& name) {
  const OptionValue kind_value = options.device_value(name, "kind");
  const OptionValue base = options.device_value(name, "base");
  for (const auto* needed : {&kind_value, &base})
    if (needed->is_default)
      throw ConfigError(
          fmt::format("device {} is mentioned, but {} is not set (the default machine has no {})", name,
                      needed->key, name));
  const DeviceKindInfo& kind = device_kinds()[kind_value.number];
  const OptionValue space_value = options.device_value(name, "space");
  const Space space = space_value.text == "port" ? Space::port : Space::memory;
  if (!(space == Space::port ? kind.in_ports : kind.in_memory))
    throw ConfigError(fmt::format("{}: a {} cannot be attached in {} space", space_value.origin, kind.name,
                                  space_value.text));
  const OptionValue irq = options.device_value(name, "irq");
  if (irq.number && !kind.interrupts)
    throw ConfigError(bad_value(irq, "0 (a " + kind.name + " has no interrupt)"));
  return {name,
          kind.kind,
          space,
          base.number,
          kind.size,
          static_cast<unsigned>(irq.number),
          options.text("timing") == "functional" ? 0 : options.device_value(name, "latency").number};
}

bool present(const MachineDescription& machine, const DeviceDescription& device) {
  return machine.port_space || (device.space == Space::memory && device.kind != DeviceKind::port_window);
}

void collect_devices(const Options& options, MachineDescription& machine) {
  const auto add = [&](const DeviceDescription& device) {
    if (present(machine, device)) machine.devices.push_back(device);
  };
  for (const auto& device : default_devices())
    if (options.is_on("map." + device.name + ".enable")) add(default_entry(options, device));
  for (const auto& name : options.further_devices())
    if (options.device_value(name, "enable").number) add(further_entry(options, name));
  std::stable_sort(machine.devices.begin(), machine.devices.end(), [](const auto& a, const auto& b) {
    return a.space != b.space ? a.space < b.space : a.base < b.base;
  });
}

/// RAM gets a message of its own, for a size that is too large is the commonest mistake here.
void check_ram(const Options& options, const MachineDescription& machine) {
  const unsigned bits = physical_bits(machine.xlen);
  const std::uint64_t limit = 1ull << bits;
  if (machine.ram_base < limit && machine.ram_size <= limit - machine.ram_base) return;
  if (machine.ram_base >= limit)
    throw ConfigError(bad_value(options.value("ram.base"), fmt::format("an address below {:#x}", limit)));
  throw ConfigError(
      bad_value(options.value("ram.size"),
                fmt::format("up to {} from ram.base {:#x}, since physical addresses of rv{} have {} bits",
                            format_size(limit - machine.ram_base), machine.ram_base, machine.xlen, bits)));
}

void describe_pcie(const Options& options, MachineDescription& machine) {
  machine.pci_serial = options.text("pcie.serial") != "off";
  if (machine.pci_serial && !(machine.find(DeviceKind::pcie_host) && machine.find(DeviceKind::pcie_io)))
    throw ConfigError(
        bad_value(options.value("pcie.serial"), "off on a machine without a pcie-host or its pcie-io"));
}

void check_devices(const MachineDescription& machine) {
  for (const auto& device : machine.devices) {
    const bool hart =
        device.name.size() == 4 && device.name.rfind("cpu", 0) == 0 && std::isdigit(device.name[3]);
    for (const char* taken : {"bus", "ram"})
      if (hart || device.name == taken)
        throw ConfigError(fmt::format("map.{}: the machine has a part of that name already", device.name));
    if (device.space == Space::memory && device.base % 4 != 0)
      throw ConfigError(
          fmt::format("map.{}.base is {:#x}; allowed: a multiple of 4", device.name, device.base));
  }
  if (machine.find(DeviceKind::iommu) && machine.dma_masters().size() > iommu::max_devices)
    throw ConfigError(fmt::format("{}: an IOMMU serves {} devices, and the machine has more",
                                  machine.dma_masters().back()->name, iommu::max_devices));
  const bool plic = machine.find(DeviceKind::plic) != nullptr,
             pcie_host = machine.find(DeviceKind::pcie_host) != nullptr;
  for (const auto& device : machine.devices) {
    if (is_pcie_window(device.kind) && !pcie_host)
      throw ConfigError(fmt::format("{} needs a pcie-host, and the machine has none", device.name));
    if (device.irq && !plic)
      throw ConfigError(
          fmt::format("{} has interrupt {}, but the machine has no PLIC", device.name, device.irq));
    for (const auto& other : machine.devices) {
      if (&device == &other) break;
      if (share_irq(device, other))
        throw ConfigError(fmt::format("{} and {} both have interrupt {}", other.name, device.name,
                                      std::max(device.irq, other.irq)));
      if (info(device.kind).single && device.kind == other.kind)
        throw ConfigError(fmt::format("{} and {}: a machine has one {} only", other.name, device.name,
                                      info(device.kind).name));
    }
  }
}

std::string choose_mmu(const Options& options, unsigned xlen) {
  const OptionValue& value = options.value("cpu.mmu");
  if (value.text == "auto") return xlen == 32 ? "sv32" : "sv57";
  if (value.text != "none" && (value.text == "sv32") != (xlen == 32))
    throw ConfigError(bad_value(value, xlen == 32 ? "auto, none, sv32 (cpu.isa is rv32)"
                                                  : "auto, none, sv39, sv48, sv57 (cpu.isa is rv64)"));
  return value.text;
}

}  // namespace

const DeviceDescription* MachineDescription::find(DeviceKind kind) const {
  for (const auto& device : devices)
    if (device.kind == kind) return &device;
  return nullptr;
}

const DeviceDescription* MachineDescription::find(const std::string& name) const {
  for (const auto& device : devices)
    if (device.name == name) return &device;
  return nullptr;
}

std::vector<const DeviceDescription*> MachineDescription::dma_masters() const {
  std::vector<const DeviceDescription*> masters;
  for (const auto& device : devices)
    if (device.kind == DeviceKind::dma) masters.push_back(&device);
  return masters;
}

// Devices are ordered by space and address, so memory space comes first.
const DeviceDescription* MachineDescription::console() const { return find(DeviceKind::uart16550); }

namespace {

/// cpu.isa; mmu.ad puts the one of Svade and Svadu that it names in place of what stands there. A hart
/// without an MMU has neither.
riscv::Isa choose_isa(const Options& options, bool has_mmu) {
  riscv::Isa isa = riscv::parse_isa(options.text("cpu.isa"));
  if (const std::string& ad = options.text("mmu.ad"); ad != "isa") {
    isa.svade = ad == "svade";
    isa.svadu = ad == "svadu";
  }
  if (!has_mmu) isa.svade = isa.svadu = false;
  return isa;
}

}  // namespace

MachineDescription describe_machine(const Options& options) {
  options.check_needs();
  MachineDescription machine;
  machine.harts = options.small_number("cpu.harts");
  machine.xlen = options.small_number("cpu.isa");
  machine.mmu = choose_mmu(options, machine.xlen);
  const riscv::Isa isa = choose_isa(options, machine.mmu != "none");
  machine.isa = riscv::isa_string(isa);
  machine.noncoherent_dma =
      options.number("cache.l1d.size") != 0 && options.text("cache.dma") == "noncoherent";
  machine.cache_block = options.number("cache.l1d.size")
                            ? static_cast<std::uint32_t>(std::stoul(options.text("cache.l1d.line")))
                            : default_cache_block;
  if (machine.harts > 1 && machine.noncoherent_dma)
    throw ConfigError(
        bad_value(options.value("cache.dma"),
                  "coherent (cpu.harts is more than 1: what is stale in one cache and not in another "
                  "is not modelled)"));
  for (const auto& [there, name] : {std::pair{isa.svpbmt, "svpbmt"}, {isa.svnapot, "svnapot"}})
    if (there && machine.mmu == "none")
      throw ConfigError(bad_value(options.value("cpu.mmu"), fmt::format("a scheme (cpu.isa has {})", name)));
  const OptionValue& clock = options.value("cpu.frequency");
  if (picoseconds_per_second % clock.number != 0)
    throw ConfigError(bad_value(clock, "a frequency whose period is a whole number of picoseconds"));
  machine.cpu_period_ps = picoseconds_per_second / clock.number;
  machine.port_space = options.is_on("machine.port-space");
  machine.port_instructions = machine.port_space && options.is_on("cpu.port-instructions");
  machine.ram_base = options.number("ram.base");
  machine.ram_size = options.number("ram.size");
  if (const std::uint64_t alias = options.number("ram.alias-base")) machine.ram_alias = alias;
  machine.ram_uncached = options.number("ram.uncached-size");
  if (machine.ram_uncached > machine.ram_size)
    throw ConfigError(bad_value(options.value("ram.uncached-size"), "at most ram.size"));
  check_ram(options, machine);
  machine.dma_channels = options.small_number("dma.channels");
  collect_devices(options, machine);
  let_defaults_give_way(options, machine);
  describe_pcie(options, machine);
  check_map(machine);
  check_devices(machine);
  return machine;
}

std::string format_map(const MachineDescription& machine) {
  std::map<std::uint64_t, std::string> memory;  // by address
  std::string ports;
  const auto show = [&](std::uint64_t first, std::uint64_t last, const std::string& name,
                        const std::string& what) {
    memory[first] = fmt::format("{:#013x}..{:#013x}  {:<10} {}\n", first, last, name, what);
  };
  const std::string size = format_size(machine.ram_size);
  show(
      machine.ram_base, machine.ram_last(), "ram",
      "ram, " + size +
          (machine.ram_uncached ? ", the last " + format_size(machine.ram_uncached) + " not cacheable" : ""));
  if (machine.ram_alias)
    show(*machine.ram_alias, *machine.ram_alias + (machine.ram_size - 1), "ram",
         "alias of ram, " + size + ", not cacheable");
  for (const auto& device : machine.devices) {
    const std::string what = info(device.kind).name + (device.irq ? fmt::format(", irq {}", device.irq) : "");
    if (device.space == Space::memory)
      show(device.base, device.last(), device.name, what);
    else
      ports += fmt::format("{:#06x}..{:#06x}  {:<10} {}\n", device.base, device.last(), device.name, what);
  }
  std::string out = "Memory space\n";
  for (const auto& [first, line] : memory) out += line;
  return out + (machine.port_space ? "\nPort space\n" + ports : "\nNo port space\n");
}

}  // namespace memio
