// Register bank: a device's registers as named members with one handler each.
//
// Free of SystemC; register_target.h puts a bank behind a TLM socket. Bytes are little endian. The
// contract, in the order in which an access is judged:
//
//  1. An access is 1, 2, 4 or 8 bytes long, else size_error.
//  2. Each of its bytes belongs to a register, else address_error; or none of them, in a bank that ignores
//     those: then reads give zero and writes have no effect.
//  3. It is naturally aligned, else size_error; a bank with Alignment::any takes unaligned
//     accesses to whole registers (pairs of 8-bit ports, as on a PC).
//  4. It lies inside one register, or covers several registers wholly, else size_error.
//  5. Its size is among the `sizes` of every register it touches, else size_error. So a 4-byte
//     register with sizes 4 | 8 takes part in 8-byte accesses.
//  6. A read of a write-only and a write of a read-only register is a command_error. Registers
//     whose writes are to be ignored are `rw` with a write mask of 0.
//  7. A refused access has no effect at all. An accepted one runs once per register, in ascending
//     order; a write of a part of a register is merged with its current value.
//
// `peek` has no side effects; `poke` stores only into registers without a write handler. A bank
// that is ill-formed (overlapping registers, a bad size) throws std::invalid_argument when built.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/access.h"

namespace memio {

class RegisterBank;

enum class RegisterAccess : std::uint8_t { rw, ro, wo };

/// What a data sheet says of a register.
struct RegisterSpec {
  std::string name;
  std::uint64_t offset = 0;  ///< bytes from the start of the bank
  unsigned size = 4;         ///< bytes: 1, 2, 4 or 8
  std::uint64_t reset = 0;
  std::uint64_t write_mask = ~std::uint64_t{0};  ///< other bits keep their value when written
  unsigned sizes = 0;                            ///< allowed access sizes, or-ed: 1|2|4|8; 0 means `size`
  RegisterAccess access = RegisterAccess::rw;
};

class Register {
 public:
  using Reader = std::function<std::uint64_t()>;
  using Writer = std::function<void(std::uint64_t value)>;

  /// Joins `bank`, which must outlive the register.
  Register(RegisterBank& bank, RegisterSpec spec);
  Register(const Register&) = delete;
  Register& operator=(const Register&) = delete;

  const RegisterSpec& spec() const { return spec_; }
  std::uint64_t value() const { return value_; }
  /// Stores without handlers and without the write mask.
  void set(std::uint64_t value) { value_ = value & all_bits(); }
  void reset() { set(spec_.reset); }

  /// `reader` gives the value without side effects; by default the stored one.
  Register& on_peek(Reader reader);
  /// `reader` gives the value and has the side effects of a read; by default the peeked value.
  Register& on_read(Reader reader);
  /// `writer` gets the value after merge and write mask, and stores what is to be stored.
  Register& on_write(Writer writer);

  std::uint64_t peek() const { return (peek_ ? peek_() : value_) & all_bits(); }
  std::uint64_t read() const { return (read_ ? read_() : peek()) & all_bits(); }
  /// Writes the bits of `lanes`.
  void write(std::uint64_t value, std::uint64_t lanes);
  bool has_writer() const { return static_cast<bool>(write_); }

 private:
  std::uint64_t all_bits() const { return ~std::uint64_t{0} >> (64 - 8 * spec_.size); }

  RegisterSpec spec_;
  std::uint64_t value_ = 0;
  Reader peek_, read_;
  Writer write_;
};

class RegisterBank {
 public:
  enum class Alignment : std::uint8_t { natural, any };

  explicit RegisterBank(Alignment alignment = Alignment::natural) : alignment_(alignment) {}

  /// See rule 2.
  void ignore_elsewhere() { ignores_elsewhere_ = true; }

  /// Reads `size` bytes at `offset` into `data`, with side effects.
  Status read(std::uint64_t offset, std::uint64_t size, std::uint8_t* data);
  Status write(std::uint64_t offset, std::uint64_t size, const std::uint8_t* data);

  /// Reads without side effects, any length; returns the bytes read, up to the first without register.
  std::uint64_t peek(std::uint64_t offset, std::uint64_t size, std::uint8_t* data) const;
  /// Stores without side effects; returns the bytes stored, up to the first that no register takes.
  std::uint64_t poke(std::uint64_t offset, std::uint64_t size, const std::uint8_t* data);

  /// Sets every register to its reset value; runs no handlers.
  void reset();

  /// In ascending order of offset.
  const std::vector<Register*>& registers() const { return registers_; }

 private:
  friend class Register;
  void add(Register& reg);
  Register* find(std::uint64_t offset) const;
  Status check(std::uint64_t offset, std::uint64_t size, bool write) const;

  bool ignored(std::uint64_t offset, std::uint64_t size) const;

  Alignment alignment_;
  bool ignores_elsewhere_ = false;
  std::vector<Register*> registers_;
};

}  // namespace memio
