// Registers of a type 0 header; see pci_header.h.
#include "pcie/pci_header.h"

#include <stdexcept>
#include <string>

namespace memio {
namespace {

// Offsets of words (PCI 3.0, figure 6-1).
constexpr std::uint32_t ids = 0x00, command_status = 0x04, class_revision = 0x08, header_type = 0x0C,
                        first_bar = 0x10, subsystem_ids = 0x2C, interrupt_line = 0x3C;
constexpr std::uint32_t header_bytes = 64, conventional_bytes = 256;
// Command register (table 6-1): I/O space, memory space, bus master, parity response, SERR#, INTx disable.
constexpr std::uint32_t command_io = 1u << 0, command_memory = 1u << 1, command_writable = 0x547;
constexpr std::uint32_t interrupt_disable = 1u << 10, status_interrupt = 1u << 19;
constexpr std::uint32_t io_indicator = 1;
constexpr unsigned max_bars = 6;

std::uint32_t ones(unsigned size) { return 0xFFFFFFFFu >> (32 - 8 * size); }

bool is_power_of_two(std::uint32_t value) { return value != 0 && (value & (value - 1)) == 0; }

void check(const std::vector<PciBar>& bars) {
  if (bars.size() > max_bars) throw std::invalid_argument("a PCI function has at most 6 base addresses");
  for (const PciBar& bar : bars) {
    const std::uint32_t least = bar.space == PciBar::Space::io ? 4 : 16;
    if (bar.size != 0 && (!is_power_of_two(bar.size) || bar.size < least))
      throw std::invalid_argument("size of a PCI base address is " + std::to_string(bar.size) +
                                  "; allowed: a power of two from " + std::to_string(least));
  }
}

}  // namespace

PciHeader::PciHeader(const PciIdentity& identity) : identity_(identity) {
  check(identity.bars);
  set_mask(command_status, command_writable);
  set_mask(header_type, 0xFF);  // cache line size
  for (std::size_t bar = 0; bar < identity.bars.size(); ++bar)
    if (identity.bars[bar].size != 0)
      set_mask(first_bar + 4 * static_cast<std::uint32_t>(bar), ~(identity.bars[bar].size - 1));
  set_mask(interrupt_line, 0xFF);
  reset();
}

void PciHeader::reset() {
  bytes_.fill(0);
  set_word(ids, identity_.vendor | static_cast<std::uint32_t>(identity_.device) << 16);
  set_word(class_revision, identity_.class_code << 8 | identity_.revision);
  set_word(subsystem_ids, identity_.subsystem_vendor | static_cast<std::uint32_t>(identity_.subsystem) << 16);
  set_word(interrupt_line, identity_.interrupt ? 1u << 8 : 0);  // the pin: INTA#
  for (std::size_t bar = 0; bar < identity_.bars.size(); ++bar)
    if (identity_.bars[bar].size != 0 && identity_.bars[bar].space == PciBar::Space::io)
      set_word(first_bar + 4 * static_cast<std::uint32_t>(bar), io_indicator);
}

std::uint32_t PciHeader::read(std::uint32_t offset, unsigned size) const {
  if (offset >= conventional_bytes) return ones(size);
  if (offset >= header_bytes) return 0;
  std::uint32_t value = word(offset & ~3u);
  if ((offset & ~3u) == command_status && level_) value |= status_interrupt;
  return value >> (8 * (offset & 3)) & ones(size);
}

void PciHeader::write(std::uint32_t offset, unsigned size, std::uint32_t value) {
  if (offset >= header_bytes) return;
  for (unsigned i = 0; i < size; ++i, value >>= 8) {
    const std::uint8_t mask = writable_[offset + i];
    bytes_[offset + i] = static_cast<std::uint8_t>((bytes_[offset + i] & ~mask) | (value & mask));
  }
}

std::optional<PciHeader::Hit> PciHeader::decode(PciBar::Space space, std::uint64_t address,
                                                std::uint64_t size) const {
  const std::uint32_t enabled = space == PciBar::Space::io ? command_io : command_memory;
  if (!(word(command_status) & enabled)) return std::nullopt;
  for (unsigned i = 0; i < identity_.bars.size(); ++i) {
    const PciBar& bar = identity_.bars[i];
    if (bar.space != space || bar.size == 0) continue;
    const std::uint64_t base = word(first_bar + 4 * i) & ~(bar.size - 1);
    if (address >= base && address - base < bar.size && size <= bar.size - (address - base))
      return Hit{i, static_cast<std::uint32_t>(address - base)};
  }
  return std::nullopt;
}

void PciHeader::set_interrupt(bool level) { level_ = level; }

bool PciHeader::interrupt() const { return level_ && !(word(command_status) & interrupt_disable); }

std::uint32_t PciHeader::word(std::uint32_t offset) const {
  std::uint32_t value = 0;
  for (unsigned i = 4; i-- > 0;) value = value << 8 | bytes_[offset + i];
  return value;
}

void PciHeader::set_word(std::uint32_t offset, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i, value >>= 8) bytes_[offset + i] = static_cast<std::uint8_t>(value);
}

void PciHeader::set_mask(std::uint32_t offset, std::uint32_t writable) {
  for (unsigned i = 0; i < 4; ++i, writable >>= 8)
    writable_[offset + i] = static_cast<std::uint8_t>(writable);
}

}  // namespace memio
