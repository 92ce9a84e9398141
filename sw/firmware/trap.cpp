// Trap dispatch of the firmware (privileged specification 1.12, section 3.1.15 and 3.3).
#include "firmware.h"

namespace memio {
namespace {

constexpr unsigned long kInterruptFlag = 1UL << (__riscv_xlen - 1);
constexpr unsigned long kMachineSoftware = 3;
constexpr unsigned long kMachineTimer = 7;

// Exit status of a run that ended in a trap the firmware cannot serve.
constexpr unsigned kFatalStatus = 112;

[[noreturn]] void fatal_trap(const TrapFrame& frame, unsigned long cause, unsigned long tval) {
  console_print("\nfirmware: unexpected trap: cause 0x%lx, tval 0x%lx\n", cause, tval);
  console_print("mepc %p  mstatus %p\n", reinterpret_cast<void*>(frame.mepc),
                reinterpret_cast<void*>(frame.mstatus));
  for (int i = 1; i < 32; i++) {
    console_print("x%-2d %p%s", i, reinterpret_cast<void*>(frame.x[i]), i % 4 == 0 || i == 31 ? "\n" : "  ");
  }
  power_off(kFatalStatus);
}

// Machine mode owns the timer, so it turns the interrupt into a pending one of supervisor mode.
void forward_timer() {
  CSR_CLEAR(mie, IRQ_BIT_MTIMER);
  CSR_SET(mip, IRQ_BIT_STIMER);
}

}  // namespace

void redirect_to_supervisor(TrapFrame* frame, unsigned long cause, unsigned long tval) {
  CSR_WRITE(scause, cause);
  CSR_WRITE(stval, tval);
  CSR_WRITE(sepc, frame->mepc);
  frame->mepc = CSR_READ(stvec) & ~3UL;

  unsigned long status = frame->mstatus;
  const bool from_supervisor = (status & MSTATUS_MPP_MASK) != 0;
  const bool interrupts = (status & SSTATUS_SIE) != 0;
  status &= ~static_cast<unsigned long>(MSTATUS_SPP | SSTATUS_SPIE | SSTATUS_SIE | MSTATUS_MPP_MASK);
  status |= MSTATUS_MPP_S;
  if (from_supervisor) status |= MSTATUS_SPP;
  if (interrupts) status |= SSTATUS_SPIE;
  frame->mstatus = status;
}

extern "C" void trap_dispatch(TrapFrame* frame, unsigned long cause, unsigned long tval) {
  if (cause == (kInterruptFlag | kMachineTimer)) return forward_timer();
  if (cause == (kInterruptFlag | kMachineSoftware)) return serve_requests();
  if ((frame->mstatus & MSTATUS_MPP_MASK) == MSTATUS_MPP_MASK) fatal_trap(*frame, cause, tval);
  if (cause == kEcallFromS) return sbi_call(frame);
  if (cause == kLoadMisaligned || cause == kStoreMisaligned) return emulate_misaligned(frame, cause, tval);
  fatal_trap(*frame, cause, tval);
}

}  // namespace memio
