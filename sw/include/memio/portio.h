// Port instructions of memio's CPU: `in` and `out` in the custom-0 opcode (0x0B), as assembler macros and C
// inlines. Encoding: docs/kernel.md, section "Port instructions". They trap as illegal on a machine without
// port space, and in user mode unless sportctl.UPE is set.
#pragma once

#define MEMIO_CSR_SPORTCTL 0x5C0  // supervisor, read/write
#define MEMIO_SPORTCTL_UPE 1      // bit 0: user mode may use the port instructions

#ifdef __ASSEMBLER__

// clang-format off
// Register forms: \rd <- port[\port], port[\port] <- \value. The port is the low 16 bits of a register.
.macro in8 rd, port
  .insn r 0x0b, 0, 0, \rd, \port, x0
.endm
.macro in16 rd, port
  .insn r 0x0b, 1, 0, \rd, \port, x0
.endm
.macro in32 rd, port
  .insn r 0x0b, 2, 0, \rd, \port, x0
.endm
.macro out8 port, value
  .insn r 0x0b, 0, 1, x0, \port, \value
.endm
.macro out16 port, value
  .insn r 0x0b, 1, 1, x0, \port, \value
.endm
.macro out32 port, value
  .insn r 0x0b, 2, 1, x0, \port, \value
.endm

// Immediate forms: \port is a constant 0..4095. The assembler reads the field as signed, hence the folding.
.macro in8i rd, port
  .insn i 0x0b, 4, \rd, x0, ((\port) ^ 0x800) - 0x800
.endm
.macro in16i rd, port
  .insn i 0x0b, 5, \rd, x0, ((\port) ^ 0x800) - 0x800
.endm
.macro in32i rd, port
  .insn i 0x0b, 6, \rd, x0, ((\port) ^ 0x800) - 0x800
.endm
.macro out8i port, value
  .insn s 0x0b, 7, \value, ((\port) ^ 0x800) - 0x800(x0)
.endm
.macro out16i port, value
  .insn s 0x0b, 7, \value, ((\port) ^ 0x800) - 0x800(x1)
.endm
.macro out32i port, value
  .insn s 0x0b, 7, \value, ((\port) ^ 0x800) - 0x800(x2)
.endm
// clang-format on

#else

#include <stdint.h>

#define MEMIO_PORT_IN(bits, size)                                                                    \
  /* Reads one value from `port` (0..65535); faults if nobody owns the port. */                      \
  static inline uint##bits##_t port_in##bits(unsigned port) {                                        \
    unsigned long value;                                                                             \
    __asm__ volatile(".insn r 0x0b, " #size ", 0, %0, %1, x0" : "=r"(value) : "r"(port) : "memory"); \
    return (uint##bits##_t)value;                                                                    \
  }

#define MEMIO_PORT_OUT(bits, size)                                                                   \
  /* Writes `value` to `port` (0..65535); faults if nobody owns the port. */                         \
  static inline void port_out##bits(unsigned port, uint##bits##_t value) {                           \
    __asm__ volatile(".insn r 0x0b, " #size ", 1, x0, %0, %1" : : "r"(port), "r"(value) : "memory"); \
  }

MEMIO_PORT_IN(8, 0)
MEMIO_PORT_IN(16, 1)
MEMIO_PORT_IN(32, 2)
MEMIO_PORT_OUT(8, 0)
MEMIO_PORT_OUT(16, 1)
MEMIO_PORT_OUT(32, 2)

#undef MEMIO_PORT_IN
#undef MEMIO_PORT_OUT

// Immediate forms; `port` must be a compile-time constant 0..4095.
#define port_in8_imm(port)                           \
  ({                                                 \
    unsigned long port_value_;                       \
    __asm__ volatile(".insn i 0x0b, 4, %0, x0, %1"   \
                     : "=r"(port_value_)             \
                     : "i"(((port) ^ 0x800) - 0x800) \
                     : "memory");                    \
    (uint8_t) port_value_;                           \
  })
#define port_out8_imm(port, value)                                        \
  __asm__ volatile(".insn s 0x0b, 7, %0, %1(x0)"                          \
                   :                                                      \
                   : "r"((uint8_t)(value)), "i"(((port) ^ 0x800) - 0x800) \
                   : "memory")

#endif
