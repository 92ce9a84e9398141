// Registers and descriptors of memio's DMA controller (docs/devices.md), as its driver uses them.
#pragma once

#include <linux/types.h>

namespace memio {

namespace dma_reg {
constexpr unsigned kCapabilities = 0x00;  // channels in bits 3:0, request lines in 15:8
constexpr unsigned kInterrupts = 0x04;    // a bit for each channel that interrupts
constexpr unsigned kBusy = 0x08;          // a bit for each channel at work
constexpr unsigned kChannel0 = 0x100;
constexpr unsigned kChannelStride = 0x40;
// From the start of a channel's.
constexpr unsigned kControl = 0x00;
constexpr unsigned kStatus = 0x04;  // error code in bits 15:8
constexpr unsigned kIrqStatus = 0x08;
constexpr unsigned kIrqEnable = 0x0c;
constexpr unsigned kDescriptor = 0x10;
constexpr unsigned kCurrent = 0x18;
constexpr unsigned kBytes = 0x20;
constexpr unsigned kErrorAddress = 0x30;
}  // namespace dma_reg

constexpr u32 kDmaStart = 1u << 0;
constexpr u32 kDmaAbort = 1u << 1;

constexpr u32 kDmaIrqDone = 1u << 0;
constexpr u32 kDmaIrqError = 1u << 2;
constexpr u32 kDmaIrqAll = 0xf;

enum class DmaError : u8 {
  kSourceAddress = 8,
  kSourceError = 9,
  kDestinationAddress = 10,
  kDestinationError = 11,
  kIommuFault = 13,
};

// Bits of DmaDescriptor::control. The element width's logarithm is in bits 1:0; addresses grow in bursts
// unless said otherwise.
constexpr u32 kDmaSourceFixed = 2u << 2;
constexpr u32 kDmaDestinationFixed = 2u << 4;
constexpr u32 kDmaSourcePort = 1u << 6;
constexpr u32 kDmaDestinationPort = 1u << 7;
constexpr u32 kDmaLast = 1u << 9;
constexpr u32 kDmaSourcePaced = 1u << 10;
constexpr u32 kDmaDestinationPaced = 1u << 11;
constexpr unsigned kDmaSourceLineShift = 16;
constexpr unsigned kDmaDestinationLineShift = 20;

struct DmaDescriptor {
  u32 control;
  u32 length;  // bytes of a row
  u64 source;
  u64 destination;
  u64 next;
  u32 rows;
  u32 group;  // elements for each request
  s32 source_stride;
  s32 destination_stride;
  u32 status;  // written by the controller, with bytes_done
  u32 bytes_done;
  u64 cookie;
};
static_assert(sizeof(DmaDescriptor) == 64, "as the controller reads it");

}  // namespace memio
