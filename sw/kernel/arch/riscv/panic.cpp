// panic(), register dumps and backtraces along the frame pointers (RISC-V ELF psABI: return address and
// caller's frame pointer lie just below the frame).
#include <asm/ptrace.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <stdarg.h>

#include "format.h"
#include "kernel/platform.h"
#include "kernel/task.h"
#include "string.h"

extern "C" char trap_return[];

unsigned long bug_count;

namespace memio {
namespace {

constexpr int kFailureStatus = 1;
constexpr int kMaxFrames = 24;

const char* const kRegisterNames[32] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
                                        "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                        "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

struct StackFrame {
  unsigned long fp;
  unsigned long ra;
};

bool on_stack(unsigned long fp) {
  const task_struct* task = get_current();
  const unsigned long low = task->stack + sizeof(StackFrame);
  return fp >= low && fp <= task->stack + task->stack_size && fp % sizeof(unsigned long) == 0;
}

void print_frame(unsigned long pc) {
  const Symbol symbol = find_symbol(pc);
  if (symbol.name != nullptr) {
    printk(" [%p] %s+0x%lx\n", reinterpret_cast<void*>(pc), symbol.name, symbol.offset);
  } else {
    printk(" [%p] ?\n", reinterpret_cast<void*>(pc));
  }
}

void print_interrupted(const pt_regs& regs);

// Walks up from frame pointer `fp`. A return address points behind its call, which may end its function. The
// frame of the trap dispatcher lies just below the registers of the interrupted code.
void walk_frames(unsigned long fp) {
  for (int count = 0; count < kMaxFrames && on_stack(fp); count++) {
    const StackFrame frame = reinterpret_cast<const StackFrame*>(fp)[-1];
    if (frame.ra == reinterpret_cast<unsigned long>(trap_return)) {
      const pt_regs* regs = reinterpret_cast<const pt_regs*>(fp);
      if ((regs->status & STATUS_PP) != 0) print_interrupted(*regs);
      return;
    }
    if (!is_kernel_text(frame.ra - 1)) return;
    print_frame(frame.ra - 1);
    if (frame.fp <= fp) return;
    fp = frame.fp;
  }
}

// The code that trapped, and up from there.
void print_interrupted(const pt_regs& regs) {
  print_frame(regs.epc);
  unsigned long fp = regs.x[REG_FP];
  if (!on_stack(fp)) return;
  // A function that calls none keeps its return address in ra and has only the caller's frame pointer in its
  // frame, where others have the return address.
  const unsigned long slot = reinterpret_cast<const StackFrame*>(fp)[-1].ra;
  const unsigned long ra = regs.x[REG_RA];
  if (on_stack(slot)) {
    print_frame(ra - 1);
    fp = slot;
  } else if (ra != slot && is_kernel_text(ra - 1) && find_symbol(ra - 1).name != find_symbol(regs.epc).name) {
    // The frame is the caller's: the function has not made its own yet, or has taken it down.
    print_frame(ra - 1);
  }
  walk_frames(fp);
}

[[noreturn]] void stop() {
  if (stack_overflowed(get_current()))
    printk("the kernel stack of task %s has overflowed\n", get_current()->comm);
  printk("---[ end of panic: power off ]---\n");
  power_off(kFailureStatus);
}

}  // namespace

extern "C" void show_regs(const pt_regs* regs) {
  printk("epc  %p  status %p  cause %lu  tval %p\n", reinterpret_cast<void*>(regs->epc),
         reinterpret_cast<void*>(regs->status), regs->cause, reinterpret_cast<void*>(regs->tval));
  for (int i = 1; i < 32; i++) {
    printk("%-4s %p%s", kRegisterNames[i], reinterpret_cast<void*>(regs->x[i]),
           i % 4 == 0 || i == 31 ? "\n" : "  ");
  }
}

extern "C" void die(const char* message, const pt_regs* regs) {
  local_irq_disable();
  const task_struct* task = get_current();
  printk("\nkernel panic: %s at address 0x%lx, in task %s[%d]\n", message, regs->tval, task->comm, task->pid);
  show_regs(regs);
  printk("backtrace:\n");
  print_interrupted(*regs);
  stop();
}

extern "C" void dump_stack() {
  printk("backtrace:\n");
  walk_frames(reinterpret_cast<unsigned long>(__builtin_frame_address(0)));
}

extern "C" void report_bug(const char* format, ...) {
  char message[400];
  va_list arguments;
  va_start(arguments, format);
  format_text(message, sizeof message, format, arguments);
  va_end(arguments);
  const task_struct* task = get_current();
  bug_count++;
  // In pieces that printk() takes whole.
  printk("BUG: ");
  for (const char* rest = message; *rest != 0; rest += strnlen(rest, 200)) printk("%.200s", rest);
  printk(", in task %s[%d]\n", task->comm, task->pid);
  dump_stack();
}

extern "C" char* symbol_text(unsigned long address, char* text, size_t size) {
  const Symbol symbol = find_symbol(address);
  if (symbol.name != nullptr) {
    scnprintf(text, size, "%s+0x%lx", symbol.name, symbol.offset);
  } else {
    scnprintf(text, size, "0x%lx", address);
  }
  return text;
}

extern "C" void panic(const char* format, ...) {
  local_irq_disable();
  char message[200];
  va_list arguments;
  va_start(arguments, format);
  format_text(message, sizeof message, format, arguments);
  va_end(arguments);
  const task_struct* task = get_current();
  printk("\nkernel panic: %s, in task %s[%d]\n", message, task->comm, task->pid);
  dump_stack();
  stop();
}

}  // namespace memio
