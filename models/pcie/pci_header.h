// The configuration header of one PCI function: type 0, the first 64 bytes of its configuration space.
//
// Follows the PCI Local Bus Specification 3.0, sections 6.1 to 6.2.5. Not modelled: capabilities,
// expansion ROMs, 64-bit and prefetchable base addresses, parity and system errors, more than one function.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace memio {

/// One base address register: what it decodes, and how much of it.
struct PciBar {
  enum class Space : std::uint8_t { memory, io };
  Space space = Space::memory;
  std::uint32_t size = 0;  ///< bytes, a power of two: at least 16 of memory, at least 4 of I/O
};

struct PciIdentity {
  std::uint16_t vendor = 0xFFFF, device = 0xFFFF;
  std::uint32_t class_code = 0;  ///< base class, sub-class and programming interface: 24 bits
  std::uint8_t revision = 0;
  std::uint16_t subsystem_vendor = 0, subsystem = 0;
  bool interrupt = false;    ///< uses INTA#
  std::vector<PciBar> bars;  ///< up to six; an entry of size 0 is an unimplemented register
};

class PciHeader {
 public:
  /// Throws std::invalid_argument for base address registers that cannot be.
  explicit PciHeader(const PciIdentity& identity);

  /// As after power-on: decodes nothing.
  void reset();

  /// Bytes of configuration space; `offset` is below 4096 and naturally aligned, `size` is 1, 2 or 4.
  /// What is behind the header reads as zero up to byte 255, and as ones after it: a conventional function
  /// has no extended space.
  std::uint32_t read(std::uint32_t offset, unsigned size) const;
  /// Bits that cannot be written keep their value.
  void write(std::uint32_t offset, unsigned size, std::uint32_t value);

  /// Where an access to `space` falls.
  struct Hit {
    unsigned bar;
    std::uint32_t offset;  ///< from the start of what it decodes
  };
  /// None if the function does not decode all of these bytes, or is told not to by its command register.
  std::optional<Hit> decode(PciBar::Space space, std::uint64_t address, std::uint64_t size) const;

  /// The level that the device gives; the status register shows it.
  void set_interrupt(bool level);
  /// The level of INTA#: what the device gives unless the command register disables it.
  bool interrupt() const;

 private:
  std::uint32_t word(std::uint32_t offset) const;
  void set_word(std::uint32_t offset, std::uint32_t value);
  void set_mask(std::uint32_t offset, std::uint32_t writable);

  PciIdentity identity_;
  std::array<std::uint8_t, 64> bytes_{};
  std::array<std::uint8_t, 64> writable_{};
  bool level_ = false;
};

}  // namespace memio
