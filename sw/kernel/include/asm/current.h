// The running task: tp points to it in all of the kernel.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct task_struct;

static inline struct task_struct* get_current(void) {
  struct task_struct* task;
  __asm__("mv %0, tp" : "=r"(task));
  return task;
}

// C++ sources call get_current(): the name is an ordinary one there.
#ifndef __cplusplus
#define current get_current()
#endif

#ifdef __cplusplus
}
#endif
