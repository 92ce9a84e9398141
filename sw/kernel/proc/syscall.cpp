// System calls, with Linux's numbers and conventions for RISC-V: number in a7, arguments from a0, result or
// negative error number in a0.
#include <linux/kernel.h>

#include "kernel/address_space.h"
#include "kernel/driver.h"
#include "kernel/platform.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "kernel/uaccess.h"

namespace memio {
namespace {

constexpr long kBadFile = -9;          // EBADF
constexpr long kBadAddress = -14;      // EFAULT
constexpr long kInvalid = -22;         // EINVAL
constexpr long kNotImplemented = -38;  // ENOSYS

struct TimeSpec {
  s64 seconds;
  long nanoseconds;
};

long write(unsigned long file, const char* text, unsigned long count) {
  if (file != 1 && file != 2) return kBadFile;
  unsigned long done = 0;
  while (done < count) {
    char buffer[128];
    const unsigned long rest = count - done;
    const unsigned long part = rest < sizeof buffer ? rest : sizeof buffer;
    const unsigned long copied = part - copy_from_user(buffer, text + done, part);
    console_write(buffer, copied);
    done += copied;
    if (copied < part) break;
  }
  return done == 0 && count != 0 ? kBadAddress : static_cast<long>(done);
}

// Clock 0 and 1 (real time and monotonic) both count from power-on.
long clock_gettime(unsigned long clock, void* result) {
  if (clock > 1) return kInvalid;
  const u64 now = time_now();
  const u32 frequency = time_frequency();
  TimeSpec time;
  time.seconds = static_cast<s64>(now / frequency);
  time.nanoseconds = static_cast<long>(now % frequency * 1000000000u / frequency);
  return copy_to_user(result, &time, sizeof time) == 0 ? 0 : kBadAddress;
}

long dispatch(const pt_regs& regs) {
  switch (regs.x[REG_A7]) {
    case 64:
      return write(regs.x[REG_A0], reinterpret_cast<const char*>(regs.x[REG_A1]), regs.x[REG_A2]);
    case 93:  // exit
    case 94:  // exit_group
      task_exit(static_cast<int>(regs.x[REG_A0] & 0xff));
    case 113:
      return clock_gettime(regs.x[REG_A0], reinterpret_cast<void*>(regs.x[REG_A1]));
    case 172:  // getpid
      return get_current()->pid;
    case 214:  // brk
      return static_cast<long>(space_of(get_current())->set_heap_end(regs.x[REG_A0]));
    default:
      return kNotImplemented;
  }
}

}  // namespace

void system_call(pt_regs* regs) { regs->x[REG_A0] = static_cast<unsigned long>(dispatch(*regs)); }

}  // namespace memio
