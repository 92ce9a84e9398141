// System calls, with Linux's numbers and conventions for RISC-V: number in a7, arguments from a0, result or
// negative error number in a0. The folder argument of openat is ignored, as all paths are absolute.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/uaccess.h>
#include <linux/vma.h>

#include "kernel/platform.h"
#include "kernel/process.h"
#include "kernel/task.h"

namespace memio {
namespace {

struct TimeSpec {
  s64 seconds;
  long nanoseconds;
};

// Clock 0 and 1 (real time and monotonic) both count from power-on.
long clock_gettime(unsigned long clock, void* result) {
  if (clock > 1) return -EINVAL;
  const u64 now = time_now();
  const u32 frequency = time_frequency();
  TimeSpec time;
  time.seconds = static_cast<s64>(now / frequency);
  time.nanoseconds = static_cast<long>(now % frequency * 1000000000u / frequency);
  return copy_to_user(result, &time, sizeof time) == 0 ? 0 : -EFAULT;
}

// Calls change(mm) with the current address space held for changes.
template <typename Change>
long change_memory(Change change) {
  mm_struct* mm = get_current()->mm;
  down_write(&mm->mmap_sem);
  const long result = static_cast<long>(change(mm));
  up_write(&mm->mmap_sem);
  return result;
}

template <typename T>
T pointer(unsigned long argument) {
  return reinterpret_cast<T>(argument);
}

// `a`: the arguments.
struct SystemCall {
  unsigned long number;
  long (*run)(const unsigned long* a);
};

long exit_program(const unsigned long* a) { task_exit(static_cast<int>(a[0] & 0xff)); }

const SystemCall kCalls[] = {
    {29, [](const unsigned long* a) { return sys_ioctl(a[0], a[1], a[2]); }},
    {56, [](const unsigned long* a) { return sys_openat(pointer<const char*>(a[1]), a[2]); }},
    {57, [](const unsigned long* a) { return sys_close(a[0]); }},
    {63, [](const unsigned long* a) { return sys_read(a[0], pointer<char*>(a[1]), a[2]); }},
    {64, [](const unsigned long* a) { return sys_write(a[0], pointer<const char*>(a[1]), a[2]); }},
    {93, exit_program},
    {94, exit_program},  // exit_group
    {113, [](const unsigned long* a) { return clock_gettime(a[0], pointer<void*>(a[1])); }},
    {172, [](const unsigned long*) { return long{get_current()->pid}; }},
    {214,
     [](const unsigned long* a) { return change_memory([a](mm_struct* mm) { return do_brk(mm, a[0]); }); }},
    {215,
     [](const unsigned long* a) {
       return change_memory([a](mm_struct* mm) { return do_munmap(mm, a[0], a[1]); });
     }},
    {222,
     [](const unsigned long* a) {
       return change_memory([a](mm_struct* mm) { return do_mmap_in(mm, a[0], a[1], a[2], a[3]); });
     }},
    {226,
     [](const unsigned long* a) {
       return change_memory([a](mm_struct* mm) { return do_mprotect(mm, a[0], a[1], a[2]); });
     }},
    {230,
     [](const unsigned long* a) {
       return change_memory([a](mm_struct* mm) { return do_mlockall(mm, a[0]); });
     }},
};

}  // namespace

void system_call(pt_regs* regs) {
  long result = -ENOSYS;
  for (const SystemCall& call : kCalls) {
    if (call.number == regs->x[REG_A7]) {
      result = call.run(&regs->x[REG_A0]);
      break;
    }
  }
  regs->x[REG_A0] = static_cast<unsigned long>(result);
}

}  // namespace memio
