// Options of the groups dma and iommu, as the models want them; see dma_setup.h.
#include "platform/dma_setup.h"

#include "platform/hart_setup.h"

namespace memio {

DmaConfig configure_dma(const DeviceSurroundings& around, const DeviceDescription& device) {
  const Options& options = around.options;
  DmaConfig dma;
  dma.clock = around.clock;
  dma.channels = around.machine.dma_channels;
  dma.limits.burst = static_cast<std::uint32_t>(options.number("dma.burst"));
  dma.limits.max_descriptors = options.number("dma.max-descriptors");
  dma.limits.descriptor_latency = options.latency("dma.descriptor-latency");
  dma.limits.burst_latency = options.latency("dma.burst-latency");
  dma.base = device.base;
  dma.at = options.text("timing") == "at";
  dma.behind_iommu = around.machine.find(DeviceKind::iommu) != nullptr;
  dma.latency = around.clock.time(device.latency);
  return dma;
}

IommuConfig configure_iommu(const DeviceSurroundings& around, const DeviceDescription& device) {
  const Options& options = around.options;
  IommuConfig iommu;
  iommu.clock = around.clock;
  for (const auto* master : around.machine.dma_masters()) iommu.devices.push_back(master->name);
  iommu.tlb = configure_tlb(options, "iommu.tlb");
  iommu.pwc_entries = options.small_number("iommu.pwc.entries");
  iommu.pwc_hit_latency = options.number("iommu.pwc.hit-latency");
  iommu.walk_step_latency = options.number("iommu.walk-step-latency");
  iommu.ad = options.text("iommu.ad") == "svadu" ? AdPolicy::svadu : AdPolicy::svade;
  iommu.model_tlb = options.text("timing") != "functional";
  iommu.at = options.text("timing") == "at";
  iommu.latency = around.clock.time(device.latency);
  return iommu;
}

}  // namespace memio
