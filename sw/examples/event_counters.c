// Makes some of every event that a hart counts (docs/statistics.md, Zihpm): misses of both TLBs and of the
// caches, walks, a page fault, branches that no predictor foresees. What the counters read at the end lies
// between begin_signature and end_signature: the figures of the statistics, as far as the hart has the units.
#define PAGES 700
#define WINDOW 0x20000000ul  // virtual address of the pages
#define TABLES ((PAGES + ENTRIES - 1) / ENTRIES + 1 + 4)
#include "paging.h"

static uint32_t data[16][1024] __attribute__((aligned(4096)));

static void supervise(void) {
  unsigned long seed = 1, sum = 0;
  for (unsigned long i = 0; i < 4 * PAGES; i++) {
    seed = seed * 1103515245 + 12345;
    const unsigned long page = seed >> 16 & 0x7FFF;
    volatile uint32_t* const word = (volatile uint32_t*)(WINDOW + page % PAGES * PAGE + (page & 0xFF) * 4);
    if (page & 4) *word = (uint32_t)sum;
    sum += *word;
  }
  __asm__ volatile(
      ".option push\n.option norvc\n"
      "lw zero, 0(%0)\n"  // nothing is mapped there
      "ecall\n"
      ".option pop\n" ::"r"(WINDOW + 1024 * PAGE)
      : "t0", "t1", "memory");
}

int main(void) {
  Pte* root = new_table();
  map_program(root, 2);
  for (unsigned long i = 0; i < PAGES; i++)
    map(root, WINDOW + i * PAGE, (unsigned long)data[i % 16], DATA_RIGHTS, 0);
  turn_paging_on(root);
  enter_supervisor();
  supervise();
  return 0;
}
