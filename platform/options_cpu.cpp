// Options of the hart: instruction set, engine, the cycles of each class of instruction.
#include "platform/option_groups.h"

namespace memio {
OptionGroup cpu_options() {
  return {
      {"cpu.isa", OptionType::isa, "rv64imac", "",
       "Instruction set; _svpbmt adds memory types in page tables"},
      {"cpu.engine",
       OptionType::choice,
       "fast",
       "",
       "How instructions are executed: one at a time, or as decoded blocks; no figure depends on it",
       {"reference", "fast"},
       0,
       any_number,
       "engine"},
      {"cpu.frequency",
       OptionType::frequency,
       "1GHz",
       "",
       "System clock; its period must be a whole number of picoseconds",
       {},
       1'000'000,
       one_second},
      {"cpu.mmu",
       OptionType::choice,
       "auto",
       "",
       "Largest virtual-memory scheme; auto: sv32 or sv57 by the register width",
       {"auto", "none", "sv32", "sv39", "sv48", "sv57"}},
      {"cpu.misaligned",
       OptionType::choice,
       "hardware",
       "",
       "Misaligned loads and stores: done by the hart, or a trap",
       {"hardware", "trap"}},
      {"cpu.pmp-regions",
       OptionType::number,
       "16",
       "regions",
       "Physical memory protection entries",
       {},
       0,
       16},
      {"cpu.asid-bits",
       OptionType::number,
       "16",
       "bits",
       "Address-space identifiers: bits of satp.ASID (at most 9 on rv32)",
       {},
       0,
       16},
      toggle_option("cpu.port-instructions", "on", "Whether the hart has in and out (custom-0)"),
  };
}

OptionGroup timing_options() {
  return {
      latency_option("timing.alu", "1", "Integer operation"),
      latency_option("timing.mul", "3", "Multiplication"),
      latency_option("timing.div", "20", "Division"),
      latency_option("timing.load", "1", "Load, beside its memory access"),
      latency_option("timing.store", "1", "Store, beside its memory access"),
      latency_option("timing.branch", "1", "Conditional branch"),
      latency_option("timing.branch-taken", "2", "Taken conditional branch, in addition"),
      latency_option("timing.jump", "2", "Unconditional jump"),
      latency_option("timing.amo", "2", "Atomic operation, beside its memory accesses"),
      latency_option("timing.csr", "1", "CSR access"),
      latency_option("timing.system", "2", "ecall, ebreak, xret, wfi, sfence.vma"),
      latency_option("timing.fence", "2", "fence and fence.i"),
      latency_option("timing.port", "1", "in and out, beside the port access"),
      latency_option("timing.trap", "4", "Entry to a trap handler"),
  };
}

}  // namespace memio
