// Read-write semaphores: held by any number of readers or by one writer. A waiting writer does not hold off
// new readers. Bodies: sched/mutex.cpp.
#pragma once

#include <linux/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rw_semaphore {
  int holders;  // readers, or -1: a writer
  wait_queue_head_t wait;
};

static inline void init_rwsem(struct rw_semaphore* semaphore) {
  semaphore->holders = 0;
  init_waitqueue_head(&semaphore->wait);
}
void down_read(struct rw_semaphore* semaphore);
void up_read(struct rw_semaphore* semaphore);
void down_write(struct rw_semaphore* semaphore);
void up_write(struct rw_semaphore* semaphore);

#ifdef __cplusplus
}
#endif
