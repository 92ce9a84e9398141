// Tasks from creation to end. A task's own reference is dropped by the task that runs after its last switch.
#include "kernel/task.h"

#include <asm/page.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "kernel/platform.h"
#include "string.h"

extern "C" {
extern char boot_stack[];
// head.S loads tp with its address.
task_struct boot_task;
void task_entry();
}

namespace memio {
namespace {

constexpr unsigned long kBootStackSize = 16384;
constexpr unsigned kStackOrder = BITS_PER_LONG == 64 ? 2 : 1;
constexpr unsigned long kStackSize = static_cast<unsigned long>(PAGE_SIZE) << kStackOrder;
// The lowest word of a stack, overwritten when it overflows.
constexpr unsigned long kStackEnd = 0x57ac6e9d;
constexpr int kMaxPid = 32767;

// What switch_context leaves on the stack.
struct SwitchFrame {
  unsigned long ra;
  unsigned long s[12];
  unsigned long padding[3];
};

kmem_cache* task_cache;
list_head all_tasks;
int last_pid = 0;

task_struct* find_task(int pid) {
  task_struct* task;
  list_for_each_entry(task, &all_tasks, tasks) {
    if (task->pid == pid) return task;
  }
  return nullptr;
}

int next_free_pid() {
  do {
    last_pid = last_pid < kMaxPid && last_pid >= kBootPid ? last_pid + 1 : kBootPid + 1;
  } while (find_task(last_pid) != nullptr);
  return last_pid;
}

void set_stack(task_struct* task, unsigned long stack, unsigned long size) {
  task->stack = stack;
  task->stack_size = size;
  *reinterpret_cast<unsigned long*>(stack) = kStackEnd;
}

void enter_list(task_struct* task, int pid) {
  const unsigned long flags = arch_local_irq_save();
  task->pid = pid;
  INIT_LIST_HEAD(&task->run_list);
  list_add_tail(&task->tasks, &all_tasks);
  arch_local_irq_restore(flags);
}

}  // namespace

void task_init() {
  INIT_LIST_HEAD(&all_tasks);
  boot_task.usage = 1;
  scnprintf(boot_task.comm, sizeof boot_task.comm, "boot");
  set_stack(&boot_task, reinterpret_cast<unsigned long>(boot_stack), kBootStackSize);
  enter_list(&boot_task, kBootPid);
}

void task_cache_init() {
  task_cache = kmem_cache_create("task_struct", sizeof(task_struct), 0, SLAB_HWCACHE_ALIGN | SLAB_PANIC,
                                 nullptr, nullptr);
}

task_struct* task_create(int (*function)(void* data), void* data, const char* name, int pid) {
  task_struct* task = static_cast<task_struct*>(kmem_cache_zalloc(task_cache, GFP_KERNEL));
  if (task == nullptr) return nullptr;
  const unsigned long stack = __get_free_pages(GFP_KERNEL, kStackOrder);
  if (stack == 0) {
    kmem_cache_free(task_cache, task);
    return nullptr;
  }
  task->usage = 1;
  task->state = TASK_UNINTERRUPTIBLE;
  task->threadfn = function;
  task->threaddata = data;
  scnprintf(task->comm, sizeof task->comm, "%s", name);
  set_stack(task, stack, kStackSize);
  SwitchFrame* frame = reinterpret_cast<SwitchFrame*>(user_regs(task)) - 1;
  memset(frame, 0, sizeof *frame);
  frame->ra = reinterpret_cast<unsigned long>(task_entry);
  task->switch_sp = reinterpret_cast<unsigned long>(frame);
  enter_list(task, pid == kAnyPid ? next_free_pid() : pid);
  return task;
}

int task_run_to_end(task_struct* task) {
  DECLARE_COMPLETION_ONSTACK(exited);
  get_task_struct(task);
  task->exited = &exited;
  wake_up_process(task);
  wait_for_completion(&exited);
  const int status = task->exit_code;
  put_task_struct(task);
  return status;
}

bool task_exists(const task_struct* task) {
  const unsigned long flags = arch_local_irq_save();
  const task_struct* at;
  bool found = false;
  list_for_each_entry(at, &all_tasks, tasks) found = found || at == task;
  arch_local_irq_restore(flags);
  return found;
}

// The first code of every new task, called by task_entry with interrupts off.
extern "C" [[noreturn]] void task_start(task_struct* previous) {
  finish_switch(previous);
  local_irq_enable();
  task_struct* task = get_current();
  task_exit(task->should_stop != 0 ? -EINTR : task->threadfn(task->threaddata));
}

void task_exit(int status) {
  task_struct* task = get_current();
  if (in_atomic()) report_bug("task ends with preempt count 0x%x", task->preempt_count);
  if (task == &boot_task || task->pid == kIdlePid) panic("task %s must not end", task->comm);
  if (task->mm != nullptr) task_leave_user(status);
  local_irq_disable();
  task->exit_code = status;
  task->state = TASK_DEAD;
  if (task->exited != nullptr) complete(task->exited);
  schedule();
  panic("an ended task runs");
}

void finish_switch(task_struct* previous) {
  if (previous->state == TASK_DEAD) put_task_struct(previous);
}

bool stack_overflowed(const task_struct* task) {
  return *reinterpret_cast<const unsigned long*>(task->stack) != kStackEnd;
}

void check_stack(const task_struct* task) {
  if (likely(!stack_overflowed(task))) return;
  panic("kernel stack of task %s[%d] has overflowed: %lu bytes from 0x%lx", task->comm, task->pid,
        task->stack_size, task->stack);
}

extern "C" void get_task_struct(task_struct* task) {
  const unsigned long flags = arch_local_irq_save();
  task->usage++;
  arch_local_irq_restore(flags);
}

extern "C" void put_task_struct(task_struct* task) {
  const unsigned long flags = arch_local_irq_save();
  const bool last = --task->usage == 0;
  if (last) list_del(&task->tasks);
  arch_local_irq_restore(flags);
  if (!last) return;
  free_pages(task->stack, kStackOrder);
  kmem_cache_free(task_cache, task);
}

extern "C" task_struct* next_task(task_struct* task) {
  const unsigned long flags = arch_local_irq_save();
  task_struct* found = nullptr;
  task_struct* at;
  list_for_each_entry(at, &all_tasks, tasks) {
    if ((task == nullptr || at->pid > task->pid) && (found == nullptr || at->pid < found->pid)) found = at;
  }
  if (found != nullptr) found->usage++;
  arch_local_irq_restore(flags);
  if (task != nullptr) put_task_struct(task);
  return found;
}

}  // namespace memio
