// A decoded instruction, and the arithmetic that the table instructions.def is written in; see also
// bitmanip.h.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "cpu/riscv/bitmanip.h"
#include "cpu/riscv/hart_config.h"

namespace memio::riscv {

enum class OpId : std::uint16_t {
#define MEMIO_RR(name, class, expression) name,
#define MEMIO_RI(name, class, expression) name,
#define MEMIO_BRANCH(name, condition) name,
#define MEMIO_LOAD(name, type) name,
#define MEMIO_STORE(name, type) name,
#define MEMIO_AMO(name, type, expression) name,
#define MEMIO_FLOAD(name, type) name,
#define MEMIO_FSTORE(name, type) name,
#define MEMIO_FLOAT(name, class, operands, format, expression) name,
#define MEMIO_OTHER(name, class) name,
#include "cpu/riscv/instructions.def"
  block_end  ///< not an instruction: marks the end of a decoded block
};

/// Registers are held in 33 slots: x0 stays zero because a decoder sends writes of x0 to the sink.
inline constexpr unsigned register_slots = 33;
inline constexpr std::uint8_t sink_register = 32;

/// One decoded instruction. The second group is filled in by the block builder only.
struct Op {
  OpId id = OpId::illegal;
  std::uint8_t rd = sink_register;
  std::uint8_t rs1 = 0;
  std::uint8_t rs2 = 0;
  std::uint8_t length = 4;  ///< bytes: 2 or 4
  std::int32_t imm = 0;     ///< immediate; CSR number, access size or encoding for some (see decode.h)

  std::uint16_t offset = 0;     ///< of the instruction in its page, bytes
  std::uint16_t last_word = 0;  ///< offset in its page of the last fetch word it touches
  std::uint32_t cycles = 0;     ///< static cycles from the block's start through this one
  std::uint32_t operand = 0;    ///< of these, cycles that instructions waited for operands
  std::uint32_t base = 0;       ///< of these, cycles of the instructions' classes
  std::uint16_t words = 0;      ///< fetch words from the block's start through this one
  std::uint16_t number = 0;     ///< instructions from the block's start through this one
};

/// Uses floating-point registers or flags.
constexpr bool is_float(OpId id) { return id >= OpId::flh && id <= OpId::fcvt_s_d; }
constexpr bool is_float_store(OpId id) { return id >= OpId::fsh && id <= OpId::fsd; }

/// True if the time of this instruction may depend on its operands.
constexpr bool is_division(OpId id) { return id >= OpId::div && id <= OpId::remuw; }

/// Sign-extends a 32-bit result to the register width.
template <class U, class T>
constexpr U extend_word(T value) {
  return static_cast<U>(static_cast<std::make_signed_t<U>>(static_cast<std::int32_t>(value)));
}

template <class T>
constexpr std::make_unsigned_t<T> multiply_high(T a, T b) {
  using Wide =
      std::conditional_t<std::is_signed_v<T>, std::conditional_t<sizeof(T) == 8, __int128, std::int64_t>,
                         std::conditional_t<sizeof(T) == 8, unsigned __int128, std::uint64_t>>;
  return static_cast<std::make_unsigned_t<T>>((static_cast<Wide>(a) * static_cast<Wide>(b)) >>
                                              (8 * sizeof(T)));
}

template <class U, class S = std::make_signed_t<U>, class = std::enable_if_t<std::is_unsigned_v<U>>>
constexpr U multiply_high(S a, U b) {
  using Wide = std::conditional_t<sizeof(U) == 8, __int128, std::int64_t>;
  return static_cast<U>((static_cast<Wide>(a) * static_cast<Wide>(b)) >> (8 * sizeof(U)));
}

/// Division by zero gives all ones, overflow the dividend (unprivileged specification, table 7.1).
template <class T>
constexpr std::make_unsigned_t<T> divide(T a, T b) {
  if (b == 0) return std::numeric_limits<std::make_unsigned_t<T>>::max();
  if constexpr (std::is_signed_v<T>)
    if (a == std::numeric_limits<T>::min() && b == -1) return static_cast<std::make_unsigned_t<T>>(a);
  return static_cast<std::make_unsigned_t<T>>(a / b);
}

template <class T>
constexpr std::make_unsigned_t<T> remainder(T a, T b) {
  if (b == 0) return static_cast<std::make_unsigned_t<T>>(a);
  if constexpr (std::is_signed_v<T>)
    if (a == std::numeric_limits<T>::min() && b == -1) return 0;
  return static_cast<std::make_unsigned_t<T>>(a % b);
}

}  // namespace memio::riscv
