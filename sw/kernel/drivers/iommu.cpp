// memio's IOMMU (compatible "memio,iommu", docs/devices.md). It stays bound: the devices behind it depend on
// what it maps.
#include "kernel/iommu.h"

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>

#include "kernel/device.h"

namespace memio {
namespace {

constexpr char kName[] = "iommu";

constexpr unsigned kCapabilities = 0x00;
constexpr unsigned kControl = 0x04;
constexpr unsigned kInvalidateAddress = 0x10;
constexpr unsigned kInvalidate = 0x18;
constexpr unsigned kFaultStatus = 0x20;
constexpr unsigned kFaultInfo = 0x24;
constexpr unsigned kFaultAddress = 0x28;
constexpr unsigned kContext0 = 0x100;
constexpr unsigned kContextStride = 0x20;
// From the start of a device's.
constexpr unsigned kMode = 0x00;
constexpr unsigned kDomain = 0x04;
constexpr unsigned kRoot = 0x08;

constexpr u32 kTranslate = 1u << 0;
constexpr u32 kFaultInterrupt = 1u << 1;
constexpr u32 kInvalidateDomain = 2;
constexpr u32 kInvalidatePage = 3;
constexpr unsigned kDomainShift = 16;
constexpr u32 kFaultHeld = 1u << 0;
constexpr u32 kFaultLost = 1u << 1;
constexpr u32 kFaultWrite = 1u << 8;
constexpr unsigned kFaultKindShift = 16;
constexpr u32 kModeBypass = 0;
constexpr u32 kModeFault = 1;

struct Iommu {
  iommu_unit unit;
  u8* registers;
};

Iommu& iommu_of(iommu_unit* unit) { return *container_of(unit, Iommu, unit); }

void write_wide(const Iommu& iommu, unsigned offset, u64 value) {
  writel(static_cast<u32>(value), iommu.registers + offset);
  writel(static_cast<u32>(value >> 32), iommu.registers + offset + 4);
}

// The number of the format that the kernel's tables have.
u32 table_mode() { return BITS_PER_LONG == 32 ? 2 : pgtable_levels; }

void attach(iommu_unit* unit, unsigned stream, unsigned id, const PageTable* table) {
  const Iommu& iommu = iommu_of(unit);
  const unsigned context = kContext0 + stream * kContextStride;
  writel(kModeFault, iommu.registers + context + kMode);
  if (table == nullptr) return;
  writel(id, iommu.registers + context + kDomain);
  write_wide(iommu, context + kRoot, table->root_address() >> 12);
  writel(table_mode(), iommu.registers + context + kMode);
}

// Complete when what the devices have begun has ended.
void invalidate(const Iommu& iommu, u32 command, unsigned id) {
  writel(command | id << kDomainShift, iommu.registers + kInvalidate);
  while (readl(iommu.registers + kInvalidate) != 0) continue;
}

void forget_page(iommu_unit* unit, unsigned id, unsigned long iova) {
  const Iommu& iommu = iommu_of(unit);
  write_wide(iommu, kInvalidateAddress, iova);
  invalidate(iommu, kInvalidatePage, id);
}

void forget_all(iommu_unit* unit, unsigned id) { invalidate(iommu_of(unit), kInvalidateDomain, id); }

const char* fault_text(u32 kind) {
  switch (kind) {
    case 1:
      return "not mapped so";
    case 2:
      return "a page table cannot be read";
    default:
      return "the device may not access anything";
  }
}

irqreturn_t interrupt(int, void* dev_id) {
  Iommu& iommu = *static_cast<Iommu*>(dev_id);
  bool seen = false;
  u32 status;
  while (((status = readl(iommu.registers + kFaultStatus)) & kFaultHeld) != 0) {
    const u32 info = readl(iommu.registers + kFaultInfo);
    const u64 high = readl(iommu.registers + kFaultAddress + 4);
    const u64 address = high << 32 | readl(iommu.registers + kFaultAddress);
    writel(kFaultHeld, iommu.registers + kFaultStatus);
    iommu_fault(&iommu.unit, info & 0xff, address, (info & kFaultWrite) != 0,
                fault_text(info >> kFaultKindShift & 0xf));
    seen = true;
  }
  if ((status & kFaultLost) != 0) {
    printk("%s: more faults than it can record\n", iommu.unit.name);
    writel(kFaultLost, iommu.registers + kFaultStatus);
  }
  return IRQ_RETVAL(seen);
}

int probe(platform_device* pdev) {
  device* dev = &pdev->dev;
  auto* iommu = static_cast<Iommu*>(devm_kzalloc(dev, sizeof(Iommu), GFP_KERNEL));
  if (iommu == nullptr) return -ENOMEM;
  void* mapped = devm_ioremap_resource(dev, platform_get_resource(pdev, IORESOURCE_MEM, 0));
  if (IS_ERR(mapped)) return static_cast<int>(PTR_ERR(mapped));
  iommu->registers = static_cast<u8*>(mapped);
  const int irq = platform_get_irq(pdev, 0);
  if (irq <= 0) return -ENXIO;
  const int error = devm_request_irq(dev, static_cast<unsigned>(irq), interrupt, 0, kName, iommu);
  if (error != 0) return error;

  iommu_unit& unit = iommu->unit;
  unit.name = pdev->name;
  if (device_property_read_u32_index(dev, "phandle", 0, &unit.phandle) != 0) return -EINVAL;
  const u32 streams = readl(iommu->registers + kCapabilities) & 0xff;
  unit.streams = streams < iommu_unit::kMaxStreams ? streams : iommu_unit::kMaxStreams;
  unit.attach = attach;
  unit.forget_page = forget_page;
  unit.forget_all = forget_all;
  // Without a restart of the machine the contexts are those of the kernel before.
  for (unsigned i = 0; i < unit.streams; i++) {
    writel(kModeBypass, iommu->registers + kContext0 + i * kContextStride + kMode);
  }
  writel(kTranslate | kFaultInterrupt, iommu->registers + kControl);
  iommu_register(&unit);
  printk("%s: %s, %u devices, interrupt %d\n", kName, pdev->name, unit.streams, irq);
  return 0;
}

const of_device_id kMatches[] = {{"memio,iommu", nullptr}, {nullptr, nullptr}};
platform_driver iommu_driver = stays_bound(make_driver(kName, kMatches, probe, nullptr));
module_platform_driver(iommu_driver);

}  // namespace
}  // namespace memio
