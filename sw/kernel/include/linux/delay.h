// Waiting: udelay and mdelay look at the counter and may be used anywhere, msleep sleeps. Bodies:
// arch/riscv/time.cpp, sched/timer.cpp.
#pragma once

#include <linux/sched.h>

#ifdef __cplusplus
extern "C" {
#endif

void udelay(unsigned long microseconds);
static inline void mdelay(unsigned long milliseconds) { udelay(1000 * milliseconds); }
// Sleeps at least this long, in whole ticks; linux/sched.h declares msleep().
static inline void ssleep(unsigned seconds) { msleep(1000 * seconds); }

#ifdef __cplusplus
}
#endif
