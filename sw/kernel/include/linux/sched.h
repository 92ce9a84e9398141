// Tasks: kernel threads and user processes, scheduled round robin with preemption on the timer tick. Bodies:
// sched/. Priorities and several harts are not modelled.
#pragma once

#include <asm/current.h>
#include <linux/list.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct file;
struct mm_struct;
struct completion;

// States. A task that is not running is on the run queue only in TASK_RUNNING, or when it was preempted on
// its way to sleep.
#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_DEAD 64

#define TASK_COMM_LEN 16

struct task_struct {
  // Offsets of the first three are known to entry.S.
  unsigned long kernel_sp;  // where a trap from user mode starts its frame
  unsigned long saved_sp;   // scratch of the trap entry
  unsigned long switch_sp;  // stack pointer while the task does not run; the callee-saved registers lie there
  // 0: may be preempted and may sleep. Held by spinlocks and interrupt, tasklet and timer code:
  // linux/preempt.h.
  u32 preempt_count;
  u8 need_resched;  // the tick, or a task that woke up, asks for another task
  volatile u8 state;
  u8 should_stop;  // kthread_stop() has been called
  int pid;
  int exit_code;
  unsigned usage;       // references; the task itself holds one until its end
  unsigned time_slice;  // ticks it may still run
  char comm[TASK_COMM_LEN];
  struct mm_struct* mm;       // null: a kernel thread
  struct file** files;        // what a user program has open; null: nothing yet
  unsigned long stack;        // lowest address of the kernel stack
  unsigned long stack_size;   // bytes
  struct list_head run_list;  // in the run queue
  struct list_head tasks;     // in the list of all tasks
  u64 sum_exec_cycles;        // cycles it has run, up to exec_start
  u64 exec_start;             // cycle counter when it was last switched to
  unsigned long switches;     // how often it was switched to
  unsigned kmap_atomic_depth;
  struct completion* exited;  // completed at its end, if someone waits for that
  int (*threadfn)(void* data);
  void* threaddata;
  struct float_state* float_state;  // null: its program has used no floating point yet
};

// Gives the hart to the next task that can run; returns when this one is chosen again. Reports a bug with
// preempt_count above 0.
void schedule(void);
// Lets the other runnable tasks go first.
void yield(void);
// Sleeps for `ticks` timer ticks in the state set before, or until woken; the ticks that were left.
long schedule_timeout(long ticks);
#define MAX_SCHEDULE_TIMEOUT ((long)(~0ul >> 1))
long schedule_timeout_interruptible(long ticks);
long schedule_timeout_uninterruptible(long ticks);
void set_current_state(int state);
#define __set_current_state(state_value) set_current_state(state_value)
// Makes a sleeping task runnable; false when it was.
bool wake_up_process(struct task_struct* task);
// Lets other tasks run if the tick has asked for it.
void cond_resched(void);
void msleep(unsigned milliseconds);

// A task_struct stays readable after the end of its task while someone holds a reference.
void get_task_struct(struct task_struct* task);
void put_task_struct(struct task_struct* task);

// The task with the lowest pid above that of `task` (null: the lowest of all), with a reference; drops the
// one on `task`. Null behind the last.
struct task_struct* next_task(struct task_struct* task);
// All tasks by pid; the body may sleep. One that leaves the loop early puts `task`.
#define for_each_task(task) for ((task) = next_task(NULL); (task) != NULL; (task) = next_task(task))
// Cycles the task has run so far.
u64 task_cycles(const struct task_struct* task);
// One letter for `ps`: R runnable, S or D sleeping (interruptible or not), X ended.
char task_state_letter(const struct task_struct* task);

#ifdef __cplusplus
}
#endif
