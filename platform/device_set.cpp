// Construction of devices by kind; see device_set.h.
#include "platform/device_set.h"

#include <type_traits>

#include "accel/accelerator.h"
#include "bus/port_window.h"
#include "example/example_device.h"
#include "gpio/gpio.h"
#include "platform/dma_setup.h"
#include "platform/virtio_setup.h"
#include "serial/uart16550.h"
#include "system/debug_port.h"
#include "system/reset_control.h"
#include "system/test_finisher.h"
#include "timers/cmos_rtc.h"
#include "timers/goldfish_rtc.h"
#include "timers/pit.h"

namespace memio {

namespace {

template <class Model, class = void>
struct HasIrq : std::false_type {};
template <class Model>
struct HasIrq<Model, std::void_t<decltype(&Model::irq)>> : std::true_type {};

/// An end of a line that someone else has the input of.
class OutputEnd : public SerialBackend {
 public:
  explicit OutputEnd(SerialBackend& line) : line_(line) {}
  void put(std::uint8_t character) override { line_.put(character); }
  std::optional<std::uint8_t> get() override { return {}; }
  bool has_input() const override { return false; }

 private:
  SerialBackend& line_;
};

}  // namespace

template <class Model, class... Arguments>
DeviceSet::Device DeviceSet::make_registers(const DeviceDescription& description, Arguments&&... arguments) {
  auto model = std::make_unique<Model>(description.name.c_str(), std::forward<Arguments>(arguments)...);
  Device device;
  device.name = description.name;
  device.reset = [model = model.get()] { model->reset(); };
  device.socket = &model->socket;
  if constexpr (HasIrq<Model>::value) device.irqs = {&model->irq};
  device.register_stats = [model = model.get()](StatGroup& group) { model->register_stats(group); };
  device.module = std::move(model);
  return device;
}

DeviceSet::Device DeviceSet::make(const DeviceSurroundings& around, const DeviceDescription& description) {
  const sc_core::sc_time latency = around.clock.time(description.latency);
  const std::uint64_t epoch = around.options.number("rtc.epoch");
  switch (description.kind) {
    case DeviceKind::boot_rom: {
      auto rom = std::make_unique<Memory>(
          description.name.c_str(),
          MemoryConfig{description.size, true, around.clock, description.latency, description.latency});
      rom_ = rom.get();
      auto* socket = &rom->socket;
      return {description.name, std::move(rom), socket};
    }
    case DeviceKind::port_window: {
      auto window = std::make_unique<PortWindow>(description.name.c_str(), around.bus, around.clock,
                                                 description.latency);
      auto* socket = &window->socket;
      auto register_stats = [window = window.get()](StatGroup& group) { window->register_stats(group); };
      return {description.name, std::move(window), socket, {}, register_stats};
    }
    case DeviceKind::pcie_host: {
      Device device{description.name, nullptr, &pcie_->ecam};
      for (IrqOutput& line : pcie_->interrupts) device.irqs.push_back(&line);
      device.register_stats = [this](StatGroup& group) { pcie_->register_stats(group); };
      device.reset = [this] { pcie_->reset(); };
      return device;
    }
    case DeviceKind::pcie_io:
      return {description.name, nullptr, &pcie_->io};
    case DeviceKind::pcie_memory:
      return {description.name, nullptr, &pcie_->memory};
    case DeviceKind::test_finisher:
      return make_registers<TestFinisher>(description, around.power, latency);
    case DeviceKind::reset_control:
      return make_registers<ResetControl>(description, around.power, latency);
    case DeviceKind::debug_port:
      return make_registers<DebugPort>(description, latency);
    case DeviceKind::gpio:
      return make_registers<Gpio>(description, latency);
    case DeviceKind::accelerator: {
      Device device = make_registers<Accelerator>(
          description, AcceleratorConfig{
                           latency, around.options.number("accel.word-cycles") * around.machine.cpu_period_ps,
                           around.options.number("accel.multiply-cycles") * around.machine.cpu_period_ps});
      auto& accelerator = static_cast<Accelerator&>(*device.module);
      device.requests = {{"input", &accelerator.input_request}, {"output", &accelerator.output_request}};
      return device;
    }
    case DeviceKind::example:
      return make_registers<ExampleDevice>(description, latency,
                                           around.clock.time(around.options.number("example.work-cycles")));
    case DeviceKind::dma: {
      Device device = make_registers<DmaController>(description, configure_dma(around, description));
      dmas_.push_back(static_cast<DmaController*>(device.module.get()));
      return device;
    }
    case DeviceKind::iommu: {
      Device device = make_registers<Iommu>(description, configure_iommu(around, description));
      iommu_ = static_cast<Iommu*>(device.module.get());
      return device;
    }
    case DeviceKind::virtio_mmio: {
      Device device = make_registers<VirtioMmio>(description, configure_virtio(around, description),
                                                 make_virtio_function(around, description));
      auto* slot = static_cast<VirtioMmio*>(device.module.get());
      if (slot->queues() != 0) virtios_.push_back(slot);
      return device;
    }
    case DeviceKind::goldfish_rtc:
      return make_registers<GoldfishRtc>(description, GoldfishRtcConfig{epoch, latency});
    case DeviceKind::cmos_rtc:
      return make_registers<CmosRtc>(description, CmosRtcConfig{epoch, latency});
    case DeviceKind::pit: {
      PitConfig config;
      config.latency = latency;
      return make_registers<Pit>(description, config);
    }
    case DeviceKind::uart16550: {
      UartConfig config;
      config.clock = uart_clock;
      config.latency = latency;
      Device device = make_registers<Uart16550>(description, config);
      auto& uart = static_cast<Uart16550&>(*device.module);
      device.requests = {{"rx", &uart.rx_ready}, {"tx", &uart.tx_ready}};
      const auto* console = around.machine.console();
      if (console && console->name == description.name) uart.attach(serial_end(around));
      return device;
    }
    case DeviceKind::clint: {
      Device device =
          make_registers<Clint>(description, ClintConfig{around.machine.harts, timebase_frequency, latency});
      clint_ = static_cast<Clint*>(device.module.get());
      return device;
    }
    case DeviceKind::plic: {
      PlicConfig config;
      config.sources = plic_sources;
      config.harts = around.machine.harts;
      config.latency = latency;
      // A PIT's line is its counter's output, high most of the time: an interrupt is a rising edge.
      for (const auto& other : around.machine.devices)
        if (other.kind == DeviceKind::pit && other.irq) config.edge_triggered.push_back(other.irq);
      Device device = make_registers<Plic>(description, config);
      plic_ = static_cast<Plic*>(device.module.get());
      return device;
    }
  }
  return {};
}

// QEMU's pci-serial: a 16550 whose registers the guest puts in port space.
const PciIdentity pci_serial_identity{0x1B36, 0x0002, 0x070002, 1,
                                      0x1AF4, 0x1100, true,     {{PciBar::Space::io, 8}}};
constexpr unsigned pci_serial_number = 1;

void DeviceSet::make_pcie_host(const DeviceSurroundings& around) {
  const auto* host = around.machine.find(DeviceKind::pcie_host);
  if (!host) return;
  PcieHostConfig config;
  config.config_latency = around.clock.time(host->latency);
  if (const auto* io = around.machine.find(DeviceKind::pcie_io)) {
    config.io_base = io->base;
    config.io_latency = around.clock.time(io->latency);
  }
  if (const auto* memory = around.machine.find(DeviceKind::pcie_memory))
    config.memory_latency = around.clock.time(memory->latency);
  if (around.machine.pci_serial) config.devices.push_back({pci_serial_number, pci_serial_identity});
  pcie_ = std::make_unique<PcieHost>(host->name.c_str(), config);
}

void DeviceSet::add_pci_serial(SerialBackend& line) {
  Device device = make_registers<Uart16550>(
      DeviceDescription{"pci-serial", DeviceKind::uart16550, Space::port, 0, 0, 0, 0},
      UartConfig{uart_clock});
  static_cast<Uart16550&>(*device.module).attach(line);
  pcie_->registers(pci_serial_number).bind(*device.socket);
  pci_serial_irq_ = std::make_unique<IrqSignal>("pci_serial_irq");
  device.irqs[0]->bind(*pci_serial_irq_);
  pcie_->interrupt(pci_serial_number).bind(*pci_serial_irq_);
  devices_.push_back(std::move(device));
}

SerialBackend& DeviceSet::serial_end(const DeviceSurroundings& around) {
  if (!around.options.is_on("virtio.console")) return around.console;
  output_end_ = std::make_unique<OutputEnd>(around.console);
  return *output_end_;
}

DeviceSet::DeviceSet(const DeviceSurroundings& surroundings) {
  make_pcie_host(surroundings);
  for (const auto& description : surroundings.machine.devices) {
    devices_.push_back(make(surroundings, description));
    RangeTraits traits;
    traits.cacheable = description.kind == DeviceKind::boot_rom;
    surroundings.bus.map(description.space, description.base, description.last(), description.name,
                         *devices_.back().socket, traits);
  }
  if (surroundings.machine.pci_serial) add_pci_serial(surroundings.pci_serial);
  connect_interrupts(surroundings.machine);
  connect_dma(surroundings.bus);
  connect_virtio(surroundings.bus);
  connect_requests();
}

// Memory masters reach the bus through the IOMMU, if there is one; the bus knows them all the same.
void DeviceSet::connect_dma(Bus& bus) {
  for (unsigned number = 0; number < dmas_.size(); ++number) {
    DmaController& dma = *dmas_[number];
    if (iommu_) dma.memory.bind(iommu_->device(number));
    BusMaster& master = iommu_ ? iommu_->master(number) : dma.memory;
    master.bind(bus.add_initiator(dma.basename(), Space::memory));
    dma.ports.bind(bus.add_initiator(dma.basename(), Space::port));
  }
  if (iommu_) iommu_->walker.bind(bus.add_initiator(iommu_->basename(), Space::memory));
}

// Past the IOMMU, as on QEMU's `virt`: drivers give physical addresses.
void DeviceSet::connect_virtio(Bus& bus) {
  for (VirtioMmio* slot : virtios_) slot->memory.bind(bus.add_initiator(slot->basename(), Space::memory));
}

void DeviceSet::connect_requests() {
  if (dmas_.empty()) return;
  for (const auto& request : dma_request_lines()) {
    for (auto& device : devices_) {
      const auto output = device.requests.find(request.name);
      if (device.name != request.device || output == device.requests.end()) continue;
      requests_.push_back(std::make_unique<IrqSignal>((device.name + "_" + request.name).c_str()));
      output->second->bind(*requests_.back());
      for (DmaController* dma : dmas_) dma->requests[request.line].bind(*requests_.back());
    }
  }
}

void DeviceSet::connect_trace(TraceSink* sink, TraceSources& sources) {
  for (DmaController* dma : dmas_) {
    dma->set_trace(sink);
    sources.initiators.emplace_back(dma->basename());
    sources.dmas.push_back({dma->basename(), dma->channels()});
  }
  for (VirtioMmio* slot : virtios_) {
    slot->set_trace(sink);
    sources.initiators.emplace_back(slot->basename());
    sources.dmas.push_back({slot->basename(), slot->queues()});
  }
  if (!iommu_) return;
  iommu_->set_trace(sink);
  sources.initiators.emplace_back(iommu_->basename());
  sources.iommus.emplace_back(iommu_->basename());
}

Cycles DeviceSet::oldest_event(Cycles now) const { return iommu_ ? iommu_->oldest_event(now) : now; }

void DeviceSet::connect_interrupts(const MachineDescription& machine) {
  for (auto& device : devices_) {
    const DeviceDescription* description = machine.find(device.name);
    if (!description || description->irq == 0) continue;
    for (unsigned i = 0; i < device.irqs.size(); ++i) {
      const std::string number = device.irqs.size() == 1 ? "" : std::to_string(i);
      lines_.emplace_back(device.name + ".irq" + number,
                          std::make_unique<IrqSignal>((device.name + "_irq" + number).c_str()));
      IrqSignal& line = *lines_.back().second;
      device.irqs[i]->bind(line);
      plic_->sources[description->irq + i].bind(line);
    }
  }
}

void DeviceSet::reset() {
  for (auto& device : devices_)
    if (device.reset) device.reset();
}

void DeviceSet::register_stats(StatGroup& group) {
  for (auto& device : devices_)
    if (device.register_stats) device.register_stats(group.child(device.name, "device"));
}

void DeviceSet::for_each_line(const std::function<void(const std::string&, const IrqSignal&)>& visit) const {
  for (const auto& [name, line] : lines_) visit(name, *line);
}

}  // namespace memio
