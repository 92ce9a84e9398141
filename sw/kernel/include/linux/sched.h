// Tasks: kernel threads and user processes, scheduled round robin with preemption on the timer tick. Bodies:
// sched/.
#pragma once

#include <asm/current.h>
#include <linux/list.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mm_struct;

// States. A task that is not running is on the run queue only in TASK_RUNNING.
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
  u8 need_resched;  // the tick asks for another task
  volatile u8 state;
  int pid;
  int exit_code;
  char comm[TASK_COMM_LEN];
  struct mm_struct* mm;       // null: a kernel thread
  unsigned long stack;        // lowest address of the kernel stack
  unsigned long stack_size;   // bytes
  struct list_head run_list;  // in the run queue
  struct list_head tasks;     // in the list of all tasks
  u64 sum_exec_cycles;        // cycles it has run
  u64 exec_start;             // cycle counter when it was last switched to
  unsigned kmap_atomic_depth;
  void* waiters;  // sched/: who waits for its end
};

// Gives the hart to the next task that can run; returns when this one is chosen again.
void schedule(void);
// Sleeps for `ticks` timer ticks in the state set before, or until woken; the ticks that were left.
long schedule_timeout(long ticks);
#define MAX_SCHEDULE_TIMEOUT ((long)(~0ul >> 1))
void set_current_state(int state);
// Makes a sleeping task runnable; false when it was.
bool wake_up_process(struct task_struct* task);
// Lets other tasks run if the tick has asked for it.
void cond_resched(void);
void msleep(unsigned milliseconds);

#ifdef __cplusplus
}
#endif
