// Registers of the IOMMU, as docs/devices.md has them: what a driver writer needs. Free of SystemC.
#pragma once

#include <cstdint>

namespace memio::iommu {

inline constexpr std::uint64_t device_size = 0x1000;
inline constexpr unsigned max_devices = 8;

/// Offsets from the start of the device.
inline constexpr std::uint64_t reg_capabilities = 0x00, reg_control = 0x04, reg_invalidate_address = 0x10,
                               reg_invalidate = 0x18, reg_fault_status = 0x20, reg_fault_info = 0x24,
                               reg_fault_address = 0x28, reg_fault_count = 0x30;
inline constexpr std::uint64_t context_base = 0x100, context_stride = 0x20;
/// Offsets from the start of a device's context, which stands at context_base + n * context_stride.
inline constexpr std::uint64_t reg_mode = 0x00, reg_domain = 0x04, reg_root = 0x08;

/// CONTROL
inline constexpr std::uint32_t control_enable = 1U << 0;     ///< off: every device bypasses
inline constexpr std::uint32_t control_fault_irq = 1U << 1;  ///< a fault record raises the interrupt

/// INVALIDATE: command in bits 1:0, domain in bits 31:16. It reads as 1 while a transaction that began
/// before the last command is under way, else 0.
inline constexpr std::uint32_t invalidate_all = 1, invalidate_domain = 2, invalidate_address = 3;
inline constexpr unsigned invalidate_domain_shift = 16;

/// FAULT_STATUS. The registers FAULT_INFO and FAULT_ADDRESS show the oldest record.
inline constexpr std::uint32_t fault_valid = 1U << 0;     ///< there is a record; written 1: it is dropped
inline constexpr std::uint32_t fault_overflow = 1U << 1;  ///< a record was lost; written 1: cleared
inline constexpr unsigned fault_held_shift = 8;           ///< bits 15:8: records held
inline constexpr unsigned fault_records = 8;              ///< how many can be

/// FAULT_INFO: device in bits 7:0, bit 8 for a write, kind in bits 19:16.
inline constexpr std::uint32_t fault_write = 1U << 8;
inline constexpr unsigned fault_kind_shift = 16;
enum class FaultKind : std::uint8_t {
  page = 1,    ///< not mapped, not permitted, or the address is not canonical
  access = 2,  ///< a page table cannot be read
  mode = 3     ///< the device's mode is `fault`, or reserved
};

/// MODE of a device. Tables are as a hart's, and pages need U, A and, to be written, D.
enum class Mode : std::uint8_t { bypass = 0, fault = 1, sv32 = 2, sv39 = 3, sv48 = 4, sv57 = 5 };

}  // namespace memio::iommu
