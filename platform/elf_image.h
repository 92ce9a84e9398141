// A guest program as an ELF file: what to load where, and where to begin. Follows the System V ABI,
// chapters 4 and 5, and the RISC-V ELF psABI. Applies no relocations: a position-independent program that is
// moved does that itself, as firmware does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace memio {

struct ElfSegment {
  std::uint64_t virtual_address = 0;
  std::uint64_t physical_address = 0;
  std::uint64_t offset = 0;       ///< in the file
  std::uint64_t file_size = 0;    ///< bytes in the file; the rest of the segment is zero
  std::uint64_t memory_size = 0;  ///< never 0; no two segments overlap
};

struct ElfImage {
  std::string path;
  std::string bytes;                 ///< the whole file
  std::uint64_t entry = 0;           ///< as the file says, virtual or physical
  std::uint64_t physical_entry = 0;  ///< where that is in physical memory
  std::uint64_t headers_end = 0;     ///< offset behind the ELF header and the program headers
  std::vector<ElfSegment> segments;  ///< by physical address
  bool relocatable = false;          ///< position independent (ET_DYN)
  std::uint32_t flags = 0;           ///< e_flags, of the psABI's section on file headers

  /// The lowest physical address.
  std::uint64_t first_physical() const;
  /// Loads it `distance` higher; virtual addresses and symbols stay as the file has them.
  void move(std::uint64_t distance);

  /// The physical address of a virtual one inside a segment.
  std::optional<std::uint64_t> to_physical(std::uint64_t virtual_address) const;

  /// `segment` from the physical address `first` on, if nothing lies before that but the file's own
  /// headers and zeros; else all of it. A linker that is given no script of its own maps the headers in
  /// front of the first section, and so in front of memory if that section lies at its start.
  ElfSegment without_headers(const ElfSegment& segment, std::uint64_t first) const;
};

/// True if `bytes` begin as an ELF file does.
bool looks_like_elf(const std::string& bytes);

/// Reads the headers of `bytes`. Throws ConfigError that names `path` and the reason: truncated or
/// damaged, another machine, width (`xlen`) or byte order, not an executable, nothing to load, segments
/// that overlap, an entry outside of them. What a segment only zeroes may lie over another that has other
/// virtual addresses: it is left out there.
ElfImage parse_elf(const std::string& path, std::string bytes, unsigned xlen);

}  // namespace memio
