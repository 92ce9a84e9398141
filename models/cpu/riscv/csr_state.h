// Control and status registers: numbers, fields and the state behind them.
// Privileged specification 20211203, chapters 2 to 4.
#pragma once

#include <cstdint>

namespace memio::riscv {

/// Exception causes (privileged specification, table 3.6).
enum class Cause : unsigned {
  fetch_misaligned = 0,
  fetch_access = 1,
  illegal_instruction = 2,
  breakpoint = 3,
  load_misaligned = 4,
  load_access = 5,
  store_misaligned = 6,
  store_access = 7,
  ecall_user = 8,
  ecall_supervisor = 9,
  ecall_machine = 11,
  fetch_page = 12,
  load_page = 13,
  store_page = 15
};

namespace mstatus {
inline constexpr std::uint64_t sie = 1u << 1, mie = 1u << 3, spie = 1u << 5, mpie = 1u << 7, spp = 1u << 8,
                               mpp = 3u << 11, mprv = 1u << 17, sum = 1u << 18, mxr = 1u << 19,
                               tvm = 1u << 20, tw = 1u << 21, tsr = 1u << 22;
inline constexpr std::uint64_t fs = 3u << 13;  ///< 0: off, 1: initial, 2: clean, 3: dirty
inline constexpr unsigned mpp_shift = 11;
inline constexpr std::uint64_t supervisor_view = sie | spie | spp | sum | mxr;
inline constexpr std::uint64_t machine_view = supervisor_view | mie | mpie | mpp | mprv | tvm | tw | tsr;
}  // namespace mstatus

/// Fields of menvcfg and senvcfg (privileged specification, section 3.1.18; CMO specification, section 2.3;
/// Svadu 1.0; Sstc 1.0.0).
namespace envcfg {
inline constexpr std::uint64_t fiom = 1, cbie = 3u << 4, cbie_flush = 1u << 4, cbie_reserved = 2u << 4,
                               cbcfe = 1u << 6, cbze = 1u << 7, adue = std::uint64_t{1} << 61,
                               pbmte = std::uint64_t{1} << 62, stce = std::uint64_t{1} << 63;
}  // namespace envcfg

/// CSR numbers that the code names.
enum Csr : unsigned {
  csr_fflags = 0x001,
  csr_frm = 0x002,
  csr_fcsr = 0x003,
  csr_sstatus = 0x100,
  csr_sie = 0x104,
  csr_stvec = 0x105,
  csr_scounteren = 0x106,
  csr_senvcfg = 0x10a,
  csr_sscratch = 0x140,
  csr_sepc = 0x141,
  csr_scause = 0x142,
  csr_stval = 0x143,
  csr_sip = 0x144,
  csr_stimecmp = 0x14d,
  csr_stimecmph = 0x15d,
  csr_satp = 0x180,
  csr_mstatus = 0x300,
  csr_misa = 0x301,
  csr_medeleg = 0x302,
  csr_mideleg = 0x303,
  csr_mie = 0x304,
  csr_mtvec = 0x305,
  csr_mcounteren = 0x306,
  csr_menvcfg = 0x30a,
  csr_mstatush = 0x310,
  csr_menvcfgh = 0x31a,
  csr_mcountinhibit = 0x320,
  csr_mhpmevent3 = 0x323,
  csr_mhpmevent3h = 0x723,
  csr_tselect = 0x7a0,  ///< with tdata1, tdata2, tdata3 and tinfo behind it
  csr_mscratch = 0x340,
  csr_mepc = 0x341,
  csr_mcause = 0x342,
  csr_mtval = 0x343,
  csr_mip = 0x344,
  csr_pmpcfg0 = 0x3a0,
  csr_pmpaddr0 = 0x3b0,
  csr_sportctl = 0x5c0,  ///< memio: bit 0 lets U mode use the port instructions
  csr_mcycle = 0xb00,
  csr_minstret = 0xb02,
  csr_mcycleh = 0xb80,
  csr_minstreth = 0xb82,
  csr_cycle = 0xc00,
  csr_time = 0xc01,
  csr_instret = 0xc02,
  csr_cycleh = 0xc80,
  csr_scountovf = 0xda0,
  csr_timeh = 0xc81,
  csr_instreth = 0xc82,
  csr_mvendorid = 0xf11,
  csr_mconfigptr = 0xf15
};

/// The machine and supervisor state; `U` is the register type.
template <class U>
struct CsrState {
  std::uint64_t status = 0;  ///< mstatus without the read-only width fields
  U medeleg = 0, mideleg = 0, mie = 0;
  std::uint64_t software_pending = 0;  ///< the bits of mip that software set
  std::uint64_t pending_lines = 0;     ///< the interrupt inputs, as bits of mip
  U mtvec = 0, mscratch = 0, mepc = 0, mcause = 0, mtval = 0;
  U stvec = 0, sscratch = 0, sepc = 0, scause = 0, stval = 0;
  std::uint32_t mcounteren = 0, scounteren = 0, mcountinhibit = 0;
  std::uint64_t menvcfg = 0;
  U senvcfg = 0, sportctl = 0;
  std::uint64_t stimecmp = ~std::uint64_t{0};
  U satp = 0;
  std::uint8_t fflags = 0, frm = 0;
  /// mcycle and minstret are the hart's own counts plus these, modulo 2^64; while a counter is
  /// inhibited the field holds its value instead.
  std::uint64_t cycle_offset = 0, instret_offset = 0;

  /// The line of the supervisor timer counts only while STCE puts Sstc into use; software's bit is then
  /// clear.
  std::uint64_t pending() const {
    constexpr std::uint64_t stip = 1u << 5;
    return software_pending | (menvcfg & envcfg::stce ? pending_lines : pending_lines & ~stip);
  }
};

}  // namespace memio::riscv
