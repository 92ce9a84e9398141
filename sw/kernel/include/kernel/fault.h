// The memory manager's answer to page faults.
#pragma once

#include "kernel/address_space.h"

namespace memio {

// Serves a fault at `va` in the current address space; true when the access may be tried again.
bool handle_page_fault(unsigned long va, AccessKind kind);

}  // namespace memio
