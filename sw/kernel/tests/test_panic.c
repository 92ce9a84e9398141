// Mistakes that end the run. test=all leaves out what is called panic_...; each is run alone.
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "ktest.h"

static __attribute__((noinline, noclone)) void take_twice(spinlock_t* lock) {
  spin_lock(lock);
  spin_lock(lock);
}

KTEST(panic_spin_lock_twice) {
  spinlock_t lock = SPIN_LOCK_UNLOCKED;
  take_twice(&lock);
}

KTEST(panic_spin_unlock_free) {
  spinlock_t lock = SPIN_LOCK_UNLOCKED;
  spin_unlock(&lock);
}

// Goes down past the end of the stack, but not far.
static __attribute__((noinline)) unsigned long dig(unsigned long floor) {
  volatile unsigned long frame[32];
  frame[0] = (unsigned long)frame;
  if (frame[0] > floor) frame[1] = dig(floor);
  for (int i = 2; i < 32; i++) frame[i] = 0;
  return frame[0];
}

static int run_deep(void* data) {
  (void)data;
  local_irq_disable();
  dig(current->stack);
  local_irq_enable();
  schedule();
  return 0;
}

KTEST(panic_stack_overflow) {
  kthread_run(run_deep, NULL, "deep");
  msleep(20);
}

static __attribute__((noinline, noclone)) void write_to_null(volatile int* pointer) { pointer[2] = 1; }

static int faulty_thread(void* data) {
  write_to_null(data);
  return 0;
}

KTEST(panic_in_a_thread) {
  kthread_run(faulty_thread, NULL, "faulty");
  msleep(20);
}

static void panic_from_timer(unsigned long data) { panic("asked for by timer %lu", data); }

static __attribute__((noinline)) void busy_wait(void) {
  for (volatile int i = 0; i < 10000000; i++) {
  }
}

KTEST(panic_in_an_interrupt) {
  static struct timer_list timer;
  setup_timer(&timer, panic_from_timer, 1);
  mod_timer(&timer, jiffies + 2);
  busy_wait();
}
