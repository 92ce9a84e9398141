// All harts of the machine at once, in machine mode: locks by LR/SC and by AMO, counters, reservations that
// another hart breaks, messages by software interrupts, code that one hart writes and all run. The exit
// status is the number of the part that failed.
#include "smp.h"

namespace {

constexpr unsigned kRounds = 200;
constexpr unsigned kMessages = 20;
constexpr unsigned kVersions = 20;
constexpr unsigned kReturn = 0x00008067;

Barrier barrier;
volatile unsigned lock;
volatile unsigned locked_count;  // changed by plain loads and stores
unsigned atomic_count, conditional_count;
volatile unsigned token;
volatile unsigned contested __attribute__((aligned(64))), step;
unsigned code[2] __attribute__((aligned(64)));
volatile unsigned* const msip = reinterpret_cast<volatile unsigned*>(CLINT_BASE);

void check(bool right, int part) {
  if (!right) exit_run(part);
}

void increment_conditionally(volatile unsigned* at) {
  while (store_conditional(at, load_reserved(at) + 1) != 0) {
  }
}

// Test and set by LR/SC.
void take_lock() {
  while (load_reserved(&lock) != 0 || store_conditional(&lock, 1) != 0) {
  }
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

void count(unsigned harts) {
  for (unsigned i = 0; i < kRounds; i++) {
    take_lock();
    locked_count = locked_count + 1;
    __atomic_store_n(const_cast<unsigned*>(&lock), 0u, __ATOMIC_RELEASE);
    __atomic_fetch_add(&atomic_count, 3, __ATOMIC_RELAXED);
    increment_conditionally(&conditional_count);
  }
  barrier.meet(harts);
  check(locked_count == harts * kRounds, 1);
  check(atomic_count == 3 * harts * kRounds, 2);
  check(conditional_count == harts * kRounds, 3);
}

void wait_for_step(unsigned wanted) {
  while (step != wanted) {
  }
}

// Between LR and SC of hart 1, hart 0 stores another value and then the old one again. It has stored there
// often before.
void break_reservation(unsigned hart) {
  if (hart == 0) {
    for (unsigned i = 0; i < 50; i++) contested = i;
    contested = 7;
    step = 1;
    wait_for_step(2);
    contested = 8;
    contested = 7;
    step = 3;
    wait_for_step(4);
    contested = 7;
    step = 5;
  } else if (hart == 1) {
    wait_for_step(1);
    check(load_reserved(&contested) == 7, 4);
    step = 2;
    wait_for_step(3);
    check(store_conditional(&contested, 9) != 0, 5);
    check(contested == 7, 6);
    // An AMO of the hart's own in between, on another word: the reservation stands.
    check(load_reserved(&contested) == 7, 4);
    __atomic_fetch_add(&atomic_count, 1, __ATOMIC_RELAXED);
    check(store_conditional(&contested, 9) == 0, 7);
    check(load_reserved(&contested) == 9, 4);
    step = 4;
    wait_for_step(5);
    check(store_conditional(&contested, 9) != 0, 8);
  }
}

// A token goes round; each hart adds one and wakes the next.
void pass_messages(unsigned hart, unsigned harts) {
  CSR_WRITE(mie, IRQ_BIT_MSOFT);
  const unsigned next = hart + 1 == harts ? 0 : hart + 1;
  if (hart == 0) msip[next] = 1;
  for (unsigned i = 0; i < kMessages; i++) {
    while ((CSR_READ(mip) & IRQ_BIT_MSOFT) == 0) __asm__ volatile("wfi");
    msip[hart] = 0;
    while ((CSR_READ(mip) & IRQ_BIT_MSOFT) != 0) {
    }
    token = token + 1;
    if (hart != 0 || i + 1 < kMessages) msip[next] = 1;
  }
  barrier.meet(harts);
  check(token == harts * kMessages, 9);
}

// li a0, value; ret
void write_code(unsigned value) {
  static_cast<volatile unsigned*>(code)[0] = value << 20 | 10u << 7 | 0x13;
  static_cast<volatile unsigned*>(code)[1] = kReturn;
}

void run_what_another_wrote(unsigned hart, unsigned harts) {
  const auto function = reinterpret_cast<unsigned (*)()>(reinterpret_cast<unsigned long>(code));
  for (unsigned version = 1; version <= kVersions; version++) {
    if (hart == version % harts) write_code(version);
    barrier.meet(harts);
    __asm__ volatile("fence.i" ::: "memory");
    for (unsigned i = 0; i < 10; i++) check(function() == version, 10);
    barrier.meet(harts);
  }
}

}  // namespace

extern "C" int main(unsigned hart, const void* tree) {
  const unsigned harts = count_harts(tree);
  count(harts);
  if (harts > 1) break_reservation(hart);
  barrier.meet(harts);
  if (harts > 1) pass_messages(hart, harts);
  run_what_another_wrote(hart, harts);
  barrier.meet(harts);
  if (hart != 0) {
    for (;;) __asm__ volatile("wfi");
  }
  print_value("harts", harts);
  print_value("counted", locked_count);
  print_value("messages", token);
  return 0;
}
