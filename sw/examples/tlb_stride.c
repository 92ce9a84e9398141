// What a TLB miss costs: supervisor mode with paging on (Sv39 or Sv32) loads one word from each of PAGES
// pages, in turn, ROUNDS times. With STRIDE 4096 each access needs another page; with 0 all go to one. Both
// run the same instructions. The data pages are DATA_PAGES physical ones under many addresses.
//
// Expected DTLB misses of the loop, for E entries, fully associative, LRU: with STRIDE 4096, PAGES * ROUNDS
// when PAGES > E, else PAGES; with STRIDE 0 one.
#ifndef PAGES
#define PAGES 512
#endif
#ifndef ROUNDS
#define ROUNDS 64
#endif
#ifndef STRIDE
#define STRIDE 4096
#endif
#define DATA_PAGES 64

#define WINDOW 0x20000000ul  // virtual address of the pages

// Leaf tables for the window, and the upper ones: the root and, on RV64, one each for RAM and the window.
#define TABLES ((PAGES + ENTRIES - 1) / ENTRIES + 1 + 4)
#include "paging.h"

static uint32_t data[DATA_PAGES][PAGE / 4] __attribute__((aligned(4096)));

// Data accesses of the loop: the loads alone.
static unsigned long touch(unsigned long base) {
  unsigned long sum = 0;
  for (unsigned round = 0; round < ROUNDS; round++) {
    unsigned long at = base;
    unsigned long count = PAGES;
    unsigned long value;
    __asm__ volatile(
        "1: lw %[value], 0(%[at])\n"
        "add %[at], %[at], %[stride]\n"
        "add %[sum], %[sum], %[value]\n"
        "addi %[count], %[count], -1\n"
        "bnez %[count], 1b\n"
        : [value] "=&r"(value), [at] "+r"(at), [count] "+r"(count), [sum] "+r"(sum)
        : [stride] "r"((unsigned long)STRIDE)
        : "memory");
  }
  return sum;
}

static unsigned long cycles(void) {
  unsigned long value;
  __asm__ volatile("rdcycle %0" : "=r"(value)::"memory");
  return value;
}

int main(void) {
  Pte* root = new_table();
  map_program(root, 2);
  unsigned long expected = 0;
  for (unsigned i = 0; i < DATA_PAGES; i++) data[i][0] = i + 1;
  for (unsigned long i = 0; i < PAGES; i++) {
    map(root, WINDOW + i * PAGE, (unsigned long)data[i % DATA_PAGES], DATA_RIGHTS, 0);
    expected += STRIDE == 0 ? 1 : i % DATA_PAGES + 1;
  }
  expected *= ROUNDS;

  turn_paging_on(root);
  enter_supervisor();
  const unsigned long start = cycles();
  const unsigned long sum = touch(WINDOW);
  const unsigned long taken = cycles() - start;
  print_value("accesses", (unsigned long)PAGES * ROUNDS);
  print_value("cycles", taken);
  return sum == expected ? 0 : 1;
}
