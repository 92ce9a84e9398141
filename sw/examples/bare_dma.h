// The DMA controller of the `virt` machine for bare programs; docs/devices.md is its data sheet. With Zicbom,
// flush_blocks hands memory to devices that do not see the caches.
#pragma once

#include "bare.h"

#define DMA_BASE 0x10021000ul
#define DMA_IRQ 15u
#define DMA_CHANNELS 4u

#define CHANNEL_START 1u
#define CHANNEL_ABORT 2u
#define STATE_DONE 4u
#define STATE_ABORTED 5u
#define STATE_ERROR 6u
#define IRQ_CHAIN_DONE 1u

#define WIDTH_1 0u
#define WIDTH_8 3u
#define SOURCE_FIXED (2u << 2)
#define DESTINATION_FIXED (2u << 4)
#define SOURCE_PORT (1u << 6)
#define DESTINATION_PORT (1u << 7)
#define FLAG_LAST (1u << 9)
#define SOURCE_PACED_BY(line) (1u << 10 | (line) << 16)
#define DESTINATION_PACED_BY(line) (1u << 11 | (line) << 20)

#define DESCRIPTOR_DONE 1u
#define DESCRIPTOR_ERROR 2u

enum {
  ERROR_DESCRIPTOR_MISALIGNED = 1,
  ERROR_DESCRIPTOR_FETCH = 2,
  ERROR_DESCRIPTOR_INVALID = 3,
  ERROR_LENGTH_ZERO = 5,
  ERROR_MISALIGNED = 6,
  ERROR_OWN_REGISTERS = 7,
  ERROR_SOURCE_ADDRESS = 8,
  ERROR_DESTINATION_ADDRESS = 10
};

// The longest line of a cache: objects so aligned share no line with others.
#define LINE_ALIGNED __attribute__((aligned(256)))
#define SHORTEST_LINE 16u

typedef struct {
  uint32_t control, length;
  uint64_t source, destination, next;
  uint32_t rows, group;
  int32_t source_stride, destination_stride;
  volatile uint32_t status, bytes_done;
  uint64_t cookie;
} Descriptor;

typedef struct {
  uint32_t control, status, irq_status, irq_enable;
  uint32_t descriptor[2], current[2], bytes[2];
  uint32_t completed, reserved;
  uint32_t error_address[2], unused[2];
} Channel;

#define CHANNELS ((volatile Channel*)(DMA_BASE + 0x100))

// A copy of one row that ends its chain.
static inline void describe(Descriptor* descriptor, const void* from, void* to, uint32_t length) {
  *descriptor = (Descriptor){.control = WIDTH_8 | FLAG_LAST,
                             .length = length,
                             .source = (unsigned long)from,
                             .destination = (unsigned long)to};
}

static inline void start_channel(volatile Channel* channel, const Descriptor* descriptor) {
  channel->descriptor[0] = (uint32_t)(unsigned long)descriptor;
  channel->descriptor[1] = (uint32_t)((uint64_t)(unsigned long)descriptor >> 32);
  __asm__ volatile("fence" ::: "memory");
  channel->control = CHANNEL_START;
}

// Returns the state in which the channel ended.
static inline uint32_t wait_for_channel(const volatile Channel* channel) {
  uint32_t state;
  do {
    state = channel->status & 0xf;
  } while (state < STATE_DONE);
  __asm__ volatile("fence" ::: "memory");
  return state;
}

static inline unsigned channel_error(const volatile Channel* channel) { return channel->status >> 8 & 0xff; }

// cbo.flush for each block: writes it to memory if it is dirty, and drops it.
static inline void flush_blocks(const void* first, unsigned long size) {
  const char* const end = (const char*)first + size;
  for (const char* at = (const char*)first; at < end; at += SHORTEST_LINE)
    __asm__ volatile(".insn i 0x0f, 2, x0, %0, 2" ::"r"(at) : "memory");
  __asm__ volatile("fence" ::: "memory");
}
