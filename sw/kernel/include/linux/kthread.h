// Kernel threads. Bodies: sched/kthread.cpp.
#pragma once

#include <linux/err.h>
#include <linux/sched.h>

#ifdef __cplusplus
extern "C" {
#endif

// Makes a thread that will run threadfn(data); wake_up_process() starts it. ERR_PTR(-ENOMEM) without memory.
// The name is cut to TASK_COMM_LEN - 1 characters.
struct task_struct* kthread_create(int (*threadfn)(void* data), void* data, const char* name, ...)
    __attribute__((format(printf, 3, 4)));

// The same, started.
#define kthread_run(threadfn, data, name, ...)                                               \
  ({                                                                                         \
    struct task_struct* thread_ = kthread_create((threadfn), (data), (name), ##__VA_ARGS__); \
    if (!IS_ERR(thread_)) wake_up_process(thread_);                                          \
    thread_;                                                                                 \
  })

// Makes kthread_should_stop() true for `task`, wakes it up and waits for its end; its result, or -EINTR when
// it had never run. For a thread that may end by itself the caller must hold a reference
// (get_task_struct); what is no task at all is reported as a bug and gives -EINVAL.
int kthread_stop(struct task_struct* task);
// Whether the running thread has been asked to end.
bool kthread_should_stop(void);

#ifdef __cplusplus
}
#endif
