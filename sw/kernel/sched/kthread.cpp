// Kernel threads: creation and stopping.
#include <linux/completion.h>
#include <linux/kthread.h>
#include <stdarg.h>

#include "format.h"
#include "kernel/task.h"

namespace memio {

extern "C" task_struct* kthread_create(int (*threadfn)(void* data), void* data, const char* name, ...) {
  char text[TASK_COMM_LEN];
  va_list arguments;
  va_start(arguments, name);
  format_text(text, sizeof text, name, arguments);
  va_end(arguments);
  task_struct* task = task_create(threadfn, data, text, kAnyPid);
  return task == nullptr ? static_cast<task_struct*>(ERR_PTR(-ENOMEM)) : task;
}

extern "C" int kthread_stop(task_struct* task) {
  might_sleep();
  DECLARE_COMPLETION_ONSTACK(exited);
  const unsigned long flags = arch_local_irq_save();
  const bool exists = task_exists(task);
  const bool ended = exists && task->state == TASK_DEAD;
  if (exists) {
    get_task_struct(task);
    task->should_stop = 1;
    task->exited = &exited;
    wake_up_process(task);
  }
  arch_local_irq_restore(flags);
  if (!exists) {
    report_bug("kthread_stop of 0x%lx, which is no task", reinterpret_cast<unsigned long>(task));
    return -EINVAL;
  }
  if (!ended) wait_for_completion(&exited);
  const int result = task->exit_code;
  put_task_struct(task);
  return result;
}

extern "C" bool kthread_should_stop() { return get_current()->should_stop != 0; }

}  // namespace memio
