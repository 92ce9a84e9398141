// The running task of the fake machine, always the same one.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct task_struct;
extern struct task_struct fake_task;
static inline struct task_struct* get_current(void) { return &fake_task; }

#ifdef __cplusplus
}
#endif
