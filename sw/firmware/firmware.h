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

enum Register { kRa = 1, kSp = 2, kA0 = 10, kA1 = 11, kA2 = 12, kA3 = 13, kA4 = 14, kA6 = 16, kA7 = 17 };

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

struct SbiResult {
  long error;
  unsigned long value;
};

// The calling hart's number; platform.cpp tells how many there are.
inline unsigned this_hart() { return static_cast<unsigned>(CSR_READ(mhartid)); }

// platform.cpp: RAM and the devices the firmware drives, found in the device tree.
void platform_init(const Fdt& tree);
void console_put(char c);
int console_get();  // -1: nothing has arrived
void console_print(const char* format, ...) __attribute__((format(printf, 1, 2)));
void timer_set(uint64_t deadline);             // of the calling hart, in ticks of mtime
bool in_ram(unsigned long address);            // with one hart, which starts no other, always true
unsigned hart_count();                         // harts with an interruptor; numbered from 0
void ipi_set(unsigned hart, bool pending);     // its machine software interrupt
[[noreturn]] void power_off(unsigned status);  // 0: pass; else fail with that status
[[noreturn]] void machine_reset();

// supervisor_timer.cpp: gives the kernel the timer of Sstc, if the hart has it; false where it has not.
void supervisor_timer_open();
bool supervisor_timer_set(uint64_t deadline);  // in ticks of mtime

// main.cpp: what each hart needs before it enters supervisor mode.
void hart_init();

// sbi.cpp
void sbi_call(TrapFrame* frame);

// harts.cpp: the harts' states, interrupts between them, remote fences.
constexpr unsigned kMaxHarts = 8;
constexpr unsigned long kAllHarts = ~0UL;  // as the base of a mask
void mark_started();                       // the calling hart
SbiResult hsm_call(TrapFrame* frame);
SbiResult send_ipi(unsigned long mask, unsigned long base);
SbiResult remote_fence(unsigned long function, const TrapFrame& frame);
// What other harts have asked of this one; the handler of the machine software interrupt.
void serve_requests();

// misaligned.cpp: completes the load or store that trapped, or hands a fault to supervisor mode.
void emulate_misaligned(TrapFrame* frame, unsigned long cause, unsigned long tval);
// Reads bytewise with the rights and the translation of the mode that trapped; false after a fault, which
// that mode is then to take.
bool read_caller_memory(TrapFrame* frame, unsigned long address, void* to, unsigned long size);

// trap.cpp: makes supervisor mode take the trap, as if it had been delegated.
void redirect_to_supervisor(TrapFrame* frame, unsigned long cause, unsigned long tval);

}  // namespace memio
