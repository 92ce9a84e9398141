// The memory manager's answer to page faults.
#pragma once

namespace memio {

enum class AccessKind { kFetch, kLoad, kStore };

// Serves a fault at `va` in the current address space; true when the access may be tried again.
bool handle_page_fault(unsigned long va, AccessKind kind);

}  // namespace memio
