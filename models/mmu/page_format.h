// Page-table formats: small stateless descriptions that decode one entry; one walker serves all.
// Follows the RISC-V privileged specification, sections 4.3 (Sv32), 4.4 (Sv39), 4.5 (Sv48), 4.6 (Sv57),
// and chapters 5 (Svnapot) and 6 (Svpbmt).
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "core/access.h"

namespace memio {

enum class PageFormatId : std::uint8_t { bare, sv32, sv39, sv48, sv57 };

/// One page-table entry, decoded. Of an entry that is not `valid`, nothing else has a meaning.
struct Pte {
  bool valid = false;
  bool reserved = false;  ///< a reserved encoding: the walk ends in a page fault
  bool leaf = false;      ///< maps a page; otherwise points to the table of the next level
  bool read = false, write = false, execute = false, user = false, global = false;
  bool accessed = false, dirty = false;
  bool napot = false;  ///< Svnapot: one of 16 PTEs of a page of 64 KiB
  MemoryType memory_type = MemoryType::pma;
  std::uint64_t ppn = 0;  ///< physical page number, in pages of 4096 bytes
};

/// What extensions make of PTE bits that are reserved without them.
struct PteExtensions {
  bool memory_types = false;  ///< Svpbmt is in use
  bool napot = false;         ///< Svnapot
};

/// A format: `levels` tables of `1 << index_bits` entries. Level 0 is the last, as in the specification.
struct PageFormat {
  static constexpr unsigned base_shift = 12;  ///< log2 of the bytes of the smallest page and of a table
  static constexpr std::uint64_t accessed_bit = 1U << 6;
  static constexpr std::uint64_t dirty_bit = 1U << 7;
  static constexpr std::uint64_t memory_type_bits = std::uint64_t{3} << 61,
                                 napot_bit = std::uint64_t{1} << 63;
  static constexpr unsigned napot_shift = 16;  ///< log2 of the bytes of its pages

  PageFormatId id = PageFormatId::bare;
  unsigned levels = 0;
  unsigned index_bits = 0;     ///< bits of the virtual address that select an entry of one table
  unsigned pte_bytes = 0;      ///< 4 or 8
  unsigned physical_bits = 0;  ///< width of a physical address: 34 or 56

  constexpr unsigned virtual_bits() const { return base_shift + levels * index_bits; }

  /// log2 of the bytes that one entry of level `level` maps.
  constexpr unsigned page_shift(unsigned level) const { return base_shift + level * index_bits; }

  /// log2 of the bytes of the page of leaf `pte` of level `level`.
  constexpr unsigned page_shift(const Pte& pte, unsigned level) const {
    return pte.napot ? napot_shift : page_shift(level);
  }

  /// Number of the entry for `va` in its table of level `level`.
  constexpr std::uint64_t index(std::uint64_t va, unsigned level) const {
    return (va >> page_shift(level)) & ((std::uint64_t{1} << index_bits) - 1);
  }

  /// Sv39 and up: all bits above the highest translated one repeat it. Sv32: an address has 32 bits
  /// (a 64-bit `va` holds it zero-extended).
  constexpr bool canonical(std::uint64_t va) const {
    if (pte_bytes == 4) return va >> virtual_bits() == 0;
    const std::uint64_t upper = va >> (virtual_bits() - 1);
    return upper == 0 || upper == ~std::uint64_t{0} >> (virtual_bits() - 1);
  }

  /// Decodes a PTE of any level. Reserved are: W without R; A, D or U in a pointer to a table; any of
  /// bits 63..54 of an 8-byte PTE (section 4.3.1; section 4.4.1 for the upper bits). With Svpbmt bits 62..61
  /// of a leaf are its memory type, of which 3 is reserved; with Svnapot bit 63 of a leaf makes it `napot`.
  constexpr Pte decode(std::uint64_t raw, PteExtensions extensions = {}) const {
    Pte pte;
    pte.valid = raw & 1U;
    pte.read = raw >> 1 & 1U;
    pte.write = raw >> 2 & 1U;
    pte.execute = raw >> 3 & 1U;
    pte.user = raw >> 4 & 1U;
    pte.global = raw >> 5 & 1U;
    pte.accessed = raw & accessed_bit;
    pte.dirty = raw & dirty_bit;
    pte.leaf = pte.read || pte.execute;
    const unsigned ppn_bits = physical_bits - base_shift;
    pte.ppn = (raw >> 10) & ((std::uint64_t{1} << ppn_bits) - 1);
    bool upper_bits = pte_bytes == 8 && raw >> (10 + ppn_bits) != 0;
    if (upper_bits && (extensions.memory_types || extensions.napot)) {
      const std::uint64_t known =
          (extensions.memory_types ? memory_type_bits : 0) | (extensions.napot ? napot_bit : 0);
      const auto type = raw >> 61 & 3U;
      upper_bits = !pte.leaf || type == 3 || (raw & ~known) >> (10 + ppn_bits) != 0;
      if (!upper_bits) {
        pte.memory_type = static_cast<MemoryType>(type);
        pte.napot = raw & napot_bit;
      }
    }
    const bool pointer_bits = !pte.leaf && (pte.accessed || pte.dirty || pte.user);
    pte.reserved = (pte.write && !pte.read) || pointer_bits || upper_bits;
    return pte;
  }

  /// True for a superpage whose physical address is not a multiple of its size, and for a `napot` leaf that
  /// is not of the last level or whose lowest four bits of the page number are not 1000, for 64 KiB.
  constexpr bool misaligned(const Pte& pte, unsigned level) const {
    if (pte.napot) return level != 0 || (pte.ppn & 15) != 8;
    return pte.ppn & ((std::uint64_t{1} << level * index_bits) - 1);
  }
};

inline constexpr PageFormat page_formats[] = {{},
                                              {PageFormatId::sv32, 2, 10, 4, 34},
                                              {PageFormatId::sv39, 3, 9, 8, 56},
                                              {PageFormatId::sv48, 4, 9, 8, 56},
                                              {PageFormatId::sv57, 5, 9, 8, 56}};

/// The description of `id`, which is not `bare`.
constexpr const PageFormat& page_format(PageFormatId id) {
  assert(id != PageFormatId::bare);
  return page_formats[static_cast<std::size_t>(id)];
}

}  // namespace memio
