// Misaligned loads and stores of every size, in user mode, also across pages that the kernel maps on demand.
// On a CPU that traps on them (--cpu.misaligned=trap) the firmware does them; the results must be the same.
// The exit status is the number of wrong ones.
#include "memio_user.h"

#define PAGE 4096u

static int failures;
static int checks;

static void check(const char* what, int holds) {
  checks++;
  if (holds) return;
  printf("misaligned: %s wrong\n", what);
  failures++;
}

// The compiler would split a misaligned access it can see, hence assembler.
#define LOAD(name, type)                                                          \
  static type load_##name(const void* address) {                                  \
    long value;                                                                   \
    __asm__ volatile(#name " %0, 0(%1)" : "=r"(value) : "r"(address) : "memory"); \
    return (type)value;                                                           \
  }
#define STORE(name)                                                               \
  static void store_##name(void* address, unsigned long value) {                  \
    __asm__ volatile(#name " %0, 0(%1)" : : "r"(value), "r"(address) : "memory"); \
  }

LOAD(lh, long)
LOAD(lhu, unsigned long)
LOAD(lw, long)
STORE(sh)
STORE(sw)
#if __riscv_xlen == 64
LOAD(lwu, unsigned long)
LOAD(ld, unsigned long)
STORE(sd)
#endif

// The compressed forms, relative to a register and to sp.
static unsigned long load_compressed(const void* address) {
  register const void* base __asm__("a4") = address;
  register unsigned long value __asm__("a5");
  __asm__ volatile("c.lw %0, 0(%1)" : "=r"(value) : "r"(base) : "memory");
  return value;
}

static void store_compressed(void* address, unsigned long data) {
  register void* base __asm__("a4") = address;
  register unsigned long value __asm__("a5") = data;
  __asm__ volatile("c.sw %0, 0(%1)" : : "r"(value), "r"(base) : "memory");
}

static unsigned long load_by_sp(const void* address) {
  unsigned long value;
  __asm__ volatile(
      "mv t0, sp\n"
      "mv sp, %1\n"
      "c.lwsp %0, 4(sp)\n"
      "mv sp, t0\n"
      : "=&r"(value)
      : "r"((const char*)address - 4)
      : "t0", "memory");
  return value;
}

static void at(uint8_t* place) {
  for (unsigned i = 0; i < 16; i++) place[i] = (uint8_t)(0x81 + i);
  check("lh", load_lh(place) == (int16_t)0x8281);
  check("lhu", load_lhu(place) == 0x8281);
  check("lw", load_lw(place) == (int32_t)0x84838281);
  check("c.lw", (uint32_t)load_compressed(place) == 0x84838281);
  check("c.lwsp", (uint32_t)load_by_sp(place) == 0x84838281);
  store_sh(place + 1, 0x1234);
  check("sh", place[0] == 0x81 && place[1] == 0x34 && place[2] == 0x12 && place[3] == 0x84);
  store_sw(place + 2, 0xA1B2C3D4);
  check("sw", place[1] == 0x34 && place[2] == 0xD4 && place[5] == 0xA1 && place[6] == 0x87);
  store_compressed(place + 4, 0x55667788);
  check("c.sw", place[3] == 0xC3 && place[4] == 0x88 && place[7] == 0x55 && place[8] == 0x89);
#if __riscv_xlen == 64
  check("lwu", load_lwu(place + 8) == 0x8C8B8A89);
  check("ld", load_ld(place + 8) == 0x908F8E8D8C8B8A89);
  store_sd(place + 4, 0x0123456789ABCDEF);
  check("sd", place[3] == 0xC3 && place[4] == 0xEF && place[11] == 0x01 && place[12] == 0x8D);
#endif
}

int main(void) {
  uint8_t* const heap = sbrk(6 * PAGE);
  if (heap == (void*)-1) return 100;
  for (unsigned offset = 1; offset < 8; offset += 2) at(heap + offset);
  at(heap + PAGE - 3);
  // Both pages missing: the load reads zeroes, the store maps what it needs.
  check("load over missing pages", load_lw(heap + 3 * PAGE - 1) == 0);
  store_sw(heap + 5 * PAGE - 1, 0xCAFE1234);
  check("store over missing pages", heap[5 * PAGE - 1] == 0x34 && heap[5 * PAGE + 2] == 0xCA);
  printf("misaligned: %d checks, %d wrong\n", checks, failures);
  return failures;
}
