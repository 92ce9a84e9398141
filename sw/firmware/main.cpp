// Machine-mode firmware: sets up the harts and enters the kernel in supervisor mode on hart 0 (SBI
// specification 1.0, "Boot"; privileged specification 1.12, chapter 3). The others wait to be started
// (harts.cpp).
#include "firmware.h"

namespace memio {
namespace {

// Where a kernel is if nobody says it: 2 MiB (RV64) or 4 MiB (RV32) into RAM, the megapage size.
constexpr unsigned long kKernelAddress = __riscv_xlen == 64 ? 0x80200000 : 0x80400000;

// What the boot ROM hands on in a2, as OpenSBI's fw_dynamic wants it.
struct DynamicInfo {
  unsigned long magic, version, next_address;
};
constexpr unsigned long kDynamicMagic = 0x4942534f;  // "OSBI"

// Exceptions that supervisor mode handles. Kept: misaligned load and store (emulated here), calls from S and
// M.
constexpr unsigned long kDelegatedExceptions =
    1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 13 | 1 << 15;

// menvcfg.PBMTE: memory types in page tables (Svpbmt), where the hart has them; else the bit stays 0.
constexpr unsigned long kMemoryTypes = __riscv_xlen == 64 ? 1UL << (__riscv_xlen - 2) : 0;

// menvcfg: cache-block instructions (Zicbom, Zicboz) for the modes below, invalidation as such; bits of what
// the hart has not stay 0.
constexpr unsigned long kCacheBlocks = 3 << 4 | 1 << 6 | 1 << 7;

// cycle, time, instret, and counters 3 to 7, which count memio's events 1 to 5: ITLB, DTLB and second-level
// TLB misses, page-walk cycles, PTE reads.
constexpr unsigned long kOpenCounters = 0xff;

}  // namespace

void hart_init() {
  CSR_WRITE(medeleg, kDelegatedExceptions);
  CSR_WRITE(mideleg, IRQ_BIT_SSOFT | IRQ_BIT_STIMER | IRQ_BIT_SEXT);
  CSR_SET(0x30a, kMemoryTypes | kCacheBlocks);
  supervisor_timer_open();
  CSR_WRITE(mhpmevent3, 1);
  CSR_WRITE(mhpmevent4, 2);
  CSR_WRITE(mhpmevent5, 3);
  CSR_WRITE(mhpmevent6, 4);
  CSR_WRITE(mhpmevent7, 5);
  CSR_WRITE(mcounteren, kOpenCounters);
  CSR_CLEAR(mstatus, MSTATUS_MPP_MASK);
  CSR_SET(mstatus, MSTATUS_MPP_S);
  CSR_WRITE(mie, IRQ_BIT_MSOFT);
}

extern "C" unsigned long firmware_main(unsigned long hart, const void* tree_blob, const DynamicInfo* next) {
  const bool told = next != nullptr && next->magic == kDynamicMagic && next->next_address != 0;
  const unsigned long kernel = told ? next->next_address : kKernelAddress;
  platform_init(Fdt(tree_blob));
  console_print("memio firmware: rv%d, SBI 1.0, hart %lu, kernel at 0x%lx\n", __riscv_xlen, hart, kernel);
  hart_init();
  mark_started();
  return kernel;
}

}  // namespace memio
