// Data that goes stale where DMA does not see the caches: a device reads what the hart has dirty, then the
// hart reads what a device has changed. With SYNC=1 the hart flushes what it has written, and what it is
// about to read, and both are right. Prints when and where. Exit status: 1 if the device missed the hart's
// store, plus 2 if the hart missed the device's.
#include "bare_dma.h"

#define WORDS 64u

static Descriptor descriptor LINE_ALIGNED;
static uint32_t source[WORDS] LINE_ALIGNED;
static uint32_t destination[WORDS] LINE_ALIGNED;

// The time is that of the access: each stands in the same line as the read of the counter, alone in its
// cycle.
__attribute__((noinline, aligned(64))) unsigned long store_unseen(volatile uint32_t* place, uint32_t value) {
  unsigned long time;
  __asm__ volatile("fence.i; .balign 64; csrr %0, mcycle; sw %1, 0(%2)"
                   : "=&r"(time)
                   : "r"(value), "r"(place)
                   : "memory");
  return time;
}

// Stays in its line, away from the bus, until the copy is done.
__attribute__((noinline, aligned(64))) unsigned long start_copy(uint32_t command) {
  unsigned long time, rounds = 200;
  __asm__ volatile("fence.i; .balign 64; csrr %0, mcycle; sw %2, 0(%3); 1: addi %1, %1, -1; bnez %1, 1b"
                   : "=&r"(time), "+&r"(rounds)
                   : "r"(command), "r"(&CHANNELS[0].control)
                   : "memory");
  return time;
}

__attribute__((noinline, aligned(64))) unsigned long load_unaware(const volatile uint32_t* place,
                                                                  uint32_t* value) {
  unsigned long time;
  __asm__ volatile("fence.i; .balign 64; csrr %0, mcycle; lw %1, 0(%2)"
                   : "=&r"(time), "=&r"(*value)
                   : "r"(place)
                   : "memory");
  return time;
}

int main(void) {
  uint32_t seen;
  source[2] = 0x1111;
  source[3] = 0x2222;
  describe(&descriptor, source, destination, sizeof source);
  flush_blocks(&descriptor, sizeof descriptor);
  flush_blocks(source, sizeof source);
  flush_blocks(destination, sizeof destination);
  load_unaware(&destination[3], &seen);  // the line is cached now
  const unsigned long stored = store_unseen(&source[2], 0x3333);
  if (SYNC) flush_blocks(source, sizeof source);
  CHANNELS[0].descriptor[0] = (uint32_t)(unsigned long)&descriptor;
  const unsigned long started = start_copy(CHANNEL_START);
  if (wait_for_channel(&CHANNELS[0]) != STATE_DONE) return 99;
  if (SYNC) flush_blocks(destination, sizeof destination);
  const unsigned long loaded = load_unaware(&destination[3], &seen);
  flush_blocks(destination, sizeof destination);
  const int device_missed = destination[2] != 0x3333;
  print_value("source", (unsigned long)&source[2]);
  print_value("destination", (unsigned long)&destination[3]);
  print_value("stored", stored);
  print_value("started", started);
  print_value("loaded", loaded);
  return device_missed | (seen != 0x2222) << 1;
}
