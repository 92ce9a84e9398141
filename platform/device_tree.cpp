// Nodes of the device tree; see device_tree.h.
#include "platform/device_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "dma/dma_registers.h"
#include "pcie/pcie_host.h"
#include "platform/fdt_writer.h"

namespace memio {
namespace {

using Node = FdtWriter::Node;

constexpr std::uint32_t cpu_intc_phandle = 1;  // of hart 0
constexpr std::uint32_t plic_phandle = 2;
constexpr std::uint32_t finisher_phandle = 3;
constexpr std::uint32_t iommu_phandle = 4;
constexpr std::uint32_t dma_phandle = 5;  // of the first DMA controller; the next has the next
// Interrupt numbers of the hart's own controller (privileged specification, table 3.6).
constexpr std::uint32_t machine_software = 3, machine_timer = 7, supervisor_external = 9,
                        machine_external = 11;

// Those of the other harts come after all others, so that these are the same for any number of harts.
constexpr std::uint32_t further_intc_phandle = 0x100, cpu_phandle = 0x200;

std::uint32_t intc_phandle(std::uint32_t hart) {
  return hart == 0 ? cpu_intc_phandle : further_intc_phandle + hart;
}

// Two interrupts of each hart's own controller, as a controller's outputs.
void put_outputs(Node& node, const MachineDescription& machine, std::uint32_t first, std::uint32_t second) {
  std::vector<std::uint32_t> cells;
  for (std::uint32_t hart = 0; hart < machine.harts; ++hart)
    cells.insert(cells.end(), {intc_phandle(hart), first, intc_phandle(hart), second});
  node.cells("interrupts-extended", cells);
}

std::string node_name(const DeviceDescription& device) {
  return fmt::format("{}@{:x}", info(device.kind).node, device.base);
}

// The number of a DMA controller: its place among them, at the IOMMU too.
std::uint32_t dma_number(const MachineDescription& machine, const DeviceDescription& device) {
  const auto masters = machine.dma_masters();
  return static_cast<std::uint32_t>(std::find(masters.begin(), masters.end(), &device) - masters.begin());
}

void put_dma(Node& node, const MachineDescription& machine, const DeviceDescription& device) {
  const std::uint32_t number = dma_number(machine, device);
  node.cells("phandle", {dma_phandle + number});
  node.cells("#dma-cells", {1});  // the request line
  node.cells("dma-channels", {machine.dma_channels});
  node.cells("dma-requests", {dma::request_lines});
  if (machine.find(DeviceKind::iommu)) node.cells("iommus", {iommu_phandle, number});
}

// The request lines of a device, at the first DMA controller.
void put_requests(Node& node, const MachineDescription& machine, const DeviceDescription& device) {
  if (machine.dma_masters().empty()) return;
  std::vector<std::uint32_t> lines;
  std::vector<std::string> names;
  for (const auto& request : dma_request_lines()) {
    if (request.device != device.name) continue;
    lines.insert(lines.end(), {dma_phandle, request.line});
    names.push_back(request.name);
  }
  if (names.empty()) return;
  node.cells("dmas", lines);
  node.strings("dma-names", names);
}

// The bus binding of PCI: an address has three cells, the first says of which space it is, and in bits 15:11
// of which device. Interrupt pin p of device d is line (d + p - 1) mod 4.
void put_pcie(Node& node, const MachineDescription& machine, const DeviceDescription& host) {
  constexpr std::uint32_t io_space = 0x1000000, memory_space = 0x2000000, device_bits = 0x1800;
  constexpr unsigned device_shift = 11, lines = PcieHost::interrupt_lines;
  node.strings("device_type", {"pci"});
  node.cells("linux,pci-domain", {0});
  node.cells("bus-range", {0, 0xFF});
  if (!machine.noncoherent_dma) node.flag("dma-coherent");
  node.cells("#address-cells", {3});
  node.cells("#size-cells", {2});
  std::vector<std::uint32_t> ranges;
  const auto put = [&](std::uint32_t space, std::uint64_t bus, std::uint64_t address, std::uint64_t size) {
    ranges.push_back(space);
    for (const std::uint64_t number : {bus, address, size})
      ranges.insert(ranges.end(),
                    {static_cast<std::uint32_t>(number >> 32), static_cast<std::uint32_t>(number)});
  };
  const auto* io = machine.find(DeviceKind::pcie_io);
  const auto* window = machine.find(DeviceKind::port_window);
  if (io && window) put(io_space, io->base, window->base + io->base, io->size);
  if (const auto* memory = machine.find(DeviceKind::pcie_memory))
    put(memory_space, memory->base, memory->base, memory->size);
  node.cells("ranges", ranges);
  if (!host.irq) return;
  node.cells("#interrupt-cells", {1});
  node.cells("interrupt-map-mask", {device_bits, 0, 0, 7});
  std::vector<std::uint32_t> map;
  for (std::uint32_t device = 0; device < lines; ++device)
    for (std::uint32_t pin = 1; pin <= lines; ++pin)
      map.insert(map.end(),
                 {device << device_shift, 0, 0, pin, plic_phandle, host.irq + (device + pin - 1) % lines});
  node.cells("interrupt-map", map);
}

void put_properties(Node& node, const MachineDescription& machine, const DeviceDescription& device) {
  node.strings("compatible", info(device.kind).compatible);
  switch (device.kind) {
    case DeviceKind::test_finisher:
      node.cells("phandle", {finisher_phandle});
      break;
    case DeviceKind::uart16550:
      node.cells("clock-frequency", {static_cast<std::uint32_t>(uart_clock)});
      break;
    case DeviceKind::dma:
      put_dma(node, machine, device);
      break;
    case DeviceKind::iommu:
      node.cells("phandle", {iommu_phandle});
      node.cells("#iommu-cells", {1});  // the device's number
      break;
    case DeviceKind::gpio:
      node.flag("gpio-controller");
      node.cells("#gpio-cells", {2});
      node.cells("ngpios", {32});
      break;
    case DeviceKind::clint:
      put_outputs(node, machine, machine_software, machine_timer);
      break;
    case DeviceKind::plic:
      node.cells("phandle", {plic_phandle});
      node.flag("interrupt-controller");
      node.cells("#interrupt-cells", {1});
      node.cells("#address-cells", {0});
      node.cells("riscv,ndev", {plic_sources});
      put_outputs(node, machine, machine_external, supervisor_external);
      break;
    case DeviceKind::pcie_host:
      put_pcie(node, machine, device);
      return;
    default:
      break;
  }
  put_requests(node, machine, device);
  if (device.irq) {
    node.cells("interrupts", {device.irq});
    node.cells("interrupt-parent", {plic_phandle});
  }
}

// Bytes of a device's place as the tree tells them: as on QEMU, a serial port in memory space has 256 of
// them, if they are free, and answers in the first 8.
std::uint64_t place_size(const MachineDescription& machine, const DeviceDescription& device) {
  constexpr std::uint64_t serial_place = 0x100;
  if (device.kind != DeviceKind::uart16550) return device.size;
  for (const auto& other : machine.devices)
    if (other.space == Space::memory && other.base > device.base && other.base - device.base < serial_place)
      return device.size;
  return serial_place;
}

void put_chosen(FdtWriter& writer, const MachineDescription& machine, const BootArguments& boot) {
  Node chosen(writer, "chosen");
  if (!boot.command_line.empty()) chosen.strings("bootargs", {boot.command_line});
  if (const auto* console = machine.console()) {
    const char* parent = console->space == Space::port ? "/port-space/" : "/soc/";
    chosen.strings("stdout-path", {parent + node_name(*console)});
  }
  if (boot.initrd_first != boot.initrd_end) {
    chosen.number("linux,initrd-start", boot.initrd_first);
    chosen.number("linux,initrd-end", boot.initrd_end);
  }
}

void put_cpu(FdtWriter& writer, const MachineDescription& machine, std::uint32_t hart) {
  Node cpu(writer, fmt::format("cpu@{}", hart));
  cpu.cells("phandle", {cpu_phandle + hart});
  cpu.strings("device_type", {"cpu"});
  cpu.cells("reg", {hart});
  cpu.strings("status", {"okay"});
  cpu.strings("compatible", {"riscv"});
  cpu.strings("riscv,isa", {machine.isa});
  constexpr const char* block_sizes[][2] = {{"zicbom", "riscv,cbom-block-size"},
                                            {"zicbop", "riscv,cbop-block-size"},
                                            {"zicboz", "riscv,cboz-block-size"}};
  for (const auto& [extension, property] : block_sizes)
    if (machine.isa.find(extension) != std::string::npos) cpu.cells(property, {machine.cache_block});
  cpu.strings("mmu-type", {"riscv," + machine.mmu});
  Node intc(writer, "interrupt-controller");
  intc.cells("#interrupt-cells", {1});
  intc.flag("interrupt-controller");
  intc.strings("compatible", {"riscv,cpu-intc"});
  intc.cells("phandle", {intc_phandle(hart)});
}

void put_cpus(FdtWriter& writer, const MachineDescription& machine) {
  Node cpus(writer, "cpus");
  cpus.cells("#address-cells", {1});
  cpus.cells("#size-cells", {0});
  cpus.cells("timebase-frequency", {static_cast<std::uint32_t>(timebase_frequency)});
  for (std::uint32_t hart = 0; hart < machine.harts; ++hart) put_cpu(writer, machine, hart);
  Node map(writer, "cpu-map");
  Node cluster(writer, "cluster0");
  for (std::uint32_t hart = 0; hart < machine.harts; ++hart) {
    Node core(writer, fmt::format("core{}", hart));
    core.cells("cpu", {cpu_phandle + hart});
  }
}

// Which counters of the hart, and which of memio's events, serve the events of the SBI's PMU extension. Every
// counter from 3 on counts any event; cycles and instructions have counters of their own as well.
void put_pmu(FdtWriter& writer, const MachineDescription& machine) {
  if (machine.isa.find("sscofpmf") == std::string::npos) return;
  constexpr std::uint32_t programmable = 0xFFFFFFF8, of_cycles = 1 << 0, of_instructions = 1 << 2;
  // An event of the SBI's and of memio's each (docs/isa.md); caches by 0x10000, cache * 8, and 1 for misses.
  struct {
    std::uint32_t sbi, own;
  } constexpr events[] = {{0x1, 16},     {0x2, 17},     {0x5, 10},     {0x6, 11},
                          {0x10001, 14}, {0x10009, 13}, {0x10011, 15}, {0x10018, 9},
                          {0x10019, 2},  {0x10020, 8},  {0x10021, 1}};
  std::vector<std::uint32_t> selectors, counters;
  for (const auto& [sbi, own] : events) {
    selectors.insert(selectors.end(), {sbi, 0, own});
    const std::uint32_t fixed = sbi == 1 ? of_cycles : sbi == 2 ? of_instructions : 0;
    counters.insert(counters.end(), {sbi, sbi, programmable | fixed});
  }
  Node node(writer, "pmu");
  node.strings("compatible", {"riscv,pmu"});
  node.cells("riscv,event-to-mhpmevent", selectors);
  node.cells("riscv,event-to-mhpmcounters", counters);
  // Raw events: memio's numbers, below 32.
  node.cells("riscv,raw-event-to-mhpmcounters", {0, 0, 0xFFFFFFFF, 0xFFFFFFE0, programmable});
}

bool is_slot(const DeviceDescription& device) {
  return device.kind == DeviceKind::virtio_mmio && device.space == Space::memory;
}

// Devices by rising address, but virtio slots by falling one, as on QEMU: guests number what is in them in
// this order, and devices fill the slots from the highest down.
void put_soc(FdtWriter& writer, const MachineDescription& machine) {
  Node soc(writer, "soc");
  soc.cells("#address-cells", {2});
  soc.cells("#size-cells", {2});
  soc.strings("compatible", {"simple-bus"});
  soc.flag("ranges");
  if (machine.noncoherent_dma) soc.flag("dma-noncoherent");
  std::vector<const DeviceDescription*> slots;
  for (const auto& device : machine.devices)
    if (is_slot(device)) slots.push_back(&device);
  for (const auto& device : machine.devices) {
    if (device.space != Space::memory || device.kind == DeviceKind::boot_rom ||
        device.kind == DeviceKind::port_window || is_pcie_window(device.kind))
      continue;
    const DeviceDescription* next = &device;
    if (is_slot(device)) {
      next = slots.back();
      slots.pop_back();
    }
    Node node(writer, node_name(*next));
    node.reg(next->base, place_size(machine, *next));
    put_properties(node, machine, *next);
  }
}

void put_port_space(FdtWriter& writer, const MachineDescription& machine) {
  if (!machine.port_space) return;
  Node ports(writer, "port-space");
  ports.strings("compatible", {"memio,port-space"});
  ports.cells("#address-cells", {1});
  ports.cells("#size-cells", {1});
  if (const auto* window = machine.find(DeviceKind::port_window)) {
    const auto base = window->base;
    ports.cells("memio,window", {static_cast<std::uint32_t>(base >> 32), static_cast<std::uint32_t>(base), 0,
                                 static_cast<std::uint32_t>(window->size)});
  }
  if (machine.port_instructions) ports.flag("memio,native");
  for (const auto& device : machine.devices) {
    if (device.space != Space::port || is_pcie_window(device.kind)) continue;
    Node node(writer, node_name(device));
    node.cells("reg", {static_cast<std::uint32_t>(device.base), static_cast<std::uint32_t>(device.size)});
    put_properties(node, machine, device);
  }
}

// What firmware in machine mode keeps to itself, in the words of OpenSBI.
void put_reserved(FdtWriter& writer, const BootArguments& boot) {
  if (boot.firmware_first == boot.firmware_end) return;
  Node reserved(writer, "reserved-memory");
  reserved.cells("#address-cells", {2});
  reserved.cells("#size-cells", {2});
  reserved.flag("ranges");
  Node firmware(writer, fmt::format("mmode_resv0@{:x}", boot.firmware_first));
  firmware.reg(boot.firmware_first, boot.firmware_end - boot.firmware_first);
  firmware.flag("no-map");
}

// The generic power-off and reboot bindings, so that a kernel needs no driver for the finisher.
void put_power(FdtWriter& writer, const MachineDescription& machine) {
  const auto* finisher = machine.find(DeviceKind::test_finisher);
  if (!finisher || finisher->space != Space::memory) return;
  const auto put = [&](const char* name, const char* compatible, std::uint32_t value) {
    Node node(writer, name);
    node.strings("compatible", {compatible});
    node.cells("regmap", {finisher_phandle});
    node.cells("offset", {0});
    node.cells("value", {value});
  };
  put("poweroff", "syscon-poweroff", 0x5555);
  put("reboot", "syscon-reboot", 0x7777);
}

}  // namespace

std::string make_device_tree(const MachineDescription& machine, const BootArguments& boot) {
  FdtWriter writer;
  {
    Node root(writer, "");
    root.cells("#address-cells", {2});
    root.cells("#size-cells", {2});
    root.strings("compatible", {"riscv-virtio"});
    root.strings("model", {"memio,virt"});
    put_chosen(writer, machine, boot);
    {
      Node memory(writer, fmt::format("memory@{:x}", machine.ram_base));
      memory.strings("device_type", {"memory"});
      memory.reg(machine.ram_base, machine.ram_size);
      const auto number = [&](const char* name, std::uint64_t value) {
        memory.cells(name, {static_cast<std::uint32_t>(value >> 32), static_cast<std::uint32_t>(value)});
      };
      if (machine.ram_alias) number("memio,uncached-alias", *machine.ram_alias);
      if (machine.ram_uncached) number("memio,uncached-size", machine.ram_uncached);
    }
    put_reserved(writer, boot);
    put_cpus(writer, machine);
    put_pmu(writer, machine);
    put_soc(writer, machine);
    put_port_space(writer, machine);
    put_power(writer, machine);
  }
  return writer.finish();
}

}  // namespace memio
