// Loads and stores of all widths, and AMOs, at random addresses of the devices of memio's `virt` machine,
// with values of which many are pointers to RAM. Whatever that sets off (DMA over the program itself, too),
// the simulator must go on, and alike in every engine. The seed is in the arguments ("seed=N"), so one
// program is many; it ends only by a limit of the run or by accident. The finisher and the reset control are
// left out.
#include "bare.h"

enum { kSlots = 8, kPage = 0x1000 };

static const unsigned long places[] = {
    0x10001000, 0x10002000, 0x10007000, 0x10008000,              // virtio slots
    0x10000000, 0x10020000, 0x10021000, 0x10022000, 0x10023000,  // UART, GPIO, DMA, IOMMU, accelerator
    0x0C000000, 0x0C002000, 0x0C200000, 0x02000000, 0x02004000,  // PLIC, CLINT
    0x02008000, 0x00101000, 0x03000000, 0x03001000, 0x30000000,  // its time, RTC, ports, configuration space
    0x30008000, 0x40000000, 0x80100000,
};

static uint32_t state;

unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  (void)cause;
  (void)tval;
  return pc + instruction_length(pc);
}

static uint32_t random_word(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static uint32_t random_below(uint32_t bound) { return random_word() % bound; }

static unsigned long random_place(void) {
  static const uint32_t masks[] = {0x1C, 0x7F, 0x1FF, kPage - 1};
  const unsigned long offset = random_word() & masks[random_below(4)];
  return places[random_below(sizeof places / sizeof places[0])] + (random_below(8) ? offset & ~3ul : offset);
}

static uint32_t random_value(void) {
  switch (random_below(4)) {
    case 0:
      return random_word();
    case 1:
      return 0x80000000u + (random_word() & 0x3FFFF0);  // RAM
    case 2:
      return 0x80000u + random_below(0x400);  // its pages
    default:
      return random_below(kSlots);
  }
}

static void touch(unsigned long place) {
  const uint32_t value = random_value();
  switch (random_below(10)) {
    case 0:
      *(volatile uint8_t*)place = (uint8_t)value;
      break;
    case 1:
      *(volatile uint16_t*)place = (uint16_t)value;
      break;
    case 2:
      (void)*(volatile uint8_t*)place;
      break;
    case 3:
      (void)*(volatile uint16_t*)place;
      break;
    case 4:
      __asm__ volatile("amoadd.w zero, %0, (%1)" : : "r"(value), "r"(place) : "memory");
      break;
    case 5:
      *(volatile unsigned long*)place = value;
      break;
    case 6:
      (void)*(volatile unsigned long*)place;
      break;
    case 7:
      (void)*(volatile uint32_t*)place;
      break;
    default:
      *(volatile uint32_t*)place = value;
  }
}

// The digits behind "seed=" in the device tree.
static uint32_t find_seed(const uint8_t* tree) {
  static const char name[] = "seed=";
  for (unsigned matched = 0; matched < sizeof name - 1; tree++)
    matched = *tree == (uint8_t)name[matched] ? matched + 1 : *tree == 's';
  uint32_t seed = 0;
  for (; *tree >= '0' && *tree <= '9'; tree++) seed = 10 * seed + *tree - '0';
  return seed;
}

int main(unsigned long hart, const uint8_t* tree) {
  (void)hart;
  state = find_seed(tree) * 2654435761u + 1;
  for (;;) {
    const unsigned long place = random_place();
    if ((place & ~0x7Ful) == 0x03000C80) continue;  // the reset control's port
    touch(place);
  }
}
