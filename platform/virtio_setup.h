// Which virtio-mmio slot has which device, and the devices as the options want them.
#pragma once

#include <memory>
#include <string>

#include "platform/device_set.h"
#include "virtio/virtio_mmio.h"

namespace memio {

inline constexpr unsigned virtio_slots = 8;  ///< virtio0 to virtio7

VirtioMmioConfig configure_virtio(const DeviceSurroundings& around, const DeviceDescription& device);

/// The function in the slot that `device` is; null: the slot is empty. Devices that are asked for fill the
/// slots from the highest down, as QEMU does with the order of its command line. Throws ConfigError: a slot
/// asks for what there is none of, a device finds no slot, the disk cannot be used.
std::unique_ptr<VirtioFunction> make_virtio_function(const DeviceSurroundings& around,
                                                     const DeviceDescription& device);

}  // namespace memio
