// Registers of a virtio-mmio slot, status and feature bits, as "Virtual I/O Device (VIRTIO) Version 1.2" has
// them: sections 4.2.2 and 4.2.4 (legacy), 2.1, 6. Free of SystemC.
#pragma once

#include <cstdint>

namespace memio::virtio {

inline constexpr std::uint64_t slot_size = 0x1000;
inline constexpr std::uint32_t magic = 0x74726976;   ///< "virt"
inline constexpr std::uint32_t vendor = 0x554D4551;  ///< QEMU's
inline constexpr std::uint32_t version_legacy = 1, version_modern = 2;
inline constexpr std::uint32_t largest_queue = 1024;  ///< entries, as QEMU has it
inline constexpr unsigned sector_size = 512;

/// Offsets in both versions.
inline constexpr std::uint64_t reg_magic = 0x000, reg_version = 0x004, reg_device_id = 0x008,
                               reg_vendor_id = 0x00C, reg_device_features = 0x010,
                               reg_device_features_sel = 0x014, reg_driver_features = 0x020,
                               reg_driver_features_sel = 0x024, reg_queue_sel = 0x030,
                               reg_queue_num_max = 0x034, reg_queue_num = 0x038, reg_queue_notify = 0x050,
                               reg_interrupt_status = 0x060, reg_interrupt_ack = 0x064, reg_status = 0x070,
                               reg_config = 0x100;
/// Offsets in the legacy version.
inline constexpr std::uint64_t reg_guest_page_size = 0x028, reg_queue_align = 0x03C, reg_queue_pfn = 0x040;
/// Offsets in version 2.
inline constexpr std::uint64_t reg_queue_ready = 0x044, reg_queue_descriptors = 0x080,
                               reg_queue_driver = 0x090, reg_queue_device = 0x0A0, reg_shm_sel = 0x0AC,
                               reg_shm_length = 0x0B0, reg_shm_base = 0x0B8, reg_config_generation = 0x0FC;

/// Status.
inline constexpr std::uint64_t status_driver_ok = 0x04, status_features_ok = 0x08, status_needs_reset = 0x40;
/// Interrupt status.
inline constexpr std::uint64_t interrupt_used = 1, interrupt_config = 2;

/// Features of every device.
inline constexpr std::uint64_t feature_any_layout = 1ull << 27, feature_indirect = 1ull << 28,
                               feature_event_index = 1ull << 29, feature_version_1 = 1ull << 32;

/// Device identifiers (section 5).
inline constexpr std::uint32_t id_block = 2, id_console = 3, id_rng = 4;

/// A number of `size` bytes, little endian, as all of them are.
inline std::uint64_t number(const std::uint8_t* bytes, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

}  // namespace memio::virtio
