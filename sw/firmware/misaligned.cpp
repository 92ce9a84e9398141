// Emulation of misaligned loads and stores on harts that trap on them (unprivileged specification,
// section 2.6 and chapter 16 for the compressed forms). Bytewise, with the rights of the mode that trapped.
// Misaligned atomics stay errors, as the specification wants; floating-point accesses are not emulated.
#include "firmware.h"

namespace memio {
namespace {

struct AccessFault {
  unsigned long faulted;
  unsigned long cause;
  unsigned long tval;
};

extern "C" unsigned long unprivileged_load8(unsigned long address, AccessFault* fault);
extern "C" unsigned long unprivileged_fetch8(unsigned long address, AccessFault* fault);
extern "C" void unprivileged_store8(unsigned long address, AccessFault* fault, unsigned long value);

constexpr bool kRv64 = __riscv_xlen == 64;

struct DecodedAccess {
  bool known = false;
  bool store = false;
  bool sign = false;    // loads: sign-extend
  unsigned bytes = 0;   // 2, 4 or 8
  unsigned reg = 0;     // rd of a load, rs2 of a store
  unsigned length = 4;  // of the instruction, in bytes
};

unsigned bits(uint32_t value, unsigned high, unsigned low) {
  return value >> low & ((2u << (high - low)) - 1);
}

DecodedAccess decode_full(uint32_t instruction) {
  constexpr uint32_t kLoad = 0x03;
  constexpr uint32_t kStore = 0x23;
  const unsigned opcode = bits(instruction, 6, 0);
  const unsigned funct3 = bits(instruction, 14, 12);
  DecodedAccess access;
  access.bytes = 1u << (funct3 & 3);
  access.store = opcode == kStore;
  access.sign = (funct3 & 4) == 0;
  access.reg = access.store ? bits(instruction, 24, 20) : bits(instruction, 11, 7);
  const bool width_fits = access.bytes <= sizeof(unsigned long);
  access.known = width_fits && (opcode == kLoad || (access.store && funct3 <= 3));
  return access;
}

// C.LW, C.SW, C.LWSP, C.SWSP and, on RV64, C.LD, C.SD, C.LDSP, C.SDSP: quadrants 0 and 2, funct3 010, 110,
// 011, 111.
DecodedAccess decode_compressed(uint32_t instruction) {
  const unsigned quadrant = bits(instruction, 1, 0);
  const unsigned funct3 = bits(instruction, 15, 13);
  const bool stack = quadrant == 2;
  const bool doubleword = (funct3 & 1) != 0;
  DecodedAccess access;
  access.length = 2;
  access.store = (funct3 & 4) != 0;
  access.sign = true;
  access.bytes = doubleword ? 8 : 4;
  if (!stack) {
    access.reg = 8 + bits(instruction, 4, 2);
  } else {
    access.reg = access.store ? bits(instruction, 6, 2) : bits(instruction, 11, 7);
  }
  access.known = quadrant != 1 && (funct3 & 2) != 0 && (!doubleword || kRv64);
  return access;
}

// The instruction at `address`; two halves, since it may straddle pages.
uint32_t fetch(unsigned long address, AccessFault* fault) {
  uint32_t value = 0;
  unsigned count = 2;
  for (unsigned i = 0; i < count && !fault->faulted; i++) {
    value |= static_cast<uint32_t>(unprivileged_fetch8(address + i, fault)) << (8 * i);
    if (i == 1 && (value & 3) == 3) count = 4;
  }
  return value;
}

unsigned long as_fetch_cause(unsigned long cause) { return cause == kLoadPage ? kFetchPage : kFetchAccess; }

unsigned long extend(uint64_t value, const DecodedAccess& access) {
  if (!access.sign) return static_cast<unsigned long>(value);
  const unsigned shift = 64 - 8 * access.bytes;
  return static_cast<unsigned long>(static_cast<int64_t>(value << shift) >> shift);
}

void load(TrapFrame* frame, const DecodedAccess& access, unsigned long address, AccessFault* fault) {
  uint64_t value = 0;
  for (unsigned i = 0; i < access.bytes && !fault->faulted; i++) {
    value |= uint64_t{unprivileged_load8(address + i, fault)} << (8 * i);
  }
  if (!fault->faulted && access.reg != 0) frame->x[access.reg] = extend(value, access);
}

void store(const TrapFrame& frame, const DecodedAccess& access, unsigned long address, AccessFault* fault) {
  const unsigned long value = frame.x[access.reg];
  for (unsigned i = 0; i < access.bytes && !fault->faulted; i++) {
    unprivileged_store8(address + i, fault, value >> (8 * i));
  }
}

}  // namespace

bool read_caller_memory(TrapFrame* frame, unsigned long address, void* to, unsigned long size) {
  AccessFault fault = {};
  for (unsigned long i = 0; i < size && !fault.faulted; i++) {
    static_cast<unsigned char*>(to)[i] = static_cast<unsigned char>(unprivileged_load8(address + i, &fault));
  }
  if (fault.faulted) redirect_to_supervisor(frame, fault.cause, fault.tval);
  return !fault.faulted;
}

void emulate_misaligned(TrapFrame* frame, unsigned long cause, unsigned long tval) {
  AccessFault fault = {};
  const uint32_t instruction = fetch(frame->mepc, &fault);
  if (fault.faulted) return redirect_to_supervisor(frame, as_fetch_cause(fault.cause), fault.tval);

  const bool compressed = (instruction & 3) != 3;
  const DecodedAccess access = compressed ? decode_compressed(instruction) : decode_full(instruction);
  if (!access.known) return redirect_to_supervisor(frame, cause, tval);

  if (access.store) {
    store(*frame, access, tval, &fault);
  } else {
    load(frame, access, tval, &fault);
  }
  if (fault.faulted) return redirect_to_supervisor(frame, fault.cause, fault.tval);
  frame->mepc += access.length;
}

}  // namespace memio
