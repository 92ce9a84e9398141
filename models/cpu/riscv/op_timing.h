// What an instruction costs the pipeline: its class, the registers it reads and writes.
#pragma once

#include "cpu/riscv/op.h"
#include "cpu/riscv/scoreboard.h"

namespace memio::riscv {

/// Cycles and latency of the class of `id`; penalties and dynamic parts are not included.
const ClassCost& class_cost(OpId id, const InstructionTiming& timing);

/// What `op` asks of the pipeline.
Issue issue_of(const Op& op, const InstructionTiming& timing);

/// Cycles that a division of `a` by `b` (the registers' contents; `xlen` 32 or 64) takes beside its class.
Cycles division_cycles(OpId id, std::uint64_t a, std::uint64_t b, unsigned xlen,
                       const InstructionTiming& timing);

/// The most that `division_cycles` can be.
Cycles longest_division(unsigned xlen, const InstructionTiming& timing);

}  // namespace memio::riscv
