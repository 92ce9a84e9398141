// Mutexes: held by one task, which may sleep meanwhile; given to waiting tasks in the order they came. Wrong
// use is reported with the code that took the mutex. Bodies: sched/mutex.cpp.
#pragma once

#include <linux/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mutex {
  struct task_struct* owner;  // null: free
  unsigned long taken_at;     // code that took it
  wait_queue_head_t wait;
};

#define MUTEX_INITIALIZER \
  { NULL, 0, WAIT_QUEUE_HEAD_INITIALIZER }
#define DEFINE_MUTEX(name) struct mutex name = MUTEX_INITIALIZER

void mutex_init(struct mutex* lock);
// Sleeps until the mutex is free. Taking it twice is reported; the task then goes on with it.
void mutex_lock(struct mutex* lock);
// The same; 0, as nothing interrupts a wait here.
int mutex_lock_interruptible(struct mutex* lock);
// 1 when it was free and is now held, else 0. Never sleeps.
int mutex_trylock(struct mutex* lock);
// Only by the task that holds it; anything else is reported and changes nothing.
void mutex_unlock(struct mutex* lock);
static inline bool mutex_is_locked(const struct mutex* lock) { return lock->owner != NULL; }

#ifdef __cplusplus
}
#endif
