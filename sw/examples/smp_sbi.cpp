// The harts of a machine as firmware gives them: started, stopped and asked by SBI calls (hart state
// management, IPI, RFENCE), from supervisor mode. The exit status is the number of the check that failed.
#define TABLES 5
#include "paging.h"
//
#include "memio/sbi.h"
#include "smp.h"

namespace {

struct Result {
  long error;
  unsigned long value;
};

Result sbi(unsigned long extension, unsigned long function, unsigned long a = 0, unsigned long b = 0,
           unsigned long c = 0, unsigned long d = 0, unsigned long e = 0) {
  register unsigned long a0 __asm__("a0") = a;
  register unsigned long a1 __asm__("a1") = b;
  register unsigned long a2 __asm__("a2") = c;
  register unsigned long a3 __asm__("a3") = d;
  register unsigned long a4 __asm__("a4") = e;
  register unsigned long a6 __asm__("a6") = function;
  register unsigned long a7 __asm__("a7") = extension;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
  return {static_cast<long>(a0), a1};
}

constexpr unsigned long kEveryone = ~0ul;
constexpr unsigned long kOpaque = 0x1234;
constexpr unsigned long kWindow = 0x40000000;  // whose translation changes

volatile unsigned pages[2][PAGE / sizeof(unsigned)] __attribute__((aligned(4096)));
volatile unsigned step;     // what hart 0 wants of hart 1
volatile unsigned answers;  // steps that hart 1 has done
volatile unsigned seen;     // what it read
unsigned started, interrupted, stale_reads;
Pte* root;

void check(bool right, int number) {
  if (!right) exit_run(number);
}

unsigned long status(unsigned long hart) { return sbi(SBI_EXT_HSM, SBI_HSM_STATUS, hart).value; }

void start(unsigned hart) {
  extern char begin[] __asm__("secondary_start");
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, hart, reinterpret_cast<unsigned long>(begin), kOpaque + hart).error ==
            0,
        10);
}

void wait_until_stopped(unsigned hart) {
  while (status(hart) != SBI_HSM_STOPPED) {
  }
}

void wait_for(const unsigned* counter, unsigned wanted) {
  while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) != wanted) {
  }
}

// Hart 1 does a step and says so.
void ask(unsigned wanted) {
  step = wanted;
  while (answers != wanted) {
  }
}

void refused_calls(unsigned harts) {
  check(sbi(SBI_EXT_BASE, SBI_BASE_PROBE, SBI_EXT_HSM).value != 0, 1);
  check(status(0) == SBI_HSM_STARTED, 2);
  for (unsigned hart = 1; hart < harts; hart++) check(status(hart) == SBI_HSM_STOPPED, 3);
  check(sbi(SBI_EXT_HSM, SBI_HSM_STATUS, harts).error == SBI_ERR_INVALID_PARAM, 4);
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, harts, 0x80600000).error == SBI_ERR_INVALID_PARAM, 5);
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, 0, 0x80600000).error == SBI_ERR_ALREADY_AVAILABLE, 6);
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, 1, 0x80000000).error == SBI_ERR_INVALID_ADDRESS, 7);
  check(sbi(SBI_EXT_HSM, 99).error == SBI_ERR_NOT_SUPPORTED, 8);
  check(sbi(SBI_EXT_IPI, 0, 1, harts).error == SBI_ERR_INVALID_PARAM, 9);
  check(sbi(SBI_EXT_RFENCE, SBI_RFENCE_FENCE_I, 1, harts).error == SBI_ERR_INVALID_PARAM, 9);
}

// A translation that hart 1 has used, and hart 0 changes, need not be seen before the remote fence.
void remote_fence(bool by_asid, unsigned old_page) {
  const unsigned new_page = 1 - old_page;
  ask(step + 1);
  check(seen == 100 + old_page, 20);
  map(root, kWindow, reinterpret_cast<unsigned long>(pages[new_page]), DATA_RIGHTS, 0);
  ask(step + 1);
  if (seen == 100 + old_page) stale_reads++;
  const unsigned long function = by_asid ? SBI_RFENCE_SFENCE_VMA_ASID : SBI_RFENCE_SFENCE_VMA;
  check(sbi(SBI_EXT_RFENCE, function, 1, 1, kWindow, PAGE, 0).error == 0, 22);
  ask(step + 1);
  check(seen == 100 + new_page, 23);
}

}  // namespace

extern "C" void secondary(unsigned long hart, unsigned long opaque) {
  check(opaque == kOpaque + hart && CSR_READ(satp) == 0 && (CSR_READ(sstatus) & SSTATUS_SIE) == 0, 11);
  __atomic_fetch_add(&started, 1, __ATOMIC_RELEASE);
  CSR_WRITE(sie, IRQ_BIT_SSOFT);
  while ((CSR_READ(sip) & IRQ_BIT_SSOFT) == 0) __asm__ volatile("wfi");
  CSR_CLEAR(sip, IRQ_BIT_SSOFT);
  __atomic_fetch_add(&interrupted, 1, __ATOMIC_RELEASE);
  if (hart == 1 && root != nullptr) {
    turn_paging_on(root);
    for (unsigned done = 0;; answers = done) {
      while (step == done) {
      }
      done = step;
      if (done == 0xffff) break;
      seen = *reinterpret_cast<volatile unsigned*>(kWindow);
    }
    answers = 0xffff;
  }
  sbi(SBI_EXT_HSM, SBI_HSM_STOP);
  exit_run(12);
}

extern "C" int main(unsigned, const void* tree) {
  const unsigned harts = count_harts(tree);
  refused_calls(harts);
  for (unsigned round = 1; round <= 2; round++) {
    if (round == 2) {
      pages[0][0] = 100;
      pages[1][0] = 101;
      root = new_table();
      map_program(root, 4);
      map(root, kWindow, reinterpret_cast<unsigned long>(pages[0]), DATA_RIGHTS, 0);
    }
    for (unsigned hart = 1; hart < harts; hart++) start(hart);
    wait_for(&started, round * (harts - 1));
    check(status(1) == SBI_HSM_STARTED, 13);
    check(sbi(SBI_EXT_HSM, SBI_HSM_START, 1, 0x80600000).error == SBI_ERR_ALREADY_AVAILABLE, 14);
    check(sbi(SBI_EXT_RFENCE, SBI_RFENCE_FENCE_I, 0, kEveryone).error == 0, 15);
    check(sbi(SBI_EXT_IPI, 0, (1ul << harts) - 2, 0).error == 0, 16);
    wait_for(&interrupted, round * (harts - 1));
    if (round == 2) {
      remote_fence(false, 0);
      remote_fence(true, 1);
      ask(0xffff);
    }
    for (unsigned hart = 1; hart < harts; hart++) wait_until_stopped(hart);
  }
  CSR_WRITE(sie, IRQ_BIT_SSOFT);
  check(sbi(SBI_EXT_IPI, 0, 1, 0).error == 0, 17);
  check(sbi(SBI_EXT_HSM, SBI_HSM_SUSPEND, SBI_HSM_RETENTIVE).error == 0, 18);
  check((CSR_READ(sip) & IRQ_BIT_SSOFT) != 0, 19);
  print_value("harts", harts);
  print_value("starts", started);
  print_value("interrupts", interrupted);
  print_value("stale reads", stale_reads);  // none where there are no TLBs
  return 0;
}
