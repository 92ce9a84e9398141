// The devices of a machine, made from its description: one mechanism to map, wire, reset and count
// them, whatever their kind.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "bus/bus.h"
#include "core/clock.h"
#include "core/register_target.h"
#include "dma/dma_controller.h"
#include "iommu/iommu.h"
#include "irq/clint.h"
#include "irq/plic.h"
#include "memory/memory.h"
#include "pcie/pcie_host.h"
#include "platform/machine_description.h"
#include "platform/options.h"
#include "serial/serial_backend.h"
#include "system/power_control.h"
#include "trace/trace_output.h"
#include "virtio/virtio_mmio.h"

namespace memio {

/// What devices need of the machine around them.
struct DeviceSurroundings {
  const MachineDescription& machine;
  const Clock& clock;
  Bus& bus;
  PowerControl& power;
  SerialBackend& console;     ///< of the serial port that is the machine's console
  SerialBackend& pci_serial;  ///< of the PCI card, if there is one
  const Options& options;
};

class DeviceSet {
 public:
  /// Makes all devices and maps them to the bus; interrupt outputs go to the PLIC.
  explicit DeviceSet(const DeviceSurroundings& surroundings);

  Clint* clint() { return clint_; }    ///< null if the machine has none
  Plic* plic() { return plic_; }       ///< null if the machine has none
  Memory* boot_rom() { return rom_; }  ///< null if the machine has none

  /// Lets DMA controllers, virtio devices and the IOMMU send events to `sink`, and names them in `sources`.
  void connect_trace(TraceSink* sink, TraceSources& sources);
  /// When the oldest event that a device is still to send began, or `now`.
  Cycles oldest_event(Cycles now) const;
  void reset();
  /// A group for each device, under its name.
  void register_stats(StatGroup& group);
  /// Calls `visit(name, line)` for each interrupt line between a device and the PLIC.
  void for_each_line(const std::function<void(const std::string&, const IrqSignal&)>& visit) const;

 private:
  struct Device {
    std::string name;
    std::unique_ptr<sc_core::sc_module> module;
    Bus::TargetSocket* socket = nullptr;
    std::vector<IrqOutput*> irqs = {};  ///< to consecutive sources of the PLIC
    std::function<void(StatGroup&)> register_stats = {};
    std::function<void()> reset = {};                 ///< none for the boot ROM and the port window
    std::map<std::string, IrqOutput*> requests = {};  ///< to DMA controllers, by name
  };

  Device make(const DeviceSurroundings& surroundings, const DeviceDescription& description);
  template <class Model, class... Arguments>
  static Device make_registers(const DeviceDescription& description, Arguments&&... arguments);
  void connect_interrupts(const MachineDescription& machine);
  SerialBackend& serial_end(const DeviceSurroundings& around);
  void connect_dma(Bus& bus);
  void connect_virtio(Bus& bus);
  void connect_requests();
  void make_pcie_host(const DeviceSurroundings& surroundings);
  void add_pci_serial(SerialBackend& line);

  std::vector<Device> devices_;
  std::vector<std::pair<std::string, std::unique_ptr<IrqSignal>>> lines_;
  Clint* clint_ = nullptr;
  Plic* plic_ = nullptr;
  std::vector<DmaController*> dmas_;  ///< by their numbers at the IOMMU
  Iommu* iommu_ = nullptr;
  std::unique_ptr<SerialBackend> output_end_;  ///< of the console, if a virtio console has its input
  std::vector<VirtioMmio*> virtios_;           ///< slots with a function
  std::vector<std::unique_ptr<IrqSignal>> requests_;
  std::unique_ptr<PcieHost> pcie_;  ///< made before the devices, three of which it may be
  std::unique_ptr<IrqSignal> pci_serial_irq_;
  Memory* rom_ = nullptr;
};

}  // namespace memio
