// The DMA controller at work: a copy that is polled, a copy of rows that ends in an interrupt while the hart
// computes, instructions that DMA replaces, and a descriptor that must be refused. Exit status: the number of
// the first part that went wrong.
#include "bare.h"

#define DMA_BASE 0x10021000ul
#define DMA_IRQ 15u
#define PLIC_BASE 0x0C000000ul

#define CHANNEL_START 1u
#define STATE_DONE 4u
#define STATE_ERROR 6u
#define IRQ_CHAIN_DONE 1u
#define WIDTH_8 3u
#define FLAG_LAST (1u << 9)
#define DESCRIPTOR_DONE 1u
#define ERROR_LENGTH_ZERO 5u

#define BYTES 4096u
#define ROWS 16u
#define ROW_BYTES 64u
#define RET 0x00008067u

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
  uint32_t error_address[2];
} Channel;

static volatile Channel* const channel = (volatile Channel*)(DMA_BASE + 0x100);
static Descriptor descriptors[2] __attribute__((aligned(64)));
static uint8_t source[BYTES] __attribute__((aligned(64)));
static uint8_t destination[BYTES] __attribute__((aligned(64)));
static uint32_t code[2] __attribute__((aligned(8)));
static volatile unsigned interrupts;

static void describe(Descriptor* descriptor, const void* from, void* to, uint32_t length) {
  *descriptor = (Descriptor){.control = WIDTH_8 | FLAG_LAST,
                             .length = length,
                             .source = (unsigned long)from,
                             .destination = (unsigned long)to};
}

static void start(const Descriptor* descriptor) {
  channel->descriptor[0] = (uint32_t)(unsigned long)descriptor;
  channel->descriptor[1] = (uint32_t)((uint64_t)(unsigned long)descriptor >> 32);
  __asm__ volatile("fence" ::: "memory");
  channel->control = CHANNEL_START;
}

static uint32_t wait_for_end(void) {
  uint32_t state;
  do {
    state = channel->status & 0xf;
  } while (state < STATE_DONE);
  __asm__ volatile("fence" ::: "memory");
  return state;
}

static int polled_copy(void) {
  describe(&descriptors[0], source, destination, BYTES / 2);
  descriptors[0].control = WIDTH_8;
  descriptors[0].next = (unsigned long)&descriptors[1];
  describe(&descriptors[1], source + BYTES / 2, destination + BYTES / 2, BYTES / 2);
  const unsigned long begin = CSR_READ(mcycle);
  start(&descriptors[0]);
  if (wait_for_end() != STATE_DONE || channel->completed != 2) return 0;
  print_value("cycles of a polled copy", CSR_READ(mcycle) - begin);
  for (unsigned i = 0; i < BYTES; i++) {
    if (destination[i] != source[i]) return 0;
  }
  return descriptors[0].status == DESCRIPTOR_DONE && descriptors[1].bytes_done == BYTES / 2;
}

unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  (void)tval;
  if (cause != (INTERRUPT_FLAG | 11)) exit_run(20);
  volatile uint32_t* const claim = (volatile uint32_t*)(PLIC_BASE + 0x200004);
  const uint32_t source_number = *claim;
  if (source_number != DMA_IRQ) exit_run(21);
  channel->irq_status = IRQ_CHAIN_DONE;
  *claim = source_number;
  interrupts = interrupts + 1;
  return pc;
}

// Gathers the rows that lie ROW_BYTES * 2 apart, and scatters them in reverse order.
static int interrupting_copy(void) {
  describe(&descriptors[0], source, destination + (ROWS - 1) * ROW_BYTES, ROW_BYTES);
  descriptors[0].rows = ROWS;
  descriptors[0].source_stride = 2 * (int)ROW_BYTES;
  descriptors[0].destination_stride = -(int)ROW_BYTES;
  *(volatile uint32_t*)(PLIC_BASE + 4 * DMA_IRQ) = 1;
  *(volatile uint32_t*)(PLIC_BASE + 0x2000) = 1u << DMA_IRQ;
  channel->irq_status = 0xf;
  channel->irq_enable = IRQ_CHAIN_DONE;
  CSR_SET(mie, 1ul << 11);
  CSR_SET(mstatus, MSTATUS_MIE);
  unsigned long spins = 0;
  start(&descriptors[0]);
  while (interrupts == 0) spins++;
  CSR_CLEAR(mstatus, MSTATUS_MIE);
  print_value("rounds while it ran", spins);
  for (unsigned row = 0; row < ROWS; row++) {
    for (unsigned i = 0; i < ROW_BYTES; i++) {
      if (destination[(ROWS - 1 - row) * ROW_BYTES + i] != source[2 * row * ROW_BYTES + i]) return 0;
    }
  }
  return interrupts == 1;
}

static int replaced_code(void) {
  static uint32_t versions[2][2] __attribute__((aligned(8)));
  int (*const function)(void) = (int (*)(void))(unsigned long)code;
  for (unsigned version = 0; version < 2; version++) {
    versions[version][0] = (version + 1) << 20 | 10u << 7 | 0x13;  // addi a0, zero, version + 1
    versions[version][1] = RET;
    describe(&descriptors[0], versions[version], code, sizeof code);
    start(&descriptors[0]);
    if (wait_for_end() != STATE_DONE) return 0;
    __asm__ volatile("fence.i" ::: "memory");
    if (function() != (int)version + 1) return 0;
  }
  return 1;
}

static int refused_descriptor(void) {
  describe(&descriptors[0], source, destination, 0);
  start(&descriptors[0]);
  return wait_for_end() == STATE_ERROR && (channel->status >> 8 & 0xff) == ERROR_LENGTH_ZERO &&
         descriptors[0].status == (2 | ERROR_LENGTH_ZERO << 8);
}

int main(void) {
  for (unsigned i = 0; i < BYTES; i++) source[i] = (uint8_t)(i * 7 + i / 251);
  if (!polled_copy()) return 1;
  if (!interrupting_copy()) return 2;
  if (!replaced_code()) return 3;
  if (!refused_descriptor()) return 4;
  return 0;
}
