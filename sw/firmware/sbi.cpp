// The SBI calls (SBI specification 1.0; debug console of 2.0). Not implemented: performance monitoring.
#include "memio/sbi.h"

#include "firmware.h"

namespace memio {
namespace {

constexpr long kSpecVersion = 1 << 24;
constexpr long kImplementationId = 0x6d656d;  // "mem"; not a registered number
constexpr long kImplementationVersion = 1;
constexpr unsigned long kResetVector = 0x1000;

constexpr SbiResult kNotSupported = {SBI_ERR_NOT_SUPPORTED, 0};
constexpr SbiResult kSuccess = {SBI_SUCCESS, 0};

uint64_t wide_argument(const TrapFrame& frame) {
  if (__riscv_xlen == 64) return frame.x[kA0];
  return uint64_t{frame.x[kA1]} << 32 | frame.x[kA0];
}

void program_timer(uint64_t deadline) {
  if (supervisor_timer_set(deadline)) return;
  CSR_CLEAR(mip, IRQ_BIT_STIMER);
  timer_set(deadline);
  CSR_SET(mie, IRQ_BIT_MTIMER);
}

// The start address of the CPU called as a function without a body: execution goes on at another address.
[[noreturn]] void soft_reset() {
  CSR_WRITE(mie, 0);
  CSR_CLEAR(mstatus, MSTATUS_MIE | MSTATUS_MPRV);
  using ResetFunction = void (*)();
  const auto reset = reinterpret_cast<ResetFunction>(kResetVector);
  reset();
  __builtin_unreachable();
}

bool is_implemented(unsigned long extension) {
  switch (extension) {
    case SBI_EXT_BASE:
    case SBI_EXT_TIME:
    case SBI_EXT_IPI:
    case SBI_EXT_RFENCE:
    case SBI_EXT_HSM:
    case SBI_EXT_SRST:
    case SBI_EXT_DBCN:
    case SBI_EXT_MEMIO:
      return true;
    default:
      return extension <= SBI_EXT_LEGACY_SHUTDOWN;
  }
}

SbiResult base_call(unsigned long function, unsigned long argument) {
  switch (function) {
    case SBI_BASE_SPEC_VERSION:
      return {SBI_SUCCESS, kSpecVersion};
    case SBI_BASE_IMPL_ID:
      return {SBI_SUCCESS, kImplementationId};
    case SBI_BASE_IMPL_VERSION:
      return {SBI_SUCCESS, kImplementationVersion};
    case SBI_BASE_PROBE:
      return {SBI_SUCCESS, is_implemented(argument)};
    case SBI_BASE_MVENDORID:
      return {SBI_SUCCESS, CSR_READ(mvendorid)};
    case SBI_BASE_MARCHID:
      return {SBI_SUCCESS, CSR_READ(marchid)};
    case SBI_BASE_MIMPID:
      return {SBI_SUCCESS, CSR_READ(mimpid)};
    default:
      return kNotSupported;
  }
}

// Other reasons are reserved or a vendor's. The two that there are serve as the status.
SbiResult reset_call(unsigned long type, unsigned long reason) {
  static_assert(SBI_SRST_REASON_NONE == 0 && SBI_SRST_REASON_FAILURE == 1);
  if (reason > SBI_SRST_REASON_FAILURE) return {SBI_ERR_INVALID_PARAM, 0};
  switch (type) {
    case SBI_SRST_SHUTDOWN:
      power_off(static_cast<unsigned>(reason));
    case SBI_SRST_COLD_REBOOT:
    case SBI_SRST_WARM_REBOOT:
      machine_reset();
    default:
      return {SBI_ERR_INVALID_PARAM, 0};
  }
}

// The buffer is named by physical address, which is what machine mode uses; a high half would not be
// reachable.
SbiResult console_call(const TrapFrame& frame) {
  const unsigned long count = frame.x[kA0];
  char* buffer = reinterpret_cast<char*>(frame.x[kA1]);
  switch (frame.x[kA6]) {
    case SBI_DBCN_WRITE:
      if (frame.x[kA2] != 0) return {SBI_ERR_INVALID_PARAM, 0};
      for (unsigned long i = 0; i < count; i++) console_put(buffer[i]);
      return {SBI_SUCCESS, count};
    case SBI_DBCN_READ: {
      if (frame.x[kA2] != 0) return {SBI_ERR_INVALID_PARAM, 0};
      unsigned long got = 0;
      for (int c; got < count && (c = console_get()) >= 0; got++) buffer[got] = static_cast<char>(c);
      return {SBI_SUCCESS, got};
    }
    case SBI_DBCN_WRITE_BYTE:
      console_put(static_cast<char>(frame.x[kA0]));
      return kSuccess;
    default:
      return kNotSupported;
  }
}

SbiResult memio_call(unsigned long function, unsigned long argument) {
  switch (function) {
    case SBI_MEMIO_SOFT_RESET:
      soft_reset();
    case SBI_MEMIO_EXIT:
      power_off(static_cast<unsigned>(argument) & 0xffff);
    default:
      return kNotSupported;
  }
}

SbiResult modern_call(TrapFrame* trapped) {
  const TrapFrame& frame = *trapped;
  const unsigned long function = frame.x[kA6];
  switch (frame.x[kA7]) {
    case SBI_EXT_BASE:
      return base_call(function, frame.x[kA0]);
    case SBI_EXT_TIME:
      if (function != 0) return kNotSupported;
      program_timer(wide_argument(frame));
      return kSuccess;
    case SBI_EXT_IPI:
      return function == 0 ? send_ipi(frame.x[kA0], frame.x[kA1]) : kNotSupported;
    case SBI_EXT_RFENCE:
      return remote_fence(function, frame);
    case SBI_EXT_HSM:
      return hsm_call(trapped);
    case SBI_EXT_SRST:
      return function == 0 ? reset_call(frame.x[kA0], frame.x[kA1]) : kNotSupported;
    case SBI_EXT_DBCN:
      return console_call(frame);
    case SBI_EXT_MEMIO:
      return memio_call(function, frame.x[kA0]);
    default:
      return kNotSupported;
  }
}

// A legacy call names its harts by a mask in the caller's memory, all of them by address 0. False if that
// cannot be read: then the caller takes the fault.
bool legacy_mask(TrapFrame* frame, unsigned long* mask, unsigned long* base) {
  *base = frame->x[kA0] == 0 ? kAllHarts : 0;
  *mask = 0;
  return frame->x[kA0] == 0 || read_caller_memory(frame, frame->x[kA0], mask, sizeof *mask);
}

void legacy_fence(TrapFrame* frame, unsigned long function) {
  TrapFrame call = {};
  if (!legacy_mask(frame, &call.x[kA0], &call.x[kA1])) return;
  frame->mepc += 4;
  call.x[kA2] = frame->x[kA1];
  call.x[kA3] = frame->x[kA2];
  call.x[kA4] = frame->x[kA3];
  frame->x[kA0] = static_cast<unsigned long>(remote_fence(function, call).error);
}

void legacy_ipi(TrapFrame* frame) {
  unsigned long mask = 0, base = 0;
  if (!legacy_mask(frame, &mask, &base)) return;
  frame->mepc += 4;
  frame->x[kA0] = static_cast<unsigned long>(send_ipi(mask, base).error);
}

// Those that name harts; false if the call is another.
bool legacy_remote_call(TrapFrame* frame) {
  switch (frame->x[kA7]) {
    case SBI_EXT_LEGACY_SEND_IPI:
      legacy_ipi(frame);
      return true;
    case SBI_EXT_LEGACY_FENCE_I:
      legacy_fence(frame, SBI_RFENCE_FENCE_I);
      return true;
    case SBI_EXT_LEGACY_SFENCE_VMA:
      legacy_fence(frame, SBI_RFENCE_SFENCE_VMA);
      return true;
    case SBI_EXT_LEGACY_SFENCE_VMA_ASID:
      legacy_fence(frame, SBI_RFENCE_SFENCE_VMA_ASID);
      return true;
    default:
      return false;
  }
}

// Legacy calls return one value in a0 and keep a1.
long legacy_call(const TrapFrame& frame) {
  switch (frame.x[kA7]) {
    case SBI_EXT_LEGACY_SET_TIMER:
      program_timer(wide_argument(frame));
      return 0;
    case SBI_EXT_LEGACY_PUTCHAR:
      console_put(static_cast<char>(frame.x[kA0]));
      return 0;
    case SBI_EXT_LEGACY_GETCHAR:
      return console_get();
    case SBI_EXT_LEGACY_CLEAR_IPI:
      CSR_CLEAR(mip, IRQ_BIT_SSOFT);
      return 0;
    default:
      power_off(0);
  }
}

}  // namespace

void sbi_call(TrapFrame* frame) {
  if (legacy_remote_call(frame)) return;
  frame->mepc += 4;
  if (frame->x[kA7] <= SBI_EXT_LEGACY_SHUTDOWN) {
    frame->x[kA0] = static_cast<unsigned long>(legacy_call(*frame));
    return;
  }
  const SbiResult result = modern_call(frame);
  frame->x[kA0] = static_cast<unsigned long>(result.error);
  frame->x[kA1] = result.value;
}

}  // namespace memio
