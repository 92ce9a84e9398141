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
      {"cpu.bus-ports",
       OptionType::choice,
       "shared",
       "",
       "Ports at the bus: one for all, one more for fetches (split), one more for table walks (walker)",
       {"shared", "split", "walker"}},
      toggle_option("cpu.port-instructions", "on", "Whether the hart has in and out (custom-0)"),
  };
}

namespace {

/// timing.NAME-latency: of no effect unless it is more than the class takes.
OptionSpec result_latency(const std::string& name, const char* cycles, const std::string& what) {
  OptionSpec spec = latency_option("timing." + name + "-latency", cycles,
                                   "Result of " + what + ": from its issue until it can be used");
  spec.min = 1;
  return spec;
}

}  // namespace

OptionGroup timing_options() {
  return {
      latency_option("timing.alu", "1", "Integer operation"),
      result_latency("alu", "1", "an integer operation"),
      latency_option("timing.shift", "1", "Shift"),
      result_latency("shift", "1", "a shift"),
      latency_option("timing.mul", "3", "Multiplication, lower half"),
      result_latency("mul", "1", "a multiplication, lower half"),
      latency_option("timing.mulh", "3", "Multiplication, upper half"),
      result_latency("mulh", "1", "a multiplication, upper half"),
      latency_option("timing.div", "20", "Division"),
      result_latency("div", "1", "a division"),
      {"timing.div-data",
       OptionType::choice,
       "fixed",
       "",
       "What a division takes in addition: nothing, its operands' bits, or the bits its quotient can have",
       {"fixed", "width", "quotient"}},
      {"timing.div-bits",
       OptionType::number,
       "1",
       "bits",
       "Bits a cycle of timing.div-data width and quotient",
       {},
       1,
       64},
      latency_option("timing.load", "1", "Load, beside its memory access"),
      result_latency("load", "2", "a load"),
      result_latency("load-narrow", "2", "a load of one or two bytes"),
      latency_option("timing.store", "1", "Store, beside its memory access"),
      latency_option("timing.branch", "1", "Conditional branch"),
      latency_option("timing.branch-taken", "2", "Taken conditional branch, in addition"),
      latency_option("timing.jump", "2", "Unconditional jump"),
      result_latency("jump", "1", "a jump (its link)"),
      latency_option("timing.amo", "2", "Atomic operation, beside its memory accesses"),
      result_latency("amo", "1", "an atomic operation"),
      latency_option("timing.csr", "1", "CSR access"),
      result_latency("csr", "1", "a CSR access"),
      latency_option("timing.system", "2", "ecall, ebreak, xret, wfi, sfence.vma"),
      latency_option("timing.fence", "2", "fence and fence.i"),
      latency_option("timing.port", "1", "in and out, beside the port access"),
      result_latency("port", "1", "in"),
      toggle_option("timing.serialise", "off",
                    "Whether CSR accesses, fences and system instructions wait for all pending results"),
      latency_option("timing.trap", "4", "Entry to a trap handler"),
  };
}

}  // namespace memio
