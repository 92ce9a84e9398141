// Single bits of arrays of unsigned long. The plain forms hold off interrupts' view by one amo each; the __
// forms are for callers that hold a lock.
#pragma once

#include <linux/types.h>

#define BIT(n) (1ul << (n))

static inline void set_bit(unsigned nr, volatile unsigned long* words) {
  __atomic_fetch_or(words + nr / BITS_PER_LONG, BIT(nr % BITS_PER_LONG), __ATOMIC_RELAXED);
}
static inline void clear_bit(unsigned nr, volatile unsigned long* words) {
  __atomic_fetch_and(words + nr / BITS_PER_LONG, ~BIT(nr % BITS_PER_LONG), __ATOMIC_RELAXED);
}
static inline bool test_bit(unsigned nr, const volatile unsigned long* words) {
  return (words[nr / BITS_PER_LONG] >> nr % BITS_PER_LONG & 1) != 0;
}
static inline bool test_and_set_bit(unsigned nr, volatile unsigned long* words) {
  const unsigned long bit = BIT(nr % BITS_PER_LONG);
  return (__atomic_fetch_or(words + nr / BITS_PER_LONG, bit, __ATOMIC_SEQ_CST) & bit) != 0;
}
static inline bool test_and_clear_bit(unsigned nr, volatile unsigned long* words) {
  const unsigned long bit = BIT(nr % BITS_PER_LONG);
  return (__atomic_fetch_and(words + nr / BITS_PER_LONG, ~bit, __ATOMIC_SEQ_CST) & bit) != 0;
}
static inline void __set_bit(unsigned nr, unsigned long* words) {
  words[nr / BITS_PER_LONG] |= BIT(nr % BITS_PER_LONG);
}
static inline void __clear_bit(unsigned nr, unsigned long* words) {
  words[nr / BITS_PER_LONG] &= ~BIT(nr % BITS_PER_LONG);
}
