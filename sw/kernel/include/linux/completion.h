// Completions: one task waits for what another one, or an interrupt, has done. Bodies: sched/wait.cpp.
#pragma once

#include <linux/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

struct completion {
  unsigned done;  // waits that will not sleep
  wait_queue_head_t wait;
};

#define COMPLETION_INITIALIZER \
  { 0, WAIT_QUEUE_HEAD_INITIALIZER }
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INITIALIZER
#define DECLARE_COMPLETION_ONSTACK(name) DECLARE_COMPLETION(name)

static inline void init_completion(struct completion* completion) {
  completion->done = 0;
  init_waitqueue_head(&completion->wait);
}
#define INIT_COMPLETION(completion) ((completion).done = 0)

// Lets one wait go on, or with complete_all every one from now on. May be called from interrupts.
void complete(struct completion* completion);
void complete_all(struct completion* completion);
void wait_for_completion(struct completion* completion);
// The ticks that were left, at least 1; 0 when the time ran out.
unsigned long wait_for_completion_timeout(struct completion* completion, unsigned long ticks);
// False when it would have to wait.
bool try_wait_for_completion(struct completion* completion);

#ifdef __cplusplus
}
#endif
