// Timers: functions called once at a tick, in interrupt context (they must not sleep). Bodies:
// sched/timer.cpp.
#pragma once

#include <linux/jiffies.h>
#include <linux/list.h>

#ifdef __cplusplus
extern "C" {
#endif

struct timer_list {
  struct list_head entry;  // entry.next is null while the timer is not pending
  unsigned long expires;   // in jiffies; one that is past means the next tick
  void (*function)(unsigned long data);
  unsigned long data;
};

#define TIMER_INITIALIZER(function_, expires_, data_) \
  { {NULL, NULL}, (expires_), (function_), (data_) }

static inline void init_timer(struct timer_list* timer) { timer->entry.next = NULL; }
static inline void setup_timer(struct timer_list* timer, void (*function)(unsigned long data),
                               unsigned long data) {
  init_timer(timer);
  timer->function = function;
  timer->data = data;
}
static inline bool timer_pending(const struct timer_list* timer) { return timer->entry.next != NULL; }

// Starts a timer; a pending one is reported as a bug.
void add_timer(struct timer_list* timer);
// Starts a timer, or moves a pending one, to `expires`; 1 when it was pending, else 0.
int mod_timer(struct timer_list* timer, unsigned long expires);
// Stops a timer; 1 when it was pending, else 0. On the one hart its function cannot be running elsewhere, so
// del_timer_sync() differs only in that a timer's function must not call it.
int del_timer(struct timer_list* timer);
int del_timer_sync(struct timer_list* timer);

#ifdef __cplusplus
}
#endif
