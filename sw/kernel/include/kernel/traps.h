// Traps that are no interrupts.
#pragma once

#include <asm/ptrace.h>

namespace memio {

// arch/riscv/traps.cpp: the name of an exception by its code.
const char* trap_cause_name(unsigned long cause);

// arch/riscv/user_traps.cpp, or proc/no_user.cpp without an MMU: calls and faults of user programs, and page
// faults of the kernel. False when nothing can be done about the exception.
bool serve_exception(pt_regs* regs);

}  // namespace memio
