// The virtio disk of bare programs: one request of one sector at a time. Completions are waited for with the
// interrupt that the PLIC shows.
#pragma once

#include "bare_virtio.h"

#define PLIC_BASE 0x0C000000ul
#define SECTOR_SIZE 512u

enum { kDisk = 2 };
enum { kIn = 0, kOut = 1, kFlush = 4 };

static VirtioRing ring;
static struct {
  uint32_t type, reserved;
  uint64_t sector;
} header;
static uint8_t data[SECTOR_SIZE];
static volatile uint8_t status;

static volatile uint32_t* slot;
static unsigned irq;
static volatile uint32_t* const plic = (volatile uint32_t*)PLIC_BASE;

// 0 if there is no disk.
static int start(void) {
  const unsigned number = virtio_find(kDisk);
  if (number == VIRTIO_SLOTS) return 0;
  print_value("disk in slot", number);
  slot = VIRTIO_SLOT(number);
  irq = VIRTIO_IRQ(number);
  if (!virtio_begin(slot)) return 0;
  virtio_add_queue(slot, 0, &ring);
  print_value("queue holds", slot[kQueueMax]);
  virtio_run(slot);
  plic[irq] = 1;                 // its priority
  plic[0x2000 / 4] = 1u << irq;  // enabled for context 0
  return 1;
}

// Moves `data`, and gives the status.
static unsigned request(unsigned type, uint64_t sector) {
  header.type = type;
  header.sector = sector;
  status = 0xEE;
  virtio_describe(&ring, 0, &header, 16, kNext);
  if (type != kFlush) virtio_describe(&ring, 1, data, SECTOR_SIZE, type == kIn ? kNext | kWritable : kNext);
  ring.descriptors[0].next = type == kFlush ? 2 : 1;
  virtio_describe(&ring, 2, &status, 1, kWritable);
  virtio_offer(slot, 0, &ring);
  while ((plic[0x1000 / 4] & 1u << irq) == 0) {
  }
  if (plic[0x200004 / 4] != irq) print("claimed something else\n");
  print_value("interrupt status", slot[kIrqStatus]);
  slot[kIrqAck] = slot[kIrqStatus];
  plic[0x200004 / 4] = irq;
  virtio_fence();
  print_value("used", ring.device.index);
  print_value("status", status);
  return status;
}
