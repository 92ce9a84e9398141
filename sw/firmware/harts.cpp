// The harts of the machine: their states and how they are started and stopped (SBI specification 1.0, chapter
// "Hart State Management Extension"), interrupts between them and remote fences (chapters "IPI" and
// "RFENCE"). A hart is asked to do something by a bit in its word of requests and its machine software
// interrupt.
#include "firmware.h"
#include "memio/sbi.h"

namespace memio {
namespace {

// Zero, which .bss begins with, is stopped. One that is chosen is told next where to start.
enum State : unsigned { kStopped, kChosen, kStartPending, kStarted, kSuspended };

// Suspend types: 32 bits; above the standard ones of each kind are reserved, then platform-specific ones.
constexpr uint32_t kPlatformTypes = 0x10000000;

// Bits of a hart's requests; those from kFence on: the fence that hart (bit - kFence) wants.
constexpr unsigned long kSupervisorInterrupt = 1;
constexpr unsigned kFence = 8;

struct Fence {
  unsigned long function, start, size, asid;
  unsigned outstanding;  // harts that have not done it yet
};

struct Hart {
  unsigned state;
  unsigned long requests;
  unsigned long start, opaque;
  Fence fence;  // that this hart wants of others
};

Hart harts[kMaxHarts];

// Ranges above this many pages are fenced as a whole.
constexpr unsigned long kMostPages = 64;
constexpr unsigned long kPageBytes = 4096;

unsigned state_of(unsigned hart) { return __atomic_load_n(&harts[hart].state, __ATOMIC_ACQUIRE); }
void set_state(unsigned hart, State state) { __atomic_store_n(&harts[hart].state, state, __ATOMIC_RELEASE); }

bool exists(unsigned long hart) { return hart < hart_count(); }

// Whether a hart serves requests: one that is stopped has nothing that they could change.
bool is_awake(unsigned hart) { return state_of(hart) == kStarted || state_of(hart) == kSuspended; }

void ask(unsigned hart, unsigned long request) {
  __atomic_fetch_or(&harts[hart].requests, request, __ATOMIC_RELEASE);
  ipi_set(hart, true);
}

// Calls visit(hart) for each hart of a mask; false, and no call, if one of them does not exist.
template <typename Visit>
bool for_each_hart(unsigned long mask, unsigned long base, Visit visit) {
  if (base == kAllHarts) {
    mask = (1UL << hart_count()) - 1;
    base = 0;
  }
  if (!exists(base)) return false;
  for (unsigned i = 0; i < __riscv_xlen; i++) {
    if ((mask >> i & 1) != 0 && !exists(base + i)) return false;
  }
  for (unsigned i = 0; i < __riscv_xlen; i++) {
    if ((mask >> i & 1) != 0) visit(static_cast<unsigned>(base + i));
  }
  return true;
}

void fence_page(unsigned long address, const Fence& fence) {
  if (fence.function == SBI_RFENCE_SFENCE_VMA_ASID) {
    __asm__ volatile("sfence.vma %0, %1" ::"r"(address), "r"(fence.asid) : "memory");
  } else {
    __asm__ volatile("sfence.vma %0" ::"r"(address) : "memory");
  }
}

void do_fence(const Fence& fence) {
  if (fence.function == SBI_RFENCE_FENCE_I) {
    __asm__ volatile("fence.i" ::: "memory");
    return;
  }
  const bool everything = (fence.start == 0 && fence.size == 0) || fence.size > kMostPages * kPageBytes;
  if (!everything) {
    for (unsigned long done = 0; done < fence.size; done += kPageBytes) fence_page(fence.start + done, fence);
  } else if (fence.function == SBI_RFENCE_SFENCE_VMA_ASID) {
    __asm__ volatile("sfence.vma zero, %0" ::"r"(fence.asid) : "memory");
  } else {
    __asm__ volatile("sfence.vma" ::: "memory");
  }
}

// Waits in machine mode until another hart has asked for something, and does what it asked.
void wait_for_request() {
  while ((CSR_READ(mip) & IRQ_BIT_MSOFT) == 0) __asm__ volatile("wfi");
  serve_requests();
}

// Waits to be started; the calling hart is stopped. Leaves its registers of supervisor mode as they are at a
// start.
void wait_for_start(unsigned hart) {
  CSR_WRITE(mie, IRQ_BIT_MSOFT);
  while (state_of(hart) != kStartPending) wait_for_request();
  hart_init();
  CSR_CLEAR(mip, IRQ_BIT_SSOFT | IRQ_BIT_STIMER);
  CSR_WRITE(satp, 0);
  CSR_CLEAR(mstatus, SSTATUS_SIE);
  set_state(hart, kStarted);
}

// The trap that ends returns to `start`, as from nowhere.
void enter_at(TrapFrame* frame, unsigned long start, unsigned long opaque) {
  frame->mepc = start;
  frame->x[kA0] = this_hart();
  frame->x[kA1] = opaque;
  frame->mstatus = CSR_READ(mstatus);
  frame->mstatus &= ~static_cast<unsigned long>(MSTATUS_MPP_MASK | SSTATUS_SIE | MSTATUS_MPIE);
  frame->mstatus |= MSTATUS_MPP_S;
}

extern "C" const char _start[], __firmware_end[];

// Whether supervisor mode can begin there.
bool is_entry(unsigned long address) {
  const auto firmware = reinterpret_cast<uintptr_t>(_start),
             end = reinterpret_cast<uintptr_t>(__firmware_end);
  return (address & 1) == 0 && in_ram(address) && (address < firmware || address >= end);
}

SbiResult hart_start(unsigned long hart, unsigned long start, unsigned long opaque) {
  if (!exists(hart)) return {SBI_ERR_INVALID_PARAM, 0};
  if (!is_entry(start)) return {SBI_ERR_INVALID_ADDRESS, 0};
  unsigned state = kStopped;
  if (!__atomic_compare_exchange_n(&harts[hart].state, &state, kChosen, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE)) {
    return {state == kStarted ? SBI_ERR_ALREADY_AVAILABLE : SBI_ERR_INVALID_PARAM, 0};
  }
  harts[hart].start = start;
  harts[hart].opaque = opaque;
  set_state(static_cast<unsigned>(hart), kStartPending);
  ipi_set(static_cast<unsigned>(hart), true);
  return {SBI_SUCCESS, 0};
}

// Returns when somebody has started the hart again, to where it was told.
SbiResult hart_stop(TrapFrame* frame) {
  const unsigned hart = this_hart();
  CSR_WRITE(mie, IRQ_BIT_MSOFT);
  set_state(hart, kStopped);
  wait_for_start(hart);
  enter_at(frame, harts[hart].start, harts[hart].opaque);
  return {static_cast<long>(frame->x[kA0]), frame->x[kA1]};
}

SbiResult hart_status(unsigned long hart) {
  if (!exists(hart)) return {SBI_ERR_INVALID_PARAM, 0};
  switch (state_of(static_cast<unsigned>(hart))) {
    case kStopped:
      return {SBI_SUCCESS, SBI_HSM_STOPPED};
    case kChosen:
    case kStartPending:
      return {SBI_SUCCESS, SBI_HSM_START_PENDING};
    case kSuspended:
      return {SBI_SUCCESS, SBI_HSM_SUSPENDED};
    default:
      return {SBI_SUCCESS, SBI_HSM_STARTED};
  }
}

SbiResult hart_suspend(TrapFrame* frame, unsigned long type, unsigned long resume, unsigned long opaque) {
  const auto kind = static_cast<uint32_t>(type) & SBI_HSM_NON_RETENTIVE;
  if (static_cast<uint32_t>(type) != kind) {
    const bool platform = (static_cast<uint32_t>(type) & ~SBI_HSM_NON_RETENTIVE) >= kPlatformTypes;
    return {platform ? SBI_ERR_NOT_SUPPORTED : SBI_ERR_INVALID_PARAM, 0};
  }
  if (kind != SBI_HSM_RETENTIVE && !is_entry(resume)) return {SBI_ERR_INVALID_ADDRESS, 0};
  const unsigned hart = this_hart();
  set_state(hart, kSuspended);
  __asm__ volatile("wfi");
  set_state(hart, kStarted);
  if (kind == SBI_HSM_RETENTIVE) return {SBI_SUCCESS, 0};
  CSR_WRITE(satp, 0);
  enter_at(frame, resume, opaque);
  return {static_cast<long>(frame->x[kA0]), frame->x[kA1]};
}

}  // namespace

void mark_started() { set_state(this_hart(), kStarted); }

SbiResult hsm_call(TrapFrame* frame) {
  const unsigned long a0 = frame->x[kA0], a1 = frame->x[kA1], a2 = frame->x[kA2];
  switch (frame->x[kA6]) {
    case SBI_HSM_START:
      return hart_start(a0, a1, a2);
    case SBI_HSM_STOP:
      return hart_stop(frame);
    case SBI_HSM_STATUS:
      return hart_status(a0);
    case SBI_HSM_SUSPEND:
      return hart_suspend(frame, a0, a1, a2);
    default:
      return {SBI_ERR_NOT_SUPPORTED, 0};
  }
}

SbiResult send_ipi(unsigned long mask, unsigned long base) {
  const bool known = for_each_hart(mask, base, [](unsigned hart) {
    if (hart == this_hart()) {
      CSR_SET(mip, IRQ_BIT_SSOFT);
    } else if (is_awake(hart)) {
      ask(hart, kSupervisorInterrupt);
    }
  });
  return {known ? SBI_SUCCESS : SBI_ERR_INVALID_PARAM, 0};
}

// a0, a1: mask; a2: start; a3: size; a4: address space.
SbiResult remote_fence(unsigned long function, const TrapFrame& frame) {
  if (function > SBI_RFENCE_SFENCE_VMA_ASID) return {SBI_ERR_NOT_SUPPORTED, 0};
  const unsigned self = this_hart();
  Fence& fence = harts[self].fence;
  fence = {function, frame.x[kA2], frame.x[kA3], frame.x[kA4], 0};
  const bool known = for_each_hart(frame.x[kA0], frame.x[kA1], [&](unsigned hart) {
    if (hart == self) {
      do_fence(fence);
    } else if (is_awake(hart)) {
      __atomic_fetch_add(&fence.outstanding, 1u, __ATOMIC_ACQ_REL);
      ask(hart, 1UL << (kFence + self));
    }
  });
  if (!known) return {SBI_ERR_INVALID_PARAM, 0};
  // Two harts may wait for each other here.
  while (__atomic_load_n(&fence.outstanding, __ATOMIC_ACQUIRE) != 0) {
    if ((CSR_READ(mip) & IRQ_BIT_MSOFT) != 0) serve_requests();
  }
  return {SBI_SUCCESS, 0};
}

void serve_requests() {
  const unsigned self = this_hart();
  ipi_set(self, false);
  const unsigned long requests = __atomic_exchange_n(&harts[self].requests, 0UL, __ATOMIC_ACQUIRE);
  if ((requests & kSupervisorInterrupt) != 0) CSR_SET(mip, IRQ_BIT_SSOFT);
  for (unsigned hart = 0; hart < kMaxHarts; hart++) {
    if ((requests >> (kFence + hart) & 1) == 0) continue;
    do_fence(harts[hart].fence);
    __atomic_fetch_sub(&harts[hart].fence.outstanding, 1u, __ATOMIC_ACQ_REL);
  }
}

// Where harts other than the first go from the reset vector (start.S); returns where supervisor mode begins.
extern "C" unsigned long secondary_main(unsigned long hart, unsigned long* opaque) {
  wait_for_start(static_cast<unsigned>(hart));
  *opaque = harts[hart].opaque;
  return harts[hart].start;
}

}  // namespace memio
