// Registers, descriptor and error codes of the DMA controller, as docs/devices.md has them: what a
// driver writer needs. Free of SystemC.
#pragma once

#include <cstdint>

namespace memio::dma {

inline constexpr std::uint64_t device_size = 0x1000;
inline constexpr unsigned max_channels = 8;
inline constexpr unsigned request_lines = 16;
inline constexpr unsigned max_burst = 4096;

/// Offsets from the start of the device.
inline constexpr std::uint64_t reg_capabilities = 0x00, reg_interrupts = 0x04, reg_busy = 0x08;
inline constexpr std::uint64_t channel_base = 0x100, channel_stride = 0x40;
/// Offsets from the start of a channel, which stands at channel_base + n * channel_stride.
inline constexpr std::uint64_t reg_control = 0x00, reg_status = 0x04, reg_irq_status = 0x08,
                               reg_irq_enable = 0x0C, reg_descriptor = 0x10, reg_current = 0x18,
                               reg_bytes = 0x20, reg_completed = 0x28, reg_error_address = 0x30;

/// CONTROL. Start and abort read as zero.
inline constexpr std::uint32_t control_start = 1U << 0, control_abort = 1U << 1;
inline constexpr unsigned control_priority_shift = 8;  ///< bits 10:8; 0 goes first
inline constexpr std::uint32_t control_priority_mask = 7U << control_priority_shift;

/// STATUS: state in bits 3:0, error code in bits 15:8.
enum class State : std::uint8_t {
  idle = 0,
  fetching = 1,  ///< reads a descriptor, or waits for its turn to do so
  moving = 2,    ///< moves data or writes the status, or waits for its turn to do so
  waiting = 3,   ///< waits for a request line
  done = 4,
  aborted = 5,
  error = 6
};
inline constexpr std::uint32_t status_state_mask = 0xF;
inline constexpr unsigned status_error_shift = 8;

/// IRQ_STATUS and IRQ_ENABLE.
inline constexpr std::uint32_t irq_done = 1U << 0;        ///< the chain ended well
inline constexpr std::uint32_t irq_descriptor = 1U << 1;  ///< a descriptor with `flag_interrupt` ended well
inline constexpr std::uint32_t irq_error = 1U << 2;
inline constexpr std::uint32_t irq_aborted = 1U << 3;
inline constexpr std::uint32_t irq_all = 0xF;

enum class Error : std::uint8_t {
  none = 0,
  descriptor_misaligned = 1,  ///< its address is not a multiple of 64
  descriptor_fetch = 2,       ///< the descriptor cannot be read
  descriptor_invalid = 3,     ///< reserved bits set, or a reserved addressing
  too_many_descriptors = 4,   ///< the chain is longer than dma.max-descriptors: a loop, most likely
  length_zero = 5,
  misaligned = 6,      ///< an address, length or stride is not a multiple of the element width
  own_registers = 7,   ///< source or destination overlaps the registers of this controller
  source_address = 8,  ///< nobody owns the address
  source_error = 9,    ///< the source answered with another error
  destination_address = 10,
  destination_error = 11,
  status_write = 12,  ///< the status cannot be written to the descriptor
  iommu_fault = 13,   ///< the IOMMU refused a descriptor, source or destination address
  aborted = 14        ///< in a descriptor only: the channel was aborted while it had it in hand
};

/// Bits of Descriptor::control; those not named are reserved, zero.
inline constexpr unsigned width_mask = 3U;  ///< bits 1:0: log2 of the bytes of an element
/// Bits 3:2 and 5:4: how the addresses of source and destination go.
enum class Addressing : std::uint8_t {
  burst = 0,      ///< they grow; bursts of up to dma.burst bytes (memory)
  increment = 1,  ///< they grow; each element is a transaction (registers side by side)
  fixed = 2       ///< they stay; each element is a transaction (a data register)
};
inline constexpr unsigned source_addressing_shift = 2, destination_addressing_shift = 4;
inline constexpr std::uint32_t flag_source_port = 1U << 6;         ///< the source is in port space
inline constexpr std::uint32_t flag_destination_port = 1U << 7;    ///< the destination is
inline constexpr std::uint32_t flag_interrupt = 1U << 8;           ///< sets irq_descriptor at its end
inline constexpr std::uint32_t flag_last = 1U << 9;                ///< ends the chain; `next` is ignored
inline constexpr std::uint32_t flag_source_paced = 1U << 10;       ///< the line in bits 19:16 paces
inline constexpr std::uint32_t flag_destination_paced = 1U << 11;  ///< the line in bits 23:20 paces
inline constexpr unsigned source_line_shift = 16, destination_line_shift = 20;
inline constexpr std::uint32_t line_mask = 0xF;
inline constexpr std::uint32_t control_reserved = 0xFF00F000;

/// Descriptor::status as the controller writes it: the error code stands in bits 15:8.
inline constexpr std::uint32_t descriptor_done = 1U << 0;   ///< all of it was moved
inline constexpr std::uint32_t descriptor_error = 1U << 1;  ///< it ended early
inline constexpr unsigned descriptor_error_shift = 8;

/// A descriptor in memory: 64 bytes, aligned to 64, little endian.
struct Descriptor {
  std::uint32_t control;
  std::uint32_t length;  ///< bytes of a row
  std::uint64_t source;
  std::uint64_t destination;
  std::uint64_t next;          ///< address of the next descriptor
  std::uint32_t rows;          ///< 0 counts as 1
  std::uint32_t group;         ///< elements a request asks for; 0 counts as 1
  std::int32_t source_stride;  ///< bytes from the start of a row to the start of the next
  std::int32_t destination_stride;
  std::uint32_t status;      ///< written by the controller, together with `bytes_done`
  std::uint32_t bytes_done;  ///< low half of the number of bytes that reached the destination
  std::uint64_t cookie;      ///< the driver's; the controller ignores it
};
inline constexpr unsigned descriptor_size = 64, descriptor_status_offset = 0x30, descriptor_status_size = 8;
static_assert(sizeof(Descriptor) == descriptor_size);

}  // namespace memio::dma
