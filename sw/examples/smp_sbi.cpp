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
constexpr unsigned long kFirmware = 0x80000000;  // where no program may begin
constexpr unsigned long kDevice = 0x10000000, kBeforeRam = 0x7ffffffe, kBehindRam = 0x81000000;
constexpr unsigned long kOwnFirmware = 0x6d656d;  // its implementation number
// What started harts are given, plus their number.
constexpr unsigned long kOpaque = 0x1234, kSuspend = 0x2345, kResumed = 0x3456;
constexpr unsigned long kWindow = 0x40000000;  // whose translation changes

volatile unsigned pages[2][PAGE / sizeof(unsigned)] __attribute__((aligned(4096)));
unsigned self, worker;      // the hart that the firmware started first, and one of the others
volatile unsigned step;     // what the first wants of the worker
volatile unsigned answers;  // steps that hart 1 has done
volatile unsigned seen;     // what it read
unsigned started, interrupted, resumed, stale_reads;
Pte* root;

void check(bool right, int number) {
  if (!right) exit_run(number);
}

unsigned long status(unsigned long hart) { return sbi(SBI_EXT_HSM, SBI_HSM_STATUS, hart).value; }

extern "C" char secondary_start[];
const auto entry = reinterpret_cast<unsigned long>(secondary_start);

void start(unsigned hart, unsigned long opaque) {
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, hart, entry, opaque + hart).error == 0, 10);
}

void wait_until(unsigned hart, unsigned long wanted) {
  while (status(hart) != wanted) {
  }
}

void wait_for(const unsigned* counter, unsigned wanted) {
  while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) != wanted) {
  }
}

// The worker does a step and says so.
void ask(unsigned wanted) {
  step = wanted;
  while (answers != wanted) {
  }
}

long suspend(unsigned long type, unsigned long resume = 0, unsigned long opaque = 0) {
  return sbi(SBI_EXT_HSM, SBI_HSM_SUSPEND, type, resume, opaque).error;
}

// By the specification. OpenSBI 1.1 starts a hart wherever it is told outside its own memory.
void refused_addresses() {
  if (sbi(SBI_EXT_BASE, SBI_BASE_IMPL_ID).value != kOwnFirmware) return;
  constexpr unsigned long addresses[] = {1, kDevice, kBeforeRam, kBehindRam};
  for (const unsigned long address : addresses) {
    check(sbi(SBI_EXT_HSM, SBI_HSM_START, worker, address).error == SBI_ERR_INVALID_ADDRESS, 6);
    check(suspend(SBI_HSM_NON_RETENTIVE, address) == SBI_ERR_INVALID_ADDRESS, 7);
  }
}

// Reserved reasons and types, and those of a vendor or platform.
void refused_resets() {
  constexpr unsigned long values[] = {2, 9, 0xdfffffff, 0xe0000000, 0xf0000000};
  for (const unsigned long wrong : values) {
    for (unsigned long type = SBI_SRST_SHUTDOWN; type <= SBI_SRST_WARM_REBOOT; type++)
      check(sbi(SBI_EXT_SRST, 0, type, wrong).error == SBI_ERR_INVALID_PARAM, 28);
    if (wrong != 2) check(sbi(SBI_EXT_SRST, 0, wrong, 0).error == SBI_ERR_INVALID_PARAM, 28);
  }
}

void refused_calls(unsigned harts) {
  check(sbi(SBI_EXT_BASE, SBI_BASE_PROBE, SBI_EXT_HSM).value != 0, 1);
  for (unsigned hart = 0; hart < harts; hart++)
    check(status(hart) == (hart == self ? SBI_HSM_STARTED : SBI_HSM_STOPPED), 2);
  check(sbi(SBI_EXT_HSM, SBI_HSM_STATUS, harts).error == SBI_ERR_INVALID_PARAM, 3);
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, harts, entry).error == SBI_ERR_INVALID_PARAM, 4);
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, self, entry).error == SBI_ERR_ALREADY_AVAILABLE, 5);
  check(sbi(SBI_EXT_HSM, SBI_HSM_START, worker, kFirmware).error == SBI_ERR_INVALID_ADDRESS, 6);
  check(suspend(SBI_HSM_RETENTIVE + 1) == SBI_ERR_INVALID_PARAM, 7);
  check(suspend(SBI_HSM_NON_RETENTIVE + 1, entry) == SBI_ERR_INVALID_PARAM, 7);
  check(suspend(0x10000000) == SBI_ERR_NOT_SUPPORTED, 7);
  check(suspend(0x90000000, entry) == SBI_ERR_NOT_SUPPORTED, 7);
  check(suspend(SBI_HSM_NON_RETENTIVE, kFirmware) == SBI_ERR_INVALID_ADDRESS, 7);
  check(sbi(SBI_EXT_HSM, 99).error == SBI_ERR_NOT_SUPPORTED, 8);
  check(sbi(SBI_EXT_IPI, 99).error == SBI_ERR_NOT_SUPPORTED, 8);
  check(sbi(SBI_EXT_RFENCE, 99).error == SBI_ERR_NOT_SUPPORTED, 8);
  check(sbi(SBI_EXT_IPI, 0, 1, kEveryone - 1).error == SBI_ERR_INVALID_PARAM, 9);
  check(sbi(SBI_EXT_IPI, 0, 4, kEveryone - 1).error == SBI_ERR_INVALID_PARAM, 9);
  check(sbi(SBI_EXT_RFENCE, SBI_RFENCE_FENCE_I, 1, kEveryone - 1).error == SBI_ERR_INVALID_PARAM, 9);
  // Refused by the specification; OpenSBI 1.1 leaves out harts that are not there.
  unsigned refused = 0;
  for (unsigned base = 0; base <= harts; base++) {
    const unsigned long mask = 1ul << (harts - base);
    if (sbi(SBI_EXT_IPI, 0, mask, base).error == SBI_ERR_INVALID_PARAM) refused++;
    if (sbi(SBI_EXT_RFENCE, SBI_RFENCE_FENCE_I, mask, base).error == SBI_ERR_INVALID_PARAM) refused++;
  }
  print_value("refused for harts that are not there", refused);
}

// A translation that the worker has used, and the first hart changes, need not be seen before the remote
// fence.
void remote_fence(bool by_asid, unsigned old_page) {
  const unsigned new_page = 1 - old_page;
  ask(step + 1);
  check(seen == 100 + old_page, 20);
  map(root, kWindow, reinterpret_cast<unsigned long>(pages[new_page]), DATA_RIGHTS, 0);
  ask(step + 1);
  if (seen == 100 + old_page) stale_reads++;
  const unsigned long function = by_asid ? SBI_RFENCE_SFENCE_VMA_ASID : SBI_RFENCE_SFENCE_VMA;
  check(sbi(SBI_EXT_RFENCE, function, 1, worker, kWindow, PAGE, 0).error == 0, 22);
  ask(step + 1);
  check(seen == 100 + new_page, 23);
}

void wake(unsigned hart) { check(sbi(SBI_EXT_IPI, 0, 1, hart).error == 0, 24); }

// The worker suspends itself in both ways, and goes on when it is interrupted.
void suspend_and_resume() {
  start(worker, kSuspend);
  for (unsigned times = 1; times <= 2; times++) {
    wait_until(worker, SBI_HSM_SUSPENDED);
    check(sbi(SBI_EXT_HSM, SBI_HSM_START, worker, entry).error == SBI_ERR_INVALID_PARAM, 25);
    wake(worker);
    wait_for(&resumed, times);
  }
  wait_until(worker, SBI_HSM_STOPPED);
}

}  // namespace

extern "C" void secondary(unsigned long hart, unsigned long opaque) {
  const unsigned long why = opaque - hart;
  check(why == kOpaque || why == kSuspend || why == kResumed, 11);
  check(CSR_READ(satp) == 0 && (CSR_READ(sstatus) & SSTATUS_SIE) == 0, 12);
  if (why == kOpaque) __atomic_fetch_add(&started, 1, __ATOMIC_RELEASE);
  CSR_WRITE(sie, IRQ_BIT_SSOFT);
  if (why == kSuspend) check(suspend(SBI_HSM_RETENTIVE) == 0, 26);
  while ((CSR_READ(sip) & IRQ_BIT_SSOFT) == 0) __asm__ volatile("wfi");
  CSR_CLEAR(sip, IRQ_BIT_SSOFT);
  __atomic_fetch_add(why == kOpaque ? &interrupted : &resumed, 1, __ATOMIC_RELEASE);
  if (why == kSuspend) suspend(SBI_HSM_NON_RETENTIVE, entry, kResumed + hart);
  check(why != kSuspend, 27);
  if (why == kOpaque && hart == worker && root != nullptr) {
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
  exit_run(13);
}

extern "C" int main(unsigned hart, const void* tree) {
  const unsigned harts = count_harts(tree);
  const unsigned long others = ((1ul << harts) - 1) & ~(1ul << hart);
  self = hart;
  worker = hart == 0 ? 1 : 0;
  refused_calls(harts);
  refused_addresses();
  refused_resets();
  for (unsigned round = 1; round <= 2; round++) {
    if (round == 2) {
      pages[0][0] = 100;
      pages[1][0] = 101;
      root = new_table();
      map_program(root, 4);
      map(root, kWindow, reinterpret_cast<unsigned long>(pages[0]), DATA_RIGHTS, 0);
    }
    for (unsigned other = 0; other < harts; other++)
      if (other != self) start(other, kOpaque);
    wait_for(&started, round * (harts - 1));
    check(status(worker) == SBI_HSM_STARTED, 14);
    check(sbi(SBI_EXT_HSM, SBI_HSM_START, worker, entry).error == SBI_ERR_ALREADY_AVAILABLE, 14);
    check(sbi(SBI_EXT_RFENCE, SBI_RFENCE_FENCE_I, 0, kEveryone).error == 0, 15);
    check(sbi(SBI_EXT_IPI, 0, others, 0).error == 0, 16);
    wait_for(&interrupted, round * (harts - 1));
    if (round == 2) {
      remote_fence(false, 0);
      remote_fence(true, 1);
      ask(0xffff);
    }
    for (unsigned other = 0; other < harts; other++)
      if (other != self) wait_until(other, SBI_HSM_STOPPED);
  }
  suspend_and_resume();
  CSR_WRITE(sie, IRQ_BIT_SSOFT);
  wake(self);
  check(suspend(SBI_HSM_RETENTIVE) == 0, 18);
  check((CSR_READ(sip) & IRQ_BIT_SSOFT) != 0, 19);
  print_value("harts", harts);
  print_value("starts", started);
  print_value("interrupts", interrupted);
  print_value("resumed", resumed);
  print_value("stale reads", stale_reads);  // none where there are no TLBs
  return 0;
}
