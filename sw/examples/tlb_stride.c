// What a TLB miss costs: supervisor mode with paging on (Sv39 or Sv32) loads one word from each of PAGES
// pages, in turn, ROUNDS times. With STRIDE 4096 each access needs another page; with 0 all go to one. Both
// run the same instructions. The data pages are DATA_PAGES physical ones under many addresses.
//
// Expected DTLB misses of the loop, for E entries, fully associative, LRU: with STRIDE 4096, PAGES * ROUNDS
// when PAGES > E, else PAGES; with STRIDE 0 one.
#include "bare.h"

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

#define PAGE 4096ul
#define WINDOW 0x20000000ul  // virtual address of the pages
#define VALID 0x01ul
#define DATA_RIGHTS 0xC7ul  // V R W A D
#define CODE_RIGHTS 0xCFul  // V R W X A D

#if __riscv_xlen == 64
#define LEVELS 3
#define INDEX_BITS 9
#define SATP_MODE (8ul << 60)
#else
#define LEVELS 2
#define INDEX_BITS 10
#define SATP_MODE (1ul << 31)
#endif
#define ENTRIES (1u << INDEX_BITS)
#define MEGAPAGE (PAGE << INDEX_BITS)

// Leaf tables for the window, and the upper ones: the root and, on RV64, one each for RAM and the window.
#define TABLES ((PAGES + ENTRIES - 1) / ENTRIES + 1 + 4)

typedef unsigned long Pte;

static Pte tables[TABLES][ENTRIES] __attribute__((aligned(4096)));
static uint32_t data[DATA_PAGES][PAGE / 4] __attribute__((aligned(4096)));
static unsigned tables_used;

static Pte* new_table(void) {
  if (tables_used == TABLES) exit_run(98);
  return tables[tables_used++];
}

static Pte make_pte(unsigned long address, Pte rights) { return address >> 12 << 10 | rights; }

static void map(Pte* root, unsigned long va, unsigned long pa, Pte rights, int level) {
  Pte* table = root;
  for (int at = LEVELS - 1; at > level; at--) {
    Pte* entry = &table[va >> (12 + INDEX_BITS * at) & (ENTRIES - 1)];
    if (*entry == 0) *entry = make_pte((unsigned long)new_table(), VALID);
    table = (Pte*)(*entry >> 10 << 12);
  }
  table[va >> (12 + INDEX_BITS * level) & (ENTRIES - 1)] = make_pte(pa, rights);
}

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

static void enter_supervisor(void) {
  CSR_WRITE(mcounteren, 7);
  CSR_CLEAR(mstatus, MSTATUS_MPP_MASK);
  CSR_SET(mstatus, MSTATUS_MPP_S);
  __asm__ volatile(
      "la t0, 1f\n"
      "csrw mepc, t0\n"
      "mret\n"
      "1:\n" ::
          : "t0", "memory");
}

int main(void) {
  Pte* root = new_table();
  // The image, the UART and the finisher, one to one in megapages.
  for (unsigned long at = 0; at < 2 * MEGAPAGE; at += MEGAPAGE) {
    map(root, 0x80000000ul + at, 0x80000000ul + at, CODE_RIGHTS, 1);
  }
  map(root, UART_BASE, UART_BASE, DATA_RIGHTS, 1);
  map(root, FINISHER_BASE & ~(MEGAPAGE - 1), FINISHER_BASE & ~(MEGAPAGE - 1), DATA_RIGHTS, 1);
  unsigned long expected = 0;
  for (unsigned i = 0; i < DATA_PAGES; i++) data[i][0] = i + 1;
  for (unsigned long i = 0; i < PAGES; i++) {
    map(root, WINDOW + i * PAGE, (unsigned long)data[i % DATA_PAGES], DATA_RIGHTS, 0);
    expected += STRIDE == 0 ? 1 : i % DATA_PAGES + 1;
  }
  expected *= ROUNDS;

  CSR_WRITE(satp, SATP_MODE | (unsigned long)root >> 12);
  __asm__ volatile("sfence.vma" ::: "memory");
  enter_supervisor();
  const unsigned long start = cycles();
  const unsigned long sum = touch(WINDOW);
  const unsigned long taken = cycles() - start;
  print_value("accesses", (unsigned long)PAGES * ROUNDS);
  print_value("cycles", taken);
  return sum == expected ? 0 : 1;
}
