// Control and status registers: which exist, who may touch them, what reads and writes do.
// Privileged specification 20211203, chapter 2. A CSR that does not exist is an illegal instruction;
// a field that cannot hold a value keeps a legal one (WARL). Not modelled: MXL changes.
#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

constexpr std::uint64_t delegable_exceptions = 0xb3ff;  // all but ecall from M and the reserved ones
constexpr std::uint64_t machine_interrupts = 0x888;     // MSI, MTI, MEI
constexpr std::uint64_t supervisor_interrupts = 0x222;  // SSI, STI, SEI
constexpr std::uint64_t ssip = 1u << 1;
constexpr std::uint64_t stip = 1u << 5, lcofip = 1u << 13;
constexpr std::uint64_t uxl_sxl_64 = (std::uint64_t{2} << 32) | (std::uint64_t{2} << 34);
constexpr std::uint32_t counters = 0xffffffff;
constexpr std::uint32_t inhibitable = ~std::uint32_t{2};  // all counters but time

constexpr bool between(unsigned number, unsigned first, unsigned count) {
  return number >= first && number < first + count;
}

constexpr bool is_event_counter(unsigned number, unsigned base) {
  return between(number, base + EventCounters::first, EventCounters::end - EventCounters::first);
}

/// A 64-bit register of which a write changes the lower half, the upper half, or, on RV64, all.
template <class U>
std::uint64_t with_half(std::uint64_t old, U value, bool upper) {
  if constexpr (sizeof(U) == 8) return value;
  return upper ? (old & 0xffffffff) | std::uint64_t{value} << 32 : (old & ~std::uint64_t{0xffffffff}) | value;
}

/// mtvec and stvec: direct and vectored mode; a write of another mode is ignored.
template <class U>
void write_vector(U& vector, U value) {
  if ((value & 3) <= 1) vector = value;
}

}  // namespace

template <class U>
bool HartImpl<U>::csr_exists(unsigned number) const {
  constexpr bool rv32 = sizeof(U) == 4;
  if (between(number, csr_pmpcfg0, 4)) return config_.pmp_regions > 0 && (rv32 || number % 2 == 0);
  if (between(number, csr_pmpaddr0, 16)) return config_.pmp_regions > 0;
  if (between(number, csr_mcycle, 32)) return number != csr_mcycle + 1;
  if (between(number, csr_mcycleh, 32)) return rv32 && number != csr_mcycleh + 1;
  if (between(number, csr_cycle, 32)) return true;
  if (between(number, csr_cycleh, 32)) return rv32;
  if (between(number, csr_mhpmevent3, 29)) return true;
  if (between(number, csr_mhpmevent3h, 29)) return rv32 && config_.isa.sscofpmf;
  if (between(number, csr_tselect, 5)) return triggers_.count() != 0;
  if (between(number, csr_mvendorid, 5)) return true;
  if (between(number, csr_fflags, 3)) return config_.isa.f;
  switch (number) {
    case csr_mstatush:
    case csr_menvcfgh:
      return rv32;
    case csr_stimecmp:
      return config_.isa.sstc;
    case csr_stimecmph:
      return config_.isa.sstc && rv32;
    case csr_scountovf:
      return config_.isa.sscofpmf;
    case csr_sportctl:
      return config_.port_space;
    case csr_sstatus:
    case csr_sie:
    case csr_stvec:
    case csr_scounteren:
    case csr_senvcfg:
    case csr_sscratch:
    case csr_sepc:
    case csr_scause:
    case csr_stval:
    case csr_sip:
    case csr_satp:
    case csr_mstatus:
    case csr_misa:
    case csr_medeleg:
    case csr_mideleg:
    case csr_mie:
    case csr_mtvec:
    case csr_mcounteren:
    case csr_menvcfg:
    case csr_mcountinhibit:
    case csr_mscratch:
    case csr_mepc:
    case csr_mcause:
    case csr_mtval:
    case csr_mip:
      return true;
    default:
      return false;
  }
}

template <class U>
bool HartImpl<U>::csr_allowed(unsigned number, bool write) const {
  if (!csr_exists(number)) return false;
  if (write && (number >> 10 & 3) == 3) return false;
  if (static_cast<unsigned>(privilege_) < (number >> 8 & 3)) return false;
  if (between(number, csr_fflags, 3) && !(csr_.status & mstatus::fs)) return false;
  if (number == csr_satp && privilege_ == Privilege::supervisor && (csr_.status & mstatus::tvm)) return false;
  if ((number == csr_stimecmp || number == csr_stimecmph) && privilege_ == Privilege::supervisor &&
      !((csr_.mcounteren & 2) && (csr_.menvcfg & envcfg::stce)))
    return false;
  if (between(number, csr_cycle, 32) || between(number, csr_cycleh, 32)) {
    const unsigned bit = number & 31;
    if (privilege_ != Privilege::machine && !(csr_.mcounteren >> bit & 1)) return false;
    if (privilege_ == Privilege::user && !(csr_.scounteren >> bit & 1)) return false;
  }
  return true;
}

template <class U>
U HartImpl<U>::read_csr(unsigned number) const {
  const auto high = [](std::uint64_t value) { return static_cast<U>(value >> 32); };
  if (between(number, csr_pmpaddr0, 16)) return static_cast<U>(pmp_.address(number - csr_pmpaddr0));
  if (between(number, csr_pmpcfg0, 4)) {
    U value = 0;
    for (unsigned i = 0; i < sizeof(U); ++i)
      value |= static_cast<U>(U{pmp_.config((number - csr_pmpcfg0) * 4 + i)} << (8 * i));
    return value;
  }
  if (is_event_counter(number, csr_mcycle) || is_event_counter(number, csr_cycle))
    return static_cast<U>(events_.value(number & 31));
  if (is_event_counter(number, csr_mcycleh) || is_event_counter(number, csr_cycleh))
    return high(events_.value(number & 31));
  if (is_event_counter(number, csr_mcountinhibit)) return static_cast<U>(events_.event(number & 31));
  if (between(number, csr_mhpmevent3h, 29)) return high(events_.event(number & 31));
  if (between(number, csr_tselect, 5)) return static_cast<U>(triggers_.read(number - csr_tselect));
  switch (number) {
    case csr_fflags:
      return csr_.fflags;
    case csr_frm:
      return csr_.frm;
    case csr_fcsr:
      return static_cast<U>(csr_.frm << 5 | csr_.fflags);
    case csr_sstatus:
      return status_view(mstatus::supervisor_view);
    case csr_mstatus:
      return status_view(mstatus::machine_view);
    case csr_sie:
      return csr_.mie & csr_.mideleg;
    case csr_sip:
      return static_cast<U>(csr_.pending()) & csr_.mideleg;
    case csr_mip:
      return static_cast<U>(csr_.pending());
    case csr_stvec:
      return csr_.stvec;
    case csr_scounteren:
      return csr_.scounteren;
    case csr_senvcfg:
      return csr_.senvcfg;
    case csr_sscratch:
      return csr_.sscratch;
    case csr_sepc:
      return config_.isa.c ? csr_.sepc : csr_.sepc & ~U{3};
    case csr_scause:
      return csr_.scause;
    case csr_stval:
      return csr_.stval;
    case csr_stimecmp:
      return static_cast<U>(csr_.stimecmp);
    case csr_stimecmph:
      return high(csr_.stimecmp);
    case csr_satp:
      return csr_.satp;
    case csr_misa:
      return static_cast<U>(U{sizeof(U) == 4 ? 1 : 2} << (8 * sizeof(U) - 2)) |
             static_cast<U>(config_.isa.e ? 1u << 4 : 1u << 8) | static_cast<U>(1u << 18) |
             static_cast<U>(1u << 20) | static_cast<U>(config_.isa.m ? 1u << 12 : 0) |
             static_cast<U>(config_.isa.a ? 1u : 0) | static_cast<U>(config_.isa.f ? 1u << 5 : 0) |
             static_cast<U>(config_.isa.d ? 1u << 3 : 0) | static_cast<U>(config_.isa.c ? 1u << 2 : 0);
    case csr_medeleg:
      return csr_.medeleg;
    case csr_mideleg:
      return csr_.mideleg;
    case csr_mie:
      return csr_.mie;
    case csr_mtvec:
      return csr_.mtvec;
    case csr_scountovf:
      return static_cast<U>(events_.overflown() &
                            (privilege_ == Privilege::machine ? counters : csr_.mcounteren));
    case csr_mcounteren:
      return csr_.mcounteren;
    case csr_menvcfg:
      return static_cast<U>(csr_.menvcfg);
    case csr_menvcfgh:
      return high(csr_.menvcfg);
    case csr_mcountinhibit:
      return csr_.mcountinhibit;
    case csr_mscratch:
      return csr_.mscratch;
    case csr_mepc:
      return config_.isa.c ? csr_.mepc : csr_.mepc & ~U{3};
    case csr_mcause:
      return csr_.mcause;
    case csr_mtval:
      return csr_.mtval;
    case csr_sportctl:
      return csr_.sportctl;
    case csr_mcycle:
    case csr_cycle:
      return static_cast<U>(cycle_count());
    case csr_minstret:
    case csr_instret:
      return static_cast<U>(retired_count());
    case csr_time:
      return static_cast<U>(port_.time(now_));
    case csr_mcycleh:
    case csr_cycleh:
      return high(cycle_count());
    case csr_minstreth:
    case csr_instreth:
      return high(retired_count());
    case csr_timeh:
      return high(port_.time(now_));
    case csr_mvendorid + 3:
      return static_cast<U>(config_.hart_id);
    default:
      return 0;
  }
}

template <class U>
void HartImpl<U>::write_csr(unsigned number, U value) {
  if (between(number, csr_pmpaddr0, 16) || between(number, csr_pmpcfg0, 4)) {
    if (number >= csr_pmpaddr0)
      pmp_.set_address(number - csr_pmpaddr0, value);
    else
      for (unsigned i = 0; i < sizeof(U); ++i)
        pmp_.set_config((number - csr_pmpcfg0) * 4 + i, static_cast<std::uint8_t>(value >> (8 * i)));
    protection_changed();
    return;
  }
  if (between(number, csr_fflags, 3)) {
    if (number != csr_frm) csr_.fflags = static_cast<std::uint8_t>(value & 0x1f);
    if (number != csr_fflags) csr_.frm = static_cast<std::uint8_t>(value >> (number == csr_fcsr ? 5 : 0) & 7);
    csr_.status |= mstatus::fs;
    return;
  }
  if (is_event_counter(number, csr_mcountinhibit))
    return events_.set_event(number & 31, with_half(events_.event(number & 31), value, false));
  if (between(number, csr_mhpmevent3h, 29)) {
    constexpr U flags = U{0x3f} << 26;  // the numbers of events fit the lower half
    return events_.set_event(number & 31, with_half(events_.event(number & 31), U(value & flags), true));
  }
  if (between(number, csr_tselect, 5)) return triggers_.write(number - csr_tselect, value);
  switch (number) {
    case csr_sstatus:
      return write_status(value, mstatus::supervisor_view);
    case csr_mstatus:
      return write_status(value, mstatus::machine_view);
    case csr_sie:
      csr_.mie = static_cast<U>((csr_.mie & ~csr_.mideleg) | (value & csr_.mideleg));
      return;
    case csr_mie:
      csr_.mie = static_cast<U>(value & (machine_interrupts | lower_interrupts()));
      return;
    case csr_sip: {
      const std::uint64_t mask = (ssip | (lower_interrupts() & lcofip)) & csr_.mideleg;
      csr_.software_pending = (csr_.software_pending & ~mask) | (value & mask);
      return;
    }
    case csr_mip:
      csr_.software_pending = value & lower_interrupts() & ~(csr_.menvcfg & envcfg::stce ? stip : 0);
      return;
    case csr_stvec:
      return write_vector(csr_.stvec, value);
    case csr_mtvec:
      return write_vector(csr_.mtvec, value);
    case csr_scounteren:
      csr_.scounteren = static_cast<std::uint32_t>(value) & counters;
      return;
    case csr_mcounteren:
      csr_.mcounteren = static_cast<std::uint32_t>(value) & counters;
      return;
    case csr_senvcfg:
      csr_.senvcfg = static_cast<U>(environment(value));
      return;
    case csr_menvcfg:
      return write_menvcfg(with_half(csr_.menvcfg, value, false));
    case csr_menvcfgh:
      return write_menvcfg(with_half(csr_.menvcfg, value, true));
    case csr_sscratch:
      csr_.sscratch = value;
      return;
    case csr_mscratch:
      csr_.mscratch = value;
      return;
    case csr_sepc:
      csr_.sepc = value & ~U{1};
      return;
    case csr_mepc:
      csr_.mepc = value & ~U{1};
      return;
    case csr_scause:
      csr_.scause = value;
      return;
    case csr_mcause:
      csr_.mcause = value;
      return;
    case csr_stval:
      csr_.stval = value;
      return;
    case csr_mtval:
      csr_.mtval = value;
      return;
    case csr_stimecmp:
      return write_stimecmp(with_half(csr_.stimecmp, value, false));
    case csr_stimecmph:
      return write_stimecmp(with_half(csr_.stimecmp, value, true));
    case csr_satp:
      return write_satp(value);
    case csr_medeleg:
      csr_.medeleg = static_cast<U>(value & delegable_exceptions);
      return;
    case csr_mideleg:
      csr_.mideleg = static_cast<U>(value & lower_interrupts());
      return;
    case csr_mcountinhibit:
      return write_inhibit(static_cast<std::uint32_t>(value) & inhibitable);
    case csr_sportctl:
      csr_.sportctl = value & 1;
      return;
    default:
      return write_counter(number, value);
  }
}

/// Those that software can make pending and delegate.
template <class U>
std::uint64_t HartImpl<U>::lower_interrupts() const {
  return supervisor_interrupts | (config_.isa.sscofpmf ? lcofip : 0);
}

template <class U>
void HartImpl<U>::write_status(std::uint64_t value, std::uint64_t mask) {
  const std::uint64_t old = csr_.status;
  if (config_.isa.f) mask |= mstatus::fs;
  csr_.status = (old & ~mask) | (value & mask);
  // MPP has no encoding 2: it keeps what it was.
  if ((csr_.status & mstatus::mpp) == std::uint64_t{2} << mstatus::mpp_shift)
    csr_.status = (csr_.status & ~mstatus::mpp) | (old & mstatus::mpp);
  update_contexts();
}

template <class U>
U HartImpl<U>::status_view(std::uint64_t view) const {
  const std::uint64_t width = sizeof(U) == 4 ? 0 : uxl_sxl_64;
  const bool machine = view == mstatus::machine_view;
  const std::uint64_t floating = csr_.status & mstatus::fs;
  const U dirty = floating == mstatus::fs ? top_bit : 0;  // SD
  return dirty | static_cast<U>((csr_.status & view) | floating |
                                (machine ? width : width & (std::uint64_t{3} << 32)));
}

/// satp: a write that names a mode the machine lacks has no effect at all (section 4.1.11).
template <class U>
void HartImpl<U>::write_satp(U value) {
  if (!config_.has_mmu) return;
  if constexpr (sizeof(U) == 4) {
    const U asid_mask = static_cast<U>(((1u << config_.asid_bits) - 1) << 22);
    csr_.satp = static_cast<U>(value & (0x803fffffu | asid_mask));
  } else {
    const auto mode = static_cast<unsigned>(value >> 60);
    const unsigned most =
        7 + static_cast<unsigned>(config_.largest_format) - static_cast<unsigned>(PageFormatId::sv32);
    if (mode != 0 && (mode < 8 || mode > most)) return;
    const U asid_mask = static_cast<U>(((std::uint64_t{1} << config_.asid_bits) - 1) << 44);
    csr_.satp = static_cast<U>(value & ((U{15} << 60) | asid_mask | ((std::uint64_t{1} << 44) - 1)));
  }
  l0_.drop();  // tags name neither the ASID nor the root
  update_contexts();
}

/// What menvcfg and senvcfg have in common; CBIE has no value 2.
template <class U>
std::uint64_t HartImpl<U>::environment(std::uint64_t value) const {
  std::uint64_t mask = envcfg::fiom;
  if (config_.isa.zicbom) mask |= envcfg::cbie | envcfg::cbcfe;
  if (config_.isa.zicboz) mask |= envcfg::cbze;
  if ((value & envcfg::cbie) == envcfg::cbie_reserved) mask &= ~envcfg::cbie;
  return value & mask;
}

/// menvcfg; PBMTE puts Svpbmt into use, ADUE Svadu, STCE Sstc. What the TLBs hold stays until a fence.
template <class U>
void HartImpl<U>::write_menvcfg(std::uint64_t value) {
  std::uint64_t mask = 0;
  if (config_.has_mmu && config_.isa.svpbmt) mask |= envcfg::pbmte;
  if (config_.has_mmu && config_.isa.svadu) mask |= envcfg::adue;
  if (config_.isa.sstc) mask |= envcfg::stce;
  csr_.menvcfg = environment(value) | (value & mask);
  if (csr_.menvcfg & envcfg::stce) csr_.software_pending &= ~stip;
  mmu_.set_ad(csr_.menvcfg & envcfg::adue ? AdPolicy::svadu : AdPolicy::svade);
  l0_.drop();  // without TLBs nothing else remembers a translation
  update_contexts();
}

/// The timer of Sstc belongs to the port, which must be told at the time of the write.
template <class U>
void HartImpl<U>::write_stimecmp(std::uint64_t value) {
  csr_.stimecmp = value;
  port_.synchronise(now_);
  port_.set_supervisor_timer(value);
  look_around();
  leave_block_ = true;
}

template <class U>
TranslationContext HartImpl<U>::translation_of_satp() const {
  TranslationContext context;
  context.memory_types = (csr_.menvcfg & envcfg::pbmte) != 0;
  context.napot = config_.isa.svnapot;
  if constexpr (sizeof(U) == 4) {
    context.format = csr_.satp >> 31 ? PageFormatId::sv32 : PageFormatId::bare;
    context.asid = static_cast<std::uint16_t>(csr_.satp >> 22 & 0x1ff);
    context.root = static_cast<std::uint64_t>(csr_.satp & 0x3fffff) << 12;
  } else {
    const auto mode = static_cast<unsigned>(csr_.satp >> 60);
    context.format = mode == 0
                         ? PageFormatId::bare
                         : static_cast<PageFormatId>(static_cast<unsigned>(PageFormatId::sv39) + mode - 8);
    context.asid = static_cast<std::uint16_t>(csr_.satp >> 44);
    context.root = (csr_.satp & ((std::uint64_t{1} << 44) - 1)) << 12;
  }
  return context;
}

/// A written counter reads as written by the next instruction: the write replaces the increment.
template <class U>
void HartImpl<U>::write_counter(unsigned number, U value) {
  const auto replace = [&](std::uint64_t old) { return with_half(old, value, number >= csr_mcycleh); };
  if (number == csr_mcycle || number == csr_mcycleh) {
    const std::uint64_t count = replace(cycle_count());
    csr_.cycle_offset = csr_.mcountinhibit & 1 ? count : count - now_;
  } else if (number == csr_minstret || number == csr_minstreth) {
    const std::uint64_t count = replace(retired_count());
    csr_.instret_offset = csr_.mcountinhibit & 4 ? count : count - retired_ - 1;
  } else if (is_event_counter(number, csr_mcycle) || is_event_counter(number, csr_mcycleh)) {
    events_.set_value(number & 31, replace(events_.value(number & 31)));
  }
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
