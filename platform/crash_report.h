// What is shown when a guest cannot go on: where it is, the last trap, registers.
#pragma once

#include <string>

#include "cpu/riscv/hart.h"
#include "platform/symbols.h"

namespace memio {

/// `reason` says why the run ended, as a sentence without a full stop.
std::string crash_report(const std::string& reason, const riscv::Hart& hart, const SymbolTable& symbols);

}  // namespace memio
