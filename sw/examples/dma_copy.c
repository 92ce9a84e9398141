// The DMA controller at work: a copy that is polled, a copy of rows that ends in an interrupt while the hart
// computes, instructions that DMA replaces, and a descriptor that must be refused. Exit status: the number of
// the first part that went wrong.
#include "bare_dma.h"

#define PLIC_BASE 0x0C000000ul

#define BYTES 4096u
#define ROWS 16u
#define ROW_BYTES 64u
#define RET 0x00008067u

static volatile Channel* const channel = CHANNELS;
static Descriptor descriptors[2] __attribute__((aligned(64)));
static uint8_t source[BYTES] __attribute__((aligned(64)));
static uint8_t destination[BYTES] __attribute__((aligned(64)));
static uint32_t code[2] __attribute__((aligned(8)));
static volatile unsigned interrupts;

static int polled_copy(void) {
  describe(&descriptors[0], source, destination, BYTES / 2);
  descriptors[0].control = WIDTH_8;
  descriptors[0].next = (unsigned long)&descriptors[1];
  describe(&descriptors[1], source + BYTES / 2, destination + BYTES / 2, BYTES / 2);
  const unsigned long begin = CSR_READ(mcycle);
  start_channel(channel, &descriptors[0]);
  if (wait_for_channel(channel) != STATE_DONE || channel->completed != 2) return 0;
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
  start_channel(channel, &descriptors[0]);
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
    start_channel(channel, &descriptors[0]);
    if (wait_for_channel(channel) != STATE_DONE) return 0;
    __asm__ volatile("fence.i" ::: "memory");
    if (function() != (int)version + 1) return 0;
  }
  return 1;
}

static int refused_descriptor(void) {
  describe(&descriptors[0], source, destination, 0);
  start_channel(channel, &descriptors[0]);
  return wait_for_channel(channel) == STATE_ERROR && channel_error(channel) == ERROR_LENGTH_ZERO &&
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
