// The register and trap dump; names of causes by the RISC-V privileged specification, table 3.6.
#include "platform/crash_report.h"

#include <fmt/format.h>

#include <array>

namespace memio {
namespace {

constexpr std::array<const char*, 32> register_names{
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

struct NamedCsr {
  const char* name;
  unsigned number;
};

constexpr std::array<NamedCsr, 14> shown_csrs{{{"mstatus", 0x300},
                                               {"mtvec", 0x305},
                                               {"mepc", 0x341},
                                               {"mcause", 0x342},
                                               {"mtval", 0x343},
                                               {"medeleg", 0x302},
                                               {"mie", 0x304},
                                               {"mip", 0x344},
                                               {"stvec", 0x105},
                                               {"sepc", 0x141},
                                               {"scause", 0x142},
                                               {"stval", 0x143},
                                               {"sstatus", 0x100},
                                               {"satp", 0x180}}};

const char* exception_name(std::uint64_t cause) {
  constexpr std::array<const char*, 16> names{"instruction address misaligned",
                                              "instruction access fault",
                                              "illegal instruction",
                                              "breakpoint",
                                              "load address misaligned",
                                              "load access fault",
                                              "store address misaligned",
                                              "store access fault",
                                              "ecall from U mode",
                                              "ecall from S mode",
                                              "reserved cause",
                                              "ecall from M mode",
                                              "instruction page fault",
                                              "load page fault",
                                              "reserved cause",
                                              "store page fault"};
  return cause < names.size() ? names[cause] : "unknown cause";
}

const char* privilege_name(Privilege privilege) {
  switch (privilege) {
    case Privilege::user:
      return "U";
    case Privilege::supervisor:
      return "S";
    case Privilege::machine:
      return "M";
  }
  return "?";
}

}  // namespace

std::string crash_report(const std::string& reason, const riscv::Hart& hart, const SymbolTable& symbols) {
  const unsigned digits = hart.xlen() / 4;
  const auto value = [&](std::uint64_t number) { return fmt::format("{:0{}x}", number, digits); };
  const auto place = [&](std::uint64_t address) {
    const std::string name = symbols.describe(address);
    return value(address) + (name.empty() ? "" : "  " + name);
  };
  std::string out =
      fmt::format("memio: {} (cycle {}, instruction {})\n", reason, hart.now(), hart.instructions());
  out += fmt::format("  pc      {}, {} mode\n  ra      {}\n", place(hart.pc()),
                     privilege_name(hart.privilege()), place(hart.reg(1)));
  if (const auto& trap = hart.last_trap(); trap.taken != 0)
    out += fmt::format("  last of {} traps: {}, tval {}\n  at      {}\n", trap.taken,
                       trap.interrupt ? fmt::format("interrupt {}", trap.cause) : exception_name(trap.cause),
                       value(trap.tval), place(trap.epc));
  for (unsigned i = 0; i < register_names.size(); ++i)
    out += fmt::format("  {:<7} {}{}", register_names[i], value(hart.reg(i)), i % 4 == 3 ? "\n" : "");
  unsigned column = 0;
  for (const auto& csr : shown_csrs)
    if (const auto content = hart.csr(csr.number))
      out += fmt::format("  {:<7} {}{}", csr.name, value(*content), ++column % 4 == 0 ? "\n" : "");
  if (column % 4 != 0) out += '\n';
  // Floating point, where it is on: mstatus.FS.
  if (hart.csr(0x300).value_or(0) & 0x6000) {
    out += fmt::format("  fcsr    {}\n", value(hart.csr(0x003).value_or(0)));
    for (unsigned i = 0; i < 32; ++i)
      out += fmt::format("  f{:<6} {:016x}{}", i, hart.float_reg(i), i % 4 == 3 ? "\n" : "");
  }
  return out;
}

}  // namespace memio
