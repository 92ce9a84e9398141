// The hart and four DMA channels move pseudo-random blocks between each other's memory for some rounds, with
// descriptors that must fail among them and channels stopped under way. In each round every one has a region
// of its own, and the next round gives it to another. What each moved is done again by the hart in a copy of
// all regions; at the end both must be equal, to the byte. With SYNC=1 the hart flushes its caches before it
// hands regions on. Prints what was moved. Exit status: the number of what went wrong.
#include "bare_dma.h"

#define ROUNDS 24u
#define MOVERS (DMA_CHANNELS + 1)
#define HALF 1024u
#define REGION (2 * HALF)
#define CHAIN 4u
#define NOBODY 0x20000000ul

typedef enum {
  GOOD,
  NO_LENGTH,
  RESERVED_BITS,
  CROOKED_LENGTH,
  NO_SOURCE,
  NO_DESTINATION,
  OVER_REGISTERS,
  CROOKED_NEXT,
  NO_NEXT,
  FAULTS
} Fault;

// By fault: the code with which the channel ends. The last two come from the descriptor that follows.
static const uint8_t codes[FAULTS] = {0,
                                      ERROR_LENGTH_ZERO,
                                      ERROR_DESCRIPTOR_INVALID,
                                      ERROR_MISALIGNED,
                                      ERROR_SOURCE_ADDRESS,
                                      ERROR_DESTINATION_ADDRESS,
                                      ERROR_OWN_REGISTERS,
                                      ERROR_DESCRIPTOR_MISALIGNED,
                                      ERROR_DESCRIPTOR_FETCH};

typedef struct {
  unsigned length;  // descriptors in the chain
  unsigned bad;     // the one that fails; `length`: none
  Fault fault;
  int abort;
} Plan;

static uint8_t regions[MOVERS * REGION] LINE_ALIGNED;
static uint8_t expected[MOVERS * REGION];
static Descriptor chains[DMA_CHANNELS][CHAIN] LINE_ALIGNED;
static Plan plans[DMA_CHANNELS];
static uint32_t seed = 2463534242u;
static unsigned long moved_bytes, failed_chains, aborted_chains, used_descriptors;

static uint32_t random_below(uint32_t end) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return (seed >> 4) % end;
}

static void fail(int status) __attribute__((noreturn));
static void fail(int status) { exit_run(status); }

// From one half of the region to the other, so that the two never overlap.
static void plan_block(Descriptor* block, uint8_t* region) {
  const unsigned width = random_below(4), unit = 1u << width;
  const unsigned rows = 1 + random_below(4);
  const unsigned pitch = HALF / rows & ~7u;  // bytes that a row may take
  const unsigned length = (1 + random_below(pitch / unit)) * unit, room = (pitch - length) / unit;
  const unsigned from = random_below(2);
  *block =
      (Descriptor){.control = width | random_below(2) << 2 | random_below(2) << 4,
                   .length = length,
                   .rows = rows,
                   .source = (unsigned long)(region + from * HALF + random_below(room + 1) * unit),
                   .destination = (unsigned long)(region + (1 - from) * HALF + random_below(room + 1) * unit),
                   .source_stride = (int32_t)pitch,
                   .destination_stride = (int32_t)pitch};
}

static void spoil(Descriptor* block, Fault fault) {
  switch (fault) {
    case NO_LENGTH:
      block->length = 0;
      break;
    case RESERVED_BITS:
      block->control |= 1u << 30;
      break;
    case CROOKED_LENGTH:
      block->control |= WIDTH_8;
      block->length = 12;
      break;
    case NO_SOURCE:
      block->source = NOBODY;
      break;
    case NO_DESTINATION:
      block->destination = NOBODY;
      break;
    case OVER_REGISTERS:
      block->destination = DMA_BASE;
      break;
    case CROOKED_NEXT:
      block->next += 8;
      break;
    case NO_NEXT:
      block->next = NOBODY;
      break;
    default:
      break;
  }
}

static void plan_chain(unsigned channel, uint8_t* region) {
  Plan* const plan = &plans[channel];
  Descriptor* const chain = chains[channel];
  plan->length = 1 + random_below(CHAIN);
  plan->fault = random_below(3) == 0 ? 1 + random_below(FAULTS - 1) : GOOD;
  plan->bad = plan->fault == GOOD ? plan->length : random_below(plan->length);
  // A bad `next` is looked at only where the chain goes on.
  if (plan->fault >= CROOKED_NEXT && plan->bad + 1 == plan->length) {
    plan->fault = GOOD;
    plan->bad = plan->length;
  }
  plan->abort = random_below(5) == 0;
  for (unsigned i = 0; i < CHAIN; i++) {
    plan_block(&chain[i], region);
    chain[i].next = (unsigned long)&chain[i + 1];
    chain[i].cookie = random_below(1000);
  }
  chain[plan->length - 1].control |= FLAG_LAST;
  if (plan->fault != GOOD) spoil(&chain[plan->bad], plan->fault);
}

// The first `bytes` of a block, moved again where the copy has them.
static void repeat(const Descriptor* block, uint32_t bytes) {
  const uintptr_t shift = (uintptr_t)expected - (uintptr_t)regions;
  const uint8_t* source = (const uint8_t*)((uintptr_t)block->source + shift);
  uint8_t* destination = (uint8_t*)((uintptr_t)block->destination + shift);
  for (uint32_t row = 0; bytes > 0; row++) {
    for (uint32_t i = 0; i < block->length && bytes > 0; i++, bytes--) destination[i] = source[i];
    source += block->source_stride;
    destination += block->destination_stride;
  }
}

static void check_chain(unsigned channel) {
  const Plan* const plan = &plans[channel];
  const Descriptor* const chain = chains[channel];
  const uint32_t state = CHANNELS[channel].status & 0xf;
  const unsigned code = channel_error(&CHANNELS[channel]);
  unsigned done = 0, bytes = 0;
  while (done < CHAIN && chain[done].status == DESCRIPTOR_DONE) {
    if (chain[done].bytes_done != chain[done].length * chain[done].rows) fail(10);
    bytes += chain[done].bytes_done;
    repeat(&chain[done], chain[done].bytes_done);
    done++;
  }
  // Where it ended early, the descriptor in hand tells how far it got.
  if (done < CHAIN && chain[done].bytes_done != 0) {
    bytes += chain[done].bytes_done;
    repeat(&chain[done], chain[done].bytes_done);
  }
  for (unsigned i = 0; i < CHAIN; i++) used_descriptors += chain[i].status != 0;
  for (unsigned i = done + 1; i < CHAIN; i++) {
    if (chain[i].status != 0 || chain[i].bytes_done != 0) fail(11);
  }
  if (CHANNELS[channel].completed != done || CHANNELS[channel].bytes[0] != bytes) fail(12);
  moved_bytes += bytes;
  if (state == STATE_ABORTED) {
    aborted_chains++;
    if (!plan->abort || code != 0) fail(13);
  } else if (plan->fault == GOOD) {
    if (state != STATE_DONE || done != plan->length) fail(14);
  } else {
    failed_chains++;
    if (state != STATE_ERROR || code != codes[plan->fault]) fail(15);
    if (done != plan->bad + (plan->fault >= CROOKED_NEXT)) fail(16);
    if (plan->fault < CROOKED_NEXT && chain[done].status != (DESCRIPTOR_ERROR | code << 8)) fail(17);
  }
}

static void move_by_hart(uint8_t* region) {
  for (unsigned blocks = 1 + random_below(3); blocks > 0; blocks--) {
    Descriptor block;
    plan_block(&block, region);
    const uint8_t* source = (const uint8_t*)(unsigned long)block.source;
    uint8_t* destination = (uint8_t*)(unsigned long)block.destination;
    for (uint32_t row = 0; row < block.rows; row++) {
      for (uint32_t i = 0; i < block.length; i++) destination[i] = source[i];
      source += block.source_stride;
      destination += block.destination_stride;
    }
    repeat(&block, block.length * block.rows);
  }
}

static uint8_t* region_of(unsigned mover, unsigned round) {
  return &regions[(mover + round) % MOVERS * REGION];
}

static void hand_on(void) {
  if (!SYNC) return;
  flush_blocks(regions, sizeof regions);
  flush_blocks(chains, sizeof chains);
}

int main(void) {
  for (unsigned i = 0; i < MOVERS * REGION; i++) regions[i] = expected[i] = (uint8_t)random_below(256);
  for (unsigned round = 0; round < ROUNDS; round++) {
    for (unsigned i = 0; i < DMA_CHANNELS; i++) plan_chain(i, region_of(i, round));
    hand_on();
    for (unsigned i = 0; i < DMA_CHANNELS; i++) {
      CHANNELS[i].control = random_below(3) << 8;  // priority
      start_channel(&CHANNELS[i], chains[i]);
    }
    for (unsigned i = 0; i < DMA_CHANNELS; i++) {
      if (!plans[i].abort) continue;
      for (volatile unsigned wait = random_below(100); wait > 0; wait--) {
      }
      CHANNELS[i].control = CHANNEL_ABORT;
    }
    move_by_hart(region_of(DMA_CHANNELS, round));
    for (unsigned i = 0; i < DMA_CHANNELS; i++) wait_for_channel(&CHANNELS[i]);
    for (unsigned i = 0; i < DMA_CHANNELS; i++) check_chain(i);
  }
  for (unsigned i = 0; i < MOVERS * REGION; i++) {
    if (regions[i] != expected[i]) fail(1);
  }
  print_value("moved bytes", moved_bytes);
  print_value("descriptors", used_descriptors);
  print_value("failed chains", failed_chains);
  print_value("aborted chains", aborted_chains);
  return 0;
}
