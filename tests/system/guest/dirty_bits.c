// A supervisor as small kernels are (xv6, for one): its page tables leave A and D clear, and it knows no
// fault for them, so it lives on hardware that sets them. Its status is 0, or the number of what went wrong.
#include <stdint.h>

enum { kValid = 1, kRead = 2, kWrite = 4, kExecute = 8, kAccessed = 64, kDirty = 128, kStorePageFault = 15 };

#if __riscv_xlen == 64
enum { kIndexBits = 9, kLevels = 3 };  // Sv39
static const unsigned long kSatpMode = 8ul << 60;
#else
enum { kIndexBits = 10, kLevels = 2 };  // Sv32
static const unsigned long kSatpMode = 1ul << 31;
#endif
enum { kEntries = 1 << kIndexBits };
static const unsigned long kPages = 0x40000000, kFinisher = 0x100000;

typedef unsigned long Pte;
static volatile Pte root[kEntries] __attribute__((aligned(4096)));
static volatile Pte tables[kLevels - 1][kEntries] __attribute__((aligned(4096)));
static volatile int pages[3][1024] __attribute__((aligned(4096)));
static volatile unsigned long traps, cause;

static Pte pte(volatile const void* to, Pte rights) {
  return (unsigned long)to >> 12 << 10 | kValid | rights;
}

static unsigned long root_index(unsigned long address) {
  return address >> (12 + kIndexBits * (kLevels - 1)) & (kEntries - 1);
}

// One to one, by the largest page there is, which begins at `first`.
static void map_largest(unsigned long address, Pte rights) {
  const unsigned long size = 4096ul << kIndexBits * (kLevels - 1);
  root[root_index(address)] = pte((void*)(address & ~(size - 1)), rights);
}

static void end(int status) {
  *(volatile uint32_t*)kFinisher = status ? (uint32_t)(status << 16 | 0x3333) : 0x5555;
  for (;;) {
  }
}

static void check(int number, Pte entry, Pte bits) {
  if ((entry & (kAccessed | kDirty)) != bits) end(number);
}

__attribute__((interrupt("supervisor"), aligned(4))) static void on_trap(void) {
  unsigned long pc;
  __asm__ volatile("csrr %0, scause\n  csrr %1, sepc\n" : "=r"(cause), "=r"(pc));
  traps++;
  __asm__ volatile("csrw sepc, %0" : : "r"(pc + 4));
}

static int load(unsigned long address) { return *(volatile int*)address; }

static void store(unsigned long address, int value) {
  __asm__ volatile(".option push\n.option norvc\n  sw %0, 0(%1)\n.option pop"
                   :
                   : "r"(value), "r"(address)
                   : "memory");
}

__attribute__((used)) static void begin(void) {
  volatile Pte* const code = &root[root_index((unsigned long)begin)];
  volatile Pte* const leaves = tables[kLevels - 2];
  map_largest((unsigned long)begin, kRead | kWrite | kExecute);
  map_largest(kFinisher, kRead | kWrite);
  volatile Pte* table = &root[root_index(kPages)];
  for (int i = 0; i < kLevels - 1; i++) {
    *table = pte(tables[i], 0);
    table = tables[i];
  }
  for (int i = 0; i < 3; i++) {
    leaves[i] = pte(pages[i], i < 2 ? kRead | kWrite : kRead);
    pages[i][0] = 100 + i;
  }
  __asm__ volatile("csrw stvec, %0" : : "r"(on_trap));
  __asm__ volatile("sfence.vma\n  csrw satp, %0" : : "r"(kSatpMode | (unsigned long)root >> 12) : "memory");

  check(1, *code, kAccessed);  // by the fetches; nothing has been stored since
  cause = 0;
  check(2, *code, kAccessed | kDirty);
  check(3, leaves[0], 0);
  if (load(kPages) != 100) end(4);
  check(5, leaves[0], kAccessed);
  store(kPages, 200);
  check(6, leaves[0], kAccessed | kDirty);
  if (pages[0][0] != 200) end(7);
  store(kPages + 4096, 201);
  check(8, leaves[1], kAccessed | kDirty);
  if (pages[1][0] != 201 || traps != 0) end(9);
  if (load(kPages + 8192) != 102) end(10);
  store(kPages + 8192, 202);  // read-only
  if (traps != 1 || cause != kStorePageFault || pages[2][0] != 102) end(11);
  check(12, leaves[2], kAccessed);
  check(13, root[root_index(kPages)] | tables[0][0] * (kLevels > 2), 0);
  end(0);
}

__asm__(
    ".section .text.init, \"ax\"\n.globl _start\n_start:\n"
    "  la sp, stack_top\n  j begin\n"
    ".bss\n.balign 16\n  .skip 8192\nstack_top:\n.text\n");
