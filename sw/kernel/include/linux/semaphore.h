// Counting semaphores. Bodies: sched/mutex.cpp.
#pragma once

#include <linux/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

struct semaphore {
  unsigned count;  // how many may still take it
  wait_queue_head_t wait;
};

static inline void sema_init(struct semaphore* semaphore, int count) {
  semaphore->count = (unsigned)count;
  init_waitqueue_head(&semaphore->wait);
}
// Takes one, sleeping until there is one.
void down(struct semaphore* semaphore);
// The same; 0, as nothing interrupts a wait here.
int down_interruptible(struct semaphore* semaphore);
// 0 when it has taken one, 1 when there is none. Never sleeps.
int down_trylock(struct semaphore* semaphore);
// 0, or -ETIMEDOUT after `ticks`.
int down_timeout(struct semaphore* semaphore, long ticks);
// Gives one back; from interrupts too.
void up(struct semaphore* semaphore);

#ifdef __cplusplus
}
#endif
