// Time in ticks of the timer, 100 a second.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HZ 100

// Ticks since start. It wraps, so points in time are compared with the macros.
extern volatile unsigned long jiffies;

#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)

// Rounded up, so that a wait is never too short.
static inline unsigned long msecs_to_jiffies(unsigned milliseconds) {
  return milliseconds / (1000 / HZ) + (milliseconds % (1000 / HZ) != 0);
}
static inline unsigned jiffies_to_msecs(unsigned long ticks) { return (unsigned)(ticks * (1000 / HZ)); }

#ifdef __cplusplus
}
#endif
