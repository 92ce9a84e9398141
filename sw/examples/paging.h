// Page tables of bare programs: Sv39 or Sv32, one address space, supervisor mode, no faults expected. A
// program defines TABLES, the number of tables it needs, before it includes this.
#pragma once

#include "bare.h"

#define PAGE 4096ul
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

typedef unsigned long Pte;

static Pte tables[TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned tables_used;

static Pte* new_table(void) {
  if (tables_used == TABLES) exit_run(98);
  return tables[tables_used++];
}

static Pte make_pte(unsigned long address, Pte rights) { return address >> 12 << 10 | rights; }

// Maps a page, of 4 KiB at level 0 and a megapage at level 1.
static void map(Pte* root, unsigned long va, unsigned long pa, Pte rights, int level) {
  Pte* table = root;
  for (int at = LEVELS - 1; at > level; at--) {
    Pte* entry = &table[va >> (12 + INDEX_BITS * at) & (ENTRIES - 1)];
    if (*entry == 0) *entry = make_pte((unsigned long)new_table(), VALID);
    table = (Pte*)(*entry >> 10 << 12);
  }
  table[va >> (12 + INDEX_BITS * level) & (ENTRIES - 1)] = make_pte(pa, rights);
}

// Maps the first `megapages` of RAM, the UART and the finisher, one to one in megapages.
static void map_program(Pte* root, unsigned long megapages) {
  for (unsigned long at = 0; at < megapages * MEGAPAGE; at += MEGAPAGE) {
    map(root, 0x80000000ul + at, 0x80000000ul + at, CODE_RIGHTS, 1);
  }
  map(root, UART_BASE, UART_BASE, DATA_RIGHTS, 1);
  map(root, FINISHER_BASE & ~(MEGAPAGE - 1), FINISHER_BASE & ~(MEGAPAGE - 1), DATA_RIGHTS, 1);
}

static void turn_paging_on(const Pte* root) {
  CSR_WRITE(satp, SATP_MODE | (unsigned long)root >> 12);
  __asm__ volatile("sfence.vma" ::: "memory");
}

static inline void enter_supervisor(void) {
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
