// Interrupts, and tasklets: short functions that an interrupt leaves for the time right after it. Bodies of
// tasklets: sched/softirq.cpp.
#pragma once

#include <linux/preempt.h>

#ifdef __cplusplus
extern "C" {
#endif

// Runs once for each time it is scheduled while not yet waiting to run; with interrupts on, must not sleep.
struct tasklet_struct {
  struct tasklet_struct* next;
  u8 scheduled;
  u8 running;
  unsigned count;  // above 0: disabled
  void (*func)(unsigned long data);
  unsigned long data;
};

#define DECLARE_TASKLET(name, function, argument) \
  struct tasklet_struct name = {NULL, 0, 0, 0, (function), (argument)}

void tasklet_init(struct tasklet_struct* tasklet, void (*func)(unsigned long data), unsigned long data);
// May be called from interrupts.
void tasklet_schedule(struct tasklet_struct* tasklet);
#define tasklet_hi_schedule(tasklet) tasklet_schedule(tasklet)
// A disabled tasklet waits until it is enabled as often as it was disabled.
void tasklet_disable(struct tasklet_struct* tasklet);
void tasklet_enable(struct tasklet_struct* tasklet);
// Waits until the tasklet has run if it is scheduled. May sleep. A disabled one is taken out unrun.
void tasklet_kill(struct tasklet_struct* tasklet);

#ifdef __cplusplus
}
#endif
