// Reads and writes the virtio disk of the `virt` machine, by the legacy interface or by version 2, whichever
// the slots have: sector SECTOR is read, changed, written, flushed and read again; a read behind the end must
// fail. Completions are waited for with the interrupt that the PLIC shows. Prints what it finds; 0 if all
// went well.
#include "bare.h"

#define SLOTS 8u
#define SLOT_BASE(n) (0x10001000ul + 0x1000ul * (n))
#define PLIC_BASE 0x0C000000ul
#define QUEUE_SIZE 8u
#define SECTOR 3u
#define SECTOR_SIZE 512u

enum {
  kMagic = 0x000 / 4,
  kVersion = 0x004 / 4,
  kDevice = 0x008 / 4,
  kVendor = 0x00C / 4,
  kFeatures = 0x010 / 4,
  kFeaturesSel = 0x014 / 4,
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
  kDescriptors = 0x080 / 4,
  kDriverRing = 0x090 / 4,
  kDeviceRing = 0x0A0 / 4,
  kConfig = 0x100 / 4
};
enum { kAcknowledge = 1, kDriver = 2, kDriverOk = 4, kFeaturesOk = 8 };
enum { kNext = 1, kWritable = 2 };
enum { kIn = 0, kOut = 1, kFlush = 4 };

typedef struct {
  uint64_t address;
  uint32_t size;
  uint16_t flags, next;
} Descriptor;

// The legacy layout, which version 2 takes as well.
static struct {
  Descriptor descriptors[QUEUE_SIZE];
  struct {
    uint16_t flags, index, entries[QUEUE_SIZE], event;
  } driver;
  uint8_t gap[4096 - 16 * QUEUE_SIZE - 6 - 2 * QUEUE_SIZE];
  struct {
    uint16_t flags, index;
    struct {
      uint32_t head, size;
    } entries[QUEUE_SIZE];
    uint16_t event;
  } device;
} ring __attribute__((aligned(4096)));

static struct {
  uint32_t type, reserved;
  uint64_t sector;
} header;
static uint8_t data[SECTOR_SIZE];
static volatile uint8_t status;

static volatile uint32_t* slot;
static unsigned irq;
static volatile uint32_t* const plic = (volatile uint32_t*)PLIC_BASE;

static void fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

static int find_disk(void) {
  for (unsigned n = 0; n < SLOTS; n++) {
    volatile uint32_t* const at = (volatile uint32_t*)SLOT_BASE(n);
    if (at[kMagic] != 0x74726976 || at[kVendor] != 0x554D4551) return 0;
    if (at[kDevice] != 2) continue;
    slot = at;
    irq = 1 + n;
    print_value("disk in slot", n);
    return 1;
  }
  return 0;
}

static void put_address(unsigned reg, const void* address) {
  slot[reg] = (uint32_t)(uintptr_t)address;
  slot[reg + 1] = (uint32_t)((uint64_t)(uintptr_t)address >> 32);
}

static int start(void) {
  const int modern = slot[kVersion] == 2;
  slot[kStatus] = 0;
  slot[kStatus] = kAcknowledge | kDriver;
  slot[kDriverFeaturesSel] = 0;
  slot[kDriverFeatures] = 0;
  if (modern) {
    slot[kDriverFeaturesSel] = 1;
    slot[kDriverFeatures] = 1;
    slot[kStatus] = kAcknowledge | kDriver | kFeaturesOk;
    if ((slot[kStatus] & kFeaturesOk) == 0) return 0;
  } else {
    slot[kPageSize] = 4096;
  }
  slot[kQueueSel] = 0;
  print_value("queue holds", slot[kQueueMax]);
  slot[kQueueNum] = QUEUE_SIZE;
  if (modern) {
    put_address(kDescriptors, ring.descriptors);
    put_address(kDriverRing, &ring.driver);
    put_address(kDeviceRing, &ring.device);
    slot[kQueueReady] = 1;
  } else {
    slot[kQueueAlign] = 4096;
    slot[kQueuePfn] = (uint32_t)((uintptr_t)&ring / 4096);
  }
  slot[kStatus] = slot[kStatus] | kDriverOk;
  plic[irq] = 1;                 // its priority
  plic[0x2000 / 4] = 1u << irq;  // enabled for context 0
  return 1;
}

static void describe(unsigned n, const volatile void* address, uint32_t size, unsigned flags) {
  ring.descriptors[n] = (Descriptor){(uintptr_t)address, size, (uint16_t)flags, (uint16_t)(n + 1)};
}

static unsigned request(unsigned type, uint64_t sector) {
  header.type = type;
  header.sector = sector;
  status = 0xEE;
  describe(0, &header, 16, kNext);
  if (type != kFlush) describe(1, data, SECTOR_SIZE, type == kIn ? kNext | kWritable : kNext);
  ring.descriptors[0].next = type == kFlush ? 2 : 1;
  describe(2, &status, 1, kWritable);
  ring.driver.entries[ring.driver.index % QUEUE_SIZE] = 0;
  fence();
  ring.driver.index++;
  fence();
  slot[kNotify] = 0;
  while ((plic[0x1000 / 4] & 1u << irq) == 0) {
  }
  if (plic[0x200004 / 4] != irq) print("claimed something else\n");
  print_value("interrupt status", slot[kIrqStatus]);
  slot[kIrqAck] = slot[kIrqStatus];
  plic[0x200004 / 4] = irq;
  fence();
  print_value("used", *(volatile uint16_t*)&ring.device.index);
  print_value("status", status);
  return status;
}

int main(void) {
  if (!find_disk() || !start()) return 1;
  print_value("sectors", slot[kConfig]);
  if (request(kIn, SECTOR) != 0) return 2;
  print_value("first byte", data[0]);
  print_value("last byte", data[SECTOR_SIZE - 1]);
  for (unsigned i = 0; i < SECTOR_SIZE; i++) data[i] ^= (uint8_t)i;
  if (request(kOut, SECTOR) != 0 || request(kFlush, 0) != 0) return 3;
  for (unsigned i = 0; i < SECTOR_SIZE; i++) data[i] = 0;
  if (request(kIn, SECTOR) != 0) return 4;
  print_value("first byte", data[0]);
  print_value("last byte", data[SECTOR_SIZE - 1]);
  return request(kIn, slot[kConfig]) == 1 ? 0 : 5;
}
