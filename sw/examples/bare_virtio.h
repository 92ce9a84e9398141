// The virtio-mmio slots of the `virt` machine for bare programs: finding a device, setting up its queues by
// the legacy interface or by version 2, whichever the slots have, and offering one chain of buffers at a
// time.
#pragma once

#include "bare.h"

#define VIRTIO_SLOTS 8u
#define VIRTIO_SLOT(n) ((volatile uint32_t*)(0x10001000ul + 0x1000ul * (n)))
#define VIRTIO_IRQ(n) (1u + (n))
#define QUEUE_SIZE 8u

// Registers, as indices of words.
enum {
  kMagic = 0x000 / 4,
  kVersion = 0x004 / 4,
  kDevice = 0x008 / 4,
  kVendor = 0x00C / 4,
  kDriverFeatures = 0x020 / 4,
  kDriverFeaturesSel = 0x024 / 4,
  kPageSize = 0x028 / 4,
  kQueueSel = 0x030 / 4,
  kQueueMax = 0x034 / 4,
  kQueueNum = 0x038 / 4,
  kQueueAlign = 0x03C / 4,
  kQueuePfn = 0x040 / 4,
  kQueueReady = 0x044 / 4,
  kNotify = 0x050 / 4,
  kIrqStatus = 0x060 / 4,
  kIrqAck = 0x064 / 4,
  kStatus = 0x070 / 4,
  kQueueDescriptors = 0x080 / 4,
  kQueueDriver = 0x090 / 4,
  kQueueDevice = 0x0A0 / 4,
  kConfig = 0x100 / 4
};
enum { kAcknowledge = 1, kDriver = 2, kDriverOk = 4, kFeaturesOk = 8 };
enum { kNext = 1, kWritable = 2 };

// The legacy layout, which version 2 takes as well.
typedef struct {
  struct {
    uint64_t address;
    uint32_t size;
    uint16_t flags, next;
  } descriptors[QUEUE_SIZE];
  struct {
    uint16_t flags, index, entries[QUEUE_SIZE], event;
  } driver;
  uint8_t gap[4096 - 16 * QUEUE_SIZE - 6 - 2 * QUEUE_SIZE];
  struct {
    uint16_t flags;
    volatile uint16_t index;
    struct {
      uint32_t head, size;
    } entries[QUEUE_SIZE];
    uint16_t event;
  } device;
} __attribute__((aligned(4096))) VirtioRing;

static inline void virtio_fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

// The number of the slot that has device `id`; VIRTIO_SLOTS if none has.
static inline unsigned virtio_find(unsigned id) {
  for (unsigned n = 0; n < VIRTIO_SLOTS; n++) {
    volatile uint32_t* const slot = VIRTIO_SLOT(n);
    if (slot[kMagic] == 0x74726976 && slot[kVendor] == 0x554D4551 && slot[kDevice] == id) return n;
  }
  return VIRTIO_SLOTS;
}

// From reset to the set-up of queues, without a feature that may be left out. 0 if the device refuses.
static inline int virtio_begin(volatile uint32_t* slot) {
  slot[kStatus] = 0;
  slot[kStatus] = kAcknowledge | kDriver;
  slot[kDriverFeaturesSel] = 0;
  slot[kDriverFeatures] = 0;
  if (slot[kVersion] == 1) {
    slot[kPageSize] = 4096;
    return 1;
  }
  slot[kDriverFeaturesSel] = 1;
  slot[kDriverFeatures] = 1;
  slot[kStatus] = kAcknowledge | kDriver | kFeaturesOk;
  return (slot[kStatus] & kFeaturesOk) != 0;
}

static inline void virtio_add_queue(volatile uint32_t* slot, unsigned queue, VirtioRing* ring) {
  slot[kQueueSel] = queue;
  slot[kQueueNum] = QUEUE_SIZE;
  if (slot[kVersion] == 1) {
    slot[kQueueAlign] = 4096;
    slot[kQueuePfn] = (uint32_t)((uintptr_t)ring / 4096);
    return;
  }
  const uint64_t parts[] = {(uintptr_t)ring->descriptors, (uintptr_t)&ring->driver, (uintptr_t)&ring->device};
  const unsigned places[] = {kQueueDescriptors, kQueueDriver, kQueueDevice};
  for (unsigned i = 0; i < 3; i++) {
    slot[places[i]] = (uint32_t)parts[i];
    slot[places[i] + 1] = (uint32_t)(parts[i] >> 32);
  }
  slot[kQueueReady] = 1;
}

static inline void virtio_run(volatile uint32_t* slot) { slot[kStatus] = slot[kStatus] | kDriverOk; }

static inline void virtio_describe(VirtioRing* ring, unsigned n, const volatile void* address, uint32_t size,
                                   unsigned flags) {
  ring->descriptors[n].address = (uintptr_t)address;
  ring->descriptors[n].size = size;
  ring->descriptors[n].flags = (uint16_t)flags;
  ring->descriptors[n].next = (uint16_t)(n + 1);
}

// Makes the chain that begins with descriptor 0 available.
static inline void virtio_offer(volatile uint32_t* slot, unsigned queue, VirtioRing* ring) {
  ring->driver.entries[ring->driver.index % QUEUE_SIZE] = 0;
  virtio_fence();
  ring->driver.index++;
  virtio_fence();
  slot[kNotify] = queue;
}

// Bytes that the device wrote into the buffers of the chain that came back last.
static inline uint32_t virtio_written(const VirtioRing* ring) {
  return ring->device.entries[(uint16_t)(ring->device.index - 1) % QUEUE_SIZE].size;
}
