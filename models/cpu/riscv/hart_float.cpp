// Floating-point instructions: F, D and Zfh (unprivileged specification, chapters 11 and 12; Zfh 1.0) with
// NaN boxing, fcsr and mstatus.FS. The arithmetic is in fp/. An f register has 64 bits, whatever the widest
// format: without D its upper half cannot be seen.
//
// FS becomes dirty with each write of an f register and with each flag raised; comparisons and conversions to
// integers that raise none leave it.
#include "cpu/riscv/fp/soft_float.h"
#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

namespace {

using namespace fp;  // the table's expressions are written in its terms

constexpr unsigned dynamic_rounding = 7;

/// The value of a format in an f register; what is not boxed counts as the canonical NaN.
template <class F>
Bits<F> unbox(std::uint64_t bits) {
  constexpr std::uint64_t box = ~std::uint64_t{std::numeric_limits<Bits<F>>::max()};
  return (bits & box) == box ? static_cast<Bits<F>>(bits) : F::canonical_nan;
}

template <class F>
Bits<F> with_sign(Bits<F> magnitude, Bits<F> sign) {
  return static_cast<Bits<F>>((magnitude & ~F::sign) | (sign & F::sign));
}

}  // namespace

template <class U>
bool HartImpl<U>::execute_float(const Op& op) {
  if (!(csr_.status & mstatus::fs)) return illegal();
  [[maybe_unused]] const U va = static_cast<U>(x_[op.rs1] + static_cast<U>(static_cast<S>(op.imm)));
  switch (op.id) {
#define MEMIO_FLOAD(name, type)                       \
  case OpId::name: {                                  \
    std::uint64_t value = 0;                          \
    if (!load(va, sizeof(type), value)) return false; \
    loaded(op, value);                                \
    return true;                                      \
  }
#define MEMIO_FSTORE(name, type) \
  case OpId::name:               \
    return store(va, sizeof(type), stored(op));
#include "cpu/riscv/instructions.def"
    default:
      if ((op.imm & 7) == dynamic_rounding && csr_.frm > 4) return illegal();
      float_operation(op);
      return true;
  }
}

/// Arithmetic, comparisons, conversions and moves, when they are permitted.
template <class U>
void HartImpl<U>::float_operation(const Op& op) {
  const auto mode = static_cast<unsigned>(op.imm & 7);
  Environment env{static_cast<Rounding>(mode == dynamic_rounding ? csr_.frm : mode), 0};
  const std::uint64_t bits = f_[op.rs1];
  const U x = x_[op.rs1];
  const auto f_f = [&](auto value) { set_float(op.rd, value); };
  const auto x_f = [&](auto value) {
    x_[op.rd] = static_cast<U>(static_cast<S>(value));
    if (env.flags) csr_.status |= mstatus::fs;
  };
  [[maybe_unused]] const auto &f_ff = f_f, &f_fff = f_f, &f_x = f_f;
  [[maybe_unused]] const auto& x_ff = x_f;
  switch (op.id) {
#define MEMIO_FLOAT(name, class, operands, format, expression)                                       \
  case OpId::name: {                                                                                 \
    [[maybe_unused]] const auto a = unbox<format>(bits), b = unbox<format>(f_[op.rs2]);              \
    [[maybe_unused]] const auto c = unbox<format>(f_[static_cast<std::uint32_t>(op.imm) >> 3 & 31]); \
    operands(expression);                                                                            \
    break;                                                                                           \
  }
#include "cpu/riscv/instructions.def"
    default:
      break;
  }
  csr_.fflags = static_cast<std::uint8_t>(csr_.fflags | env.flags);
}

template bool HartImpl<std::uint32_t>::execute_float(const Op&);
template void HartImpl<std::uint32_t>::float_operation(const Op&);
template bool HartImpl<std::uint64_t>::execute_float(const Op&);
template void HartImpl<std::uint64_t>::float_operation(const Op&);

}  // namespace memio::riscv
