// The timer that supervisor mode has of its own where the hart has Sstc 1.0 (menvcfg.STCE, stimecmp): the
// firmware opens it to the kernel and uses it for the SBI's calls too, since the pending bit is then the
// hardware's.
#include "firmware.h"

namespace memio {
namespace {

// CSRs by number: assemblers know their names only with the extension.
#if __riscv_xlen == 64
#define TIMER_ENABLE_CSR 0x30a  // menvcfg
#else
#define TIMER_ENABLE_CSR 0x31a  // menvcfgh
#endif
#define STIMECMP 0x14d
#define STIMECMPH 0x15d

constexpr unsigned long kTimerEnable = 1UL << (__riscv_xlen - 1);

}  // namespace

void supervisor_timer_open() {
  CSR_SET(TIMER_ENABLE_CSR, kTimerEnable);
  supervisor_timer_set(UINT64_MAX);
}

bool supervisor_timer_set(uint64_t deadline) {
  if ((CSR_READ(TIMER_ENABLE_CSR) & kTimerEnable) == 0) return false;
#if __riscv_xlen == 32
  CSR_WRITE(STIMECMP, UINT32_MAX);  // no deadline in between that is earlier than both
  CSR_WRITE(STIMECMPH, static_cast<uint32_t>(deadline >> 32));
#endif
  CSR_WRITE(STIMECMP, static_cast<unsigned long>(deadline));
  return true;
}

}  // namespace memio
