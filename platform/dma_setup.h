// The configuration of DMA controllers and of the IOMMU, from the machine description and the options.
#pragma once

#include "dma/dma_controller.h"
#include "iommu/iommu.h"
#include "platform/device_set.h"

namespace memio {

/// Throws ConfigError if a burst is not a multiple of 8 bytes.
DmaConfig configure_dma(const DeviceSurroundings& around, const DeviceDescription& device);

/// Throws ConfigError if the ways of the TLB do not divide its entries.
IommuConfig configure_iommu(const DeviceSurroundings& around, const DeviceDescription& device);

}  // namespace memio
