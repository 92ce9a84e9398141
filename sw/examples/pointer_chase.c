// The latency of memory by the size of what is used: a chase through pointers in a ring, for sizes from 1 KiB
// to 256 MiB, a cell in each line of LINE bytes. Runs in supervisor mode with paging on (Sv39 or Sv32), its
// memory mapped one to one in pages of level PAGE_LEVEL (0: 4 KiB, 1: megapages). For each size it prints a
// line
//
//   SIZE CYCLES      bytes, and cycles of a load times 100, loop included
//
// and ends where RAM does: 256 MiB need a little more, so --ram.size 320M. scripts/staircase.py draws the
// lines.
//
// The order of the ring: all pages of the size, in a scattered order, then again for the next line of each.
// So before a cell is seen again, all others have been, and before a page is, all other pages: with LRU a
// size that a cache or TLB holds always hits there, a larger one, of the next half power of two, never does.
// A ring has at most MOST cells, more than a cache of 1 MiB holds, and leaves out the other lines of a larger
// size. A round before the measured loads warms up and writes back what making the ring left dirty.
#ifndef LINE
#define LINE 64ul
#endif
#ifndef PAGE_LEVEL
#define PAGE_LEVEL 0
#endif
#define MOST 32768ul         // cells in a ring
#define FEWEST_LOADS 4096ul  // measured
#define LARGEST (256ul << 20)

// The root and, on RV64, one each for RAM and devices; the leaf tables.
#define TABLES (LARGEST / MEGAPAGE + 3)
#include "paging.h"

#if __riscv_xlen == 64
#define LOAD_POINTER "ld"
#else
#define LOAD_POINTER "lw"
#endif

extern char __image_end[];

typedef struct Cell {
  struct Cell* next;
} Cell;

// Makes a ring of the lines of `size` bytes at `base`, of MOST at most; the number of its cells.
static unsigned long make_ring(unsigned long base, unsigned long size) {
  const unsigned long pages = (size + PAGE - 1) / PAGE;
  const unsigned long lines = size / LINE / pages;
  const unsigned long cells = pages > MOST ? MOST : pages * (lines < MOST / pages ? lines : MOST / pages);
  unsigned long page = 0;
  unsigned long round = 0;
  Cell* cell = (Cell*)base;
  for (unsigned long left = cells - 1; left > 0; left--) {
    // Full periods, for the counts are powers of two, or three times one.
    page = (page * 1597 + 51749) % pages;
    if (page == 0) round++;
    Cell* const next = (Cell*)(base + page * PAGE + (round + page) * 29 % lines * LINE);
    cell->next = next;
    cell = next;
  }
  cell->next = (Cell*)base;
  return cells;
}

// Follows `loads` pointers, a multiple of 16, twice; the cycles of the second time. Nothing but the chase
// touches data meanwhile.
static unsigned long chase(const void* cell, unsigned long loads) {
  unsigned long start, end, left;
  unsigned long times = 2;
  __asm__ volatile(
      "1: mv %[left], %[loads]\n"
      "rdcycle %[start]\n"
      "2: .rept 16\n" LOAD_POINTER
      " %[cell], 0(%[cell])\n"
      ".endr\n"
      "addi %[left], %[left], -16\n"
      "bnez %[left], 2b\n"
      "rdcycle %[end]\n"
      "addi %[times], %[times], -1\n"
      "bnez %[times], 1b\n"
      : [cell] "+r"(cell), [left] "=&r"(left), [start] "=&r"(start), [end] "=&r"(end), [times] "+r"(times)
      : [loads] "r"(loads)
      : "memory");
  return end - start;
}

static void measure(unsigned long base, unsigned long size) {
  const unsigned long cells = make_ring(base, size);
  const unsigned long loads = cells < FEWEST_LOADS ? FEWEST_LOADS : cells;
  const unsigned long cycles = chase((const void*)base, loads);
  print_unsigned(size);
  print(" ");
  print_unsigned(cycles * 100 / loads);
  print("\n");
}

// A store fails where RAM ends: the program looks before it makes a ring.
unsigned long bare_trap(unsigned long cause, unsigned long pc, unsigned long tval) {
  (void)pc;
  (void)tval;
  exit_run(cause == 7 ? 0 : 99);
}

int main(void) {
  const unsigned long base = ((unsigned long)__image_end + MEGAPAGE - 1) & ~(MEGAPAGE - 1);
  Pte* const root = new_table();
  map_program(root, (base - 0x80000000ul) / MEGAPAGE);
  const unsigned long step = PAGE_LEVEL == 0 ? PAGE : MEGAPAGE;
  for (unsigned long at = base; at < base + LARGEST; at += step) map(root, at, at, DATA_RIGHTS, PAGE_LEVEL);
  turn_paging_on(root);
  enter_supervisor();
  for (unsigned long size = 1024; size <= LARGEST; size *= 2) {
    *(volatile char*)(base + size - 1) = 0;
    measure(base, size);
    if (size < LARGEST) {
      *(volatile char*)(base + size + size / 2 - 1) = 0;
      measure(base, size + size / 2);
    }
  }
  return 0;
}
