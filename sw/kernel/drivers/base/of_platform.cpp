// The devices of the device tree (Devicetree Specification 0.4): the children of a simple bus, in memory
// space, and of memio's port space. `ranges` and interrupt parents are not modelled: buses map one to one,
// and there is one controller with one cell an interrupt.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "fdt.h"
#include "kernel/device.h"
#include "string.h"

namespace memio {
namespace {

constexpr u32 kCellBytes = 4;

// A device with its resources behind it.
struct TreeDevice {
  platform_device pdev;
  resource resources[1];
};

enum class Bus { kNone, kMemory, kPorts };

// In the order in which they are registered.
enum class Turn { kConsole, kIommu, kOther };

// The tree that devices came from; it stays mapped.
Fdt device_tree;

Bus bus_of(const Fdt& tree, u32 node) {
  if (tree.is_compatible(node, "memio,port-space")) return Bus::kPorts;
  return tree.is_compatible(node, "simple-bus") ? Bus::kMemory : Bus::kNone;
}

u32 count_ranges(const Fdt& tree, const FdtNode& node) {
  FdtReg reg;
  u32 count = 0;
  while (tree.reg(node, count, &reg)) count++;
  return count;
}

void add_resources(const Fdt& tree, const FdtNode& node, unsigned long type, platform_device* pdev) {
  FdtReg reg;
  for (u32 i = 0; tree.reg(node, i, &reg); i++) {
    if (reg.size == 0) continue;
    pdev->resource[pdev->num_resources++] = {
        reg.address, reg.address + reg.size - 1, node.name, type, nullptr, nullptr, nullptr};
  }
  const FdtProperty interrupts = tree.property(node, "interrupts");
  for (u32 i = 0; i < interrupts.size / kCellBytes; i++) {
    const resource_size_t irq = interrupts.cell(i);
    pdev->resource[pdev->num_resources++] = {irq, irq, node.name, IORESOURCE_IRQ, nullptr, nullptr, nullptr};
  }
}

// The tree's strings are used where they are.
void register_device(const Fdt& tree, const FdtNode& node, Bus bus) {
  const u32 count = count_ranges(tree, node) + tree.property(node, "interrupts").size / kCellBytes;
  auto* device = static_cast<TreeDevice*>(kzalloc(sizeof(TreeDevice) + count * sizeof(resource), GFP_KERNEL));
  if (device == nullptr) panic("no memory for device %s", node.name);
  platform_device& pdev = device->pdev;
  const FdtProperty compatible = tree.property(node, "compatible");
  pdev.name = node.name;
  pdev.id = -1;
  pdev.compatible = reinterpret_cast<const char*>(compatible.data);
  pdev.compatible_size = compatible.size;
  pdev.resource = device->resources;
  pdev.dev.tree_node = node.offset;
  // What is said of the device counts more than what is said of its bus.
  pdev.dev.dma_noncoherent =
      !tree.property(node, "dma-coherent") &&
      (tree.property(node, "dma-noncoherent") || tree.property(node.parent, "dma-noncoherent"));
  add_resources(tree, node, bus == Bus::kPorts ? IORESOURCE_IO : IORESOURCE_MEM, &pdev);
  if (platform_device_register(&pdev) != 0) kfree(device);
}

// Calls visit(node, bus, turn) for each device of a bus.
template <typename Visit>
void for_each_bus_device(const Fdt& tree, Visit visit) {
  FdtNode chosen;
  const char* console = "";
  if (tree.find_top("chosen", &chosen)) console = tree.property(chosen, "stdout-path").text();
  FdtNode parent;
  tree.for_each([&](const FdtNode& node) {
    const Bus bus = bus_of(tree, node.parent);
    if (bus_of(tree, node.offset) != Bus::kNone) parent = node;
    if (bus == Bus::kNone || !tree.property(node, "compatible") || count_ranges(tree, node) == 0)
      return false;
    // The path may be followed by line parameters, behind a colon.
    char path[96];
    const size_t length = static_cast<size_t>(scnprintf(path, sizeof path, "/%s/%s", parent.name, node.name));
    const bool is_console =
        strncmp(console, path, length) == 0 && (console[length] == 0 || console[length] == ':');
    const bool is_iommu = static_cast<bool>(tree.property(node, "#iommu-cells"));
    visit(node, bus, is_console ? Turn::kConsole : is_iommu ? Turn::kIommu : Turn::kOther);
    return false;
  });
}

}  // namespace

void register_tree_devices(const Fdt& tree) {
  device_tree = tree;
  static constexpr Turn kTurns[] = {Turn::kConsole, Turn::kIommu, Turn::kOther};
  for (const Turn now : kTurns) {
    for_each_bus_device(tree, [&](const FdtNode& node, Bus bus, Turn turn) {
      if (turn == now) register_device(tree, node, bus);
    });
  }
}

extern "C" bool device_property_present(const device* dev, const char* name) {
  return dev->tree_node != 0 && device_tree.property(dev->tree_node, name);
}

extern "C" int device_property_match_string(const device* dev, const char* name, const char* wanted) {
  if (dev->tree_node == 0) return -EINVAL;
  const FdtProperty property = device_tree.property(dev->tree_node, name);
  const char* strings = reinterpret_cast<const char*>(property.data);
  int index = 0;
  for (u32 at = 0; at < property.size; at += strlen(strings + at) + 1, index++) {
    if (strcmp(strings + at, wanted) == 0) return index;
  }
  return -EINVAL;
}

extern "C" int device_property_read_u32_index(const device* dev, const char* name, unsigned index,
                                              u32* value) {
  if (dev->tree_node == 0) return -EINVAL;
  const FdtProperty property = device_tree.property(dev->tree_node, name);
  if (index >= property.size / kCellBytes) return -EINVAL;
  *value = property.cell(index);
  return 0;
}

}  // namespace memio
