// What programs for several harts share: how many there are, a barrier, a lock. Written with the builtins of
// the compiler, so with AMOs and LR/SC.
#pragma once

#include "bare.h"
#include "fdt.h"

static inline unsigned count_harts(const void* tree) {
  unsigned harts = 0;
  const memio::Fdt fdt(tree);
  fdt.for_each([&](const memio::FdtNode& node) {
    const memio::FdtProperty type = fdt.property(node, "device_type");
    if (type && type.has_string("cpu")) harts++;
    return false;
  });
  return harts;
}

// All harts of a machine meet here, any number of times.
class Barrier {
 public:
  void meet(unsigned harts) {
    const unsigned round = __atomic_load_n(&round_, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&arrived_, 1, __ATOMIC_ACQ_REL) == harts) {
      __atomic_store_n(&arrived_, 0, __ATOMIC_RELAXED);
      __atomic_store_n(&round_, round + 1, __ATOMIC_RELEASE);
      return;
    }
    while (__atomic_load_n(&round_, __ATOMIC_ACQUIRE) == round) {
    }
  }

 private:
  unsigned arrived_, round_;
};

// LR and SC, spelled out where a test says what comes between them.
static inline unsigned load_reserved(volatile unsigned* at) {
  unsigned value;
  __asm__ volatile("lr.w %0, (%1)" : "=r"(value) : "r"(at) : "memory");
  return value;
}

// 0: stored.
static inline unsigned store_conditional(volatile unsigned* at, unsigned value) {
  unsigned failed;
  __asm__ volatile("sc.w %0, %2, (%1)" : "=&r"(failed) : "r"(at), "r"(value) : "memory");
  return failed;
}
