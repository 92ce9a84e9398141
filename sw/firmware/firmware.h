// What the parts of the machine-mode firmware share.
#pragma once

#include <stdint.h>

#include "fdt.h"
#include "memio/asm.h"

namespace memio {

// Saved by trap_entry (start.S), in this order; x0's slot holds 0 and is never restored.
struct TrapFrame {
  unsigned long x[32];
  unsigned long mepc;
  unsigned long mstatus;
};

enum Register { kRa = 1, kSp = 2, kA0 = 10, kA1 = 11, kA2 = 12, kA3 = 13, kA6 = 16, kA7 = 17 };

// Exception codes (privileged specification, table 3.6) that the firmware looks at.
enum Cause : unsigned long {
  kFetchAccess = 1,
  kLoadMisaligned = 4,
  kLoadAccess = 5,
  kStoreMisaligned = 6,
  kStoreAccess = 7,
  kEcallFromS = 9,
  kFetchPage = 12,
  kLoadPage = 13,
  kStorePage = 15,
};

// platform.cpp: the devices the firmware drives, found in the device tree.
void platform_init(const Fdt& tree);
void console_put(char c);
int console_get();  // -1: nothing has arrived
void console_print(const char* format, ...) __attribute__((format(printf, 1, 2)));
void timer_set(uint64_t deadline);             // in ticks of mtime
[[noreturn]] void power_off(unsigned status);  // 0: pass; else fail with that status
[[noreturn]] void machine_reset();

// supervisor_timer.cpp: gives the kernel the timer of Sstc, if the hart has it; false where it has not.
void supervisor_timer_open();
bool supervisor_timer_set(uint64_t deadline);  // in ticks of mtime

// sbi.cpp
void sbi_call(TrapFrame* frame);

// misaligned.cpp: completes the load or store that trapped, or hands a fault to supervisor mode.
void emulate_misaligned(TrapFrame* frame, unsigned long cause, unsigned long tval);

// trap.cpp: makes supervisor mode take the trap, as if it had been delegated.
void redirect_to_supervisor(TrapFrame* frame, unsigned long cause, unsigned long tval);

}  // namespace memio
