// Physical memory protection (privileged specification, section 3.7), granularity 4 bytes.
#pragma once

#include <array>
#include <cstdint>

#include "core/access.h"

namespace memio::riscv {

/// What an access needs.
enum class PmpAccess : std::uint8_t { read = 1, write = 2, execute = 4 };

class Pmp {
 public:
  /// `regions`: how many entries exist, 0 to 16; without any every access is allowed.
  /// `address_mask`: the implemented bits of pmpaddr (32 on RV32, 54 on RV64).
  Pmp(unsigned regions, std::uint64_t address_mask);

  std::uint8_t config(unsigned index) const { return index < regions_ ? config_[index] : std::uint8_t{0}; }
  std::uint64_t address(unsigned index) const { return index < regions_ ? address_[index] : 0; }
  /// Writes obey locks; the reserved W without R is held as neither.
  void set_config(unsigned index, std::uint8_t value);
  void set_address(unsigned index, std::uint64_t value);

  /// True if an access of `size` bytes at `physical` is allowed: all bytes match the same lowest entry.
  bool allows(std::uint64_t physical, std::uint64_t size, PmpAccess access, Privilege privilege) const {
    if (regions_ == 0) return true;
    const std::uint64_t last = physical + (size - 1);
    for (unsigned i = 0; i < used_; ++i) {
      const Range& range = range_[i];
      if (range.first > range.last || last < range.first || physical > range.last) continue;
      if (physical < range.first || last > range.last) return false;
      if (privilege == Privilege::machine && !(config_[i] & lock_bit)) return true;
      return (config_[i] & static_cast<std::uint8_t>(access)) != 0;
    }
    return privilege == Privilege::machine;
  }

  /// True if every byte of [first, first + size) gets the same answer for every kind of access.
  bool uniform(std::uint64_t first, std::uint64_t size) const;

  void reset();

 private:
  static constexpr std::uint8_t lock_bit = 0x80;

  struct Range {
    std::uint64_t first = 1, last = 0;  ///< empty if first > last
  };
  void decode();

  unsigned regions_;
  unsigned used_ = 0;  ///< entries at and above match nothing
  std::uint64_t address_mask_;
  std::array<std::uint8_t, 16> config_{};
  std::array<std::uint64_t, 16> address_{};
  std::array<Range, 16> range_{};
};

}  // namespace memio::riscv
