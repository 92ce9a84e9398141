// Machine-mode firmware: sets up the hart and enters the kernel in supervisor mode (SBI specification 1.0,
// "Boot"; privileged specification 1.12, chapter 3). One hart only; no hart state management extension.
#include "firmware.h"

namespace memio {
namespace {

// Where every loader for this machine puts the kernel: 2 MiB (RV64) or 4 MiB (RV32) into RAM, the megapage
// size.
constexpr unsigned long kKernelAddress = __riscv_xlen == 64 ? 0x80200000 : 0x80400000;

// Exceptions that supervisor mode handles. Kept: misaligned load and store (emulated here), calls from S and
// M.
constexpr unsigned long kDelegatedExceptions =
    1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 13 | 1 << 15;

constexpr unsigned long kAllCounters = 7;  // cycle, time, instret

}  // namespace

extern "C" unsigned long firmware_main(unsigned long hart, const void* tree_blob) {
  platform_init(Fdt(tree_blob));
  console_print("memio firmware: rv%d, SBI 1.0, hart %lu, kernel at 0x%lx\n", __riscv_xlen, hart,
                kKernelAddress);

  CSR_WRITE(medeleg, kDelegatedExceptions);
  CSR_WRITE(mideleg, IRQ_BIT_SSOFT | IRQ_BIT_STIMER | IRQ_BIT_SEXT);
  CSR_WRITE(mcounteren, kAllCounters);
  CSR_CLEAR(mstatus, MSTATUS_MPP_MASK);
  CSR_SET(mstatus, MSTATUS_MPP_S);
  return kKernelAddress;
}

}  // namespace memio
